"""Everything an admin wrote, read and checked together: configuration, prompts, menus, announcements."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ivr.base.config import Config
from ivr.base.customers import Customers
from ivr.base.errors import AdminError, Fault
from ivr.base.hours.schedule import Hours
from ivr.drivers.config_file import load_config
from ivr.drivers.customer_files import read_customers
from ivr.drivers.hours_file import read_hours
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.prompt_files import Progress, PromptCatalogue
from ivr.drivers.text_files import text_of
from ivr.menu.announcements import load_announcements
from ivr.menu.leftovers import leftovers
from ivr.menu.loader import load_menu
from ivr.menu.model import Announcements, Known, Menu, texts
from ivr.service import cross_checks
from ivr.service.customers import customer_files
from ivr.service.tls_files import faulty_certificate


@dataclass(frozen=True)
class Loaded:
    """What the exchange is built from. `clips`: every clip that may be played, with its raw file for the plane;
    `encoded_clips`: its files in other codecs."""

    config: Config
    menus: Mapping[str, Menu]
    announcements: Announcements
    clips: Mapping[str, str]
    lengths: Mapping[str, float]
    warnings: tuple[Fault, ...]
    customers: Mapping[str, Customers] = field(default_factory=dict)
    encoded_clips: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)


def load_house(config_path: str | Path, progress: Progress | None = None) -> Loaded:
    """Read all of it. Raises AdminError with every fault of every file, not only the first."""
    warnings: list[Fault] = []
    config = load_config(config_path, warnings.append)
    make_private_folder(Path(config.state_dir))     # before anything is written there: whatever the umask
    faults = list(cross_checks.missing_codecs(str(config_path), config))
    codecs = () if faults else config.codecs
    catalogue = PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", codecs)
    lengths = catalogue.scan(progress)
    # A sound that can't be read is there all the same: what is wrong with it is said once, and not that it is missing.
    there = {**dict.fromkeys(catalogue.refused, 0.0), **lengths}
    file = str(config_path)
    hours = _read_hours(file, config, faults)
    menus = _load_menus(config, there, faults, hours)
    languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
    announcements = _load_announcements(config, there, languages, faults)
    faults += faulty_certificate(file, config)
    faults += cross_checks.missing_music(file, config, there)
    faults += cross_checks.unknown_languages(file, config, menus)
    faults += cross_checks.unknown_messages(file, config, announcements)
    customers = _read_customers(config, faults, warnings)
    if faults or announcements is None or hours is None:
        raise AdminError([*catalogue.faults, *faults])
    needed = {*announcements.clips(), *cross_checks.music(config),
              *(clip for menu in menus.values() for clip in menu.clips())}
    if needed & catalogue.refused.keys():
        raise AdminError(list(catalogue.faults))
    warnings += [replace(fault, severity="warning") for fault in catalogue.faults]
    warnings += cross_checks.unwritable_recordings(file, config)
    warnings += cross_checks.outdated_prompts(config, menus, announcements)
    for path, menu in menus.items():
        warnings += leftovers(menu, text_of(path))
    clips = {clip: str(catalogue.raw_path(clip)) for clip in sorted(needed)}
    encoded = {clip: catalogue.encoded_paths(clip) for clip in clips}
    return Loaded(config, menus, announcements, clips, lengths, tuple(warnings), customers, encoded, hours)


def load_texts(config: Config) -> dict[str, tuple[str, str]]:
    """Every text of menus and announcements that has to be rendered: clip -> (language, text). Raises AdminError."""
    faults: list[Fault] = []
    menus = _load_menus(config, None, faults)
    languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
    announcements = _load_announcements(config, None, languages, faults)
    if faults or announcements is None:
        raise AdminError(faults)
    found = texts(announcements)
    for menu in menus.values():
        found |= texts(menu)
    return found


def _read_customers(config: Config, faults: list[Fault], warnings: list[Fault]) -> dict[str, Customers]:
    read: dict[str, Customers] = {}
    for path in customer_files(config):
        try:
            read[path], faulty = read_customers(path, config.country)
            warnings += faulty
        except AdminError as error:
            faults += error.faults
    return read


def _read_hours(file: str, config: Config, faults: list[Fault]) -> Hours | None:
    try:
        return read_hours(file, config)
    except AdminError as error:
        faults += error.faults
        return None


def _load_menus(config: Config, lengths: Mapping[str, float] | None, faults: list[Fault],
                hours: Hours | None = None) -> dict[str, Menu]:
    """Without `hours` (they are faulty, or don't matter) any schedule may be asked for."""
    schedules = frozenset(hours.schedules) if hours is not None else None
    known = Known(frozenset(config.queues), frozenset(config.transfers), schedules)
    menus: dict[str, Menu] = {}
    for path in dict.fromkeys(str(line.menu) for line in config.lines):
        try:
            menus[path] = load_menu(text_of(path), path, lengths, known)
        except AdminError as error:
            faults += error.faults
    return menus


def _load_announcements(config: Config, lengths: Mapping[str, float] | None, languages: tuple[str, ...],
                        faults: list[Fault]) -> Announcements | None:
    path = str(config.prompts.announcements)
    try:
        return load_announcements(text_of(path), path, lengths, languages)
    except AdminError as error:
        faults += error.faults
        return None
