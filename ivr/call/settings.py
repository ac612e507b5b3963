"""What a call needs to know of the house it is in; fixed when the call begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ivr.menu.model import Announcements, Menu


@dataclass(frozen=True)
class Overflow:
    """Where a queue's callers go when it can't serve them. `target` names a queue, a transfer, an announcement or a
    menu."""

    kind: Literal["queue", "transfer", "message", "menu"]
    target: str


@dataclass(frozen=True)
class Briefing:
    """What operators hear when they pick up a call of a queue: a prompt, "" for none.

    `accepts`: they have to press a key within `time` (s), else the offer failed; without it, `time` ends what is heard.
    `ring_time`: of their phones.
    """

    prompt: str
    accepts: bool
    time: float
    ring_time: float


@dataclass(frozen=True)
class CallSettings:
    """One line's view of the house."""

    node: str
    boot_id: str                                                    # names this run of the control process
    line: str
    menu: Menu
    announcements: Announcements
    overflows: Mapping[str, Overflow]
    transfers: Mapping[str, str] = field(default_factory=dict)      # name in the menu -> SIP address
    departments: Mapping[str, str] = field(default_factory=dict)    # name in the menu -> queue
    music: Mapping[str, str] = field(default_factory=dict)          # queue -> clip; "music/hold.wav" where unnamed
    recording_notices: Mapping[str, str] = field(default_factory=dict)     # queue -> prompt that is said before it
    briefings: Mapping[str, Briefing] = field(default_factory=dict)     # queue -> what its operators hear first
    surveys: Mapping[str, str] = field(default_factory=dict)        # queue -> menu that follows its talks
    while_waiting: Mapping[str, Mapping[str, str]] = field(default_factory=dict)   # queue -> key -> menu
    comfort: Mapping[str, tuple[tuple[str, ...], float]] = field(default_factory=dict)   # queue -> prompts, s
    transfer_ring_time: float = 30.0
    ring_time: float = 0.0                                          # how long a caller hears ringing before the answer
    sounds: Mapping[str, str] = field(default_factory=dict)         # clip -> its name in the planes, if it is another
    edition: int = 0                                                # which of this run the menu and the sounds are


HOLD_MUSIC = "music/hold.wav"
OVERFLOW_HOPS = 5        # a chain of overflows longer than this ends with a message: no caller circles for ever
OWN_RING_TIME = 60.0     # s that whom an operator calls may ring; the operator hears it and may give up before
RETURNED_PRIORITY = 1000 # steps of waiting, 10 min each, of a caller whose transfer failed: nobody is before them
STORE_TIMEOUT = 60.0     # s that a caller hears music for a request that nothing takes; more than an ACK needs (32 s)
