"""What an interpreter remembers of its call: plain values, so that they can be written down and read back."""

from dataclasses import asdict, dataclass, field
from enum import Enum, auto
from typing import Any


class Phase(Enum):
    """Where the caller stands."""

    READY = auto()         # nothing has begun
    PROMPTING = auto()     # a menu's prompts play
    WAITING = auto()       # they are over; the first key is awaited
    COLLECTING = auto()    # keys are typed; more may come
    SAYING = auto()        # a `say` among an option's actions plays
    RUNNING = auto()       # between two phases; never seen from outside
    AWAY = auto()          # with a queue or in a transfer
    ENDED = auto()


@dataclass
class Memory:
    """All that goes with the phase. Strings of keys are in the order typed."""

    language: str
    path: list[str] = field(default_factory=list)       # menus from the first to the current one, each at most once
    greeted: list[str] = field(default_factory=list)    # menus whose greeting this caller has heard
    noinput: int = 0
    nomatch: int = 0
    typed: str = ""                                     # towards an option of the current menu
    early: str = ""                                     # typed ahead, for a menu yet to come
    held: str = ""                                      # the key that is down
    pressed_at: float = 0.0
    released_at: float = 0.0
    plays: list[int] = field(default_factory=list)      # play_ids not yet over, the one that is heard first
    guarded: list[int] = field(default_factory=list)    # those of them that no key may interrupt
    play_began_at: float = 0.0                          # the one that is heard
    next_play_id: int = 1
    timer_at: float | None = None
    slot: str = ""                                      # the keys, or ON_FAILURE, whose actions are done
    position: int = 0                                   # the next of these actions
    returns: int = 0                                    # from queues and transfers, since an option was chosen
    served: bool = False

    def written(self) -> dict[str, Any]:
        """Values that JSON can carry."""
        return asdict(self)
