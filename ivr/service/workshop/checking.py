"""What `hotline check` would say, were these drafts in their files; and whether they may be published."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.findings.report import Report, as_json
from ivr.drivers.text_files import drafted, is_there, text_of
from ivr.menu.testing.loader import load_dialogues
from ivr.service.loading import Found, Loaded, load_house
from ivr.service.tested_menus import menu_of, read_menu
from ivr.service.workshop.bench import Bench
from ivr.service.workshop.drawing import graph_or_none
from ivr.service.workshop.files import Editable, files

MOST = 500              # findings that are told


def check(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    """`findings` by their places; `blocking`: those that forbid to publish the drafts; `versions`: by menu file of a
    line, what calls would be given, where all is well; `graph`: of the menu file `root`, where it can be read."""
    drafts: dict[str, str] = arguments["drafts"]
    there = files(bench, drafts)
    loaded, errors, warnings = _look(bench, drafts)
    errors += [*_unknown(drafts, there), *_faulty_dialogues(bench, drafts, there)]
    told = as_json(Report.of([*errors, *warnings]))
    answer: dict[str, Any] = {
        "findings": told["findings"][:MOST], "more": max(0, len(told["findings"]) - MOST),
        "errors": told["errors"], "warnings": told["warnings"],
        "blocking": as_json(Report.of(_blocking(bench, drafts, errors)))["findings"][:MOST],
        "files": [asdict(one) for one in there],
        "versions": {} if loaded is None else {path: menu.version for path, menu in loaded.menus.items()}}
    if arguments.get("root"):
        answer["graph"] = graph_or_none(bench, drafts, arguments["root"])
    return answer


def _look(bench: Bench, drafts: Mapping[str, str]) -> tuple[Loaded | None, list[Fault], list[Fault]]:
    """What would run, the errors and the warnings of all files."""
    found = Found()
    with drafted(drafts, bench.within):
        try:
            loaded = load_house(bench.config_file, found=found, running=bench.running)
        except AdminError as error:
            return None, list(dict.fromkeys(error.faults)), found.warnings
    return loaded, [], list(loaded.warnings)


def _blocking(bench: Bench, drafts: Mapping[str, str], errors: Sequence[Fault]) -> list[Fault]:
    """An error that stands in another file, and stood there before, forbids nothing: else of two broken files neither
    could be mended first."""
    own = [fault for fault in errors if fault.place.file in drafts]
    if len(own) == len(errors):
        return own
    _, before, _ = _look(bench, {})
    return [fault for fault in errors if fault.place.file in drafts or fault not in before]


def _unknown(drafts: Mapping[str, str], there: Sequence[Editable]) -> list[Fault]:
    known = {one.file for one in there}
    return [Fault(Place(path), "no line of the configuration leads to this file", "name it in a menu first: "
                  "`transfer: {menu: …}`", code="menu-file-missing") for path in drafts if path not in known]


def _faulty_dialogues(bench: Bench, drafts: Mapping[str, str], there: Sequence[Editable]) -> list[Fault]:
    """Of dialogues that are drafts; those of a menu that can't be read are not looked at."""
    faults: list[Fault] = []
    for one in there:
        if one.kind == "dialogues" and one.file in drafts:
            with drafted(drafts, bench.within):
                faults += _of_dialogues(bench, one.file)
    return faults


def _of_dialogues(bench: Bench, file: str) -> list[Fault]:
    menu = menu_of(Path(file))
    if not is_there(str(menu)):
        return []
    try:
        read = read_menu(menu, bench.config, Path(bench.config_file))
    except AdminError:
        return []
    try:
        load_dialogues(text_of(file), os.path.abspath(file), read.menu, read.known)
    except AdminError as error:
        return error.faults
    return []
