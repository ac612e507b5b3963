"""Orders for lines: whether the line takes any, and whether callers can come to one whom no register knows.

The service refuses those whatever a menu says; what is found here is that somebody would hear it at night, in an
emergency.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.actions.order import Order
from ivr.menu.actions.set_variable import Set
from ivr.menu.actions.switch import Switch
from ivr.menu.actions.verify import Verify
from ivr.menu.lint.subject import Subject
from ivr.menu.lint.ways import Spot, before, spots
from ivr.menu.model import Back, Choice, Goto, Hangup, Menu

Known = frozenset[bool]         # whether the register knows the caller: what may hold at some place
UNKNOWN: Known = frozenset([False])
VERIFIED: Known = frozenset([True])


def orders_of_nobody(subject: Subject) -> Iterator[Fault]:
    """Orders on lines for which nobody is named who may."""
    lines = [line for line, register in (subject.orders_by or {}).items() if register is None]
    for choice in subject.reached:
        for spot in spots(choice) if lines else ():
            if isinstance(spot.action, Order):
                yield warn("order-not-allowed", subject.places.action(spot.menu, spot.block, spot.position),
                           f"line {', '.join(lines)} takes orders from nobody: this one is always refused",
                           "add `orders_by:` and a register of `pins` to the line in config.yaml")


def orders_of_strangers(subject: Subject) -> Iterator[Fault]:
    """Orders to which a way leads without a `verify` of the right register."""
    if subject.orders_by is None:
        registers = {action.register for choice in subject.reached for action in choice.all_actions()
                     if isinstance(action, Verify)} or {""}
    else:
        registers = {register for register in subject.orders_by.values() if register is not None}
    found: dict[Spot, set[str]] = {}
    for register in sorted(registers):
        for spot in _Walk(subject.menu, register).open_orders():
            found.setdefault(spot, set()).add(register)
    for spot, missing in found.items():
        if subject.orders_by is None and missing != registers:
            continue            # which of them it must be, nobody here knows
        of = f" of register {', '.join(sorted(missing))}" if all(missing) else ""
        yield warn("order-unverified", subject.places.action(spot.menu, spot.block, spot.position),
                   f"callers can come to this order without a `verify`{of}: they would be refused it",
                   "put `verify` before it, and let its `on_failure` end the call or lead elsewhere")


@dataclass
class _Walk:
    """Every way through a menu file, with whether the register knows the caller there."""

    menu: Menu
    register: str
    onwards: set[tuple[str, bool]] = field(default_factory=set)
    found: dict[Spot, None] = field(default_factory=dict)

    def open_orders(self) -> Collection[Spot]:
        backs, seen = before(self.menu), set[tuple[str, bool]]()
        self.onwards = {(self.menu.start, False)}
        while waiting := self.onwards - seen:
            seen |= waiting
            for name, known in waiting:
                choice = self.menu.choices[name]
                for block in choice.blocks:
                    if "/" not in block:
                        left = self._follow(choice, block, frozenset([known]), backs[name])
                        self.onwards |= {(name, one) for one in left}       # the same menu again
        return self.found

    def _follow(self, choice: Choice, block: str, known: Known, backs: set[str]) -> Known:
        """What may hold at the end of a block; empty where that is never reached."""
        for position, action in enumerate(choice.actions(block)):
            if isinstance(action, Order) and False in known:
                self.found[Spot(choice.name, block, position, action)] = None
            inner = {one: self._follow(choice, one, self._within(action, one, known), backs) for one in action.inner}
            if isinstance(action, Goto | Back):
                names = {action.menu} if isinstance(action, Goto) else backs
                self.onwards |= {(name, one) for name in names for one in known}
            if isinstance(action, Goto | Back | Hangup) or not known:
                return frozenset()
            known = self._after(action, known).union(*inner.values())
        return known

    def _within(self, action: object, block: str, known: Known) -> Known:
        """What holds at the beginning of a list within an action."""
        if isinstance(action, Switch):
            guards = {case.block for case in action.cases if case.when.text.replace(" ", "") in self._guards}
            return VERIFIED if block in guards else known
        return known

    def _after(self, action: object, known: Known) -> Known:
        """What holds behind an action that did not fail, or of which no case was done."""
        if isinstance(action, Verify) and action.register in (self.register, ""):
            return VERIFIED
        if isinstance(action, Switch) and action.otherwise:
            return frozenset()
        return known

    @property
    def _guards(self) -> set[str]:
        """Conditions that hold for who is known alone."""
        actions = [action for choice in self.menu.choices.values() for action in choice.all_actions()]
        others = {name for action in actions if isinstance(action, Set) for name, _ in action.values}
        others |= {action.into for action in actions if isinstance(action, Verify) and action.register != self.register}
        others |= {name for name, variable in self.menu.variables.items() if variable.default is not None}
        return {f"known({action.into})" for action in actions if isinstance(action, Verify) and action.into
                and action.register == self.register and action.into not in others}
