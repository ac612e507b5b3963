"""A menu file as a drawing sees it: boxes with a line for each way on, in columns by how many keys lead there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ivr.menu.model import ON_FAILURE, Choice, Enqueue, Goto, Hangup, Menu, Transfer

NO_KEY = "no key"


@dataclass(frozen=True)
class Counts:
    """What callers did, from the record: how often they came into each menu, which keys they chose in it, and how many
    hung up there."""

    entered: Mapping[str, int] = field(default_factory=dict)
    chosen: Mapping[tuple[str, str], int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    def of_menu(self, menu: str) -> str:
        """How many came, and the share of them that hung up there, as a caption."""
        came, left = self.entered.get(menu, 0), self.left.get(menu, 0)
        return f"{came} came, {left} hung up ({100 * left / came:.0f} %)" if came else "nobody came"


@dataclass(frozen=True)
class Line:
    """One way on. `keys`: "" for callers who can't choose; `menu`: where it leads, `end`: how it leaves the menus;
    `case`: when, if the keys lead to several places."""

    keys: str
    does: str
    menu: str = ""
    end: str = ""
    case: str = ""

    @property
    def label(self) -> str:
        return f"{self.keys or NO_KEY}{f', {self.case}' if self.case else ''}"


@dataclass(frozen=True)
class Box:
    """One menu. `column`: keys from the start of the call; those that nobody comes to stand last."""

    name: str
    column: int
    lines: tuple[Line, ...]


def outline(menu: Menu) -> tuple[Box, ...]:
    """Every menu, in the order of the file."""
    columns = _columns(menu)
    last = max(columns.values()) + 1
    return tuple(Box(choice.name, columns.get(choice.name, last), lines_of(choice))
                 for choice in menu.choices.values())


def lines_of(choice: Choice) -> tuple[Line, ...]:
    """Each option, then what becomes of callers who can't choose."""
    return tuple(line for slot in choice.blocks if slot not in choice.nested and (slot != ON_FAILURE or choice.may_fail)
                 for line in _lines(choice, slot))


def _lines(choice: Choice, slot: str) -> Iterator[Line]:
    """Where the keys lead, and where each of their cases leads that leads anywhere."""
    cases = [line for block in choice.nested if block.startswith(f"{slot}/")
             if (line := _line(choice, slot, block, _case(block))) and (line.menu or line.end)]
    plain = _line(choice, slot, slot, "")
    if not cases or plain.menu or plain.end:
        yield plain
    yield from cases


def _line(choice: Choice, slot: str, block: str, case: str) -> Line:
    actions = choice.actions(block)
    menu = next((action.menu for action in actions if isinstance(action, Goto)), "")
    end = next((str(action) for action in actions if isinstance(action, Enqueue | Transfer | Hangup)), "")
    return Line("" if slot == ON_FAILURE else slot, ", ".join(map(str, actions)), menu, end, case)


def _case(block: str) -> str:
    """The last part of "1/2/otherwise", in words."""
    name = block.rpartition("/")[2]
    return f"case {name}" if name.isdecimal() else "failure" if name == ON_FAILURE else name


def _columns(menu: Menu) -> dict[str, int]:
    columns, todo = {menu.start: 0}, [menu.start]
    for name in todo:
        for line in lines_of(menu.choices[name]):
            if line.menu and line.menu not in columns:
                columns[line.menu] = columns[name] + 1
                todo.append(line.menu)
    return columns
