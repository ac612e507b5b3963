"""An exchange that writes down each of its turns before anybody sees what came of it."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from ivr.base.state.fixed import Fixed
from ivr.base.state.writing import NOTHING_FIXED
from ivr.base.turn_clock import TurnClock
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.journal import entries
from ivr.sip.transport.flow import Flow

READS = frozenset(("snapshot", "phones", "ladder", "next_timer", "carried"))      # which change nothing by themselves
ABOUT_CALLBACKS = frozenset(("cancel_callback", "callback_now"))


def fixed_for(verb: str, house: House) -> Fixed:
    """What an entry of this verb names, since it is the house's own."""
    if verb not in ABOUT_CALLBACKS:
        return NOTHING_FIXED
    return Fixed({}, {f"callback/{request}": callback for request, callback in house.callbacks.open.items()})


class Journalled(Exchange):
    """Goes on with the house of `exchange`, whose `to_utc` is `clock`; `offset` reads the wall clock (`TurnClock`).

    `put` gets one entry a turn, when its effects are known and before they are given out. `wants_state`: a turn was
    given what no entry can hold, so that a state must be taken before anything of it leaves; whoever does resets it.
    """

    def __init__(self, exchange: Exchange, clock: TurnClock, offset: Callable[[], float],
                 put: Callable[[bytes], None]) -> None:
        super().__init__(exchange.house)
        self.wants_state = False
        self._clock, self._offset, self._put = clock, offset, put
        self._turns = 0         # that are under way

    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.RECEIVE, super().receive, (data, flow, now))
        return effects

    def receive_stream(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.RECEIVE_STREAM, super().receive_stream, (data, flow, now))
        return effects

    def plane_event(self, event: Any, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.PLANE_EVENT, super().plane_event, (event, now))
        return effects

    def handle_timers(self, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.HANDLE_TIMERS, super().handle_timers, (now,))
        return effects

    def durable(self, token: str, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.DURABLE, super().durable, (token, now))
        return effects

    def arrived(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        effects: list[Any] = self._quick(entries.ARRIVED, super().arrived, (data, flow, now))
        return effects

    def serve_next(self, now: float) -> list[Any] | None:
        effects: list[Any] | None = self._quick(entries.SERVE_NEXT, super().serve_next, (now,))
        return effects

    def _quick(self, number: int, verb: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        """What it is given can't change, and is written with what came of it."""
        self._clock.offset = offset = self._offset()
        self._turns += 1
        try:
            effects = verb(*given)
        except Exception as error:
            self._put(entries.quick(number, broken(error), offset, given))
            raise
        finally:
            self._turns -= 1
        self._put(entries.quick(number, entries.crc_of(effects), offset, given))
        return effects

    def _other(self, name: str, verb: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self._clock.offset = offset = self._offset()
        given = tuple(tuple(one) if isinstance(one, Iterator) else one for one in given)
        text = entries.text_of_given(given, named, fixed_for(name, self.house))
        self.wants_state |= not text
        self._turns += 1
        try:
            effects = verb(self, *given, **named)
        except Exception as error:
            self._put(entries.other(name, broken(error), offset, text))
            raise
        finally:
            self._turns -= 1
        self._put(entries.other(name, entries.crc_of(effects), offset, text))
        return effects

    def _run(self, items: Any, now: float) -> list[Any]:
        assert self._turns, "something is done outside of a turn, of which no entry would tell"
        return super()._run(items, now)


def broken(error: Exception) -> int:
    """What stands for the effects of a turn that ended in an error of ours."""
    return entries.crc_of(f"error {type(error).__qualname__}")


def _written(name: str) -> Callable[..., Any]:
    verb = getattr(Exchange, name)

    @wraps(verb)
    def journalled(self: Journalled, *given: Any, **named: Any) -> Any:
        return self._other(name, verb, given, named)

    return journalled


def verbs() -> list[str]:
    """All that may change the house, by name."""
    return [name for kind in reversed(Exchange.__mro__) for name, found in vars(kind).items()
            if callable(found) and not name.startswith("_") and name not in READS]


for _name in verbs():
    if _name not in vars(Journalled):
        setattr(Journalled, _name, _written(_name))
