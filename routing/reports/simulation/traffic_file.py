"""Reads a traffic file (docs/simulate.md), with the place of every fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ivr.base import located_yaml
from ivr.base.hours.spans import read_spans
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean
from ivr.menu.model import Menu
from routing.reports.simulation.distributions import INFINITE, Distribution, exponential, fixed, lognormal
from routing.reports.simulation.menu_ways import HANGUP, SILENCE
from routing.reports.simulation.traffic import UNTIL_THE_LAST, Behaviour, Group, LineTraffic, Rates, Stretch, Traffic

FIELDS = ("day", "date", "threshold_s", "lines", "queues", "every_queue", "operators", "roster")
BEHAVIOUR = ("handle_s", "patience_s", "call_again")
SHAPES = ("exponential", "lognormal", "fixed")
A_MONDAY = date(2026, 2, 2)     # that is no holiday: the day of a file that names none
TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
HOUR, MINUTE, DAY = 3600.0, 60.0, 86_400.0
MOST_CALLS = 100_000            # an hour
MOST_OPERATORS = 5_000          # of a group
LONGEST = 86_400.0              # of any time that is drawn


@dataclass(frozen=True)
class Names:
    """What the configuration has: the menu of each line's first number, queues, operators."""

    lines: Mapping[str, Menu]
    queues: frozenset[str]
    operators: tuple[str, ...]


def load_traffic(text: str, file: str, names: Names, recorded: bool = False) -> Traffic:
    """`recorded`: arrivals come from the record, so the file need not say any. Raises AdminError with every fault."""
    return TrafficReader(names, recorded).read(located_yaml.load(text, file))


def default_traffic(names: Names) -> Traffic:
    """Of no file: everybody of the configuration is there all day and answers at once; the record gives the rest."""
    return Traffic((0.0, DAY), A_MONDAY, 20.0, (), {}, Behaviour(), fixed(0.0), 0.0, (everybody(names, 0.0),))


def everybody(names: Names, begin: float) -> Group:
    return Group("all", names.operators, ((begin, UNTIL_THE_LAST),))


class TrafficReader:
    """Reads one file."""

    def __init__(self, names: Names, recorded: bool) -> None:
        self.names, self.recorded, self.reader = names, recorded, Reader()

    def read(self, root: Node) -> Traffic:
        reader = self.reader
        fields = reader.fields(root, "a traffic file", FIELDS)
        day = self.day(fields.get("day"))
        every = self.behaviour(fields.get("every_queue"), "`every_queue`", day, straight=False)
        lines = tuple(filter(None, (self.line(number, node, day) for number, node in
                                    self.entries(fields.get("lines"), "line", self.names.lines))))
        queues = {name: self.behaviour(node, f"the queue {name}", day) for name, node in
                  self.entries(fields.get("queues"), "queue", self.names.queues)}
        operators = reader.fields(fields.get("operators"), "`operators`", ("answer_s", "missed_share"))
        found = Traffic(
            day=day, date=self.date(fields.get("date")),
            threshold=_or(reader.number(fields.get("threshold_s"), "threshold_s", 0, 3600), 20.0),
            lines=lines, queues=queues, every_queue=every,
            answer=self.distribution(operators.get("answer_s"), "answer_s") or fixed(0.0),
            missed_share=_or(reader.number(operators.get("missed_share"), "missed_share", 0, 0.95), 0.0),
            groups=self.groups(fields.get("roster"), day))
        self.complete(root, found)
        reader.refuse_faulty()
        return found

    def complete(self, root: Node, found: Traffic) -> None:
        """Somebody calls, and how long each call takes is known."""
        if self.recorded or self.reader.faulty:
            return
        if not found.lines and not any(queue.rates for queue in found.queues.values()):
            self.reader.fault(root.place, "nobody calls", "say `calls_per_hour` of a line or of a queue")
        lacking = sorted(name for name in self.names.queues if found.behaviour(name).handle is None)
        if lacking:
            self.reader.fault(root.place, f"nothing says how long calls of {', '.join(lacking)} take",
                              "add `handle_s` to `every_queue`")

    # --- the day ----------------------------------------------------------------------------------------------------
    def day(self, node: Node | None) -> Stretch:
        if node is None:
            return 0.0, DAY
        spans = self.spans(node, "`day`")
        if len(spans) > 1:
            self.reader.fault(node.place, "`day` is one span of time", "for example 08:00-20:00")
        return spans[0] if spans else (0.0, DAY)

    def date(self, node: Node | None) -> date:
        if node is None or (word := self.reader.text(node, "`date`")) is None:
            return A_MONDAY
        try:
            return date.fromisoformat(word)
        except ValueError:
            self.reader.fault(node.place, f"`{word}` is no date", "year, month, day: 2026-12-31")
            return A_MONDAY

    def spans(self, node: Node | None, what: str) -> tuple[Stretch, ...]:
        found = () if node is None else read_spans(self.reader, node, what) or ()
        return tuple((span.begin * MINUTE, span.end * MINUTE) for span in found)

    # --- who calls --------------------------------------------------------------------------------------------------
    def entries(self, node: Node | None, what: str, allowed: "frozenset[str] | Mapping[str, Menu]",
                ) -> list[tuple[str, Node]]:
        """The entries of a mapping whose keys the configuration defines."""
        mapping = self.reader.mapping(node, f"`{what}s`")
        found = []
        for name, value in mapping.entries.items() if mapping else ():
            if name in allowed:
                found.append((name, value))
            elif mapping:
                self.reader.fault(mapping.key_places[name], f"there is no {what} `{name}` in the configuration",
                                  did_you_mean(name, allowed))
        return found

    def line(self, number: str, node: Node, day: Stretch) -> LineTraffic | None:
        fields = self.reader.fields(node, f"the line {number}", ("calls_per_hour", "keys"),
                                    () if self.recorded else ("calls_per_hour",))
        menu = self.names.lines[number]
        habits: dict[str, dict[str, float]] = {}
        for name, keys in self.menus(fields.get("keys"), menu):
            habits[name] = self.keys(keys, menu, name)
        return LineTraffic(number, self.rates(fields.get("calls_per_hour"), day), habits)

    def menus(self, node: Node | None, menu: Menu) -> list[tuple[str, Node]]:
        mapping = self.reader.mapping(node, "`keys`")
        for name in mapping or ():
            if mapping and name not in menu.choices:
                self.reader.fault(mapping.key_places[name], f"there is no menu `{name}` in {menu.file}",
                                  did_you_mean(name, menu.choices))
        return [(name, value) for name, value in mapping.entries.items() if name in menu.choices] if mapping else []

    def keys(self, node: Node, menu: Menu, name: str) -> dict[str, float]:
        """How many callers press what in a menu, in any unit."""
        allowed = [*menu.choices[name].options, HANGUP, SILENCE]
        fields = self.reader.fields(node, f"`keys` of the menu {name}", allowed)
        found = {keys: self.reader.number(value, keys, 0, 1e8) for keys, value in fields.items()}
        weights = {keys: weight for keys, weight in found.items() if weight}
        if fields and not weights and None not in found.values():
            self.reader.fault(node.place, f"nobody does anything in the menu {name}", "one number must be above 0")
        return weights

    def rates(self, node: Node | None, day: Stretch) -> Rates:
        """One number for the whole day, or numbers that hold from a time on."""
        if node is None:
            return ()
        if not isinstance(node, YamlMapping):
            number = self.reader.number(node, "calls_per_hour", 0, MOST_CALLS)
            return ((day[0], (number or 0.0) / HOUR),)
        found = []
        for key, value in node.entries.items():
            match = TIME.fullmatch(key)
            if not match or int(match[1]) * HOUR + int(match[2]) * MINUTE > DAY:
                self.reader.fault(node.key_places[key], f"`{key}` is no time of day", 'in quotes, for example "08:30"')
                continue
            number = self.reader.number(value, "calls_per_hour", 0, MOST_CALLS)
            found.append((int(match[1]) * HOUR + int(match[2]) * MINUTE, (number or 0.0) / HOUR))
        if found != sorted(found, key=lambda step: step[0]):
            self.reader.fault(node.place, "the times of `calls_per_hour` go back", "the earlier one stands first")
        return tuple(found)

    # --- how they behave --------------------------------------------------------------------------------------------
    def behaviour(self, node: Node | None, what: str, day: Stretch, straight: bool = True) -> Behaviour:
        fields = self.reader.fields(node, what, (*BEHAVIOUR, "calls_per_hour") if straight else BEHAVIOUR)
        again = self.reader.fields(fields.get("call_again"), "`call_again`", ("share", "after_s"), ("share",))
        return Behaviour(
            self.distribution(fields.get("handle_s"), "handle_s"),
            self.distribution(fields.get("patience_s"), "patience_s"),
            self.reader.number(again.get("share"), "share", 0, 0.95),
            self.distribution(again.get("after_s"), "after_s"), self.rates(fields.get("calls_per_hour"), day))

    def distribution(self, node: Node | None, key: str) -> Distribution | None:
        """A mean (exponential), `never`, or a mapping with mean, shape and cv."""
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text == "never" and key == "patience_s":
            return INFINITE
        if not isinstance(node, YamlMapping):
            mean = self.reader.number(node, key, 0, LONGEST)
            return None if mean is None else exponential(mean) if mean else fixed(0.0)
        fields = self.reader.fields(node, f"`{key}`", ("mean", "shape", "cv"), ("mean",))
        mean = self.reader.number(fields.get("mean"), "mean", 0.1, LONGEST)
        shape = self.reader.one_of(fields.get("shape"), "shape", SHAPES) or "exponential"
        cv = self.reader.number(fields.get("cv"), "cv", 0.05, 10)
        if cv is not None and shape != "lognormal":
            self.reader.fault(fields["cv"].place, f"`cv` means nothing for the shape {shape}", "shape: lognormal")
        if mean is None:
            return None
        return {"exponential": exponential(mean), "lognormal": lognormal(mean, cv or 1.0), "fixed": fixed(mean)}[shape]

    # --- who answers ------------------------------------------------------------------------------------------------
    def groups(self, node: Node | None, day: Stretch) -> tuple[Group, ...]:
        if node is None:
            return (everybody(self.names, day[0]),)
        items = node.items if isinstance(node, Sequence) else ()
        if not items:
            self.reader.fault(node.place, "`roster` is a list of groups", "begin each with `- name: …`")
        groups = [group for item in items if (group := self.group(item, day)) is not None]
        self.once(node, groups)
        return tuple(groups)

    def group(self, node: Node, day: Stretch) -> Group | None:
        reader = self.reader
        fields = reader.fields(node, "a group of the roster",
                               ("name", "operators", "count", "queues", "hours", "breaks"), ("name",))
        name = reader.text(fields.get("name"), "the name of a group") or ""
        operators = reader.some_of(fields.get("operators"), "operator", self.names.operators)
        count = reader.whole(fields.get("count"), "count", 1, MOST_OPERATORS) or 0
        queues = reader.some_of(fields.get("queues"), "queue", self.names.queues)
        if "operators" not in fields and "count" not in fields:
            reader.fault(node.place, "nobody is in this group", "name `operators`, or a `count` of new ones")
        if bool(count) != ("queues" in fields) and not reader.faulty:
            reader.fault(node.place, "`count` and `queues` belong together",
                         "new operators serve these queues; those of the configuration serve their own")
        spans = self.spans(fields.get("hours"), "`hours`") if "hours" in fields else (day,)
        return Group(name, operators, spans, self.spans(fields.get("breaks"), "`breaks`"), count, queues)

    def once(self, node: Node, groups: list[Group]) -> None:
        """Nobody is in two groups: their hours would contradict each other."""
        seen: dict[str, str] = {}
        for group in groups:
            for name in group.names:
                if name in seen:
                    self.reader.fault(node.place, f"{name} is in two groups, {seen[name]} and {group.name}",
                                      "give one group several `hours`")
                seen[name] = group.name


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
