"""What an interpreter remembers of its call: plain values."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from ivr.menu.expressions.values import Value


class Phase(Enum):
    """Where the caller stands."""

    READY = auto()         # nothing has begun
    PROMPTING = auto()     # a menu's prompts play
    WAITING = auto()       # they are over; the first key is awaited
    COLLECTING = auto()    # keys are typed; more may come
    SAYING = auto()        # a `say` among an option's actions plays
    LOOKING_UP = auto()    # another system is asked
    LEADING = auto()       # what is said before a recording begins
    BEEPING = auto()       # the beep right before it
    RECORDING = auto()     # the caller speaks
    STOPPING = auto()      # the recording is being closed
    REHEARING = auto()     # the caller hears what they said
    KEEPING = auto()       # a request of the caller's is being made durable
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
    asked: str = ""                                     # who asks: "" the menu, else a part of a `collect`
    stack: list[list[Any]] = field(default_factory=list)   # [block, the next of its actions], the innermost last
    returns: int = 0                                    # from queues and transfers, since an option was chosen
    idle: int = 0                                       # menus entered since the caller last did anything
    chosen: bool = False                                # the caller has taken an option, or given a value
    failing: bool = False                               # what is done now is done because the caller did not manage
    look_up: int = 0                                    # the number of the last question to another system
    refused: int = 0                                    # how often in a row a register has not known the caller
    take: int = 0                                       # the number of the last recording
    taken: str = ""                                     # what the record calls it, once it holds something
    left: int = 0                                       # requests that were to be kept
    music: bool = False                                 # plays until a request is kept
    declined: int = 0                                   # how often the caller said that a value is not right
    secret: bool = False                                # the caller is asked for a secret
    served: bool = False
    variables: dict[str, Value] = field(default_factory=dict)
