"""Expressions that were read and are right: they can be evaluated, as often as wanted and without any effect.

What has no value makes all that is made of it have none; `and` and `or` need no second side where one settles it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ivr.menu.expressions.operators import Apply
from ivr.menu.expressions.values import Kind, Value

Values = Mapping[str, Value]
Opens = Callable[[str], bool]
Run = Callable[[Values, Opens], Value | None]


@dataclass(frozen=True)
class Term:
    """A part of an expression."""

    kind: Kind
    run: Run


@dataclass(frozen=True)
class Expression:
    """A whole one: its kind, the names and the schedules that it uses. Two of one text and one kind are equal.

    `made_by` is what makes it anew: what it runs are functions, which can't be handed to another process.
    """

    text: str
    kind: Kind
    names: frozenset[str]
    schedules: frozenset[str]
    _run: Run = field(compare=False, repr=False)
    made_by: tuple[Callable[..., "Expression"], tuple[Any, ...]] = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[Callable[..., "Expression"], tuple[Any, ...]]:
        return self.made_by

    def evaluate(self, values: Values, opens: Opens) -> Value | None:
        """Its value, or None if it has none. `opens` tells whether a schedule is open now. Raises nothing."""
        return self._run(values, opens)

    def holds(self, values: Values, opens: Opens) -> bool:
        """Whether this condition is true; one without a value is not."""
        return self._run(values, opens) is True

    def __str__(self) -> str:
        return self.text


def constant(kind: Kind, value: Value) -> Term:
    return Term(kind, lambda values, opens: value)


MINUS_ONE = constant(Kind.NUMBER, Decimal(-1))


def named(kind: Kind, name: str) -> Term:
    return Term(kind, lambda values, opens: values.get(name))


def asked(function: str, name: str) -> Term:
    """known(name), open(name) or closed(name)."""
    runs: Mapping[str, Run] = {
        "known": lambda values, opens: values.get(name) is not None,
        "open": lambda values, opens: opens(name),
        "closed": lambda values, opens: not opens(name),
    }
    return Term(Kind.FLAG, runs[function])


def applied(kind: Kind, apply: Apply, left: Term, right: Term) -> Term:
    def run(values: Values, opens: Opens) -> Value | None:
        first = left.run(values, opens)
        second = right.run(values, opens) if first is not None else None
        return apply(first, second) if second is not None else None
    return Term(kind, run)


def negated(term: Term) -> Term:
    def run(values: Values, opens: Opens) -> Value | None:
        value = term.run(values, opens)
        return None if value is None else not value
    return Term(Kind.FLAG, run)


def joined(found: list[Term], *, settled_by: bool) -> Term:
    """Conditions joined by `or`, which one that is true settles, or by `and`, which one that is false settles."""
    def run(values: Values, opens: Opens) -> Value | None:
        settled: bool | None = not settled_by
        for term in found:
            value = term.run(values, opens)
            if value is settled_by:
                return settled_by
            if value is None:
                settled = None
        return settled
    return Term(Kind.FLAG, run)


def any_of(left: Term, apply: Apply, found: list[Term]) -> Term:
    return joined([applied(Kind.FLAG, apply, left, other) for other in found], settled_by=True)


def literal(kind: Kind, value: Value) -> Expression:
    """The expression that is this value and nothing else."""
    return Expression(str(value), kind, frozenset(), frozenset(), constant(kind, value).run, (literal, (kind, value)))
