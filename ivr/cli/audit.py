"""`hotline audit`: who changed what, who came in and who was refused."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson, Limit, show
from ivr.cli.source import open_source
from ivr.cli.table import Narrow

SHOWN = {"at_at": "at", "who": "who", "what": "what", "subject": "of what", "change": "change"}
NARROW = Narrow(cut=("change", "subject"))
HELP = "Who changed what at the pages and the API, who logged in and who was refused."


def audit_command(
    limit: Limit = 20,
    who: Annotated[str, typer.Option(help="A login, `api`, or `token:` and its name.")] = "",
    what: Annotated[str, typer.Option(help="As `tokens.make`; with a dot at its end the whole kind: `tokens.`")] = "",
    since: Annotated[str, typer.Option(help="2026-11-23T08:00+03:00")] = "",
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    asked = {"limit": limit, "who": who, "what": what, "since": since}
    query = urlencode({name: value for name, value in asked.items() if value})
    with open_source(config) as source:
        rows: list[dict[str, Any]] = source.running(f"/api/audit?{query}")["items"]
        told = [{**row, "at_at": row["at"], "who": row["who"] or "-", "change": _change(row)} for row in rows]
        show(source, "audit log", rows if as_json else told, SHOWN, as_json, NARROW)


def _change(row: dict[str, Any]) -> str:
    """What it became, or what it was where nothing is left of it."""
    shown = row["after"] if row["after"] is not None else row["before"]
    return "" if shown is None else json.dumps(shown, ensure_ascii=False, separators=(", ", ": "))[1:-1]
