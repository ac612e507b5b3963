"""Whether an operator may call a telephone number now: prefixes, calls of this day, calls at this moment. Pure.

`deny` wins over `allow`; of several prefixes in `allow` the longest names the permission, and stands in records in the
place of the number. Every permitted call counts, answered or not: who dials a thousand numbers that nobody answers is
no friend either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.base.config_outbound import OutboundConfig


@dataclass(frozen=True)
class Permitted:
    """The number may be called; `prefix` of `allow` is why."""

    prefix: str


@dataclass(frozen=True)
class Denied:
    """It may not: "denied", "not_allowed", "daily_calls", "daily_calls_per_operator" or "max_calls"."""

    reason: str


@dataclass
class Outbound:
    """The rules with what was counted on `day` (local date). A new day begins at nothing."""

    rules: OutboundConfig
    day: str = ""
    total: int = 0
    by_operator: dict[str, int] = field(default_factory=dict)

    def decide(self, number: str, operator: str, day: str, in_progress: int) -> Permitted | Denied:
        """Judge a call to `number` (E.164) while `in_progress` calls to outside go on; a permitted one is counted."""
        self._turn(day)
        verdict = self._judge(number, operator, in_progress)
        if isinstance(verdict, Permitted):
            self.total += 1
            self.by_operator[operator] = self.by_operator.get(operator, 0) + 1
        return verdict

    def permits(self, number: str) -> bool:
        """Whether it may be called at all, whatever was counted."""
        return bool(_longest(self.rules.allow, number)) and not _longest(self.rules.deny, number)

    def restore(self, day: str, by_operator: Mapping[str, int]) -> None:
        """What an earlier process counted; of operators that no configuration names any more too."""
        self.day, self.by_operator = day, dict(by_operator)
        self.total = sum(by_operator.values())

    def judge(self, number: str, operator: str, day: str, in_progress: int) -> Permitted | Denied:
        """As `decide`, and nothing is counted."""
        self._turn(day)
        return self._judge(number, operator, in_progress)

    def _turn(self, day: str) -> None:
        if day != self.day:
            self.day, self.total, self.by_operator = day, 0, {}

    def _judge(self, number: str, operator: str, in_progress: int) -> Permitted | Denied:
        rules = self.rules
        if _longest(rules.deny, number):
            return Denied("denied")
        prefix = _longest(rules.allow, number)
        if not prefix:
            return Denied("not_allowed")
        if in_progress >= rules.max_calls:
            return Denied("max_calls")
        if self.total >= rules.daily_calls:
            return Denied("daily_calls")
        if self.by_operator.get(operator, 0) >= rules.daily_calls_per_operator:
            return Denied("daily_calls_per_operator")
        return Permitted(prefix)


def _longest(prefixes: tuple[str, ...], number: str) -> str:
    return max((prefix for prefix in prefixes if number.startswith(prefix)), key=len, default="")
