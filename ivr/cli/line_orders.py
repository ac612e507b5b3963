"""`hotline announce`, `close` and `open`: what new callers of a line hear at once, before any other rule."""

import getpass
import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from ivr.cli import announce_text
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, cell, show
from ivr.cli.source import Source, open_source
from ivr.cli.table import Narrow

ORDERS = {"line": "line", "kind": "what", "prompt": "prompt", "by": "by", "since": "since", "until": "until"}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SPAN = re.compile(r"([0-9]{1,6})([smhd])")

Line = Annotated[str, typer.Argument(help="A number of the line; `all`: every line.", show_default=False)]
Until = Annotated[str, typer.Option("--until", help="It ends by itself: 2026-12-31T18:00, in the time of the line.")]
For = Annotated[str, typer.Option("--for", help="It ends by itself after 90m, 2h or 1d.")]


def announce_command(
    line: Annotated[str, typer.Argument(help="A number of the line; `all`: every line; none: what holds now.")] = "",
    prompt: Annotated[str, typer.Argument(help="A prompt of the menu or of the announcements.")] = "",
    text: Annotated[list[str] | None, typer.Option("--text", help="Have it spoken by the engines of the configuration, "
                                                                  "in place of a prompt: en=\"…\", for each "
                                                                  "language.")] = None,
    file: Annotated[list[str] | None, typer.Option("--file", help="Recordings in place of a text: en=outage.wav.")]
        = None,
    end: Annotated[bool, typer.Option("--end", help="Take the announcement back.")] = False,
    until: Until = "",
    lasts: For = "",
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    texts, files = announce_text.pairs(text or (), "--text"), announce_text.pairs(file or (), "--file")
    if line and sum(map(bool, (end, prompt, texts or files))) != 1:
        raise typer.BadParameter("name the prompt that callers are to hear, or --end, or give its --text")
    if {*texts} & {*files} or ((texts or files) and not line):
        raise typer.BadParameter("name a line, and for each language a text or a file")
    if end and not line:
        raise typer.BadParameter("name the line whose announcement is to end, or `all`")
    lasting = _lasting(until, lasts)
    with open_source(config) as source:
        if not line:
            found = source.running("/api/lines")
        elif end:
            found = source.ask("DELETE", f"{_path(line, 'announcement')}?by={quote(_who())}")
        elif texts or files:
            name = announce_text.make_notice(config, line, texts, files)
            found = announce_text.taken_up(
                lambda: source.ask("PUT", _path(line, "announcement"), {"prompt": name, **lasting}), name)
        else:
            found = source.ask("PUT", _path(line, "announcement"), {"prompt": prompt, **lasting})
        _show(source, found, as_json)


def close_command(
    line: Line,
    say: Annotated[str, typer.Option("--say", help="A prompt of the menu or of the announcements; without it "
                                                   "`nobody_available`.")] = "",
    until: Until = "",
    lasts: For = "",
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    lasting = _lasting(until, lasts)
    with open_source(config) as source:
        found = source.ask("PUT", _path(line, "closure"), {"prompt": say, **lasting})
        _show(source, found, as_json)


def open_command(line: Line, as_json: AsJson = False, config: ConfigOption = CONFIG) -> None:
    with open_source(config) as source:
        found = source.ask("DELETE", f"{_path(line, 'closure')}?by={quote(_who())}")
        _show(source, found, as_json)


def _show(source: Source, found: dict[str, Any], as_json: bool) -> None:
    orders = found["orders"]
    if not orders and not as_json:
        typer.echo("no line is closed by an order, and none has an announcement")
    else:
        told = [{**order, **{key: cell("ordered_at", order[key]) for key in ("since", "until")}} for order in orders]
        show(source, "orders for lines", orders if as_json else told, ORDERS, as_json, Narrow(left_out=("since",)))
    if not source.answers:
        typer.echo("the service does not run: this is written down, and holds from its next start on", err=True)


def _path(line: str, kind: str) -> str:
    return f"/api/lines/{quote(line, safe='')}/{kind}"


def _who() -> str:
    """Whoever types; the log keeps it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):         # a user without a name, as in some containers
        return ""


def _lasting(until: str, lasts: str) -> dict[str, Any]:
    if until and lasts:
        raise typer.BadParameter("one of --until and --for")
    if not lasts:
        return {"by": _who(), **({"until": _moment(until)} if until else {})}
    span = SPAN.fullmatch(lasts)
    if span is None:
        raise typer.BadParameter(f"{lasts} is no span of time: 90m, 2h, 1d")
    return {"by": _who(), "for_s": int(span[1]) * SECONDS[span[2]]}


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text} is no time: 2026-12-31T18:00") from None
