"""Everything an admin wrote, read and checked together: configuration, prompts, menus, announcements."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.base.config import Config
from ivr.base.customers import Customers
from ivr.base.errors import AdminError, Fault
from ivr.base.findings.allowances import sift
from ivr.base.hours.schedule import Hours
from ivr.drivers.config_file import load_config
from ivr.drivers.customer_files import read_customers
from ivr.drivers.hours_file import read_hours
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.prompt_files import Progress, PromptCatalogue
from ivr.drivers.spoken_notices import path_of, read_notices
from ivr.drivers.text_files import Leads, sources_of, text_of
from ivr.drivers.topics_file import faulty_topics
from ivr.exchange.editions import MenuChange
from ivr.menu.announcements import load_announcements, with_spoken
from ivr.menu.lint.checked import check_menu
from ivr.menu.loader import load_menu
from ivr.menu.model import Announcements, Menu
from ivr.menu.needed_clips import NeededClip, needed_clips
from ivr.menu.sources import Sources, named
from ivr.menu.taking import BEEP
from ivr.service import cross_checks
from ivr.service.customers import customer_files
from ivr.service.findings_of_files import Findings
from ivr.service.order_checks import unknown_order_prompts
from ivr.service.overflow_checks import overflow_warnings
from ivr.service.surroundings import known_of, surroundings
from ivr.service.tls_files import faulty_certificate


@dataclass(frozen=True)
class Loaded:
    """What the exchange is built from. `clips`: every clip that may be played, with its raw file for the plane;
    `encoded_clips`: its files in other codecs; `catalogue`: where they were found, which knows what it has read."""

    config: Config
    menus: Mapping[str, Menu]
    announcements: Announcements
    clips: Mapping[str, str]
    lengths: Mapping[str, float]
    warnings: tuple[Fault, ...]
    customers: Mapping[str, Customers] = field(default_factory=dict)
    encoded_clips: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    catalogue: PromptCatalogue | None = None


@dataclass
class Found:
    """What stops nothing: warnings, and those that remarks in the files allow. Filled while the files are read, so that
    it is known where an error ends the reading, too."""

    warnings: list[Fault] = field(default_factory=list)
    allowed: list[Fault] = field(default_factory=list)


def load_house(config_path: str | Path, progress: Progress | None = None, found: Found | None = None,
               running: Loaded | None = None) -> Loaded:
    """Read all of it; warnings go into `found` too. Raises AdminError with every error of every file, not only the
    first.

    `running`: what a service runs with; its configuration stays as it is, and customers are looked after elsewhere.
    """
    found = Found() if found is None else found
    warnings, file = found.warnings, str(config_path)
    config = load_config(config_path, warnings.append) if running is None else running.config
    make_private_folder(Path(config.state_dir))     # before anything is written there: whatever the umask
    faults = list(cross_checks.missing_codecs(file, config))
    codecs = () if faults else config.codecs
    catalogue = running.catalogue if running is not None else None
    catalogue = catalogue or PromptCatalogue(Path(config.prompts.folder), Path(config.state_dir) / "clips", codecs)
    lengths = catalogue.scan(progress)
    # A sound that can't be read is there all the same: what is wrong with it is said once, and not that it is missing.
    there = {**dict.fromkeys(catalogue.refused, 0.0), **lengths}
    hours = _read_hours(file, config, faults)
    faults += faulty_topics(config)
    menus = _check_menus(config, there, faults, found, hours)
    languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
    announcements = _load_announcements(config, there, languages, faults)
    faults += faulty_certificate(file, config)
    faults += cross_checks.missing_music(file, config, there)
    faults += cross_checks.unusable_pins(file, config) if running is None else ()
    faults += cross_checks.missing_beeps(menus, there)
    faults += cross_checks.unknown_languages(file, config, menus)
    faults += cross_checks.unknown_entries(file, config, menus)
    faults += cross_checks.unknown_messages(file, config, announcements)
    faults += cross_checks.unknown_notices(file, config, menus, announcements)
    faults += unknown_order_prompts(config, menus, announcements)
    faults += cross_checks.unknown_briefings(file, config, menus, announcements)
    faults += cross_checks.unknown_surveys(file, config, menus)
    customers = _read_customers(config, faults, warnings) if running is None else running.customers
    if faults or announcements is None or hours is None:
        raise AdminError([*catalogue.faults, *faults])
    needed = {*announcements.clips(), *cross_checks.music(config),
              *(clip for menu in menus.values() for clip in menu.clips())}
    if needed & catalogue.refused.keys():
        raise AdminError(list(catalogue.faults))
    warnings += [replace(fault, severity="warning") for fault in catalogue.faults]
    warnings += cross_checks.unwritable_files(file, config)
    warnings += cross_checks.unwritable_recordings(file, config, cross_checks.records(menus))
    warnings += cross_checks.untold_records(file, config, menus)
    warnings += cross_checks.untold_recordings(file, config, menus)
    warnings += overflow_warnings(file, config, menus)
    warnings += cross_checks.outdated_prompts(config, menus, announcements)
    found.warnings, allowed = sift(warnings, file, text_of(file))
    found.allowed += allowed
    clips = {clip: str(catalogue.raw_path(clip)) for clip in sorted(needed)}
    encoded = {clip: catalogue.encoded_paths(clip) for clip in clips}
    return Loaded(config, menus, announcements, clips, lengths, tuple(found.warnings), customers, encoded, hours,
                  catalogue)


def load_needed(config: Config) -> tuple[NeededClip, ...]:
    """Every clip that menus, announcements and queues play, whether it is there or not. Raises AdminError."""
    faults: list[Fault] = []
    menus = _load_menus(config, None, faults)
    languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
    announcements = _load_announcements(config, None, languages, faults)
    if faults or announcements is None:
        raise AdminError(faults)
    own = [*cross_checks.music(config)]
    if any(BEEP in menu.clips() for menu in menus.values()) or (Path(config.prompts.folder) / BEEP).exists():
        own.append(BEEP)        # shipped for menus yet to come: there it is not one too many
    music = (NeededClip(clip, "", "") for clip in own)
    return tuple(sorted({*needed_clips([announcements, *menus.values()]), *music}))


@dataclass(frozen=True)
class Said:
    """What lines can say, whether its sounds are there or not."""

    config: Config
    change: MenuChange

    @property
    def hours(self) -> Hours:
        return self.change.hours


def load_said(config: Config) -> Said:
    """Menus, announcements and hours alone. Raises AdminError."""
    faults: list[Fault] = []
    menus = _load_menus(config, None, faults)
    languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
    announcements = _load_announcements(config, None, languages, faults)
    hours = _read_hours("config.yaml", config, faults)
    if faults or announcements is None or hours is None:
        raise AdminError(faults)
    return Said(config, MenuChange(menus, announcements, {}, hours=hours))


def others(config: Config) -> list[str]:
    """Files that menus are read with besides their own. A change of one is a new version of every menu, though their
    texts are the same."""
    spoken = path_of(config.state_dir)
    return [*([] if config.hours is None else [str(config.hours)]), *([str(spoken)] if spoken.exists() else [])]


def menu_paths(config: Config) -> list[str]:
    """The menu files of the lines, each once."""
    return list(dict.fromkeys(str(line.menu) for line in config.lines))


def menu_files(config: Config, leads: Leads = named) -> list[str]:
    """Every menu file that callers can come to: those of the lines, and what they hand over to, even what can't be
    read, so that it is seen when it can. `leads`: as in `gather`."""
    found: dict[str, None] = {}
    for path in menu_paths(config):
        found[path] = None
        try:
            found.update(dict.fromkeys(sources_of(path, text_of(path), leads=leads).paths()))
        except AdminError:
            continue
    return list(found)


def menu_of(config: Config, path: str, text: str, lengths: Mapping[str, float] | None,
            others: Sources | None = None) -> Menu:
    """The menu that a text would be in the file at `path`; without `others` with its other files as they are now.
    Raises AdminError."""
    return load_menu(text, path, lengths, known_of(config, None), sources_of(path, text) if others is None else others)


def languages_of(config: Config) -> tuple[str, ...]:
    """Every language of the menus as they stand in their files; those of a menu that can't be read are left out."""
    menus = _load_menus(config, None, [])
    return tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))


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
    """Their first answers are worked out here: a tenth of a second, in which a call would hold all others up."""
    try:
        hours = read_hours(file, config)
        for schedule in hours.schedules.values():
            schedule.at(datetime.now(UTC))
        return hours
    except AdminError as error:
        faults += error.faults
        return None


def _check_menus(config: Config, lengths: Mapping[str, float], faults: list[Fault], found: Found,
                 hours: Hours | None) -> dict[str, Menu]:
    """The menus that have no error; what is wrong with the others goes to `faults`, and warnings to `found`."""
    menus: dict[str, Menu] = {}
    findings = Findings()
    for path in menu_paths(config):
        try:
            text = text_of(path)
            others = sources_of(path, text)
            checked = check_menu(text, path, surroundings(config, path, lengths, hours), others)
        except AdminError as error:
            faults += error.faults
            continue
        if checked.menu is None:
            faults += [fault for fault in checked.findings if fault not in faults]
        else:
            findings.add(checked, (path, *others.paths()))
            menus[path] = checked.menu
    found.warnings += findings.kept()
    found.allowed += findings.allowed
    return menus


def _load_menus(config: Config, lengths: Mapping[str, float] | None, faults: list[Fault],
                hours: Hours | None = None) -> dict[str, Menu]:
    """Without `hours` (they are faulty, or don't matter) any schedule may be asked for."""
    known = known_of(config, hours)
    menus: dict[str, Menu] = {}
    for path in menu_paths(config):
        try:
            text = text_of(path)
            menus[path] = load_menu(text, path, lengths, known, sources_of(path, text))
        except AdminError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    return menus


def _load_announcements(config: Config, lengths: Mapping[str, float] | None, languages: tuple[str, ...],
                        faults: list[Fault]) -> Announcements | None:
    path = str(config.prompts.announcements)
    try:
        read = load_announcements(text_of(path), path, lengths, languages)
        return with_spoken(read, read_notices(path_of(config.state_dir)), lengths)
    except AdminError as error:
        faults += error.faults
        return None
