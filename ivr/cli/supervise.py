"""`hotline supervise`: listen to a call, whisper to its operator, talk with both."""

from enum import StrEnum
from typing import Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import SHORT_ID, AsJson, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

SUPERVISORS = {"supervisor": "supervisor", "mode": "mode", "state": "state"}


class Mode(StrEnum):
    """How a supervisor takes part."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


def supervise_command(
    call: Annotated[str, typer.Argument(help="A call in progress: its id, or its first characters.")],
    who: Annotated[str, typer.Option("--as", help="Whose phone is rung: an operator or an account.")] = "",
    mode: Annotated[Mode, typer.Option(help="whisper: the operator alone hears it; barge: both do. Say it again to "
                                            "switch.")] = Mode.LISTEN,
    end: Annotated[bool, typer.Option("--end", help="Let them go; hanging up does the same.")] = False,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    if end and not who:
        raise typer.BadParameter("say with --as whom to let go")
    path = f"/api/calls/{call.strip().lower()}/supervisors"
    with open_source(config) as source:
        if not who:
            found = source.running(path)
        elif end:
            found = source.ask("DELETE", f"{path}/{who}")
        else:
            found = source.ask("PUT", f"{path}/{who}", {"mode": str(mode)})
        show(source, f"supervisors of {found['call'][:SHORT_ID]}", found["supervisors"], SUPERVISORS, as_json,
             Narrow())
