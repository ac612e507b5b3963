"""What people order for a line at once, before any other rule: an announcement that is heard first, or its closure."""

from datetime import datetime
from typing import Any, Literal, get_args

from ivr.base.values import frozen

Kind = Literal["announcement", "closure"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@frozen
class LineOrder:
    """`line`: the first number of the line; `prompt` is heard; `by` ordered it at `since`. It holds until somebody
    takes it back, or to the moment `until`."""

    line: str
    kind: Kind
    prompt: str
    by: str
    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return self.until is None or moment < self.until

    def written(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"line": self.line, "kind": self.kind, "prompt": self.prompt, "by": self.by,
                "since": self.since.isoformat(), "until": self.until.isoformat() if self.until is not None else None}

    @classmethod
    def read_back(cls, written: dict[str, Any]) -> "LineOrder":
        """Raises KeyError, TypeError or ValueError for what was never `written`."""
        since, until = datetime.fromisoformat(written["since"]), written["until"]
        last = datetime.fromisoformat(until) if until is not None else None
        if written["kind"] not in KINDS or since.tzinfo is None or (last is not None and last.tzinfo is None):
            raise ValueError("not an order of a line")
        return cls(str(written["line"]), written["kind"], str(written["prompt"]), str(written["by"]), since, last)


class LineOrders:
    """All that hold: of each kind one on a line."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, Kind], LineOrder] = {}

    def give(self, order: LineOrder) -> None:
        """In the place of the one before."""
        self._given[order.line, order.kind] = order

    def take_back(self, line: str, kind: Kind) -> bool:
        """Whether there was one."""
        return self._given.pop((line, kind), None) is not None

    def of(self, line: str, kind: Kind, moment: datetime) -> LineOrder | None:
        order = self._given.get((line, kind))
        return order if order is not None and order.holds(moment) else None

    def all(self, moment: datetime) -> tuple[LineOrder, ...]:
        """Those that hold at `moment`, by line; what is over is let go of."""
        self._given = {key: order for key, order in self._given.items() if order.holds(moment)}
        return tuple(self._given[key] for key in sorted(self._given))
