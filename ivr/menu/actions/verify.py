"""`verify:` asks a register of PINs who the caller is.

    - collect: {into: number, prompts: your_number, digits: {min: 4, max: 10}}
    - collect: {into: pin, prompts: your_pin, as: pin}
    - verify:
        register: customers
        customer: number
        pin: pin
        into: who
        wrong: not_right
        on_failure: [{say: not_known}, {hangup: yes}]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node
from ivr.base.reader import NAME as NAMED
from ivr.base.suggestions import did_you_mean
from ivr.menu import steps
from ivr.menu.actions import say, shapes
from ivr.menu.actions.action import ON_FAILURE, Action, Actions
from ivr.menu.actions.collect import Collect
from ivr.menu.actions.scope import Parameters, Row, Scope, configured
from ivr.menu.asking import fail
from ivr.menu.events import LookUpAnswered
from ivr.menu.expressions.values import Kind
from ivr.menu.memory import Phase
from ivr.menu.model import Variable
from ivr.menu.steps import Step
from ivr.menu.waiting import Waiter, wait

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "verify"
FIELDS = ("register", "customer", "pin", "into", "attempts", "wrong", "meanwhile", ON_FAILURE)
CALLER = "caller"           # in the place of a variable: the number that the call comes from
CALLER_NUMBER = "caller.number"
ATTEMPTS = 3
PATIENCE = 10.0             # s for an answer of the register, which takes some 20 ms when nobody else asks
REFUSED = "not known"       # the one reason that another attempt may mend


@dataclass(frozen=True)
class Verify(Action):
    """Asks a register for the `customer` (the name of a value) with a PIN. Not known, the caller hears `wrong` and is
    asked again, from the first question before it for either of them, until the `attempts`-th time."""

    register: str
    customer: str
    pin: str
    into: str = ""
    attempts: int = ATTEMPTS
    wrong: tuple[str, ...] = ()
    meanwhile: tuple[str, ...] = ()
    on_failure: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        return (*self.wrong, *self.meanwhile)

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()

    def __str__(self) -> str:
        return f"verify {self.register}"


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Verify | None:
    reader = scope.reader
    fields = reader.fields(node, "`verify`", FIELDS, required=("register", "customer", "pin"))
    if not fields:
        return None
    registers = scope.known.registers if scope.known else None
    register = configured(scope, fields["register"], "register", registers) if "register" in fields else None
    customer, pin = _customer(scope, fields), _pin(scope, fields.get("pin"))
    attempts = reader.whole(fields.get("attempts"), "attempts", 1, 9) or ATTEMPTS
    wrong = reader.some_of(fields.get("wrong"), "prompt", scope.prompts)
    meanwhile = reader.some_of(fields.get("meanwhile"), "prompt", scope.prompts)
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, "`verify`")
    if register is None or customer is None or pin is None:
        return None
    return Verify(register, customer, pin, _into(scope, fields.get("into")), attempts, wrong, meanwhile, on_failure)


def _customer(scope: Scope, fields: Mapping[str, Node]) -> str | None:
    if getattr(fields.get("customer"), "text", "") == CALLER:
        return CALLER_NUMBER
    return _text(scope, fields.get("customer"), "customer", f"; `{CALLER}` is who calls, by their number")


def _pin(scope: Scope, node: Node | None) -> str | None:
    name = _text(scope, node, "pin", "")
    if name and name in scope.variables and node is not None and not scope.secrets([name]):
        scope.reader.fault(node.place, f"`{name}` is not secret, and would tell the PIN",
                           "collect it with `as: pin`, which makes it secret", code="pin-open")
    return name


def _text(scope: Scope, node: Node | None, key: str, more: str) -> str | None:
    """The name of a variable that holds digits."""
    name = scope.reader.text(node, f"`{key}`")
    if name is None or node is None:
        return None
    variable = scope.variables.get(name)
    if variable is None:
        scope.reader.fault(node.place, f"there is no variable `{name}`", did_you_mean(name, scope.variables) + more,
                           code="variable-unknown")
    elif variable.kind is not Kind.TEXT:
        scope.reader.fault(node.place, f"variable `{name}` is a {variable.kind.value}, and `{key}` takes digits",
                           "`collect` it without `as`, or as: pin", code="variable-kind")
    return name


def _into(scope: Scope, node: Node | None) -> str:
    """Its name is known already (`bring`); here is said what is wrong with it."""
    name = scope.reader.text(node, "`into`")
    if name is None or node is None:
        return ""
    if not NAMED.fullmatch(name):
        scope.reader.fault(node.place, f"`{name}` can't be a variable",
                           "a name has small Latin letters, digits and _, and begins with a letter",
                           code="name-invalid")
    elif scope.variables[name].kind is not Kind.TEXT:
        scope.reader.fault(node.place, f"variable `{name}` is a {scope.variables[name].kind.value}, and this is a text",
                           "give it another name", code="variable-kind")
    return name


def bring(node: YamlMapping) -> Iterator[Variable]:
    """The name of who was verified need not be declared."""
    into = getattr(node.entries.get("into"), "text", "")
    if NAMED.fullmatch(into):
        yield Variable(into, Kind.TEXT)


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: Verify, now: float) -> list[Step]:
    """Ask; without a number or a PIN nobody is asked. The PIN is forgotten here."""
    values = menu.values(now)
    customer, pin = str(values.get(action.customer, "")), str(values.get(action.pin, ""))
    menu.assign(action.pin, None)
    if action.into:
        menu.assign(action.into, None)
    if not customer or not pin:
        return _failed(menu, action, "a number or a PIN is missing", now)
    return wait(menu, lambda number: steps.Verify(number, action.register, customer, pin), action.meanwhile, PATIENCE,
                now)


def _answered(menu: "Interpreter", event: LookUpAnswered, now: float) -> list[Step]:
    action = menu.under_way()
    assert isinstance(action, Verify)
    if event.reason:
        return _refused(menu, action, event.reason, now)
    menu.memory.refused = 0
    if action.into:
        menu.assign(action.into, str(event.answer))
    return [steps.Verified(menu.choice.name, action.register), *menu.go_on(None, now)]


def _refused(menu: "Interpreter", action: Verify, reason: str, now: float) -> list[Step]:
    """Ask once more, where that can help."""
    menu.memory.refused += 1
    block, position = menu.memory.stack[-1]
    again = first_question(action, menu.choice.actions(block)[:position - 1])
    if reason != REFUSED or again is None or menu.memory.refused >= action.attempts:
        return _failed(menu, action, reason, now)
    menu.memory.stack[-1][1] = again
    told = steps.Verified(menu.choice.name, action.register, reason)
    said = say.perform(menu, say.Say(action.wrong), now) if action.wrong else []
    return [told, *said, *(menu.go_on(None, now) if menu.state is Phase.RUNNING else [])]


def first_question(action: Verify, before: Actions) -> int | None:
    """Where in its block the caller is first asked for the number or the PIN, of the actions `before` it."""
    return next((place for place, one in enumerate(before)
                 if isinstance(one, Collect) and one.into in (action.customer, action.pin)), None)


def _failed(menu: "Interpreter", action: Verify, reason: str, now: float) -> list[Step]:
    return [steps.Verified(menu.choice.name, action.register, reason), *fail(menu, action.on_failure, now)]


WAITER = Waiter(_answered, lambda action: action.meanwhile)
ROW = Row(Verify, parse, perform, "verify: {register, customer, pin}", shape=shapes.record({
    "register": shapes.NAME, "customer": shapes.TEXT, "pin": shapes.NAME, "into": shapes.NAME,
    "attempts": shapes.whole(1, 9), "wrong": shapes.one_or_more(shapes.PROMPT),
    "meanwhile": shapes.one_or_more(shapes.PROMPT), ON_FAILURE: shapes.ACTIONS},
    required=("register", "customer", "pin")))
