"""`hotline serve`."""

import typer

from ivr.cli.options import CONFIG, ConfigOption
from ivr.service.parent import serve


def serve_command(config: ConfigOption = CONFIG) -> None:
    raise typer.Exit(serve(config, typer.echo))
