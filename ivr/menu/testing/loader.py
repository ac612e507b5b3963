"""Reads the file of dialogue tests that lies beside a menu: `bank.test.yaml` beside `bank.yaml`."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime

from ivr.base import located_yaml
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.menu.model import Known, Menu
from ivr.menu.testing.expectations import Names, read_expectations
from ivr.menu.testing.model import BOTH, Circumstances, DialogueTest
from ivr.menu.testing.steps import read_steps
from ivr.menu.testing.surroundings import lookups_of

FIELDS = ("dialogue", "on", "line", "caller", "at", "language", "hours", "lookups", "pins", "requests", "steps",
          "expect")
ANSWERS = ("lookups", "pins")
OPEN = {"open": True, "closed": False}
FAILS = "fails"
KEPT = {"kept": True, "refused": False}
YEARS = range(2000, 2100)       # as in files of hours
MOMENT = "%Y-%m-%d %H:%M"
NUMBER = re.compile(r"\+?[0-9]{1,30}")


def load_dialogues(text: str, file: str, menu: Menu, known: Known, lines: frozenset[str] | None = None,
                   ) -> tuple[DialogueTest, ...]:
    """Every dialogue of the file, for `menu`.

    `known` has the names of the configuration; `lines` the numbers that lead to this menu, None leaves them unchecked.
    Raises AdminError with every fault.
    """
    reader = Reader()
    root = located_yaml.load(text, file)
    if not isinstance(root, Sequence):
        reader.fault(root.place, "a file of dialogues is a list", "begin each with `- dialogue: what it shows`",
                     code="dialogue-list")
    names = Names(menu, known)
    items = root.items if isinstance(root, Sequence) else ()
    found = tuple(_dialogue(reader, item, names, lines) for item in items)
    _each_name_once(reader, found)
    reader.refuse_faulty()
    return found


def _dialogue(reader: Reader, node: Node, names: Names, lines: frozenset[str] | None) -> DialogueTest:
    fields = reader.fields(node, "a dialogue", FIELDS, required=("dialogue", "steps", "expect"))
    name = reader.text(fields.get("dialogue"), "the name of the dialogue") or ""
    caller, groups = _caller(reader, fields.get("caller"), names.known.groups)
    circumstances = Circumstances(
        line=_line(reader, fields.get("line"), lines), caller=caller, groups=groups,
        at=_moment(reader, fields.get("at")),
        language=reader.one_of(fields.get("language"), "language", names.languages),
        hours=_hours(reader, fields.get("hours"), names.known.schedules),
        lookups=_lookups(reader, fields.get("lookups"), lookups_of(names.menu)),
        pins=_pins(reader, fields.get("pins"), names.known.registers),
        keeps=KEPT[reader.one_of(fields.get("requests"), "word", KEPT) or "kept"])
    place = fields["dialogue"].place if "dialogue" in fields else node.place
    return DialogueTest(name, place, circumstances, read_steps(reader, fields.get("steps")),
                        read_expectations(reader, fields.get("expect"), names), _on(reader, fields.get("on")))


def _on(reader: Reader, node: Node | None) -> tuple[str, ...]:
    """On what it is held; both unless it says one."""
    only = reader.one_of(node, "way of talking", BOTH)
    return (only,) if only else BOTH


def _line(reader: Reader, node: Node | None, lines: frozenset[str] | None) -> str:
    if lines is None:
        return reader.text(node, "`line`") or ""
    return reader.one_of(node, "line", lines, " with this menu in the configuration") or ""


def _caller(reader: Reader, node: Node | None, known: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """The number and the groups: `caller: "+74951234567"`, or `{number, groups}`."""
    fields = reader.fields(node, "`caller`", ("number", "groups")) if isinstance(node, YamlMapping) else {}
    given = fields.get("number") if isinstance(node, YamlMapping) else node
    groups = fields.get("groups")
    if groups is not None and known is None:
        items = groups.items if isinstance(groups, Sequence) else (groups,)
        return _number(reader, given), tuple(filter(None, (reader.text(one, "the name of a group") for one in items)))
    return _number(reader, given), reader.some_of(groups, "group", known or ())


def _number(reader: Reader, node: Node | None) -> str:
    number = reader.text(node, "`caller`") or ""
    if node is not None and number and not NUMBER.fullmatch(number):
        reader.fault(node.place, f"`{number}` is no telephone number", 'write it like "+74951234567", in quotes',
                     code="dialogue-caller")
        return ""
    return number


def _pins(reader: Reader, node: Node | None, known: Collection[str] | None) -> dict[str, Mapping[str, str] | None]:
    """Who is in each register in this dialogue, by number: their PINs, which are made up."""
    found: dict[str, Mapping[str, str] | None] = {}
    fields = reader.named(node, "`pins`") if known is None else reader.fields(node, "`pins`", known)
    for name, value in fields.items():
        if isinstance(value, Scalar) and value.text == FAILS:
            found[name] = None
        elif (mapping := reader.mapping(value, f"register `{name}`")) is not None:
            found[name] = {number: text for number, pin in mapping.entries.items()
                           if (text := reader.text(pin, f"the PIN of `{number}`"))}
    return found


def load_answers(text: str, file: str, menu: Menu, known: Known) -> Circumstances:
    """What a file says of look-ups and registers, as a dialogue does. Raises AdminError."""
    reader = Reader()
    fields = reader.fields(located_yaml.load(text, file), "a file of answers", ANSWERS)
    found = Circumstances(lookups=_lookups(reader, fields.get("lookups"), lookups_of(menu)),
                          pins=_pins(reader, fields.get("pins"), known.registers))
    reader.refuse_faulty()
    return found


def _moment(reader: Reader, node: Node | None) -> datetime | None:
    """By the clock of the line; which zone that is the line says."""
    if node is None:
        return None
    try:
        moment = datetime.strptime(getattr(node, "text", ""), MOMENT)
    except ValueError:
        reader.fault(node.place, f"`{node.text}` is no moment" if isinstance(node, Scalar) else "`at` is no moment",
                     "write day and time like 2026-11-27 23:10", code="dialogue-moment")
        return None
    if moment.year not in YEARS:
        reader.fault(node.place, f"{moment.date()} lies too far away", f"a year from {YEARS[0]} to {YEARS[-1]}",
                     code="dialogue-moment")
        return None
    return moment


def _hours(reader: Reader, node: Node | None, known: Collection[str] | None) -> dict[str, bool]:
    """Schedules that are open or closed in this dialogue, whatever the file of hours says."""
    fields = reader.named(node, "`hours`") if known is None else reader.fields(node, "`hours`", known)
    return {name: OPEN[word] for name, value in fields.items() if (word := reader.one_of(value, "state", OPEN))}


def _lookups(reader: Reader, node: Node | None, known: Mapping[str, Collection[str]],
             ) -> dict[str, Mapping[str, str] | None]:
    """What each look-up answers: its values, or that it fails."""
    found: dict[str, Mapping[str, str] | None] = {}
    for name, value in reader.fields(node, "`lookups`", known).items():
        if isinstance(value, Scalar) and value.text == FAILS:
            found[name] = None
        else:
            answers = reader.fields(value, f"the answer of `{name}`", known[name])
            found[name] = {key: text for key, each in answers.items() if (text := reader.text(each, f"`{key}`"))}
    return found


def _each_name_once(reader: Reader, found: tuple[DialogueTest, ...]) -> None:
    first: dict[str, DialogueTest] = {}
    for test in found:
        if test.name and first.setdefault(test.name, test) is not test:
            reader.fault(test.place, f"dialogue `{test.name}` stands twice (first in line "
                                     f"{first[test.name].place.line})", "give one of them another name",
                         code="dialogue-twice")
