"""What is heard on a call as text: from the names of clips and menus, which control tells, to words for a page.

The texts are those of the menu files and the announcements as they are on the disk. A call that came in before a change
goes on with its older clips, so texts that were there before stay known. Digits that callers press are in no clip, and
secrets are never spoken (the menu's check holds that): there is nothing of them here.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.spoken_notices import path_of, read_notices
from ivr.drivers.text_files import sources_of, text_of
from ivr.menu.announcements import load_announcements, with_spoken
from ivr.menu.loader import load_menu
from ivr.menu.model import Announcements, Menu, texts
from ivr.menu.taking import BEEP
from ivr.menu.titles import title_of, titled

FRESH = 2.0             # s: how old what is known of the files may be
MOST_TEXTS = 100_000    # clips whose texts are kept; beyond it those of older files are let go of
MUSIC = "♪"
HOLD_MUSIC = "music/hold.wav"

log = Log("captions")


@dataclass(frozen=True)
class Book:
    """What the files say now. `texts`: clip → text; `menus` by the path that config.yaml names."""

    menus: Mapping[str, Menu] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    music: frozenset[str] = frozenset()

    def heard(self, clips: Iterable[str]) -> list[dict[str, str]]:
        """The items of a `heard`. `kind` is speech, music, beep, or recording: a sound without a text, such as what a
        caller left as a message."""
        return [self._item(clip.partition("@")[0]) for clip in clips]       # behind @: which take of it a plane has

    def menu(self, file: str, name: str, language: str) -> dict[str, Any] | None:
        """The fields of a `menu` without its path; None for one that is not there (any more)."""
        menu = self.menus.get(file)
        if menu is None or name not in menu.choices:
            return None
        shown = titled(menu, name, language)
        return {"name": shown.name, "title": shown.title,
                "options": [{"key": keys, "label": label} for keys, label in shown.options]}

    def path(self, file: str, names: Iterable[str], language: str) -> list[str]:
        """The titles of the menus that a caller came through."""
        menu = self.menus.get(file)
        return [] if menu is None else [title_of(menu, name, language) for name in names if name in menu.choices]

    def titles(self) -> dict[str, dict[str, Any]]:
        """`titles` of each menu and of its `options`, by language; none where files have different ones of its name."""
        found: dict[str, dict[str, Any] | None] = {}
        for menu in self.menus.values():
            for name in menu.choices:
                shown = _titles(menu, name)
                found[name] = shown if found.get(name, shown) == shown else None
        return {name: shown for name, shown in found.items() if shown is not None}

    def languages(self, file: str) -> tuple[str, ...]:
        """The languages of a line's menu, the first one first; none if it can't be read."""
        return self.menus[file].languages if file in self.menus else ()

    def _item(self, clip: str) -> dict[str, str]:
        if clip in self.music:
            return {"text": MUSIC, "clip": clip, "kind": "music"}
        if clip == BEEP:
            return {"text": "", "clip": clip, "kind": "beep"}
        text = self.texts.get(clip, "")
        return {"text": text, "clip": clip, "kind": "speech" if text else "recording"}


class Captions:
    """The newest book, and with it the `Words` of pages. Files are looked at when somebody asks, at most every FRESH
    seconds, in a thread; meanwhile what is known already is told."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._config, self._clock = config, clock
        self._book = Book()
        self._stamps: Mapping[str, tuple[int, int]] | None = None
        self._looked_at: float | None = None
        self._reading: asyncio.Task[Book] | None = None

    async def book(self) -> Book:
        """What the files say now; what they said last while they are faulty."""
        self._look()
        if self._reading is not None:
            await asyncio.shield(self._reading)
        return self._book

    def heard(self, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The items of what a page hears. `fields`: `clips`."""
        self._look()
        return self._book.heard(str(clip) for clip in fields.get("clips", ()))

    def menu(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Where a caller is. `fields`: `name`, `path` (names, this one last), `language`, `keys` and `line`. Of a menu
        that no file has any more its keys are told."""
        self._look()
        name, language = str(fields.get("name", "")), str(fields.get("language", ""))
        line = self._config.line_for(str(fields.get("line", "")))
        file = str(line.menu) if line is not None else ""
        keys = [str(key) for key in fields.get("keys", ())]
        shown = self._book.menu(file, name, language) or {
            "name": name, "title": name, "options": [{"key": key, "label": ""} for key in keys]}
        return {**shown, "path": self._book.path(file, map(str, fields.get("path", ())), language)}

    def _look(self) -> None:
        """Have the files looked at if that was long ago. Raises RuntimeError outside an event loop."""
        now = self._clock()
        if self._reading is None and (self._looked_at is None or now - self._looked_at >= FRESH):
            self._looked_at = now
            self._reading = asyncio.get_running_loop().create_task(self._take_up())

    async def _take_up(self) -> Book:
        try:
            self._book = await asyncio.to_thread(self._read)
        except Exception as error:          # a bug of ours: calls go on, pages show what they know
            log.error("captions_not_read", error=error)
        finally:
            self._reading = None
        return self._book

    def _read(self) -> Book:
        if self._stamps is not None and self._stamps == _stamps(self._stamps):
            return self._book
        menus = {path: menu for path in _menu_paths(self._config) if (menu := self._menu(path)) is not None}
        read = {file.path for menu in menus.values() for file in menu.files}
        self._stamps = _stamps([*read, *_files(self._config)])
        found = _texts([*menus.values(), *self._announcements(menus)])
        older = self._book.texts if len(self._book.texts) + len(found) <= MOST_TEXTS else {}
        music = {queue.music for queue in self._config.queues.values()} | {HOLD_MUSIC}
        return Book({**self._book.menus, **menus}, {**older, **found}, frozenset(music))

    def _menu(self, path: str) -> Menu | None:
        try:
            text = text_of(path)
            return load_menu(text, path, None, None, sources_of(path, text))
        except AdminError as error:
            log.warning("menu_not_shown", file=path, faults=len(error.faults))
            return None

    def _announcements(self, menus: Mapping[str, Menu]) -> list[Announcements]:
        path = str(self._config.prompts.announcements)
        languages = tuple(dict.fromkeys(language for menu in menus.values() for language in menu.languages))
        try:
            read = load_announcements(text_of(path), path, None, languages)
        except AdminError as error:
            log.warning("announcements_not_shown", file=path, faults=len(error.faults))
            return []
        return [with_spoken(read, read_notices(path_of(self._config.state_dir)), None)]


def _titles(menu: Menu, name: str) -> dict[str, Any]:
    by_language = {language: titled(menu, name, language) for language in menu.languages}
    return {"titles": {language: shown.title for language, shown in by_language.items()},
            "options": {keys: {language: dict(shown.options)[keys] for language, shown in by_language.items()}
                        for keys in menu.choices[name].options}}


def _texts(sources: Iterable[Menu | Announcements]) -> dict[str, str]:
    return {clip: text for source in sources for clip, (_, text) in texts(source).items()}


def _menu_paths(config: Config) -> list[str]:
    return list(dict.fromkeys(str(line.menu) for line in config.lines))


def _files(config: Config) -> list[str]:
    return [*_menu_paths(config), str(config.prompts.announcements), str(path_of(config.state_dir))]


def _stamps(paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    """When each file was changed, and its size: zeros for one that is not there."""
    return {path: _stamp(path) for path in paths}


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
