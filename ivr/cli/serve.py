"""`hotline serve`."""

import typer

from ivr.cli.options import CONFIG, ConfigOption


def serve_command(config: ConfigOption = CONFIG) -> None:
    from ivr.service.start import uncollected

    with uncollected():
        from ivr.service.parent import serve  # the whole house

    raise typer.Exit(serve(config, typer.echo))
