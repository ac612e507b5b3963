"""A machine decides by a table: (state, event type) gives the next state and the actions to run."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, ClassVar

Table = Mapping[tuple[Enum, type], tuple[Enum, tuple[str, ...]]]
Action = Callable[[Any, Any, float], list[Any] | None]


class IllegalEvent(Exception):
    """The table has no row for this event in this state: a bug of ours, which ends that call and not the service."""


class Machine:
    """Runs a transition table. Subclasses give `table`, a first `state` and one method per action named in it.

    Rows list what is legal; what is late but legal is an explicit row without actions. Events are classified before
    they come here (a 2xx and a 4xx are different types), so no action needs to ask which one it was.
    """

    __slots__ = ("state",)
    table: ClassVar[Table]
    state: Enum
    # The same by event and by the value of the state (members of an Enum hash slowly), actions as functions.
    _rows: ClassVar[Mapping[tuple[type, Any], tuple[Enum, tuple[Action, ...]]]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._rows = {(event, state.value): (there, tuple(getattr(cls, name) for name in actions))
                     for (state, event), (there, actions) in getattr(cls, "table", {}).items()}

    def handle(self, event: Any, now: float) -> list[Any]:
        """Apply one event at `now` and return its effects in order.

        An action may set `self.state` itself where the outcome depends on data; that overrides the row's next state.
        Raises IllegalEvent, with the state unchanged, if the table has no row.
        """
        row = self._rows.get((type(event), self.state._value_))
        if row is None:
            raise IllegalEvent(f"{type(self).__name__}: {type(event).__name__} in {self.state.name}")
        self.state, actions = row
        effects: list[Any] = []
        for action in actions:
            effects += action(self, event, now) or ()
        return effects
