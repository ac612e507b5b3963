"""`hotline calls show`: one call, and how the audio of each of its legs was."""

from typing import Annotated, Any

import typer
from rich.console import Console

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.recordings import short, state
from ivr.cli.records import cell
from ivr.cli.source import open_source
from ivr.cli.table import Narrow, print_table

CALL = ("began_at", "ended_at", "direction", "line", "dialled", "caller_number", "queue", "operator", "wait_time",
        "talk_time", "outcome", "ended_by", "reason")
LEGS = {"party": "leg", "codec": "codec", "encrypted": "srtp", "packets_received": "came", "loss_in": "lost %",
        "jitter_ms": "jitter ms", "mos_in": "mos", "packets_sent": "sent", "loss_out": "lost % there",
        "remote_jitter_ms": "jitter there", "mos_out": "mos there", "round_trip_ms": "round trip ms"}
NARROW = Narrow(left_out=("packets_sent", "packets_received", "encrypted"), cut=("party",))
UNKNOWN = "-"


def show_command(
    call: Annotated[str, typer.Argument(help="The id of a call or a request, or its first characters; without it the "
                                             "latest call.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    with open_source(config) as source:
        story = source.call(call.strip().lower())
        if as_json:
            Console().print_json(data={**story.row, "legs": story.legs, "recordings": story.recordings}, default=str)
            return
        typer.echo(f"call {story.call}")
        for key in CALL:
            if story.row.get(key) not in (None, ""):
                typer.echo(f"  {key.replace('_', ' '):14} {cell(key, story.row[key])}")
        for one in story.recordings:
            typer.echo(f"  recording      {short(one['id'])}  {cell('seconds', one['seconds'])} s  {state(one)}")
        if not story.legs:
            typer.echo("  no leg with audio is over")
            return
        print_table("legs", LEGS, [shown(leg) for leg in story.legs], NARROW)


def shown(leg: dict[str, Any]) -> dict[str, str]:
    """The cells of a leg; "there" is at the phone, as it reports."""
    figures = leg["figures"]
    came = figures.get("packets_received", 0) - figures.get("duplicates", 0)
    cells = {**leg, **figures,
             "loss_in": _percent(figures.get("packets_lost", 0), came + figures.get("packets_lost", 0)),
             "loss_out": _percent(figures.get("remote_lost"), figures.get("packets_sent", 0))}
    return {key: _cell(cells.get(key)) for key in LEGS}


def _percent(lost: int | None, of: int) -> str | None:
    return f"{100 * max(lost, 0) / of:.2f}" if lost is not None and of > 0 else None


def _cell(value: Any) -> str:
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
