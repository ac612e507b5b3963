"""`hotline request`: one request, and what people make of it; on the database, whether the service runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, cell
from ivr.cli.report_setting import Setting, open_record, read_setting
from ivr.cli.table import Narrow, print_table

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from routing.requests.views import RequestView
    from routing.requests.work import Change

WHO = "command line"
MOST_MATCHES = 2
request = typer.Typer(no_args_is_help=True, help="One request: show it, work on it, close it, pass it on.")
RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help="Its id, or the first characters of it.")]
Topic = Annotated[str | None, typer.Option(help="Out of the tree of topics, as cards/lost.")]
Result = Annotated[str | None, typer.Option(help="What came of it: an outcome of the file of topics.")]
Note = Annotated[str | None, typer.Option(help="For colleagues; erased with the caller.")]
Filled = Annotated[list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="A field of its queue; several "
                                                  "times for several.")]
Revision = Annotated[int | None, typer.Option(min=0, help="Only if it is still at this revision.")]


@request.command("show", help="What was wanted, by whom, and what became of it.")
def show_command(request_id: RequestId, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    from routing.requests.related import related
    from routing.requests.work import changes_of

    with _opened(config) as (engine, _):
        found = _found(engine, request_id)
        _show(found, as_json)
        for other in () if as_json else related(engine, found.id):
            said = ", ".join(filter(None, (other.status, other.operator, other.topic, other.result, other.note)))
            typer.echo(f"{cell('opened_at', other.opened_at)}  {other.how.replace('_', ' ')} {other.id[:8]}: {said}")
        for each in () if as_json else changes_of(engine, found.id):
            what = ", ".join(name if value is None else f"{name} {value}" for name, value in each.what.items())
            typer.echo(f"{cell('changed_at', each.at)}  {each.who}: {what}")


@request.command("set", help="Topic, outcome, note, fields, or whose it is.")
def set_command(request_id: RequestId, topic: Topic = None, result: Result = None, note: Note = None,
                filled: Filled = None, operator: Annotated[str | None, typer.Option(help="Whose it is now.")] = None,
                revision: Revision = None, config: ConfigOption = CONFIG) -> None:
    _change(config, request_id, revision,
            {"topic": topic, "result": result, "note": note, "filled": _pairs(filled), "operator": operator})


@request.command("close", help="It is done with; what the file of topics requires must be there.")
def close_command(request_id: RequestId, topic: Topic = None, result: Result = None, note: Note = None,
                  filled: Filled = None, revision: Revision = None, config: ConfigOption = CONFIG) -> None:
    from ivr.call.record import RequestStatus

    _change(config, request_id, revision, {"status": RequestStatus.CLOSED, "topic": topic, "result": result,
                                           "note": note, "filled": _pairs(filled)})


@request.command("pass", help="Pass it on to another queue: it is open again, and nobody's.")
def pass_command(request_id: RequestId, queue: Annotated[str, typer.Argument(help="A queue of config.yaml.")],
                 note: Note = None, revision: Revision = None, config: ConfigOption = CONFIG) -> None:
    _change(config, request_id, revision, {"queue": queue, "note": note, "operator": ""})


def _pairs(given: list[str] | None) -> dict[str, str] | None:
    if given is None:
        return None
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if wrong := [pair for pair in given if "=" not in pair]:
        raise typer.BadParameter(f"{wrong[0]!r} is no NAME=VALUE", param_hint="--field")
    return pairs


def _change(config: Path, request_id: str, revision: int | None, given: dict[str, Any]) -> None:
    from routing.requests.work import Change

    with _opened(config) as (engine, setting):
        before = _found(engine, request_id)
        change = Change(**{name: value for name, value in given.items() if value is not None})
        if not change.given():
            raise typer.BadParameter("say what is to be another: --topic, --result, --note, --field or --operator")
        _worked(engine, setting, before, before.revision if revision is None else revision, change)
        _show(_found(engine, before.id), as_json=False)


def _worked(engine: "Engine", setting: Setting, before: "RequestView", revision: int, change: "Change") -> None:
    """Raises AdminError with what keeps it from being done."""
    from ivr.drivers.topics_file import read_topics
    from routing.requests.work import ChangedMeanwhile
    from routing.requests.working import NotAllowed, worked_on

    try:
        worked_on(engine, setting.config, read_topics(setting.config), before.id, revision, change, WHO,
                  datetime.now(UTC))
    except ChangedMeanwhile as error:
        raise _fault(before.id, f"somebody else changed it: it is at revision {error.now.revision}",
                     "look at it again: hotline request show") from None
    except NotAllowed as error:
        raise _fault(before.id, str(error), "") from None


def _fault(request_id: str, message: str, remedy: str) -> AdminError:
    return AdminError([Fault(Place(request_id), message, remedy)])


@contextmanager
def _opened(config: Path) -> "Iterator[tuple[Engine, Setting]]":
    setting = read_setting(config)
    with open_record(setting, config) as engine:
        yield engine, setting


def _found(engine: "Engine", prefix: str) -> "RequestView":
    """The one request whose id begins so. Raises AdminError."""
    from routing.requests.repository import Repository

    repository = Repository(engine)
    ids = repository.request_ids(prefix.strip().lower(), MOST_MATCHES)
    found = repository.request(ids[0]) if len(ids) == 1 else None
    if found is None:
        what = "several ids begin" if ids else "no id of a request begins"
        raise _fault(prefix, f"{what} like this", "hotline requests lists them")
    return found


def _show(found: "RequestView", as_json: bool) -> None:
    data = asdict(found)
    if as_json:
        Console().print_json(data=data, default=str)
        return
    shown = {**data, "path": " > ".join(f"{step.menu} {step.keys}" for step in found.path),
             **{f"field {name}": value for name, value in found.filled.items()}}
    del shown["filled"]
    rows = [{"what": name.replace("_", " "), "is": cell("" if name == "id" else name, value)}
            for name, value in shown.items() if value not in ("", None)]
    print_table("request", {"what": "", "is": ""}, rows, Narrow(cut=("is",)))
