"""Every leg that lives: runs its machines, carries out what they ask, and forgets it when all is over."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from ivr.base.ids import Ids
from ivr.base.machine import IllegalEvent, Machine
from ivr.base.timers import Timers
from ivr.sip.answering import AnsweringSession
from ivr.sip.calling import CallingSession
from ivr.sip.composer import Composer
from ivr.sip.dialog import Dialog, DialogKey
from ivr.sip.effects import SendBytes
from ivr.sip.events import LegEnded, Traced
from ivr.sip.flow import Flow
from ivr.sip.invite_session import PeerLost, State
from ivr.sip.leg_effects import Abandon, Acknowledge, Ask, DialogLost, Respond, StartTimer, StopTimers
from ivr.sip.message import Request
from ivr.sip.printer import to_bytes
from ivr.sip.reoffer import LegClosed, Reoffer
from ivr.sip.settings import EndpointSettings
from ivr.sip.tracing import line_of
from ivr.sip.transactions import Transactions

PARTING = frozenset((State.BYE_OWED, State.CANCEL_OWED, State.CANCELLED, State.BYE_SENT))


@dataclass(slots=True, eq=False)
class Leg:
    """A leg with its two machines; `open_requests` are client transactions that may still bring something."""

    name: str
    session: AnsweringSession | CallingSession
    reoffer: Reoffer | None = None
    dialog_key: DialogKey | None = None
    open_requests: int = 0

    @property
    def dialog(self) -> Dialog | None:
        return self.session.dialog


class Legs:
    """The table of legs. `transactions` is set right after both are made, since each calls the other."""

    transactions: Transactions

    def __init__(self, settings: EndpointSettings, ids: Ids, timers: Timers, composer: Composer,
                 route: Callable[[Dialog], Flow]) -> None:
        self._settings = settings
        self._ids = ids
        self._timers = timers
        self._composer = composer
        self._route = route
        self._legs: dict[str, Leg] = {}
        self._dialogs: dict[DialogKey, Leg] = {}
        self._of_peer: dict[tuple[str, str], list[Leg]] = {}     # Call-ID, remote tag: for an ACK with a wrong To tag
        self.in_progress = 0

    def counts(self) -> dict[str, int]:
        return {"legs": len(self._legs), "dialogs": len(self._dialogs), "calls": self.in_progress}

    @property
    def parting(self) -> int:
        return sum(leg.session.state in PARTING for leg in self._legs.values())

    def get(self, name: str) -> Leg | None:
        return self._legs.get(name)

    def of_dialog(self, request: Request) -> Leg | None:
        """The leg a request inside a dialog belongs to (§12.2.2)."""
        return self._dialogs.get((request.sip_call_id, request.to.tag or "", request.from_.tag or ""))

    def of_peer(self, request: Request) -> list[Leg]:
        """The legs with this Call-ID and From tag, whatever the To tag."""
        return self._of_peer.get((request.sip_call_id, request.from_.tag or ""), [])

    def add(self, session: AnsweringSession | CallingSession) -> Leg:
        if session.leg in self._legs:
            raise ValueError(f"leg {session.leg} exists")
        leg = self._legs[session.leg] = Leg(session.leg, session)
        self.in_progress += 1
        self._adopt_dialog(leg)
        return leg

    def run(self, leg: Leg, machine: Machine | None, event: Any, now: float) -> list[Any]:
        """Give `event` to one of the leg's machines. A missing row is a bug of ours: it ends this leg alone."""
        if machine is None:
            return []
        try:
            effects = machine.handle(event, now)
        except IllegalEvent as error:
            return self._break(leg, str(error), now)
        return self.apply(leg, effects, now)

    def apply(self, leg: Leg, effects: list[Any], now: float) -> list[Any]:
        """Carry out what a machine asked; returns effects and events in order."""
        out: list[Any] = []
        for effect in effects:
            carry_out = _CARRY_OUT.get(type(effect))
            if carry_out is None:
                out.append(effect)
            else:
                carry_out(self, leg, effect, now, out)
        if leg.session.dialog is not None and leg.reoffer is None:
            self._adopt_dialog(leg)
        self._tidy(leg)
        return out

    def fire(self, key: Hashable, event: Any, now: float) -> list[Any]:
        """A timer of a leg is due."""
        leg = self._legs[key]  # type: ignore[index]
        machine = leg.reoffer if leg.reoffer is not None and type(event) in Reoffer.timers else leg.session
        return self.run(leg, machine, event, now)

    def request_over(self, leg: Leg) -> None:
        leg.open_requests -= 1
        self._tidy(leg)

    def _respond(self, leg: Leg, effect: Respond, now: float, out: list[Any]) -> None:
        effect.inbound.leg = leg.name
        out += self.transactions.respond(effect.inbound, effect.response, now)

    def _ask(self, leg: Leg, effect: Ask, now: float, out: list[Any]) -> None:
        leg.open_requests += 1
        out += self.transactions.send(effect.request, effect.flow, leg.name, effect.purpose, now, effect.attempts)

    def _acknowledge(self, leg: Leg, effect: Acknowledge, now: float, out: list[Any]) -> None:
        out.append(SendBytes(effect.flow, to_bytes(effect.request)))
        out.append(Traced(leg.name, "out", line_of(effect.request)))

    def _abandon(self, leg: Leg, effect: Abandon, now: float, out: list[Any]) -> None:
        out += self.transactions.abandon(effect.request, now)

    def _start_timer(self, leg: Leg, effect: StartTimer, now: float, out: list[Any]) -> None:
        self._timers.start(("leg", leg.name, type(effect.event)), effect.at, effect.event)

    def _stop_timers(self, leg: Leg, effect: StopTimers, now: float, out: list[Any]) -> None:
        for kind in effect.kinds:
            self._timers.cancel(("leg", leg.name, kind))

    def _lose(self, leg: Leg, effect: DialogLost, now: float, out: list[Any]) -> None:
        out += self.run(leg, leg.session, PeerLost(effect.reason), now)

    def _finish(self, leg: Leg, effect: LegEnded, now: float, out: list[Any]) -> None:
        self.in_progress -= 1
        out.append(effect)
        out += self.run(leg, leg.reoffer, LegClosed(), now)

    def _adopt_dialog(self, leg: Leg) -> None:
        session, dialog = leg.session, leg.session.dialog
        if dialog is None:
            return
        leg.reoffer = Reoffer(leg.name, dialog, isinstance(session, CallingSession), self._composer, self._ids,
                              self._settings.timing, self._route)
        leg.dialog_key = dialog.key
        self._dialogs[leg.dialog_key] = leg
        self._of_peer.setdefault((leg.dialog_key[0], leg.dialog_key[2]), []).append(leg)

    def _tidy(self, leg: Leg) -> None:
        if leg.session.state is State.ENDED and not leg.open_requests and leg.name in self._legs:
            self._forget(leg)

    def _forget(self, leg: Leg) -> None:
        del self._legs[leg.name]
        for kind in (*leg.session.timers, *Reoffer.timers):
            self._timers.cancel(("leg", leg.name, kind))
        if leg.dialog_key is None:
            return
        if self._dialogs.get(leg.dialog_key) is leg:
            del self._dialogs[leg.dialog_key]
        peer = leg.dialog_key[0], leg.dialog_key[2]
        self._of_peer[peer].remove(leg)
        if not self._of_peer[peer]:
            del self._of_peer[peer]

    def _break(self, leg: Leg, bug: str, now: float) -> list[Any]:
        """End a leg that our own mistake has brought into a state without a way out."""
        out: list[Any] = [Traced(leg.name, "in", f"bug: {bug}")]
        session = leg.session
        if isinstance(session, AnsweringSession) and session.state is State.OFFERED:
            response = self._composer.response(session.inbound.request, 500)
            out += self.transactions.respond(session.inbound, response, now)
        ended = session.end("us", 500, "internal error")
        session.state = State.ENDED
        self.in_progress -= len(ended)
        if leg.name in self._legs:
            self._forget(leg)
        return out + ended


_CARRY_OUT: dict[type, Callable[[Legs, Leg, Any, float, list[Any]], None]] = {
    Respond: Legs._respond,
    Ask: Legs._ask,
    Acknowledge: Legs._acknowledge,
    Abandon: Legs._abandon,
    StartTimer: Legs._start_timer,
    StopTimers: Legs._stop_timers,
    DialogLost: Legs._lose,
    LegEnded: Legs._finish,
}
