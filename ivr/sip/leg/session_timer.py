"""Keeps a session alive, or ends it when nobody does (RFC 4028 §7.2, §10).

```
        SessionAgreed (we refresh)              RefreshDue
   OFF ---------------------------> REFRESHER ------------> ASKING --SessionAgreed--> REFRESHER
    +-----------------------------> WATCHER                    +-----RefreshRefused-> REFRESHER (tries again)
        SessionAgreed (they do)        +---- SessionExpired ---+--> CLOSED: BYE
```
Every 2xx to an INVITE or UPDATE of a confirmed dialog, in either direction, brings SessionAgreed and starts all anew.
"""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, ClassVar

from ivr.base.machine import Machine, Table
from ivr.base.values import frozen
from ivr.sip.composer import Composer
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask, DialogLost, StartTimer, StopTimers, ToOffers
from ivr.sip.leg.offers import LegClosed, RefreshAsked
from ivr.sip.message.message import Request, Response
from ivr.sip.message.session_interval import (
    Fields,
    Terms,
    fields_as_client,
    fields_as_server,
    terms_as_client,
    terms_as_server,
)
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow

LAST_RETRY = 5.0        # seconds before the end in which no refresh is tried any more: it could not come in time


class State(Enum):
    OFF = auto()            # nothing is agreed yet
    REFRESHER = auto()      # it is ours to refresh
    ASKING = auto()         # our refresh is out
    WATCHER = auto()        # the peer refreshes
    CLOSED = auto()


@frozen(slots=True)
class SessionAgreed:
    """A 2xx to an INVITE or UPDATE was sent or came."""

    terms: Terms


@frozen(slots=True)
class RefreshRefused:
    """Our refresh met a refusal that says nothing of the session, or could not be asked now."""


@frozen(slots=True)
class UpdateUnknown:
    """405 or 501 to our UPDATE: the peer said that it knows the method and doesn't."""


@frozen(slots=True)
class RefreshDue:
    """Timer: half of the interval has passed."""


@frozen(slots=True)
class SessionExpired:
    """Timer: nobody has refreshed."""


N, R, A, W, X = State.OFF, State.REFRESHER, State.ASKING, State.WATCHER, State.CLOSED
TABLE: Table = {
    **{(state, SessionAgreed): (R, ("agree",)) for state in (N, R, A, W)},      # or WATCHER, as the terms say
    (R, RefreshDue):      (A, ("refresh",)),
    (A, RefreshRefused):  (R, ("try_again",)),
    (A, UpdateUnknown):   (A, ("refresh_by_invite",)),
    **{(state, SessionExpired): (X, ("lose_dialog",)) for state in (R, A, W)},
    **{(state, LegClosed): (X, ("stop",)) for state in (N, R, A, W, X)},
    # the peer's refresh or another offer of ours came between
    **{(state, kind): (state, ()) for state in (N, R, W, X) for kind in (RefreshRefused, UpdateUnknown)},
    **{(state, RefreshDue): (state, ()) for state in (N, A, W, X)},
    (N, SessionExpired):  (N, ()),
    (X, SessionExpired):  (X, ()),
    (X, SessionAgreed):   (X, ()),
}


STOP = StopTimers((RefreshDue, SessionExpired))


class SessionTimer(Machine):
    """The session timer of one leg."""

    table: ClassVar[Table] = TABLE
    timers: ClassVar[tuple[type, ...]] = (RefreshDue, SessionExpired)

    def __init__(self, dialog: Dialog, composer: Composer, settings: EndpointSettings,
                 route: Callable[[Dialog], Flow]) -> None:
        self.state: State = State.OFF
        self._dialog = dialog
        self._composer = composer
        self._settings = settings
        self._route = route
        self._terms: Terms | None = None
        self._least = settings.min_se
        self._ends_at = 0.0

    # what other machines put into their messages

    def fields_as_client(self) -> Fields:
        """For an INVITE or UPDATE of ours inside the dialog."""
        interval = max(self._settings.session_expires, self._least)
        return fields_as_client(interval, self._least, self._terms)

    def answer(self, request: Request) -> tuple[Fields, SessionAgreed]:
        """For our 2xx to one of theirs, and what it means for us."""
        terms = terms_as_server(request, self._settings, self._terms)
        return fields_as_server(request, terms), SessionAgreed(terms)

    def answered(self, request: Request, response: Response) -> SessionAgreed:
        """What their 2xx to one of ours means."""
        return SessionAgreed(terms_as_client(request, response, self._settings))

    def agree(self, event: SessionAgreed, now: float) -> list[Any]:
        started = [] if self._terms is None else self.stop(event, now)
        terms = self._terms = event.terms
        if not terms.we_refresh:
            self.state = State.WATCHER
            self._ends_at = now + terms.interval - min(32, terms.interval / 3)      # §10
            return [*started, StartTimer(SessionExpired(), self._ends_at)]
        self._ends_at = now + terms.interval
        started.append(StartTimer(RefreshDue(), now + terms.interval / 2))
        # whom we ask alone has promised nothing: only a lost dialog ends that session
        return started if terms.alone else [*started, StartTimer(SessionExpired(), self._ends_at)]

    def refresh(self, event: RefreshDue, now: float) -> list[Any]:
        """An UPDATE without a body where the peer knows UPDATE; nothing of the media is touched then (§7.4)."""
        if not self._dialog.allows("UPDATE"):
            return self.refresh_by_invite(event, now)
        flow = self._route(self._dialog)
        return [Ask(self._composer.in_dialog(self._dialog, "UPDATE", flow, self.fields_as_client()), flow, "refresh")]

    def refresh_by_invite(self, event: Any, now: float) -> list[Any]:
        return [ToOffers(RefreshAsked())]

    def try_again(self, event: RefreshRefused, now: float) -> list[Any]:
        """In half of the time that is left; a peer that promised nothing lives, as it has answered."""
        assert self._terms is not None
        if self._terms.alone:
            return self.agree(SessionAgreed(self._terms), now)
        left = (self._ends_at - now) / 2
        return [StartTimer(RefreshDue(), now + left)] if left >= LAST_RETRY else []

    def lose_dialog(self, event: SessionExpired, now: float) -> list[Any]:
        return [*self.stop(event, now), DialogLost("the session was not refreshed")]

    def stop(self, event: Any, now: float) -> list[Any]:
        return [STOP]
