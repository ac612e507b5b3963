"""`hotline menu export`: a recorded call as a dialogue test, and whether the menu as it is now still leads there."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.faults import as_seen
from ivr.cli.options import CONFIG, ConfigOption
from ivr.cli.records import SHORT_ID

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.cli.source import Story
    from ivr.menu.testing.recorded import Happened
    from ivr.service.tested_menus import Read


def export_command(
    call: Annotated[str, typer.Argument(help="The id of a call or a request, or its first characters; without it the "
                                             "latest call.", show_default=False)] = "",
    menu: Annotated[Path | None, typer.Option(help="The menu to replay it on; without it that of the call's line.")]
        = None,
    config: ConfigOption = CONFIG,
) -> None:
    """The dialogue goes to standard output, what is to be said of it to standard error."""
    from ivr.cli.source import open_source
    from ivr.drivers.config_file import load_config
    from ivr.service.tested_menus import read_menu

    loaded = load_config(config)
    with open_source(config) as source:
        story = source.call(call.strip().lower())
    file = menu or _menu_of(story, loaded, config)
    read = read_menu(file, loaded, config)
    text = exported_text(story, read, loaded)
    typer.echo(text, nl=False)
    for line in replayed(text, read, story):
        typer.echo(line, err=True)


def exported_text(story: "Story", read: "Read", loaded: "Config") -> str:
    """The file of dialogues. Raises AdminError for a call that never came to a menu."""
    from ivr.menu.testing.model import Circumstances
    from ivr.menu.testing.recorded import exported

    row = story.row
    line = loaded.line_for(str(row["line"]))
    began = _moment(row["began_at"]).astimezone().replace(tzinfo=None)
    circumstances = Circumstances(line=str(row["line"]), at=began, language=line.language if line else None)
    name = f"call {story.call[:SHORT_ID]} of {began:%Y-%m-%d %H:%M:%S}"
    return exported(name, circumstances, list(_happened(story)), read.menu)


def replayed(text: str, read: "Read", story: "Story") -> Iterator[str]:
    """What is to be said of the dialogue: whether it ends the same on the menu as it is now."""
    from ivr.menu.testing.loader import load_dialogues
    from ivr.menu.testing.runner import run_all

    if read.menu.version != story.row["menu_version"]:
        yield f"the call met another version of {read.menu.file} ({story.row['menu_version']})"
    try:
        (went,) = run_all(load_dialogues(text, "the dialogue", read.menu, read.known), read.menu, read.lengths,
                          read.around)
    except AdminError as error:
        yield from (str(as_seen(fault)) for fault in error.faults)
        return
    yield from map(str, went.failures)
    if went.passed:
        yield f"replayed on {read.menu.file}: it ends as the call did"


def _happened(story: "Story") -> "Iterator[Happened]":
    from ivr.menu.testing.recorded import Happened

    answered = next((_moment(entry["at"]) for entry in story.entries if entry["kind"] == "answered"), None)
    if answered is None:
        raise AdminError([Fault(Place(story.call), "this call never came to a menu", "hotline calls lists others")])
    for entry in story.entries:
        yield Happened((_moment(entry["at"]) - answered).total_seconds(), entry["kind"], entry["details"])


def _moment(at: Any) -> datetime:
    """The API gives text, the database a time."""
    return at if isinstance(at, datetime) else datetime.fromisoformat(str(at))


def _menu_of(story: "Story", loaded: "Config", config: Path) -> Path:
    line = loaded.line_for(str(story.row.get("line", "")))
    if line is None:
        raise AdminError([Fault(Place(str(config)), f"line {story.row.get('line', '')} of the call is not in it any "
                                                    "more", "name the menu with --menu")])
    return Path(line.menu)
