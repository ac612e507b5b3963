"""A menu as a drawing needs it: what stands on each card, which key leads where, and the line of each in its file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, Place
from ivr.drivers.text_files import drafted
from ivr.menu import yaml_words
from ivr.menu.graph.outline import Box, Line, lines_of, outline
from ivr.menu.lint.places import Places
from ivr.menu.model import DO, ON_FAILURE, Choice, Menu
from ivr.service.tested_menus import Read, read_menu
from ivr.service.workshop.bench import Bench

LETTERS = 300            # of what is said
STAYS = ("repeat", "back")


def graph(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    """Of the menu file `root`, with all files that it hands over to; None where one of them is faulty."""
    return {"graph": graph_or_none(bench, arguments["drafts"], arguments["root"])}


def graph_or_none(bench: Bench, drafts: Mapping[str, str], root: str) -> dict[str, Any] | None:
    with drafted(drafts, bench.within):
        try:
            read = read_menu(Path(root), bench.config, Path(bench.config_file))
        except AdminError:
            return None
    return drawn(read)


def drawn(read: Read) -> dict[str, Any]:
    menu, texts = read.menu, {read.menu.file: read.text, **read.others.texts}
    places = Places({one.space: yaml_words.load(texts[one.path], one.path) for one in menu.files})
    boxes = outline(menu)
    last = max(box.column for box in boxes)
    columns = {box.name: box.column for box in boxes}
    reached = _reached(menu)
    return {"root": os.path.abspath(menu.file), "version": menu.version, "languages": list(menu.languages),
            "start": menu.start, "columns": last + 1,
            "menus": [_card(menu, box, places, columns, box.name in reached) for box in boxes]}


def _card(menu: Menu, box: Box, places: Places, columns: Mapping[str, int], reached: bool) -> dict[str, Any]:
    choice = menu.choices[box.name]
    file, local = menu.file_of(box.name)
    return {"name": box.name, "local": local, "file": os.path.abspath(file.path), "column": box.column,
            "line": places.entry("menus", box.name).line, "reached": reached, "says": _says(menu, choice),
            "rows": [_row(places, choice, slot, line, columns)
                     for slot, line in zip(_slots(choice), lines_of(choice), strict=True)]}


def _slots(choice: Choice) -> Iterator[str]:
    """As `lines_of` goes through them."""
    return (slot for slot in choice.blocks if slot not in choice.nested and (slot != ON_FAILURE or choice.may_fail))


def _row(places: Places, choice: Choice, slot: str, line: Line, columns: Mapping[str, int]) -> dict[str, Any]:
    place = _place(places, choice.name, slot)
    here = columns[choice.name]
    return {"slot": slot, "keys": line.keys if slot not in (ON_FAILURE, DO) else "", "does": line.does,
            "kind": _kind(line), "ends": list(line.ends), "line": place.line,
            "menus": [{"name": name, "back": columns.get(name, 0) <= here} for name in line.menus]}


def _kind(line: Line) -> str:
    if line.menus:
        return "goto"
    if line.ends:
        return line.ends[0].split()[0]
    last = line.does.rpartition(", ")[2]
    return last if last in STAYS else "stays"


def _place(places: Places, menu: str, slot: str) -> Place:
    if slot == ON_FAILURE:
        return places.inherited(menu, ON_FAILURE)
    return places.entry("menus", menu, DO) if slot == DO else places.option(menu, slot)


def _says(menu: Menu, choice: Choice) -> dict[str, str]:
    """What callers hear when they come in, by language."""
    return {language: " ".join(filter(None, (
        menu.prompts[name].wordings[language].text for name in (*choice.greeting, *choice.prompts)
        if language in menu.prompts[name].wordings)))[:LETTERS] for language in menu.languages}


def _reached(menu: Menu) -> set[str]:
    reached, todo = {menu.start, *menu.surveys, *menu.entries}, [menu.start, *menu.surveys, *menu.entries]
    for name in todo:
        for line in lines_of(menu.choices[name]):
            for target in line.menus:
                if target not in reached:
                    reached.add(target)
                    todo.append(target)
    return reached
