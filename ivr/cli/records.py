"""`hotline calls`, `requests`, `operators`: what happened, and who is there."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from ivr.base.channel_names import CHANNELS
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.source import Source, open_source
from ivr.cli.table import Narrow, print_table
from routing.operators import Status

Limit = Annotated[int, typer.Option(min=1, max=500, help="How many, the newest first.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]

SHORT_ID = 8             # characters of a UUID that a person types; `trace` takes them too

CALLS = {"id": "call", "began_at": "began", "direction": "direction", "caller_number": "caller",
         "dialled": "dialled", "channel": "channel", "queue": "queue", "operator": "operator", "outcome": "outcome"}
REQUESTS = {"id": "request", "opened_at": "opened", "caller_number": "caller", "queue": "queue", "operator": "operator",
            "wait_time": "waited s", "talk_time": "talked s", "status": "status", "outcome": "outcome",
            "kind": "kind", "callback_number": "call back at"}
OVERDUE = {name: title for name, title in REQUESTS.items() if name not in ("wait_time", "talk_time", "outcome")} | {
    "due_at": "due"}
OPERATORS = {"name": "operator", "status": "status", "state": "state", "reachable": "phone", "chats": "chats",
             "condition": "now", "answered": "answered", "missed": "missed"}
NARROW = Narrow(left_out=("direction", "channel", "talk_time", "kind"), cut=("queue", "operator", "condition"))


def calls_command(
    asked: typer.Context,
    limit: Limit = 20,
    channel: Annotated[str | None, typer.Option(help=f"Of this channel alone: {', '.join(CHANNELS)}.")] = None,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    if channel is not None and channel not in CHANNELS:
        raise typer.BadParameter(f"{channel!r} is not one of {', '.join(CHANNELS)}", param_hint="--channel")
    if asked.invoked_subcommand is not None:
        return
    with open_source(config) as source:
        show(source, "calls", source.newest("calls", limit, channel), CALLS, as_json, NARROW)


def requests_command(
    limit: Limit = 20,
    overdue: Annotated[bool, typer.Option("--overdue", help="Those alone that should be closed by now.")] = False,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    with open_source(config) as source:
        rows = source.overdue(limit) if overdue else source.newest("requests", limit)
        what, columns = ("overdue requests", OVERDUE) if overdue else ("requests", REQUESTS)
        show(source, what, rows, columns, as_json, NARROW)


def _checked_status(status: str | None) -> str | None:
    if status is not None and status not in list(Status):
        raise typer.BadParameter(f"{status!r} is not one of {', '.join(Status)}")
    return status


def operators_command(
    name: Annotated[str | None, typer.Argument(help="An operator, to set their status.")] = None,
    status: Annotated[str | None, typer.Argument(callback=_checked_status,
                                                 help=f"What it is from now on: {' or '.join(Status)}.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for colleagues to see.")] = "",
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    if name is not None and status is None:
        raise typer.BadParameter(f"say {' or '.join(Status)} after {name}", param_hint="status")
    if reason and status is None:
        raise typer.BadParameter("a reason goes with a name and a status", param_hint="--reason")
    with open_source(config) as source:
        if name is not None and status is not None:
            source.set_status(name, status, reason)
        rows = source.operators()
        told = rows if as_json else [row | {"chats": _chats(row)} for row in rows]
        show(source, "operators", told, OPERATORS, as_json, NARROW)


def _chats(operator: dict[str, Any]) -> str | None:
    """How many of how many they have; "away": their desk answers none."""
    most, chats = operator.get("chats_most", 0), operator.get("chats", 0)
    if not most and not chats:
        return None
    return f"{chats} of {most}" if chats or operator.get("chats_reachable") else "away"


def show(source: Source, what: str, rows: list[dict[str, Any]], columns: dict[str, str], as_json: bool,
         narrow: Narrow) -> None:
    if as_json:
        Console().print_json(data=rows, default=str)
        return
    cells = [{key: cell(key, row.get(key)) for key in columns} for row in rows]
    print_table(f"{what} ({source.name})", columns, cells, narrow)


def cell(key: str, value: Any) -> str:
    if value is None:
        return "-"
    if key == "id":
        return str(value)[:SHORT_ID]
    if key.endswith("_at"):
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return at.astimezone().strftime("%d.%m. %H:%M:%S")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
