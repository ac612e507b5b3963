"""The exchange: everything that control decides, as one machine without I/O.

SIP bytes, plane events and confirmations of the store go in with `now`; SIP bytes, plane commands and rows come out. It
composes the SIP endpoint, the calls and the dispatcher, so a whole day of calls runs in virtual time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from ivr.base.trace import Row
from ivr.call.events import EndOrdered, LookUpAnswered
from ivr.call.supervising import Mode
from ivr.exchange import (
    callbacks,
    from_call,
    from_capture,
    from_menus,
    from_pages,
    from_plane,
    from_queue,
    from_recording,
    from_refusals,
    from_route,
    from_sip,
    from_sip_answers,
    from_sip_offers,
    from_sip_transfers,
    from_trunk,
    ladders,
    lasting,
    operator_log,
    supervising,
    transferring,
    verifying,
)
from ivr.exchange.broken import lose
from ivr.exchange.callbacks import Wanted
from ivr.exchange.capturing import Capture
from ivr.exchange.editions import MenuChange
from ivr.exchange.effects import ToStore
from ivr.exchange.house import House, Tell, report
from ivr.exchange.lasting import Lasting
from ivr.exchange.outside import Outside
from ivr.exchange.snapshot import snapshot
from ivr.exchange.supervising import NotSupervised
from ivr.exchange.texting import from_text, keeping, returning
from ivr.exchange.texting.by_sip import told as by_sip
from ivr.exchange.transferring import NotTransferred, Wish
from ivr.exchange.turns import told_of, turns_of
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question, Record
from routing.callback import Callback
from routing.dispatcher import Status, WrapUpDone

ROUTES: dict[type, Any] = {**from_sip.ROUTES, **from_sip_answers.ROUTES, **from_sip_offers.ROUTES,
                           **from_sip_transfers.ROUTES,
                           **from_trunk.ROUTES, **from_route.ROUTES, **from_queue.ROUTES, **from_plane.ROUTES,
                           **from_refusals.ROUTES, **from_menus.ROUTES, **from_pages.ROUTES,
                           **ladders.ROUTES, **from_capture.ROUTES, **from_recording.ROUTES, **from_text.ROUTES,
                           **by_sip.ROUTES, **from_call.ROUTES}      # all else is for the world


class Exchange(Outside):
    """Every verb returns effects in order: SIP's own, `ToPlane`, `ToStore` and `Report`."""

    def __init__(self, house: House) -> None:
        self.house = house

    def start(self, now: float) -> list[Any]:
        """The sockets are open: trunks are registered with and pinged from now on."""
        return self._run([*operator_log.begin(self.house, now), *self.house.endpoint.start(now)], now)

    # --- what the network brings --------------------------------------------------------------------------------
    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """One UDP datagram."""
        return self._run(self.house.endpoint.receive(data, flow, now), now)

    def receive_stream(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """Bytes of a connection (TCP, TLS)."""
        return self._run(self.house.endpoint.receive_stream(data, flow, now), now)

    def stream_opened(self, flow: Flow, now: float) -> list[Any]:
        """A connection that we opened stands."""
        return self._run(self.house.endpoint.stream_opened(flow, now), now)

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        return self._run(self.house.endpoint.stream_closed(flow, now), now)

    def send_failed(self, flow: Flow, now: float) -> list[Any]:
        return self._run(self.house.endpoint.send_failed(flow, now), now)

    def looked_up(self, question: Question, records: tuple[Record, ...], now: float) -> list[Any]:
        """What the name service answered."""
        return self._run(self.house.endpoint.looked_up(question, records, now), now)

    # --- what the house brings ----------------------------------------------------------------------------------
    def plane_event(self, event: Any, now: float) -> list[Any]:
        return self._run([event], now)

    def plane_lost(self, worker: int, now: float) -> list[Any]:
        """This plane is gone with all that it held."""
        return self._run(from_plane.plane_lost(self.house, worker, now), now)

    def durable(self, token: str, now: float) -> list[Any]:
        """The rows written under `token` are safe."""
        return self._run(told_of(self.house, token, kept=True), now)

    def not_durable(self, token: str, now: float) -> list[Any]:
        """There is no room for the rows written under `token`."""
        return self._run(told_of(self.house, token, kept=False), now)

    def answered(self, call: str, number: int, answer: Any, reason: str, now: float) -> list[Any]:
        """What another system answered (`ToOtherSystem`), or why it did not; harmless when the call is over."""
        return self._run([Tell(call, LookUpAnswered(number, answer, reason))], now)

    def verified(self, call: str, number: int, name: str, reason: str, now: float) -> list[Any]:
        """Who a register of PINs says it is (`ToPinRegister`), or why it knows nobody; harmless when the call is over.
        """
        return self._run(verifying.verified(self.house, call, number, name, reason, now), now)

    def database_away(self, away: bool, reason: str) -> list[Any]:
        self.house.database_away = away
        return [report("warning" if away else "info", "database_away" if away else "database_back", reason=reason)]

    def store_full(self, full: bool) -> list[Any]:
        """While neither database nor spool takes more, new calls are refused rather than lost."""
        self.house.store_full = full
        return [report("error" if full else "info", "spool_full" if full else "spool_has_room")]

    def next_timer(self) -> float | None:
        times = [at for at in (self.house.timers.next_at(), self.house.endpoint.next_timer()) if at is not None]
        return min(times, default=None)

    def handle_timers(self, now: float) -> list[Any]:
        effects = self._run(self.house.endpoint.handle_timers(now), now)
        while (due := self.house.timers.pop_due(now)) is not None:
            effects += self._run([due[1]], now)
        return effects

    # --- what people ask ----------------------------------------------------------------------------------------
    def snapshot(self, now: float) -> dict[str, Any]:
        return snapshot(self.house, now)

    def check_accounts(self, now: float) -> list[Any]:
        """Whether every caller is accounted for; what is found wrong is told once, and again when it is another."""
        known = self.house.sums.faults
        calls = {call: opened.call.visit.call.outcome is not None for call, opened in self.house.calls.items()}
        faults = self.house.sums.check(calls, self.house.dispatcher.snapshot(now)["queues"])
        if faults == known:
            return []
        return [report("error", "callers_unaccounted", fault=fault) for fault in faults] or [
            report("info", "callers_accounted")]

    def set_status(self, operator: str, status: Status, reason: str, now: float, by: str = "") -> list[Any]:
        return self._run(self.house.set_status(operator, status, reason, now, by), now)

    def wrap_up_done(self, operator: str, call: str, now: float) -> list[Any]:
        """The request of this call is saved; of "": whatever the operator wraps up is done."""
        return self._run(self.house.dispatcher.handle(WrapUpDone(operator, call), now), now)

    def supervise(self, call: str, who: str, mode: Mode, now: float) -> list[Any] | NotSupervised:
        """Let `who` listen to a call, or switch how they take part."""
        return self.carried(supervising.supervise(self.house, call, who, mode, now), now)

    def end_supervision(self, call: str, who: str, now: float) -> list[Any] | NotSupervised:
        return self.carried(supervising.end_supervision(self.house, call, who, now), now)

    def ladder(self, call: str) -> tuple[Row, ...] | None:
        """What has happened in a call so far; None once its ladder is written, or if there is no such call."""
        opened = ladders.live(self.house, call)
        return tuple(opened.trace.rows) if opened is not None else None

    def keep_ladders(self, now: float) -> list[Any]:
        """The service ends: ladders are written as they are, and that nobody knows any more how operators stand."""
        return [*ladders.keep_all(self.house, now), *operator_log.end(self.house, now)]

    def transfer(self, call: str, target: str, now: float, *, attended: bool) -> list[Any] | NotTransferred:
        """Send the caller of a call on, or let its operator ask there first."""
        return self.carried(transferring.transfer(self.house, call, target, now, attended=attended), now)

    def end_consultation(self, call: str, wish: Wish, now: float) -> list[Any] | NotTransferred:
        """The operator who asked somebody goes back, joins all three or hands over."""
        return self.carried(transferring.consultation(self.house, call, wish, now), now)

    def begin_capture(self, capture: Capture, until: float) -> list[Any]:
        """Capture a call; `CaptureOver` comes `until` then at the latest."""
        return from_capture.begin(self.house, capture, until)

    def end_capture(self, number: int, reason: str) -> list[Any]:
        return from_capture.end(self.house, number, reason)

    def begin_recording(self, call: str, by: str, now: float) -> list[Any]:
        """Record a call in progress for `by`, who has asked `from_recording.obstacle` before."""
        return from_recording.start(self.house, self.house.calls[call], "on_demand", by, now)

    def end_recording(self, call: str, reason: str) -> list[Any]:
        """Harmless if it is not recorded. From then on it is only where somebody asks for it."""
        recording, opened = self.house.recordings.of_call(call), self.house.calls.get(call)
        if recording is None or opened is None:
            return []
        opened.unrecorded = True
        return from_recording.stop(recording, reason)

    def change_menus(self, change: MenuChange, now: float) -> list[Any]:
        """What the files say now, if they are good: new calls get it as soon as the planes have its sounds."""
        return self._run(from_menus.change_menus(self.house, change, now), now)

    def refuse_menus(self, faults: Sequence[str], now: float) -> list[Any]:
        """What the files say now can't be used: calls go on with what they had."""
        return from_menus.refuse_menus(self.house, faults, now)

    def phones(self, now: float) -> tuple[Binding, ...]:
        """Every registered phone."""
        accounts = [*self.house.config.operators, *self.house.config.accounts]
        return tuple(binding for account in accounts for binding in self.house.endpoint.bindings(account, now))

    def page(self, asked: from_pages.Asked, now: float) -> list[Any]:
        """What the web process says of a phone in a page."""
        return self._run(from_pages.asked(self.house, asked, now), now)

    def text(self, asked: from_text.Asked, now: float) -> list[Any]:
        """What people do who write: visitors of channels, and operators in chats."""
        return self._run(from_text.asked(self.house, asked, now), now)

    def return_chats(self, left: Iterable[returning.Left], menus: returning.Menus, now: float) -> list[Any]:
        """Chats that an earlier process left in the middle go on, those that can."""
        return self._run(returning.return_chats(self.house, left, menus, now), now)

    def restore_callbacks(self, wanted: Iterable[Wanted], now: float) -> list[Any]:
        """Requests that an earlier process left open, the oldest first."""
        return self._run(callbacks.restore(self.house, wanted, now), now)

    def cancel_callback(self, callback: Callback, by: str, now: float) -> list[Any]:
        """A person says that nobody is to be called back for it."""
        return self._run(callbacks.cancel(self.house, callback, f"cancelled by {by}".strip(), now), now)

    def callback_now(self, callback: Callback, now: float) -> list[Any]:
        return self._run(callbacks.call_now(self.house, callback, now), now)

    def resume(self, kept: Lasting | None, now: float) -> list[Any]:
        """What an earlier process kept: before any call or phone. None: nothing."""
        return self._run(lasting.resume(self.house, kept, now), now) if kept is not None else []

    def restore_phones(self, bindings: Iterable[Binding], now: float) -> list[Any]:
        """Phones that an earlier control process had registered."""
        return self._run(self.house.endpoint.restore(bindings, now), now)

    def drain(self, now: float) -> list[Any]:
        """Refuse new calls; those in progress may go on until `end_calls`."""
        self.house.draining = True
        self.house.endpoint.drain(now, offer_calls=True)
        leave = self._run([*callbacks.drain(self.house, now), *self.house.endpoint.unregister(now)], now)
        return [report("info", "draining", calls=len(self.house.calls)), *leave]

    def end_calls(self, reason: str, now: float) -> list[Any]:
        return self._run([Tell(call, EndOrdered(reason)) for call in keeping.calls_to_end(self.house)], now)

    @property
    def idle(self) -> bool:
        """No call and no leg is left but of chats that go on in the next process."""
        return not keeping.calls_to_end(self.house) and all(leg.writes for leg in self.house.legs)

    @property
    def parting(self) -> int:
        """Legs that are over for us while a BYE or CANCEL of ours is not answered yet, or the plane has not told how
        their audio was; and recordings whose files it has not closed."""
        return self.house.endpoint.parting + self.house.legs.closing + len(self.house.recordings)

    # --- the turn -----------------------------------------------------------------------------------------------
    def _run(self, items: Iterable[Any], now: float) -> list[Any]:
        """Carry events and effects from machine to machine until only effects for the world are left.

        Each item is brought to its end before the next begins: an answer and a BYE of one TCP segment are two turns,
        as they are over UDP, so no machine meets the second while another still works on the first.
        """
        house = self.house
        outward: list[Any] = []
        for turn in turns_of(items):
            for item in turn:           # which grows by what follows from each
                kind = type(item)
                if kind not in ROUTES:
                    if kind is ToStore:
                        house.sums.note(item.batch)
                    elif (followed := by_sip.inside(house, item, now)) is not None:
                        turn += followed
                        continue
                    outward.append(item)
                    continue
                try:
                    turn += ROUTES[kind](house, item, now)
                except Exception as error:
                    # A bug of ours ends what it concerns and not the service; which one it was is for the log.
                    turn += lose(house, item, error, now)
        return keeping.together(house, outward, now)
