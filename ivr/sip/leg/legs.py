"""Every leg that lives: runs its machines, carries out what they ask, and forgets it when all is over."""

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from ivr.base.ids import Ids
from ivr.base.machine import IllegalEvent, Machine
from ivr.base.timers import Timers
from ivr.sip.composer import Composer
from ivr.sip.effects import SendBytes
from ivr.sip.events import LegEnded, Traced
from ivr.sip.gate.call_ids import CallIds
from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.calling import CallingSession
from ivr.sip.leg.dialog import Dialog, DialogKey
from ivr.sip.leg.invite_session import UNANSWERED, PeerLost, State
from ivr.sip.leg.leg import Leg as Leg
from ivr.sip.leg.leg_effects import (
    Abandon,
    Acknowledge,
    Ask,
    DialogLost,
    EarlyDialogMade,
    Respond,
    StartTimer,
    StopRepeating,
    StopTimers,
    ToOffers,
    ToTimer,
    TrunkChosen,
)
from ivr.sip.leg.offers import FirstAgreed, LegClosed, OtherAnswered
from ivr.sip.leg.side_machines import SideMachines
from ivr.sip.message.message import Request
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.replaces import Replaces
from ivr.sip.settings import EndpointSettings
from ivr.sip.tracing import line_of
from ivr.sip.transaction.transactions import Transactions
from ivr.sip.transport.datagram_limit import DatagramLimit
from ivr.sip.transport.flow import Flow

PARTING = frozenset((State.BYE_OWED, State.CANCEL_OWED, State.CANCELLED, State.BYE_HELD, State.BYE_SENT))
CLOSED = LegClosed()


class Legs:
    """The table of legs. `transactions` is set right after both are made, since each calls the other."""

    transactions: Transactions
    limit: DatagramLimit

    def __init__(self, settings: EndpointSettings, ids: Ids, timers: Timers, composer: Composer,
                 route: Callable[[Dialog], Flow]) -> None:
        self.machines = SideMachines(settings, ids, composer, route)
        self._timers = timers
        self._composer = composer
        self.route = route
        self._legs: dict[str, Leg] = {}
        self._dialogs: dict[DialogKey, Leg] = {}
        self.call_ids = CallIds()
        self.in_progress = 0
        self.of_trunks: Counter[str] = Counter()                 # of those in progress, by the trunk that carries them

    def counts(self) -> dict[str, int]:
        return {"legs": len(self._legs), "dialogs": len(self._dialogs), "calls": self.in_progress}

    @property
    def parting(self) -> int:
        return sum(leg.session.state in PARTING for leg in self._legs.values())

    def get(self, name: str) -> Leg | None:
        return self._legs.get(name)

    def carried_by(self, trunk: str) -> int:
        """Legs in progress of a trunk."""
        return self.of_trunks[trunk]

    def is_parting(self, name: str) -> bool:
        """Whether a BYE or CANCEL of ours is still to be answered."""
        leg = self._legs.get(name)
        return leg is not None and leg.session.state in PARTING

    def of_dialog(self, request: Request) -> Leg | None:
        """The leg a request inside a dialog belongs to (§12.2.2)."""
        return self._dialogs.get((request.sip_call_id, request.to.tag or "", request.from_.tag or ""))

    def of_replaces(self, replaces: Replaces) -> Leg | None:
        """The leg whose dialog a Replaces names (RFC 3891 §3), one that still rings included. `0` stands for no tag."""
        for remote in (replaces.from_tag, *([""] if replaces.from_tag == "0" else [])):
            key = replaces.sip_call_id, replaces.to_tag, remote
            leg = self._dialogs.get(key)
            if leg is not None and leg.dialog_key in (None, key):       # not a phone that rang and was not answered
                return leg
        return None

    def add(self, session: AnsweringSession | CallingSession) -> Leg:
        if session.leg in self._legs:
            raise ValueError(f"leg {session.leg} exists")
        leg = self._legs[session.leg] = Leg(session.leg, session)
        self.call_ids.add(session)
        self.in_progress += 1
        if session.trunk is not None:
            self.of_trunks[session.trunk] += 1
        self._adopt_dialog(leg)
        return leg

    def run(self, leg: Leg, machine: Machine | None, event: Any, now: float) -> list[Any]:
        """Give `event` to one of the leg's machines. A missing row is a bug of ours: it ends this leg alone."""
        out: list[Any] = []
        self._tell(leg, machine, event, now, out)
        self._tidy(leg)
        return out

    def apply(self, leg: Leg, effects: list[Any], now: float) -> list[Any]:
        """Carry out what was asked for the leg; returns effects and events in order."""
        out: list[Any] = []
        self._carry_out(leg, effects, now, out)
        self._tidy(leg)
        return out

    def _tell(self, leg: Leg, machine: Machine | None, event: Any, now: float, out: list[Any]) -> None:
        if machine is None:
            return
        try:
            effects = machine.handle(event, now)
        except IllegalEvent as error:
            out += self._break(leg, str(error), now)
        else:
            self._carry_out(leg, effects, now, out)

    def _carry_out(self, leg: Leg, effects: list[Any], now: float, out: list[Any]) -> None:
        if leg.dialog_key is None and leg.session.dialog is not None:
            self._adopt_dialog(leg)
            for other in leg.early_offers:
                self._tell(leg, other, OtherAnswered(), now, out)
        for effect in effects:
            carry_out = _CARRY_OUT.get(type(effect))
            if carry_out is None:
                out.append(effect)
            else:
                carry_out(self, leg, effect, now, out)

    def fire(self, key: Hashable, event: Any, now: float) -> list[Any]:
        """A timer of a leg is due."""
        leg = self._legs[key]  # type: ignore[index]
        machine = next((one for one in leg.side_machines
                        if type(event) in one.timers and (one.state, type(event)) in one.table), leg.session)
        return self.run(leg, machine, event, now)

    def request_over(self, leg: Leg) -> None:
        leg.open_requests -= 1
        self._tidy(leg)

    def _respond(self, leg: Leg, effect: Respond, now: float, out: list[Any]) -> None:
        effect.inbound.transaction.leg = leg.name
        out += self.transactions.respond(effect.inbound, effect.response, now)

    def _ask(self, leg: Leg, effect: Ask, now: float, out: list[Any]) -> None:
        leg.open_requests += 1
        ask = self.limit.fitted(effect, leg.dialog, now)
        out += self.transactions.send(ask.request, ask.flow, leg.name, ask.purpose, now, ask.attempts,
                                      fallback=ask.fallback)

    def _acknowledge(self, leg: Leg, effect: Acknowledge, now: float, out: list[Any]) -> None:
        out.append(SendBytes(effect.flow, to_bytes(effect.request)))
        out.append(Traced(leg.name, "out", line_of(effect.request)))

    def _abandon(self, leg: Leg, effect: Abandon, now: float, out: list[Any]) -> None:
        out += self.transactions.abandon(effect.request, now)

    def _stop_repeating(self, leg: Leg, effect: StopRepeating, now: float, out: list[Any]) -> None:
        self.transactions.stop_repeating(effect.request)

    def _start_timer(self, leg: Leg, effect: StartTimer, now: float, out: list[Any]) -> None:
        kind = type(effect.event)
        leg.timers.add(kind)
        self._timers.start(("leg", leg.name, kind), effect.at, effect.event)

    def _stop_timers(self, leg: Leg, effect: StopTimers, now: float, out: list[Any]) -> None:
        for kind in leg.timers.intersection(effect.kinds):
            leg.timers.remove(kind)
            self._timers.cancel(("leg", leg.name, kind))

    def _lose(self, leg: Leg, effect: DialogLost, now: float, out: list[Any]) -> None:
        self._tell(leg, leg.session, PeerLost(effect.reason), now, out)

    def _choose_trunk(self, leg: Leg, effect: TrunkChosen, now: float, out: list[Any]) -> None:
        self._leave_trunk(leg)
        leg.session.trunk = effect.trunk
        self.of_trunks[effect.trunk] += 1

    def _leave_trunk(self, leg: Leg) -> None:
        if leg.session.trunk is not None:
            self.of_trunks[leg.session.trunk] -= 1

    def _finish(self, leg: Leg, effect: LegEnded, now: float, out: list[Any]) -> None:
        self.in_progress -= 1
        self._leave_trunk(leg)
        self._tell(leg, leg.transfer_sent, CLOSED, now, out)        # its outcome is told before the end
        out.append(effect)
        for machine in (leg.transfer_received, leg.reoffer, *leg.early_offers, leg.timer):
            self._tell(leg, machine, CLOSED, now, out)

    def _tell_offers(self, leg: Leg, effect: ToOffers, now: float, out: list[Any]) -> None:
        if effect.early is not None:
            self._tell(leg, effect.early.offers, effect.event, now, out)
        elif leg.reoffer is None and isinstance(effect.event, FirstAgreed):
            leg.first_agreed = leg.first_agreed or effect.event
        else:
            self._tell(leg, self.machines.reoffer(leg, now), effect.event, now, out)

    def _tell_timer(self, leg: Leg, effect: ToTimer, now: float, out: list[Any]) -> None:
        self._tell(leg, leg.timer, effect.event, now, out)

    def _adopt_early(self, leg: Leg, effect: EarlyDialogMade, now: float, out: list[Any]) -> None:
        """A dialog of a phone that rings; it is kept until the leg is forgotten, for a phone that is answered late."""
        dialog = effect.early.dialog
        effect.early.offers = self.machines.offers(leg, dialog, self.machines.session_timer(dialog))
        self._dialogs.setdefault(dialog.key, leg)

    def _adopt_dialog(self, leg: Leg) -> None:
        session, dialog = leg.session, leg.session.dialog
        if dialog is None:
            return
        early = session.early.get(dialog.remote.tag) if isinstance(session, CallingSession) else None
        leg.reoffer = early.offers if early is not None else None
        leg.timer = leg.reoffer.timer if leg.reoffer is not None else self.machines.session_timer(dialog)
        leg.dialog_key = dialog.key
        self._dialogs[leg.dialog_key] = leg

    def _tidy(self, leg: Leg) -> None:
        if leg.session.state is State.ENDED and not leg.open_requests and leg.name in self._legs:
            self._forget(leg)

    def _forget(self, leg: Leg) -> None:
        del self._legs[leg.name]
        self.call_ids.remove(leg.session)
        for kind in leg.timers:
            self._timers.cancel(("leg", leg.name, kind))
        for early in leg.session.early if isinstance(leg.session, CallingSession) else ():
            if self._dialogs.get(early.dialog.key) is leg:
                del self._dialogs[early.dialog.key]
        if leg.dialog_key is not None and self._dialogs.get(leg.dialog_key) is leg:
            del self._dialogs[leg.dialog_key]

    def _break(self, leg: Leg, bug: str, now: float) -> list[Any]:
        """End a leg that our own mistake has brought into a state without a way out."""
        out: list[Any] = [Traced(leg.name, "in", f"bug: {bug}")]
        session = leg.session
        if isinstance(session, AnsweringSession) and session.state in UNANSWERED:
            response = self._composer.response(session.inbound.request, 500)
            out += self.transactions.respond(session.inbound, response, now)
        ended = session.end("us", 500, "internal error")
        session.state = State.ENDED
        self.in_progress -= len(ended)
        if ended:
            self._leave_trunk(leg)
        if leg.name in self._legs:
            self._forget(leg)
        return out + ended


_CARRY_OUT: dict[type, Callable[[Legs, Leg, Any, float, list[Any]], None]] = {
    Respond: Legs._respond,
    Ask: Legs._ask,
    Acknowledge: Legs._acknowledge,
    Abandon: Legs._abandon,
    StopRepeating: Legs._stop_repeating,
    StartTimer: Legs._start_timer,
    StopTimers: Legs._stop_timers,
    DialogLost: Legs._lose,
    LegEnded: Legs._finish,
    TrunkChosen: Legs._choose_trunk,
    ToOffers: Legs._tell_offers,
    ToTimer: Legs._tell_timer,
    EarlyDialogMade: Legs._adopt_early,
}
