"""`hotline render`: texts of menus and announcements become clips, by a speech engine."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.config_file import load_config
from ivr.drivers.prompt_engines import CommandEngine, Engine, HibariEngine
from ivr.drivers.prompt_rendering import outdated, render_missing
from ivr.service.loading import load_texts


def render_command(
    engine: Annotated[list[str], typer.Option(
        help='One for each language: `en=hibari`, or `ru=command: RHVoice-test -p irina -o {out}`.')],
    config: Annotated[Path, typer.Option("--config", "-c", envvar="HOTLINE_CONFIG",
                                         help="The configuration file.")] = Path("config.yaml"),
) -> None:
    loaded = load_config(config)
    texts = load_texts(loaded)
    engines = dict(read_engine(text) for text in engine)
    folder = Path(loaded.prompts.folder)
    missing = outdated(texts, folder)
    if not missing:
        typer.echo(f"nothing to render: all {len(texts)} texts have their files")
        return
    with Progress() as progress:
        task = progress.add_task("rendering", total=len(missing))
        for rendered in render_missing(texts, folder, engines):
            progress.update(task, completed=rendered.done, description=rendered.clip)
    typer.echo(f"{len(missing)} clips rendered into {folder}")


def read_engine(text: str) -> tuple[str, Engine]:
    """`LANGUAGE=hibari` or `LANGUAGE=command: PROGRAM ARGUMENTS`; raises AdminError."""
    language, _, what = text.partition("=")
    if what == "hibari":
        return language, HibariEngine()
    if what.startswith("command:"):
        return language, CommandEngine(tuple(shlex.split(what.removeprefix("command:"))))
    raise AdminError([Fault(Place("--engine"), f"{text!r} names no engine",
                            "say LANGUAGE=hibari or LANGUAGE=command: PROGRAM ... {out}")])
