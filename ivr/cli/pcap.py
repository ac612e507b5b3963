"""`hotline pcap`: one call as a file for Wireshark."""

import time
from typing import Annotated, Any

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.source import Source, open_source

LOOK_EVERY = 0.3         # s


def pcap_command(
    following: Annotated[bool, typer.Option("--next", help="The next call that comes.")] = False,
    call: Annotated[str, typer.Option(help="A call in progress: its id, or its first characters.")] = "",
    number: Annotated[str, typer.Option(help="The call in progress of this number, caller's or dialled, or the next "
                                             "one.")] = "",
    rtp: Annotated[bool, typer.Option("--rtp", help="Audio too. Who says what is in the file then.")] = False,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long at most, with the waiting.")] = 600,
    max_mb: Annotated[int, typer.Option(min=1, max=256, help="How much at most of SIP, and of RTP.")] = 32,
    config: ConfigOption = CONFIG,
) -> None:
    if sum((following, bool(call), bool(number))) != 1:
        raise typer.BadParameter("say one of --next, --call and --number")
    which = "next" if following else "call" if call else "number"
    wanted = {"which": which, "value": call.strip().lower() or number, "rtp": rtp, "seconds": seconds,
              "max_mb": max_mb}
    with open_source(config) as source:
        begun = source.ask("POST", "/api/captures", wanted)
        typer.echo("waiting for the call; Ctrl-C ends it" if not begun["call"] else f"capturing call {begun['call']}",
                   err=True)
        done = _until_done(source, f"/api/captures/{begun['capture']}")
    _tell(done)


def _until_done(source: Source, path: str) -> dict[str, Any]:
    found: dict[str, Any] = source.running(path)
    while found["state"] != "done":
        try:
            time.sleep(LOOK_EVERY)
            found = source.running(path)
        except KeyboardInterrupt:
            found = source.ask("DELETE", path)
    return found


def _tell(done: dict[str, Any]) -> None:
    if not done["call"]:
        typer.echo(f"no such call came ({done['reason']}); nothing was captured", err=True)
        raise typer.Exit(1)
    typer.echo(f"{done['reason']}: {done['messages']} messages"
               + (f", {done['packets']} packets of RTP" if done["rtp"] else ""), err=True)
    typer.echo(done["file"])
