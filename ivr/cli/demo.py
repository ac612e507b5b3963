"""`hotline demo`."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.cli.options import CONFIG, ConfigOption


def demo_command(
    config: ConfigOption = CONFIG,
    out: Annotated[Path | None, typer.Option(help="Folder for what the demo leaves; else demo/ in the state "
                                                  "folder.")] = None,
) -> None:
    from ivr.service.demo import as_lines, tell  # the whole exchange
    from ivr.service.loading import load_house

    began = time.monotonic()
    loaded = load_house(config)
    told = tell(loaded, out or Path(loaded.config.state_dir) / "demo")
    typer.echo(told.ladder)
    table = Table(show_header=False, title="the request in the database", title_justify="left")
    for name, value in as_lines(told.request).items():
        table.add_row(name, value)
    Console().print(table)
    typer.echo(f"ladder       {told.ladder_file}")
    typer.echo(f"heard        {told.wav_file} ({told.seconds:.1f} s)")
    typer.echo(f"database     {told.database}")
    typer.echo(f"{told.seconds:.1f} s of a call in {time.monotonic() - began:.1f} s")
