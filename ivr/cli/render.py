"""`hotline render`: texts of menus and announcements become clips, by a speech engine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.drivers.prompt_engines import Engine


def render_command(
    engine: Annotated[list[str], typer.Option(
        help='One for each language: `en=hibari`, or `ru=command: RHVoice-test -p irina -o {out}`.')],
    config: ConfigOption = CONFIG,
) -> None:
    from rich.progress import Progress

    from ivr.drivers.config_file import load_config
    from ivr.drivers.prompt_rendering import outdated, render_missing, write_hold_music
    from ivr.service.loading import load_texts

    loaded = load_config(config)
    texts = load_texts(loaded)
    engines = dict(read_engine(text) for text in engine)
    folder = Path(loaded.prompts.folder)
    if write_hold_music(folder):
        typer.echo("hold music written")
    missing = outdated(texts, folder)
    if not missing:
        typer.echo(f"nothing to render: all {len(texts)} texts have their files")
        return
    with Progress() as progress:
        task = progress.add_task("rendering", total=len(missing))
        for rendered in render_missing(texts, folder, engines):
            progress.update(task, completed=rendered.done, description=rendered.clip)
    typer.echo(f"{len(missing)} clips rendered into {folder}")


def read_engine(text: str) -> tuple[str, "Engine"]:
    """`LANGUAGE=hibari [VOICE [SPEED]]` or `LANGUAGE=command: PROGRAM ARGUMENTS`; raises AdminError."""
    from ivr.drivers.prompt_engines import parse_engine

    language, _, what = text.partition("=")
    return language, parse_engine(what)
