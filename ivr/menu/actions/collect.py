"""`collect:` asks the caller for a value: digits, a number, money, a date, a card, a telephone number, a PIN.

    - collect:
        into: amount
        prompts: how_much
        as: money
        currency: RUB
        confirm: amount_right
        on_failure: {queue: transfers}
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import NAME as NAMED
from ivr.menu import steps
from ivr.menu.actions import confirmation, shapes
from ivr.menu.actions.action import ON_FAILURE, Action
from ivr.menu.actions.answers import ROWS, Answer
from ivr.menu.actions.confirmation import Confirmation, read_confirmation
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.asking import Asker, fail
from ivr.menu.collection import Entry
from ivr.menu.expressions.values import Kind, Value
from ivr.menu.model import Variable
from ivr.menu.settings import KEYS, SHAPES, Asking, Settings, read_settings
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "collect"
OWN = ("into", "prompts", "as", "currency", "digits", "anew", "other_keys", "point", "secret", "confirm", ON_FAILURE)


@dataclass(frozen=True)
class Collect(Asking, Action):
    """A question whose answer becomes the value of `into`. Times in seconds.

    `least` to `most` keys out of `keys` are taken; `anew` ("": none) forgets what was typed. `on_failure` names a block
    of its own, "" that of the menu.
    """

    into: str
    prompts: tuple[str, ...]
    sort: str
    least: int
    most: int
    keys: str
    settings: Settings
    anew: str = ""
    point: str = ""
    currency: str = ""
    secret: bool = False
    confirm: Confirmation | None = None
    on_failure: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        return (*self.prompts, *self.tapered, *(self.confirm.prompts if self.confirm else ()))

    @property
    def asks_secret(self) -> bool:
        return self.secret

    @property
    def inner(self) -> tuple[str, ...]:
        return (self.on_failure,) if self.on_failure else ()

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]:
        """A key of `keys` is always data; when as many as may come are there, nobody waits for a terminator."""
        if digit == self.anew:
            return Entry.ANEW, ""
        if digit in self.keys:
            return Entry.CHOSEN if len(typed) + 1 == self.most else Entry.OPEN, typed + digit
        if typed and digit == self.settings.term_char:
            return self.close(typed), typed
        return Entry.WRONG, typed + digit

    def close(self, typed: str) -> Entry:
        return Entry.CHOSEN if len(typed) >= self.least else Entry.WRONG

    def value_of(self, typed: str) -> Value | None:
        """What was typed as a value; None if it is none."""
        digits = typed.replace(self.point, ".") if self.point else typed
        return ROWS[self.sort].read(digits, self.currency)

    def __str__(self) -> str:
        return f"collect {self.into}"


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Collect | None:
    reader = scope.reader
    fields = reader.fields(node, "`collect`", (*OWN, *KEYS), required=("into", "prompts"))
    if not fields:
        return None
    sort = reader.one_of(fields.get("as"), "sort of answer", ROWS) or "digits"
    answer = ROWS[sort]
    into = _into(scope, fields, answer)
    settings = read_settings(reader, scope.prompts, fields, scope.settings or Settings())
    prompts = reader.some_of(fields.get("prompts"), "prompt", scope.prompts)
    least, most = _length(scope, fields.get("digits"), answer)
    point, anew = _extra(scope, fields, "point", answer.point), _extra(scope, fields, "anew", True)
    other = _extra(scope, fields, "other_keys", sort in ("digits", "pin"))
    confirm = read_confirmation(scope, fields.get("confirm"), settings)
    on_failure = scope.failure(fields.get(ON_FAILURE), node.place, "`collect`")
    if into is None or not prompts:
        return None
    return Collect(into, prompts, sort, least, most, f"0123456789{other}{point}", settings, anew, point,
                   _currency(scope, node, fields, answer), scope.variables[into].secret, confirm, on_failure)


def _into(scope: Scope, fields: dict[str, Node], answer: Answer) -> str | None:
    node = fields.get("into")
    name = scope.reader.text(node, "`into`")
    if name is None or node is None:
        return None
    variable = scope.variables.get(name)
    if variable is None or not NAMED.fullmatch(name):
        scope.reader.fault(node.place, f"`{name}` can't be a variable",
                           "a name has small Latin letters, digits and _, and begins with a letter",
                           code="name-invalid")
        return None
    if variable.kind is not answer.kind:
        scope.reader.fault(node.place, f"variable `{name}` is a {variable.kind.value}, and this is a "
                           f"{answer.kind.value}", "give it another name", code="variable-kind")
    secret = answer.secret or scope.reader.switch(fields.get("secret"), "secret")
    if secret and not variable.secret:
        scope.reader.fault(node.place, f"variable `{name}` is not secret, and would tell this answer",
                           "write `secret: yes` wherever it is declared or collected", code="secret-told")
    return name


def _length(scope: Scope, node: Node | None, answer: Answer) -> tuple[int, int]:
    if node is None:
        return answer.least, answer.most
    reader = scope.reader
    if answer.fixed:
        reader.fault(node.place, f"this answer always has {answer.most} digits", "take `digits` out",
                     code="digits-fixed")
    if isinstance(node, Scalar):
        exact = reader.whole(node, "digits", 1, answer.most) or answer.most
        return exact, exact
    fields = reader.fields(node, "`digits`", ("min", "max"))
    least = reader.whole(fields.get("min"), "min", 1, answer.most) or 1
    most = reader.whole(fields.get("max"), "max", 1, answer.most) or answer.most
    if least > most:
        reader.fault(node.place, f"from {least} to {most} digits there are none", "`min` can't be more than `max`",
                     code="digits-none")
    return least, most


def _extra(scope: Scope, fields: dict[str, Node], key: str, allowed: bool) -> str:
    """Keys beside the digits."""
    node = fields.get(key)
    if node is None:
        return ""
    signs = getattr(node, "text", "")
    if not allowed:
        scope.reader.fault(node.place, f"`{key}` means nothing to this sort of answer", "take it out",
                           code="entry-unknown")
    if signs not in ("*", "#") and not (key == "other_keys" and signs in ("*#", "#*")):
        scope.reader.fault(node.place, f"`{key}` must be a key that is no digit", 'write "*" or "#", in quotes',
                           code="key-invalid")
        return ""
    taken = [other for other in ("point", "anew", "other_keys") if other != key and other in fields
             and signs in getattr(fields[other], "text", "")]
    if taken:
        scope.reader.fault(node.place, f"`{signs}` is `{taken[0]}` too", "give each a key of its own",
                           code="key-twice")
    return signs


def _currency(scope: Scope, node: Node, fields: dict[str, Node], answer: Answer) -> str:
    currency = scope.reader.text(fields.get("currency"), "`currency`") or ""
    if answer.kind is Kind.MONEY and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        scope.reader.fault(fields["currency"].place if currency else node.place, "money needs a currency",
                           "add `currency:` with its three capital letters, such as RUB", code="currency-missing")
    return currency


def bring(node: YamlMapping) -> Iterator[Variable]:
    """The variable that an answer becomes need not be declared."""
    into, sort = (getattr(node.entries.get(key), "text", "") for key in ("into", "as"))
    answer = ROWS.get(sort, ROWS["digits"])
    secret = answer.secret or getattr(node.entries.get("secret"), "text", "").lower() in ("yes", "true")
    if NAMED.fullmatch(into):
        yield Variable(into, answer.kind, secret=secret)


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: Collect, now: float) -> list[Step]:
    menu.memory.declined = 0
    return _ask(menu, action, now)


def _ask(menu: "Interpreter", action: Collect, now: float) -> list[Step]:
    """Masked before the prompt that asks: callers press keys while they hear it."""
    menu.assign(action.into, None)
    return [*menu.mask(action.secret), *menu.ask(NAME, now)]


def _collecting(menu: "Interpreter") -> Collect:
    action = menu.under_way()
    assert isinstance(action, Collect)
    return action


def _confirming(menu: "Interpreter") -> Confirmation:
    confirm = _collecting(menu).confirm
    assert confirm is not None
    return confirm


def _answered(menu: "Interpreter", keys: str, now: float) -> list[Step]:
    action = _collecting(menu)
    value = action.value_of(keys)
    if value is None:
        return menu.count_nomatch(keys, now)
    menu.assign(action.into, value)
    unmasked = menu.mask(False)
    return unmasked + (menu.ask(confirmation.NAME, now) if action.confirm else _taken(menu, action, now))


def _confirmed(menu: "Interpreter", keys: str, now: float) -> list[Step]:
    action = _collecting(menu)
    if keys == _confirming(menu).yes:
        return _taken(menu, action, now)
    menu.memory.declined += 1
    return _failed(menu, now) if menu.memory.declined >= action.attempts else _ask(menu, action, now)


def _taken(menu: "Interpreter", action: Collect, now: float) -> list[Step]:
    memory = menu.memory
    memory.asked, memory.chosen, memory.idle = "", True, 0
    return [steps.ValueTaken(menu.choice.name, action.into), *menu.go_on(None, now)]


def _failed(menu: "Interpreter", now: float) -> list[Step]:
    action = _collecting(menu)
    menu.assign(action.into, None)
    menu.memory.asked = ""
    return [*menu.mask(False), *fail(menu, action.on_failure, now)]


ASKER = Asker(_collecting, _answered, _failed)
CONFIRMER = Asker(_confirming, _confirmed, _failed)
ROW = Row(Collect, parse, perform, "collect: {into, prompts}", shape=shapes.record({
    "into": shapes.NAME, "prompts": shapes.one_or_more(shapes.PROMPT), "as": {"enum": list(ROWS)},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "digits": {"anyOf": [shapes.whole(1, 32), shapes.record({"min": shapes.whole(1, 32), "max": shapes.whole(1, 32)})]},
    "anew": shapes.KEY, "other_keys": {"type": "string", "pattern": "^[*#]{1,2}$"}, "point": shapes.KEY,
    "secret": shapes.FLAG, "confirm": confirmation.SHAPE, ON_FAILURE: shapes.ACTIONS, **SHAPES},
    required=("into", "prompts")))
