"""A menu file as the commands for menus take it: with the names of the configuration, and the lengths of its sounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers import text_files
from ivr.drivers.hours_file import read_hours
from ivr.drivers.text_files import sources_of
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.sources import Sources
from ivr.menu.testing.lengths import Lengths, estimated
from ivr.menu.testing.surroundings import Surroundings
from ivr.service.loading import menu_files
from ivr.service.surroundings import known_of

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.base.hours.schedule import Hours

TESTS = ".test.yaml"


@dataclass(frozen=True)
class Read:
    """A menu with the text that it was read from, and those of the files that it hands over to."""

    menu: Menu
    text: str
    others: Sources
    lengths: Mapping[str, float]
    known: Known
    around: Surroundings


def read_menu(file: Path, config: "Config", config_file: Path) -> Read:
    """The menu in `file`, its sounds unchecked: a menu is tried before its prompts are recorded. Raises AdminError."""
    hours = read_hours(str(config_file), config)
    known = known_of(config, hours)
    text = text_of(file)
    others = sources_of(shown(file), text)
    menu = load_menu(text, shown(file), None, known, others)
    return Read(menu, text, others, lengths_of(menu, Path(config.prompts.folder)), known, _around(file, config, hours))


def _around(file: Path, config: "Config", hours: "Hours") -> Surroundings:
    """The zone is that of the schedule of the menu's line, else of this machine."""
    schedules = [hours.schedules[line.hours] for line in config.lines
                 if line.hours is not None and Path(line.menu) == file.absolute()]
    zone = schedules[0].zone if schedules else datetime.now().astimezone().tzinfo
    return Surroundings(zone or UTC, lambda schedule, moment: hours.schedules[schedule].at(moment).open)


def text_of(file: Path) -> str:
    """Raises AdminError if it can't be read."""
    return text_files.text_of(str(file), shown(file))


def shown(file: Path) -> str:
    """Its name from the current folder if it lies below."""
    whole = file.absolute()
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(file)


def lengths_of(menu: Menu, folder: Path) -> Lengths:
    """Seconds of every clip: of its sound where there is one, else as long as its text takes to say."""
    lengths = estimated(menu)
    lengths.update(_measured(menu, folder))
    return lengths


def _measured(menu: Menu, folder: Path) -> Iterator[tuple[str, float]]:
    import soundfile

    for clip in menu.clips():
        try:
            yield clip, float(soundfile.info(folder / clip).duration)
        except (soundfile.SoundFileError, OSError, RuntimeError):
            continue


def menus_of(config: "Config") -> list[Path]:
    """The menu files of the lines, and those that they hand over to, each once."""
    return list(map(Path, menu_files(config)))


def tests_of(menu: Path) -> Path:
    """The file of dialogues beside a menu."""
    return menu.with_name(f"{menu.stem}{TESTS}")


def menu_of(tests: Path) -> Path:
    """The menu beside a file of dialogues. Raises AdminError for a file of another name."""
    if not tests.name.endswith(TESTS):
        raise AdminError([Fault(Place(shown(tests)), "a file of dialogues has a name like its menu's",
                                f"bank{TESTS} lies beside bank.yaml", code="dialogue-file-name")])
    return tests.with_name(f"{tests.name.removesuffix(TESTS)}.yaml")
