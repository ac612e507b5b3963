"""`hotline recordings`: what was recorded; to save one, to erase one, to record a call, to delete what is old."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, Limit, show
from ivr.cli.source import Source, open_source
from ivr.cli.table import Narrow

LIST = {"recording": "recording", "began_at": "began", "queue": "queue", "operator": "operator", "seconds": "s",
        "size_mb": "MB", "why": "why", "state": "state"}
USES = {"used_at": "at", "who": "who", "what": "what"}
NARROW = Narrow(left_out=("why", "size_mb"), cut=("state", "queue", "operator"))
SHORT_CALL = 8           # characters of the call's id that are shown, and the number in the call behind them

recordings = typer.Typer(no_args_is_help=True, help="What was recorded: `list`, `save`, `who`, `erase`, `prune`; and "
                                                    "`begin` and `end` for a call in progress.")
Recording = Annotated[str, typer.Argument(help="The recording, as `list` shows it, or its whole id; or its "
                                               "call, if that has one.")]
Call = Annotated[str, typer.Argument(help="A call in progress: its id, or its first characters.")]


@recordings.command("list", help="The latest recordings.")
def list_command(limit: Limit = 20, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        rows = source.newest("recordings", limit)
        show(source, "recordings", rows if as_json else [_shown(row) for row in rows], LIST, as_json, NARROW)


@recordings.command("save", help="Save the audio of a recording; that you have it is written down.")
def save_command(recording: Recording, file: Annotated[Path | None, typer.Argument(help="Where to.")] = None,
                 config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        row = _only(source, recording)
        to = file or Path(f"{row['id']}.{row['format']}")
        try:
            file_number = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError as error:
            raise AdminError([Fault(Place(str(to)), f"the file can't be made: {error.strerror}")]) from None
        try:
            with open(file_number, "wb") as made:
                source.save(f"/api/recordings/{row['id']}/audio", made)
        except BaseException:       # half a file, or an empty one, would be taken for a recording
            to.unlink()
            raise
    typer.echo(str(to))


@recordings.command("who", help="Who has listened to a recording or saved it, and who erased it; the newest first.")
def who_command(recording: Recording, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        row = _only(source, recording)
        uses = source.running(f"/api/recordings/{row['id']}")["uses"]
        rows = [{**use, "used_at": use["at"]} for use in uses]
        show(source, f"uses of {short(row['id'])}", rows, USES, as_json, NARROW)


@recordings.command("erase", help="Erase the audio of a recording; its row stays.")
def erase_command(recording: Recording, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        source.ask("DELETE", f"/api/recordings/{_only(source, recording)['id']}")


@recordings.command("begin", help="Record a call in progress, if its queue allows it.")
def begin_command(call: Call, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        source.ask("POST", f"/api/calls/{call.strip().lower()}/recording")


@recordings.command("end", help="Record a call no longer.")
def end_command(call: Call, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        source.ask("DELETE", f"/api/calls/{call.strip().lower()}/recording")


@recordings.command("prune", help="Delete what is older than recordings.keep_days, or more than max_gb; the service "
                                  "does so every hour.")
def prune_command(config: ConfigOption = CONFIG) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    from desk.keeping import Keeper
    from ivr.cli.database_source import engine_of, unread
    from ivr.drivers.config_file import load_config
    from routing.requests.recordings import Recordings

    loaded = load_config(config)
    engine = engine_of(loaded, config)
    try:
        done = Keeper(loaded.recordings, Recordings(engine), loaded.node).look(datetime.fromtimestamp(time.time(), UTC))
    except OSError as error:
        raise AdminError([Fault(Place(loaded.recordings.folder), f"it can't be looked after: {error.strerror}")]) \
            from None
    except SQLAlchemyError as error:
        raise unread(loaded, config, error) from None
    finally:
        engine.dispose()
    typer.echo(f"{done.old} deleted by age, {done.early} for room; {done.finished} files finished, "
               f"{done.abandoned} rows ended")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    octets = row["octets"]
    return {**row, "recording": short(row["id"]), "size_mb": octets / 1e6 if octets is not None else None,
            "state": state(row)}


def short(recording: str) -> str:
    """The beginning of its call and its number in it."""
    return recording[:SHORT_CALL] + "-" + recording.rpartition("-")[2]


def state(row: dict[str, Any]) -> str:
    """Whether it can be heard."""
    if row["erased_at"] is not None:
        return f"erased ({row['erased_by']})"
    if row["ended_at"] is None:
        return "going on"
    return f"failed: {row['reason']}" if row["failed"] else "there"


def _only(source: Source, wanted: str) -> dict[str, Any]:
    """Of the call that is meant, however long ago that was, the one with this number; without one its only one."""
    call, _, number = wanted.strip().lower().rpartition("-")
    if not (number.isdecimal() and len(number) < SHORT_CALL):
        call, number = wanted.strip().lower(), ""
    rows = source.call(call).recordings if call else []
    found = [row for row in rows if not number or row["id"].endswith(f"-{number}")]
    if len(found) != 1:
        says = "there is no such recording" if not found else f"this call has {len(found)} recordings"
        raise AdminError([Fault(Place(wanted), says, "see: hotline recordings list")])
    return found[0]
