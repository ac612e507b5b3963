"""A menu file as a drawing sees it: boxes with a line for each way on, in columns by how many keys lead there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.menu.actions.leaving import LeavesRequest
from ivr.menu.model import DO, ON_FAILURE, Choice, Enqueue, Goto, Hangup, Menu, Transfer

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
    """One way on. `keys`: "" for callers who can't choose; `menu`: where it leads, `end`: how it leaves the menus."""

    keys: str
    does: str
    menu: str = ""
    end: str = ""

    @property
    def label(self) -> str:
        return self.keys or NO_KEY


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
    return tuple(_line(choice, slot) for slot in choice.blocks if slot not in choice.nested)


def _line(choice: Choice, slot: str) -> Line:
    """Of several ways the first one is drawn; all of them are told."""
    inner = [action for block, actions in choice.nested.items() if block.startswith(f"{slot}/") for action in actions]
    actions = [*choice.actions(slot), *inner]
    menu = next((action.menu for action in actions if isinstance(action, Goto)), "")
    end = next((str(action) for action in actions
                if isinstance(action, Enqueue | Transfer | LeavesRequest | Hangup)), "")
    label = {ON_FAILURE: "", DO: DO}.get(slot, slot)
    return Line(label, ", ".join(map(str, choice.actions(slot))), menu, end)


def _columns(menu: Menu) -> dict[str, int]:
    columns, todo = {menu.start: 0}, [menu.start]
    for name in todo:
        for line in lines_of(menu.choices[name]):
            if line.menu and line.menu not in columns:
                columns[line.menu] = columns[name] + 1
                todo.append(line.menu)
    return columns
