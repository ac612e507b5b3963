"""`hotline transfer`: send a caller on, ask somebody first, join all three."""

from enum import StrEnum
from typing import Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

COLUMNS = {"call": "call", "state": "state", "operator": "operator", "target": "target"}


class Then(StrEnum):
    """How a consultation ends."""

    BACK = "back"
    CONFERENCE = "conference"
    HAND_OVER = "hand_over"


def transfer_command(
    call: Annotated[str, typer.Argument(help="A call in progress: its id, or its first characters.")],
    target: Annotated[str, typer.Argument(help="An operator, a queue, a name of `transfers`, an extension, a line, or "
                                               "a number that `outbound` permits.", show_default=False)] = "",
    attended: Annotated[bool, typer.Option("--attended", help="The operator talks there first; the caller hears "
                                                              "music.")] = False,
    then: Annotated[Then | None, typer.Option(help="Go on from that: back to the caller, all three, or handed over.",
                                              show_default=False)] = None,
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    if (then is None) == (not target):
        raise typer.BadParameter("say where to, or with --then how a consultation ends")
    path = f"/api/calls/{call.strip().lower()}"
    with open_source(config) as source:
        if then is not None:
            found = source.ask("POST", f"{path}/consultation", {"wish": str(then)})
        else:
            found = source.ask("POST", f"{path}/transfer", {"target": target, "attended": attended})
        show(source, "transfer", [found], COLUMNS, as_json, Narrow(cut=("target",)))
