"""`hotline why OPERATOR CALL`: why this operator is, or is not, getting this call."""

import json
from typing import Annotated
from urllib.parse import quote

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import AsJson
from ivr.cli.source import open_source


def why_command(
    operator: Annotated[str, typer.Argument(help="An operator's name.")],
    call: Annotated[str, typer.Argument(help="A call in progress: its id, or its first characters. Without it: why "
                                             "the operator gets no call at all.")] = "",
    as_json: AsJson = False,
    config: ConfigOption = CONFIG,
) -> None:
    path = f"/api/operators/{quote(operator, safe='')}/why"
    with open_source(config) as source:
        found = source.running(f"{path}?call={quote(call.strip().lower(), safe='')}" if call else path)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for sentence in (found["why"], found.get("call_waits", "")):
        if sentence:
            typer.echo(sentence)
