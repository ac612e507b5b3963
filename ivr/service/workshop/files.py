"""Which files of menus, announcements, hours, topics and dialogues there are, and which lines have them."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.drivers.text_files import drafted, is_there, sources_of, text_of
from ivr.service.loading import menu_paths
from ivr.service.tested_menus import tests_of
from ivr.service.workshop.bench import Bench

Kind = Literal["menu", "dialogues", "announcements", "hours", "topics"]


@dataclass(frozen=True)
class Editable:
    """One file. `lines` lead to it; `roots`: the menu files of these lines; `menu`: of dialogues, whose they are."""

    file: str
    kind: Kind
    exists: bool
    lines: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    menu: str = ""


def files(bench: Bench, drafts: Mapping[str, str]) -> list[Editable]:
    """All of them as they would be with these drafts, each once; also those that are only named, or could be there."""
    with drafted(drafts, bench.within):
        menus = _menus(bench.config)
        return [*menus, *_dialogues(menus), *_others(bench.config)]


def list_files(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"files": [asdict(one) for one in files(bench, arguments.get("drafts") or {})]}


def _menus(config: Config) -> list[Editable]:
    roots = menu_paths(config)
    folders = {os.path.realpath(os.path.dirname(root)) for root in roots}
    led: dict[str, list[str]] = {root: [root] for root in roots}
    for root in roots:
        for path in _led_to(root):
            if path not in roots and _lies_within(path, folders):
                led.setdefault(path, []).append(root)
            elif path in roots and root not in led[path]:
                led[path].append(root)
    return [Editable(path, "menu", is_there(path), tuple(
        number for line in config.lines if str(line.menu) in by for number in line.numbers), tuple(by))
        for path, by in led.items()]


def _led_to(root: str) -> tuple[str, ...]:
    try:
        return sources_of(root, text_of(root)).paths()
    except AdminError:
        return ()


def _lies_within(path: str, folders: set[str]) -> bool:
    """What a menu names may lie beside the menus that the configuration names, or below: not elsewhere, by no link."""
    real = os.path.realpath(path)
    return any(os.path.commonpath([real, folder]) == folder for folder in folders)


def _dialogues(menus: list[Editable]) -> Iterator[Editable]:
    for menu in menus:
        tests = str(tests_of(Path(menu.file)))
        if _lies_within(tests, {os.path.realpath(os.path.dirname(menu.file))}):
            yield Editable(tests, "dialogues", is_there(tests), menu.lines, menu.roots, menu.file)


def _others(config: Config) -> Iterator[Editable]:
    named: list[tuple[Kind, Any]] = [("announcements", config.prompts.announcements), ("hours", config.hours),
                                     ("topics", config.topics)]
    lines = tuple(number for line in config.lines for number in line.numbers)
    for kind, path in named:
        if path is not None:
            yield Editable(str(path), kind, is_there(str(path)), lines)
