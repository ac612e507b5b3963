"""`hotline serve`."""

from pathlib import Path
from typing import Annotated

import typer

from ivr.service.parent import serve


def serve_command(
    config: Annotated[Path, typer.Option("--config", "-c", envvar="HOTLINE_CONFIG",
                                         help="The configuration file.")] = Path("config.yaml"),
) -> None:
    raise typer.Exit(serve(config, typer.echo))
