"""What must hold between the files of an admin: what config.yaml names, the menus and the prompts have."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ivr.audio.codecs import CODECS, CodecMissing
from ivr.base.config import Config, QueueConfig
from ivr.base.config_checks import did_you_mean
from ivr.base.errors import AdminError, Fault, Place
from ivr.call.settings import HOLD_MUSIC
from ivr.drivers.config_file import fault_at
from ivr.drivers.pin_file import read_pins
from ivr.drivers.prompt_rendering import retold_clips
from ivr.menu.actions.record import Record, TakesCaller
from ivr.menu.model import Action, Announcements, Enqueue, Menu, Transfer
from ivr.menu.needed_clips import needed_clips
from ivr.menu.notices import sayable
from ivr.menu.taking import BEEP


def music(config: Config) -> dict[str, str | None]:
    """Every clip that is played to those who wait → the first queue that names it; None: transfers from menus."""
    found: dict[str, str | None] = {}
    for name, queue in config.queues.items():
        found.setdefault(queue.music, name)
    if config.addresses:
        found.setdefault(HOLD_MUSIC, None)      # who is transferred from a menu waits in no queue
    return found


def missing_codecs(file: str, config: Config) -> Iterator[Fault]:
    """Codecs whose library is not on this machine."""
    for name in config.codecs:
        path = ("media", "codecs") if name in config.media.codecs else next(
            ("trunks", index, "codecs") for index, trunk in enumerate(config.trunks) if name in (trunk.codecs or ()))
        try:
            CODECS[name].decoder(CODECS[name].sample_rate)
        except CodecMissing as missing:
            yield fault_at(file, path, missing.trouble, missing.remedy, code="codec-missing")


def unwritable_recordings(file: str, config: Config, asked: bool = False) -> Iterator[Fault]:
    """A warning, since calls go on without: where recordings are wanted, but could not be kept. `asked`: by a menu."""
    folder = Path(config.recordings.folder)
    wanted = asked or any(queue.record != "never" for queue in config.queues.values())
    if wanted and not _may_be_made(there := _there_of(folder)):
        fault = fault_at(file, ("recordings", "folder"), f"nothing can be recorded: the service can't write in {there}",
                         f"make {folder} and give it to the service; under systemd, name it in ReadWritePaths",
                         code="recordings-unwritable")
        yield replace(fault, severity="warning")


def unwritable_files(file: str, config: Config) -> Iterator[Fault]:
    """A warning, since chats go on without: where the web chat takes files, but could not keep one."""
    web = config.channels.web
    if web.line is None or not web.max_file_mb:
        return
    folder = Path(config.chat_files.folder or Path(config.state_dir) / "files")
    if not _may_be_made(there := _there_of(folder)):
        fault = fault_at(file, ("chat_files", "folder"),
                         f"no file of a chat can be kept: the service can't write in {there}",
                         f"make {folder} and give it to the service; under systemd, name it in ReadWritePaths",
                         code="chat-files-unwritable")
        yield replace(fault, severity="warning")


def _there_of(folder: Path) -> Path:
    """It, or what is there of the way to it."""
    while not os.path.exists(folder):       # unlike Path's, false too where we may not look
        folder = folder.parent
    return folder


def _may_be_made(there: Path) -> bool:
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def unusable_pins(file: str, config: Config) -> Iterator[Fault]:
    """Registers of PINs that nobody could be known to, or that others may read."""
    for name, register in config.pins.items():
        try:
            read_pins(Path(str(register.file)))
        except AdminError as error:
            for fault in error.faults:
                yield fault_at(file, ("pins", name, "file"), f"{fault.place}: {fault.message}", fault.remedy,
                               code="pins-unusable")


def missing_music(file: str, config: Config, lengths: Mapping[str, float]) -> Iterator[Fault]:
    for clip, queue in music(config).items():
        if clip not in lengths:
            known = [name for name in lengths if name.startswith("music/")]
            yield fault_at(file, ("queues", queue, "music") if queue else ("transfers",),
                           f"the music {clip} is not among the prompts",
                           f"put it into {config.prompts.folder}" + (f"; {did_you_mean(clip, known)}" if known else ""),
                           code="music-missing")


def missing_beeps(menus: Mapping[str, Menu], lengths: Mapping[str, float]) -> Iterator[Fault]:
    """Menus that record callers, where the beep that tells them when to speak is not there."""
    for menu in menus.values():
        if BEEP in menu.clips() and BEEP not in lengths:
            yield Fault(Place(menu.file), f"callers are recorded, and the sound {BEEP} is not among the prompts",
                        "`hotline prompts build` makes it; or put one of your own there", code="beep-missing")


def unknown_languages(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Lines whose first words are in a language that their menu does not speak."""
    for index, line in enumerate(config.lines):
        menu = menus.get(str(line.menu))
        if menu is not None and line.language is not None and line.language not in menu.languages:
            yield fault_at(file, ("lines", index, "language"), f"the menu does not speak {line.language}",
                           f"`languages` of {menu.file}: {', '.join(menu.languages)}", code="line-language-unknown")


def unknown_messages(file: str, config: Config, announcements: Announcements | None) -> Iterator[Fault]:
    """Overflows that name an announcement which the announcements' file has not."""
    for name, queue in config.queues.items():
        message = queue.overflow.message
        if announcements is not None and message is not None and message not in announcements.prompts:
            yield fault_at(file, ("queues", name, "overflow", "message"), f"there is no announcement `{message}`",
                           did_you_mean(message, announcements.prompts), code="message-unknown")


def unknown_notices(file: str, config: Config, menus: Mapping[str, Menu],
                    announcements: Announcements | None) -> Iterator[Fault]:
    """What lines and queues say before the menu or the queue, and which no file has."""
    for path, prompt, own in _notices(config, menus):
        known = {name for menu in own for name in sayable(menu, announcements)} if announcements is not None else ()
        if known and prompt not in known:
            yield fault_at(file, path, f"there is no prompt `{prompt}` that can be said here",
                           f"{did_you_mean(prompt, known)}; or write it under `notices` of "
                           f"{config.prompts.announcements}",
                           code="notice-unknown")


def unknown_briefings(file: str, config: Config, menus: Mapping[str, Menu],
                      announcements: Announcements | None) -> Iterator[Fault]:
    """What operators are to hear first, and which no file has. Here values may be said."""
    for name, queue in config.queues.items():
        prompt = queue.operator_hears
        if prompt is None or announcements is None:
            continue
        known = {*announcements.prompts, *(one for menu in menus.values() for one in menu.prompts)}
        if prompt not in known:
            yield fault_at(file, ("queues", name, "operator_hears"), f"there is no prompt `{prompt}` that operators of "
                           f"{name} could hear", f"{did_you_mean(prompt, known)}; or write it under `notices` of "
                           f"{config.prompts.announcements}", code="notice-unknown")


def _notices(config: Config, menus: Mapping[str, Menu]) -> Iterator[tuple[tuple[str | int, ...], str, list[Menu]]]:
    """Path, prompt, and the menus whose callers hear it."""
    for index, line in enumerate(config.lines):
        for key, prompt in (("refused_say", line.refused_say), ("recording_notice", line.recording_notice)):
            if prompt is not None and str(line.menu) in menus:
                yield ("lines", index, key), prompt, [menus[str(line.menu)]]
    for name, queue in config.queues.items():
        if queue.recording_notice is not None:
            yield ("queues", name, "recording_notice"), queue.recording_notice, list(menus.values())
        for path, prompts in _said_of_queue(queue):
            for index, prompt in enumerate(prompts):
                yield ("queues", name, *path, index), prompt, list(menus.values())


def _said_of_queue(queue: QueueConfig) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """What is said to those who wait, and around a callback: where it stands, and the prompts."""
    if queue.comfort is not None:
        yield ("comfort", "say"), queue.comfort.say
    if queue.callback is not None:
        yield ("callback", "whisper"), queue.callback.whisper
        yield ("callback", "greeting"), queue.callback.greeting
        yield ("callback", "not_reached"), queue.callback.not_reached


def unknown_entries(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Keys and overflows that lead those who wait in a queue into a menu that a file, whose callers come there, has
    not."""
    for name, queue in config.queues.items():
        led = [menu for menu in menus.values() if name in queues_of(config, menu)]
        entries = [(("while_waiting", str(key)), entry) for key, entry in queue.while_waiting.items()]
        entries += [(("overflow", "menu"), queue.overflow.menu)] if queue.overflow.menu is not None else []
        for path, entry in entries:
            lacking = next((menu for menu in led if entry not in menu.choices), None)
            if lacking is not None:
                yield fault_at(file, ("queues", name, *path),
                               f"there is no menu `{entry}` in {lacking.file}, whose callers wait here",
                               did_you_mean(entry, lacking.choices), code="waiting-menu-unknown")


def unknown_surveys(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Queues whose callers are to come to a menu after the talk, which the menu file that led them there has not."""
    for name, queue in config.queues.items():
        if queue.survey is None:
            continue
        for menu in menus.values():
            if queue.survey not in menu.choices and name in queues_of(config, menu):
                yield fault_at(file, ("queues", name, "survey"), f"callers come to {name} from {menu.file}, and there "
                               f"is no menu `{queue.survey}` in it", did_you_mean(queue.survey, menu.choices),
                               code="survey-unknown")


def untold_recordings(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Warnings for queues that record talks, and to which a line leads that does not tell its callers."""
    for name, queue in config.queues.items():
        lines = [line.numbers[0] for line in config.lines if line.recording_notice is None
                 and str(line.menu) in menus and name in queues_of(config, menus[str(line.menu)])]
        if queue.record != "never" and queue.recording_notice is None and lines:
            fault = fault_at(file, ("queues", name, "record"), f"talks of {name} are recorded, and nothing tells the "
                             f"callers of line {', '.join(lines)}", "add `recording_notice: PROMPT` to the queue or to "
                             "the line; where the menu says it, allow this here", code="recording-untold")
            yield replace(fault, severity="warning")


def untold_records(file: str, config: Config, menus: Mapping[str, Menu]) -> Iterator[Fault]:
    """Warnings for lines whose menu records callers, and neither says so first nor is a line that does."""
    for index, line in enumerate(config.lines):
        menu = menus.get(str(line.menu))
        untold = menu is not None and any(isinstance(action, Record) and not action.prompts
                                          for action in actions_of(menu))
        if untold and line.recording_notice is None:
            fault = fault_at(file, ("lines", index, "menu"), f"the menu of line {line.numbers[0]} records callers, and "
                             "nothing tells them", "add `recording_notice: PROMPT` to the line, or `prompts:` to its "
                             "`record`; where the menu says it, allow this here", code="recording-untold")
            yield replace(fault, severity="warning")


def records(menus: Mapping[str, Menu]) -> bool:
    """Whether one of them records callers."""
    return any(isinstance(action, TakesCaller) for menu in menus.values() for action in actions_of(menu))


def actions_of(menu: Menu) -> Iterator[Action]:
    """All of them, wherever they stand."""
    return (action for choice in menu.choices.values() for action in choice.all_actions())


def queues_of(config: Config, menu: Menu) -> set[str]:
    """Those to which the menu leads, and those to which they overflow."""
    actions = [action for choice in menu.choices.values() for action in choice.all_actions()]
    led = [action.queue for action in actions if isinstance(action, Enqueue)]
    led += [config.departments.get(action.target, "") for action in actions if isinstance(action, Transfer)]
    found: set[str] = set()
    while led:
        name = led.pop()
        if name not in found and name in config.queues:
            found.add(name)
            overflow = config.queues[name].overflow
            led.append(overflow.queue or config.departments.get(overflow.transfer or "", ""))
    return found


def outdated_prompts(config: Config, menus: Mapping[str, Menu], announcements: Announcements) -> Iterator[Fault]:
    """Warnings for prompts that were rendered or recorded with another text than the menus have now."""
    folder = Path(config.prompts.folder)
    try:
        clips = retold_clips(needed_clips([announcements, *menus.values()]), folder)
    except AdminError as error:
        yield from (replace(fault, severity="warning") for fault in error.faults)
        return
    for clip in clips:
        yield Fault(Place(str(folder / clip)), "callers still hear an older text than the menu has now",
                    "record it anew, or `hotline prompts build`", "warning",
                    code="recording-outdated")
