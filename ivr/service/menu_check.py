"""Whether a text could stand in a file of menus, announcements or hours as things are: asked before it is written."""

from pathlib import Path

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Hours
from ivr.drivers.prompt_files import PromptCatalogue
from ivr.drivers.text_files import text_of
from ivr.menu.announcements import load_announcements
from ivr.menu.lint.checked import check_menu
from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.service.loading import languages_of
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
    there = {**dict.fromkeys(catalogue.refused, 0.0), **lengths}
    checked = check_menu(text, path, surroundings(config, path, there, _hours_of(config)))
    if checked.menu is None:
        raise AdminError(list(checked.findings))
    faults = [fault for clip, fault in catalogue.refused.items() if clip in checked.menu.clips()]
    faults += _unspoken(config, path, checked.menu)
    if faults:
        raise AdminError(faults)
    return checked.findings


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
    for path in dict.fromkeys(str(line.menu) for line in config.lines):
        try:
            load_menu(text_of(path), path, None, known_of(config, hours))
        except AdminError as error:
            faults += error.faults
    if faults:
        raise AdminError(faults)
