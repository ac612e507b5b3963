"""The house as it was when its process died: the last state, and all turns since once more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ivr.base.state.errors import NotReadable
from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of
from ivr.base.turn_clock import TurnClock
from ivr.exchange.effects import ToStore
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.journal.entries import crc_of, read, verb_of
from ivr.exchange.journal.frames import bodies
from ivr.exchange.journal.journalled import broken, fixed_for, verbs
from ivr.exchange.state import fixed_of

VERBS = frozenset(verbs())


@dataclass(frozen=True)
class Differed:
    """A turn did something else when it was replayed. `calls`: those that what it did was about."""

    number: int
    verb: str
    calls: tuple[str, ...]


@dataclass
class Replayed:
    """`number` of the next entry. Nothing of `exchange` is known to be wrong where no turn `differed`."""

    exchange: Exchange
    number: int
    differed: list[Differed] = field(default_factory=list)


def world_of(house: House) -> Fixed:
    """What a process brings along, and a state names; holds until menus change. Chance is in the state."""
    return fixed_of(house, with_ids=False)


def state_of(house: House, number: int, world: Fixed) -> str:
    """The state before entry `number`. Raises NotWritable for what is no plain data: a bug of ours."""
    return text_of({"house": house, "number": number}, world)


def replay(state: str, journal: bytes, world: Fixed, clock: TurnClock,
           seen: Callable[[str, Any], None] = lambda verb, effects: None) -> Replayed:
    """From the text of `state_of` and the `Journal` since. `clock` is the `to_utc` of `world`; `seen` is told of each
    turn what came of it now. Raises NotReadable where either is not whole; what differs does not end it."""
    parts = read_text(state, world)
    house, number = parts.get("house"), parts.get("number")
    if not isinstance(house, House) or type(number) is not int:
        raise NotReadable("there is no house in this state")
    done = Replayed(Exchange(house), number)
    for body in bodies(journal, number):
        _turn(done, body, clock, seen)
    return done


def _turn(done: Replayed, body: bytes, clock: TurnClock, seen: Callable[[str, Any], None]) -> None:
    verb = verb_of(body)
    if verb not in VERBS:
        raise NotReadable(f"an exchange has no verb {verb!r:.40}")
    entry = read(body, fixed_for(verb, done.exchange.house))
    clock.offset = entry.offset
    try:
        effects = getattr(done.exchange, verb)(*entry.given, **entry.named)
        crc = crc_of(effects)
    except Exception as error:          # as the turn did that it repeats, or it differs
        effects, crc = [], broken(error)
    if crc != entry.crc:
        done.differed.append(Differed(done.number, verb, calls_of(effects)))
    seen(verb, effects)
    done.number += 1


def calls_of(effects: Any) -> tuple[str, ...]:
    """The calls that effects are about, as far as they say so."""
    found: dict[str, None] = {}
    for effect in effects if isinstance(effects, list) else [effects]:
        rows = effect.batch.calls if isinstance(effect, ToStore) else ()
        found |= dict.fromkeys([*(row.id for row in rows), getattr(effect, "call", "")])
    return tuple(call for call in found if call)
