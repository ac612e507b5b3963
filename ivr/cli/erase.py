"""`hotline erase`: forgets a caller: number, name, notes about them, and recordings."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.report_setting import Setting, open_record, read_setting

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from routing.requests.erasure import Erased

HELP = "Forget a caller: number, name, what was written about them, recordings. What is left: that there were calls."
WHO = "erase (command line)"


def erase_command(
    number: Annotated[str, typer.Option(help="The caller's number, as +74951234567, or as it stands in the record.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    setting = read_setting(config)
    numbers = _spellings(number, setting)
    if not numbers:
        raise typer.BadParameter("a number has digits", param_hint="--number")
    if not yes:
        typer.confirm(f"Erase all that is known of {', '.join(sorted(numbers))}? Nothing brings it back.", abort=True)
    with open_record(setting, config) as engine:
        _tell(_erase(engine, setting, numbers, config))


def _spellings(number: str, setting: Setting) -> set[str]:
    """As it was typed, and in the form that the record has it in."""
    from ivr.base.numbers import e164

    typed = number.strip()
    if not any(sign.isdigit() for sign in typed):
        return set()
    whole = e164(typed, setting.config.country)
    return {typed} | ({whole} if whole else set())


def _erase(engine: "Engine", setting: Setting, numbers: set[str], config: Path) -> "Erased":
    from desk.chat.files.store import file_store
    from desk.chat.files.sweep import sweep
    from desk.keeping import Keeper
    from routing.requests.erasure import erase_caller
    from routing.requests.recordings import Recordings, RecordingView

    now = datetime.now(UTC)
    keeper = Keeper(setting.config.recordings, Recordings(engine), setting.config.node)

    def unlink(recording: RecordingView) -> bool:
        if keeper.elsewhere(recording) is not None:
            return False
        keeper.erase(recording, WHO, now)
        return True

    erased = erase_caller(engine, numbers, now, unlink)
    sweep(file_store(setting.config, engine), now)
    return erased


def _tell(erased: "Erased") -> None:
    typer.echo(f"Erased: calls {erased.calls}, notes {erased.notes}, recordings {erased.recordings}.")
    if erased.elsewhere:
        typer.echo(f"Recordings on other nodes, to be erased there: {', '.join(erased.elsewhere)}")
