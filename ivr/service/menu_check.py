"""Whether a text could stand in a file of menus, announcements or hours as things are: asked before it is written."""

from collections.abc import Mapping
from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Hours
from ivr.drivers.prompt_files import PromptCatalogue
from ivr.drivers.text_files import sources_of, text_of
from ivr.menu.announcements import load_announcements
from ivr.menu.loader import load_menu
from ivr.service.loading import languages_of, menu_of, menu_paths
from ivr.service.menu_watch import watched
from ivr.service.surroundings import known_of


def check_text(config: Config, path: str, text: str) -> None:
    """Raises AdminError with every fault that the text would have in the file at `path`."""
    if path not in watched(config):
        raise AdminError([Fault(Place(path), "no line of the configuration has this file", "name it there first")])
    if path == str(config.hours):
        _check_hours(config, load_hours(text, path))
        return
    catalogue = PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", config.codecs)
    lengths = catalogue.scan()
    if path == str(config.prompts.announcements):
        load_announcements(text, path, lengths, languages_of(config))
        return
    for line in menu_paths(config):
        if not _leads_to(line, path):
            continue
        known = () if line == path else _faults(config, line, {}, catalogue, lengths)
        fresh = [fault for fault in _faults(config, line, {path: text}, catalogue, lengths) if fault not in known]
        if fresh:
            raise AdminError(fresh)


def _leads_to(line: str, path: str) -> bool:
    """Whether callers of a line's menu file can come to the file at `path`."""
    try:
        return line == path or path in sources_of(line, text_of(line)).paths()
    except AdminError:
        return False


def _faults(config: Config, line: str, instead: Mapping[str, str], catalogue: PromptCatalogue,
            lengths: Mapping[str, float]) -> list[Fault]:
    """What is wrong with the menu of a line, with all its files, where some would have other texts."""
    try:
        own = instead[line] if line in instead else text_of(line)
        menu = menu_of(config, line, own, lengths, sources_of(line, own, instead))
    except AdminError as error:
        return list(error.faults)
    return [fault for clip, fault in catalogue.refused.items() if clip in menu.clips()]


def _check_hours(config: Config, hours: Hours) -> None:
    """Every schedule that lines and menus ask for must be in it."""
    faults = [Fault(Place(hours.file), f"it has no hours `{line.hours}`, which line {line.numbers[0]} has",
                    "roll config.yaml back too, or another version of this file", code="schedule-unknown")
              for line in config.lines if line.hours is not None and line.hours not in hours.schedules]
    for path in menu_paths(config):
        try:
            text = text_of(path)
            load_menu(text, path, None, known_of(config, hours), sources_of(path, text))
        except AdminError as error:
            faults += error.faults
    if faults:
        raise AdminError(faults)
