"""`hotline menu schema`."""

import typer


def schema_command() -> None:
    from ivr.menu.json_schema import text

    typer.echo(text(), nl=False)
