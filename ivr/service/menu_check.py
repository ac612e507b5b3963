"""Whether a text could stand in a file of menus, announcements or hours as things are: asked before it is written."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Hours
from ivr.drivers.prompt_files import PromptCatalogue
from ivr.drivers.text_files import sources_of, text_of
from ivr.menu.announcements import load_announcements
from ivr.menu.lint.checked import check_menu
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.service.loading import languages_of, menu_paths
from ivr.service.menu_watch import watched
from ivr.service.surroundings import known_of, surroundings


def check_text(config: Config, path: str, text: str) -> tuple[Fault, ...]:
    """What `hotline check` would warn of, were the text in the file at `path`. Raises AdminError with every fault that
    it would have there."""
    if path not in watched(config):
        raise AdminError([Fault(Place(path), "no line of the configuration has this file", "name it there first")])
    if path == str(config.hours):
        _check_hours(config, load_hours(text, path))
        return ()
    catalogue = PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", config.codecs)
    lengths = catalogue.scan()
    if path == str(config.prompts.announcements):
        load_announcements(text, path, lengths, languages_of(config))
        return ()
    hours, warnings = _hours_of(config), dict[Fault, None]()
    for line in menu_paths(config):
        if not _leads_to(line, path):
            continue
        known, _ = ((), ()) if line == path else _look(config, line, {}, catalogue, lengths, hours)
        faults, findings = _look(config, line, {path: text}, catalogue, lengths, hours)
        if fresh := [fault for fault in faults if fault not in known]:
            raise AdminError(fresh)
        warnings.update(dict.fromkeys(findings))
    return tuple(warnings)


def _leads_to(line: str, path: str) -> bool:
    """Whether callers of a line's menu file can come to the file at `path`."""
    try:
        return line == path or path in sources_of(line, text_of(line)).paths()
    except AdminError:
        return False


def _look(config: Config, line: str, instead: Mapping[str, str], catalogue: PromptCatalogue,
          lengths: Mapping[str, float], hours: Hours | None) -> tuple[Sequence[Fault], Sequence[Fault]]:
    """What is wrong with the menu of a line, with all its files, where some would have other texts; and warnings."""
    there = {**dict.fromkeys(catalogue.refused, 0.0), **lengths}
    try:
        own = instead[line] if line in instead else text_of(line)
        checked = check_menu(own, line, surroundings(config, line, there, hours), sources_of(line, own, instead))
    except AdminError as error:
        return error.faults, ()
    if checked.menu is None:
        return checked.findings, ()
    faults = [fault for clip, fault in catalogue.refused.items() if clip in checked.menu.clips()]
    return [*faults, *_unspoken(config, line, checked.menu)], checked.findings


def _hours_of(config: Config) -> Hours | None:
    """None where their file is faulty: that is no fault of a menu."""
    try:
        return Hours() if config.hours is None else load_hours(text_of(config.hours), config.hours)
    except AdminError:
        return None


def _unspoken(config: Config, path: str, menu: Menu) -> list[Fault]:
    return [Fault(Place(path), f"it does not speak {line.language}, in which line {line.numbers[0]} begins",
                  "roll config.yaml back too, or another version of this file", code="line-language-unknown")
            for line in config.lines
            if str(line.menu) == path and line.language is not None and line.language not in menu.languages]


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
