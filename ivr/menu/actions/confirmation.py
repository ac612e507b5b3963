"""The second half of a `collect`: the value is read back, and the caller says whether it is right."""

from dataclasses import dataclass

from ivr.base.located_yaml import Node, Scalar, Sequence
from ivr.menu.actions import shapes
from ivr.menu.actions.scope import Scope
from ivr.menu.collection import Entry, add_key, close
from ivr.menu.settings import Asking, Settings

NAME = "confirm"
FIELDS = ("prompts", "yes", "no")


@dataclass(frozen=True)
class Confirmation(Asking):
    """A question of its own: its prompts read the value back, `yes` and `no` are keys."""

    prompts: tuple[str, ...]
    yes: str
    no: str
    settings: Settings

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]:
        return add_key((self.yes, self.no), "", typed, digit)

    def close(self, typed: str) -> Entry:
        return close((self.yes, self.no), typed)


def read_confirmation(scope: Scope, node: Node | None, settings: Settings) -> Confirmation | None:
    """`confirm: prompt`, or `confirm: {prompts, yes, no}`; the keys are 1 and 2 unless it says others."""
    if node is None:
        return None
    reader = scope.reader
    fields = ({"prompts": node} if isinstance(node, Scalar | Sequence)
              else reader.fields(node, "`confirm`", FIELDS, required=("prompts",)))
    prompts = reader.some_of(fields.get("prompts"), "prompt", scope.prompts)
    yes, no = _key(scope, fields.get("yes"), "1"), _key(scope, fields.get("no"), "2")
    if yes == no:
        reader.fault(node.place, f"`{yes}` would be yes and no", "give `yes` and `no` keys of their own",
                     code="confirm-keys")
    return Confirmation(prompts, yes, no, settings) if prompts else None


def _key(scope: Scope, node: Node | None, otherwise: str) -> str:
    if node is None:
        return otherwise
    key = scope.reader.text(node, "the key") or otherwise
    if len(key) != 1 or key not in "0123456789*#":
        scope.reader.fault(node.place, f"`{key}` is no key", 'one digit, "*" or "#", in quotes', code="key-invalid")
    return key


SHAPE = {"anyOf": [shapes.one_or_more(shapes.PROMPT), shapes.record(
    {"prompts": shapes.one_or_more(shapes.PROMPT), "yes": shapes.KEY, "no": shapes.KEY}, required=("prompts",))]}
