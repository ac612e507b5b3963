"""`hotline trace`: a call as a ladder, also while it goes on."""

import time
from collections.abc import Iterable
from typing import Annotated

import typer

from ivr.base.trace import Row, header, ladder, line, parties_of
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.source import Source, Story, open_source

LOOK_EVERY = 0.5         # s; a person reads no faster
NO_LADDER = "this call has no ladder"


def trace_command(
    call: Annotated[str, typer.Argument(help="The id of a call or a request, or its first characters; without it the "
                                             "latest call.", show_default=False)] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until the call is over.")]
        = False,
    config: ConfigOption = CONFIG,
) -> None:
    with open_source(config) as source:
        story = source.call(call.strip().lower())
        if follow and not story.complete:
            _follow(source, story)
        else:
            typer.echo(ladder(story.rows) if story.rows else _without_ladder(story))


def _without_ladder(story: Story) -> str:
    return f"this call was refused ({story.refused}); refused calls are not drawn" if story.refused else NO_LADDER


def _follow(source: Source, story: Story) -> None:
    names: list[str] = []
    begin: float | None = None
    last: Row | None = None
    while True:
        fresh = newer(story.rows, last)
        if fresh:
            names, before = parties_of(fresh, names), names
            begin = fresh[0].at if begin is None else begin
            if names != before:
                typer.echo(header(names))
            for row in fresh:
                typer.echo(line(row, names, begin))
            last = fresh[-1]
        if story.complete:
            return
        time.sleep(LOOK_EVERY)
        story = source.call(story.call)


def newer(rows: Iterable[Row], last: Row | None) -> list[Row]:
    """The rows behind `last`. A long call forgets its first rows, so they can't be counted."""
    rows = list(rows)
    if last is None:
        return rows
    known = next((index for index in reversed(range(len(rows))) if rows[index] == last), None)
    return rows[known + 1:] if known is not None else [row for row in rows if row.at > last.at]
