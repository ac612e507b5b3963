"""`hotline erase`: forgets a caller: number, name, what they wrote, notes about them, and recordings."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.report_setting import Setting, open_record, read_setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from routing.requests.erasure import Erased
    from routing.requests.recordings import RecordingView

    Unlink = Callable[[RecordingView], bool]
    Files = tuple[int, dict[str, int]]          # here, and of other nodes by name

HELP = "Forget a caller: number, name, what was written by and about them, recordings. Left: that there were calls."
WHO = "erase (command line)"
REMEDY = ("end it first: its operator or visitor leaves it, or a supervisor presses \"Hang up\" where calls in "
          "progress are shown; a service that is stopped must be started for that. Then ask again. One of another node "
          "can be forgotten when nothing was written in it for a day")
SHORTEST = 8            # characters of an id, as tables show it


def erase_command(
    number: Annotated[str | None, typer.Option(help="The caller's number, as +74951234567, or as it stands in the "
                                               "record; in chats: the one they gave.")] = None,
    call: Annotated[str | None, typer.Option(help="The id of a call or chat, or how it begins: of who has no number.")]
        = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    if (number is None) == (call is None):
        raise typer.BadParameter("say --number or --call")
    setting = read_setting(config)
    if call is not None:
        _erase_call(setting, call.strip(), yes, config)
        return
    assert number is not None
    numbers = _spellings(number, setting)
    if not numbers:
        raise typer.BadParameter("a number has digits", param_hint="--number")
    if not yes:
        typer.confirm(f"Erase all that is known of {', '.join(sorted(numbers))}? Nothing brings it back.", abort=True)
    with open_record(setting, config) as engine:
        _tell(*_erase(engine, setting, lambda now, unlink, here: _by_number(engine, numbers, now, unlink, here)))


def _by_number(engine: "Engine", numbers: set[str], now: datetime, unlink: "Unlink", here: str) -> "Erased":
    from routing.requests.erasure import erase_caller

    return erase_caller(engine, numbers, now, unlink, here)


def _erase_call(setting: Setting, beginning: str, yes: bool, config: Path) -> None:
    from routing.requests.erasure import calls_like, erase_call

    if len(beginning) < SHORTEST:
        raise typer.BadParameter(f"at least {SHORTEST} characters of it", param_hint="--call")
    with open_record(setting, config) as engine:
        found = calls_like(engine, beginning)
        if len(found) != 1:
            what = "no id of a call begins" if not found else "several ids begin"
            raise AdminError([Fault(Place(beginning), f"{what} like this", "hotline calls lists them; one that is new "
                                    "may not have come into the database yet")])
        call = found[0]
        if not yes:
            typer.confirm(f"Erase all that is known of who called or wrote in {call}? Nothing brings it back.",
                          abort=True)
        _tell(*_erase(engine, setting, lambda now, unlink, here: erase_call(engine, call, now, unlink, here)))


def _spellings(number: str, setting: Setting) -> set[str]:
    """As it was typed, and in the form that the record has it in."""
    from ivr.base.numbers import e164

    typed = number.strip()
    if not any(sign.isdigit() for sign in typed):
        return set()
    whole = e164(typed, setting.config.country)
    return {typed} | ({whole} if whole else set())


def _erase(engine: "Engine", setting: Setting,
           erase: "Callable[[datetime, Unlink, str], Erased]") -> "tuple[Erased, Files]":
    """What was erased, and how many files of chats: here, and on other nodes."""
    from desk.chat.files.store import file_store
    from desk.chat.files.sweep import sweep
    from desk.keeping import Keeper
    from routing.requests.erasure import GoesOn
    from routing.requests.files import erased_at
    from routing.requests.recordings import Recordings, RecordingView

    now = datetime.now(UTC)
    keeper = Keeper(setting.config.recordings, Recordings(engine), setting.config.node)

    def unlink(recording: RecordingView) -> bool:
        if keeper.elsewhere(recording) is not None:
            return False
        keeper.erase(recording, WHO, now)
        return True

    files = file_store(setting.config, engine)
    try:
        erased = erase(now, unlink, setting.config.node)
    except GoesOn as open_yet:
        sweep(files, now)       # of what was erased before it began
        raise AdminError([Fault(Place(call), "this chat goes on, so it can't be forgotten yet", REMEDY)
                          for call in open_yet.calls]) from None
    gone = erased_at(engine, now)
    sweep(files, now)
    return erased, (gone.pop(setting.config.node, 0), gone)


def _tell(erased: "Erased", files: "Files") -> None:
    here, elsewhere = files
    typer.echo(f"Erased: calls {erased.calls}, notes {erased.notes}, recordings {erased.recordings}, files {here}.")
    for node, count in sorted(elsewhere.items()):
        typer.echo(f"Files on the node {node}, which deletes them within an hour: {count}")
    if erased.elsewhere:
        typer.echo(f"Recordings on other nodes, to be erased there: {', '.join(erased.elsewhere)}")
