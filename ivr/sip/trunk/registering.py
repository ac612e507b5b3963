"""Our registration with a provider (RFC 3261 §10.2): one binding, kept alive until we leave.

```
 IDLE --> REGISTERING --> REGISTERED --> REFRESHING --+
             |  ^             ^_______________________|
             v  |                                     |
          WAITING, REFUSED (a pause) <----------------+
 any of them --Stop--> (LEAVING_OWED) --> LEAVING --> ENDED
```
Answers are classified by `registrar_answers`. Effects: `Register`, StartTimer, StopTimers and TrunkChanged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.sip.leg.leg_effects import StartTimer, StopTimers
from ivr.sip.message.message import Request
from ivr.sip.trunk.trunk_events import TrunkChanged

# RFC 5626 §4.5: 30 s doubled with each failure up to 30 min, and of that a share by chance, so that a provider's
# customers don't come all at once when it is back
RETRY_BASE, RETRY_MOST = 30.0, 1800.0
REFUSED_BASE, REFUSED_MOST = 300.0, 3600.0      # a wrong password stays wrong, and who insists is locked out
RETRY_AFTER_MOST = 3600                         # s; what a registrar may ask for at most
REFRESH_SHARE = 0.6, 0.8                        # of the time granted: leaves room for the 32 s of a silent registrar
REFRESH_SOONEST = 5.0                           # s, whatever is granted
RECONNECT_WITHIN = 1.0                          # s after our connection closed
STEADY = 30.0                                   # s: a connection that closes sooner after its 200 waits like a failure


class State(Enum):
    IDLE = auto()               # nothing sent; no address known
    REGISTERING = auto()
    REGISTERED = auto()
    REFRESHING = auto()
    WAITING = auto()            # for the next attempt after a failure
    REFUSED = auto()            # the same, for long: our user or password is not accepted
    LEAVING_OWED = auto()       # we stop while a REGISTER is out
    LEAVING = auto()            # the REGISTER with Expires 0 is out
    ENDED = auto()


@dataclass(frozen=True)
class AddressesFound:
    """There is somewhere to send to."""


@dataclass(frozen=True)
class Accepted:
    """A 2xx: the binding lives for `granted` seconds."""

    granted: int


@dataclass(frozen=True)
class Challenged:
    """401 or 407 that we can answer: `renewed` has the credentials."""

    renewed: Request
    attempts: int


@dataclass(frozen=True)
class TooBrief:
    """423: at least `least` seconds must be asked for."""

    least: int


@dataclass(frozen=True)
class AddressFailed:
    """Silence, 503 or a broken connection, and there is another address to try."""


@dataclass(frozen=True)
class Failed:
    """It may go better later; `retry_after` in seconds if the registrar said so."""

    status: int
    reason: str
    retry_after: int | None = None


@dataclass(frozen=True)
class Refused:
    """It won't go better by itself: the user or the password is wrong."""

    status: int
    reason: str


@dataclass(frozen=True)
class ConnectionLost:
    """The TCP or TLS connection to the registrar has closed, and with it the way of its calls to us."""


@dataclass(frozen=True)
class Stop:
    """We leave: the provider shall send no more calls here."""


@dataclass(frozen=True)
class RefreshDue:
    """Timer: the binding must be renewed."""


@dataclass(frozen=True)
class RetryDue:
    """Timer: the pause after a failure is over."""


@dataclass(frozen=True, slots=True)
class Register:
    """Effect: send a REGISTER for `expires` seconds, or `renewed`, to the address in use or `to_next` one."""

    expires: int
    to_next: bool = False
    renewed: Request | None = None
    attempts: int = 0


A, G, D, F, W, N, B, L, X = (State.IDLE, State.REGISTERING, State.REGISTERED, State.REFRESHING, State.WAITING,
                             State.REFUSED, State.LEAVING_OWED, State.LEAVING, State.ENDED)
ANSWERS = (Accepted, Challenged, TooBrief, AddressFailed, Failed, Refused)
TIMERS = (RefreshDue, RetryDue)
OUTSIDE = (AddressesFound, ConnectionLost)
TABLE: Table = {
    (A, AddressesFound):   (G, ("register",)),
    (A, ConnectionLost):   (A, ()),
    (A, Stop):             (X, ()),
    **{(state, Accepted):        (D, ("note_success", "start_refresh")) for state in (G, F)},
    **{(state, Challenged):      (state, ("register_again",)) for state in (G, F, L)},
    **{(state, TooBrief):        (state, ("ask_longer", "register")) for state in (G, F)},
    **{(state, AddressFailed):   (state, ("register_elsewhere",)) for state in (G, F)},
    **{(state, Failed):          (W, ("note_failure", "start_retry")) for state in (G, F)},
    **{(state, Refused):         (N, ("note_refusal", "start_long_retry")) for state in (G, F)},
    **{(state, Stop):            (B, ()) for state in (G, F)},
    (D, RefreshDue):       (F, ("register",)),
    (D, ConnectionLost):   (W, ("stop_timers", "reconnect")),
    (D, Stop):             (L, ("stop_timers", "leave")),
    **{(state, RetryDue):        (G, ("register",)) for state in (W, N)},
    **{(state, Stop):            (L, ("stop_timers", "leave")) for state in (W, N)},
    # what the open REGISTER brought must be undone, whatever it was
    **{(B, answer):              (L, ("leave",)) for answer in ANSWERS if answer is not Accepted},
    (B, Accepted):         (L, ("note_binding", "leave")),
    (B, Stop):             (B, ()),
    **{(L, answer):              (X, ("tell_left",)) for answer in ANSWERS if answer is not Challenged},
    (L, Stop):             (L, ()),
    # late, and of no meaning any more
    **{(state, event):           (state, ()) for state in (G, F, W, N, B, L) for event in OUTSIDE},
    (D, AddressesFound):   (D, ()),
    **{(X, event):               (X, ()) for event in (*ANSWERS, *TIMERS, *OUTSIDE, Stop)},
}


class Registering(Machine):
    """`chance` gives numbers from 0 to 1. `reason` says in words why it is as it is."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = TIMERS

    def __init__(self, trunk: str, expires: int, chance: Callable[[], float]) -> None:
        self.state = State.IDLE
        self.expires = expires
        self.expires_at: float | None = None        # of the binding that the registrar has, if any
        self.reason = ""
        self._trunk = trunk
        self._chance = chance
        self._failures = 0
        self._refusals = 0
        self._registered_at = 0.0
        self._told = ""

    @property
    def is_good(self) -> bool:
        """Whether the last REGISTER went well."""
        return self.state in (State.REGISTERED, State.REFRESHING)

    def register(self, event: Any, now: float) -> list[Any]:
        return [Register(self.expires)]

    def register_again(self, event: Challenged, now: float) -> list[Any]:
        return [Register(self.expires, renewed=event.renewed, attempts=event.attempts)]

    def register_elsewhere(self, event: AddressFailed, now: float) -> list[Any]:
        return [Register(self.expires, to_next=True)]

    def ask_longer(self, event: TooBrief, now: float) -> list[Any]:
        self.expires = event.least
        return []

    def note_binding(self, event: Accepted, now: float) -> list[Any]:
        self.expires_at = now + event.granted
        return []

    def note_success(self, event: Accepted, now: float) -> list[Any]:
        self.note_binding(event, now)
        self._failures = self._refusals = 0
        self._registered_at = now
        return self._tell("registered", "")

    def start_refresh(self, event: Accepted, now: float) -> list[Any]:
        low, high = REFRESH_SHARE
        share = low + (high - low) * self._chance()
        return [StartTimer(RefreshDue(), now + max(REFRESH_SOONEST, share * event.granted))]

    def note_failure(self, event: Failed, now: float) -> list[Any]:
        return self._tell("failing", f"{event.status} {event.reason}")

    def start_retry(self, event: Any, now: float) -> list[Any]:
        asked = getattr(event, "retry_after", None)
        if asked is not None:
            return [StartTimer(RetryDue(), now + min(asked, RETRY_AFTER_MOST) + self._chance())]
        pause = min(RETRY_MOST, RETRY_BASE * 2 ** min(self._failures, 10))
        self._failures += 1
        return [StartTimer(RetryDue(), now + pause * (1 + self._chance()) / 2)]

    def note_refusal(self, event: Refused, now: float) -> list[Any]:
        return self._tell("refused", f"{event.status} {event.reason}")

    def start_long_retry(self, event: Refused, now: float) -> list[Any]:
        pause = min(REFUSED_MOST, REFUSED_BASE * 2 ** min(self._refusals, 10))
        self._refusals += 1
        return [StartTimer(RetryDue(), now + pause * (1 + self._chance() / 10))]

    def reconnect(self, event: ConnectionLost, now: float) -> list[Any]:
        told = self._tell("failing", "the connection closed")
        if now - self._registered_at < STEADY:
            return [*told, *self.start_retry(event, now)]
        return [*told, StartTimer(RetryDue(), now + RECONNECT_WITHIN * self._chance())]

    def stop_timers(self, event: Any, now: float) -> list[Any]:
        return [StopTimers(TIMERS)]

    def leave(self, event: Any, now: float) -> list[Any]:
        self.expires = 0
        if self.expires_at is None or self.expires_at <= now:
            self.state = State.ENDED
            return self._tell("unregistered", "")
        return [Register(0)]

    def tell_left(self, event: Any, now: float) -> list[Any]:
        self.expires_at = None
        return self._tell("unregistered", "")

    def _tell(self, state: Any, reason: str) -> list[Any]:
        """A change, or the same failure for another reason; a mere repetition says nothing."""
        self.reason = reason
        if self._told == state + reason:
            return []
        self._told = state + reason
        return [TrunkChanged(self._trunk, state, reason)]
