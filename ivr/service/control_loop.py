"""The asyncio loop around the exchange: every input is one turn, every turn's effects leave in order."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.call.record import Batch
from ivr.drivers.log import Log
from ivr.drivers.name_service import NameService
from ivr.drivers.plane_links import PlaneLinks
from ivr.drivers.received import Received
from ivr.drivers.sip_sockets import SipSockets
from ivr.drivers.state_files import LatestWriter, StateFiles
from ivr.exchange.capturing import CaptureOver, RtpCaptured
from ivr.exchange.effects import (
    OrdersKept,
    OutboundCounted,
    Report,
    StatusChosen,
    ToOtherSystem,
    ToPage,
    ToPinRegister,
    ToPlane,
    ToStore,
    ToText,
    TrialsKept,
)
from ivr.exchange.exchange import Exchange
from ivr.service.asked_by_menus import AskedByMenus
from ivr.service.captures import CaptureDesk
from ivr.service.lasting import LastingState
from ivr.service.serving import Serving
from ivr.service.tls_files import tls_files
from ivr.sip.effects import CloseStream, LookUp, SendBytes
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question
from routing.dispatcher import Status
from routing.requests.ledger import Accepted, DatabaseAway, Durable, Notice, RowsQuarantined, SpoolFilled
from routing.requests.writer import RecordWriter

SAVE_PHONES_EVERY = 2.0          # s; what registered since is unreachable after a crash until it registers again
GOODBYE = 2.0                    # s for our last BYEs to be answered, or sent again
TIMER_GRAIN = 0.005              # s: timers that fall due within it have one turn together; SIP counts in 0.5 s
ROOM_PAUSE = 1.0                 # s until a full store is asked again whether it has room

log = Log("control")


class Control:
    """Sockets, plane, store and clock of one exchange."""

    def __init__(self, exchange: Exchange, config: Config, writer_for: Callable[["Control"], RecordWriter],
                 state_files: StateFiles) -> None:
        self.exchange = exchange
        self.config = config
        self.loop = asyncio.get_running_loop()
        self.state_files = state_files
        self.kept_phones = LatestWriter(state_files.save_phones)
        self.kept_outbound = LatestWriter(state_files.save_outbound)
        self.kept_trials = LatestWriter(state_files.save_trials)
        self.lasting = LastingState(self, state_files)
        self.serving = Serving(exchange, self.do, self.settle)
        self.received = Received(self.serving.datagram, self.stream, self.stream_closed, self.send_failed,
                                 self.stream_opened, self.serving.serve)
        self.sockets = SipSockets(self.received, tls_files(config))
        self.names = NameService(config.sip.nameserver)
        self.asked = AskedByMenus(self, config)
        self.planes: PlaneLinks | None = None
        self.planes_serve = asyncio.Event()     # set when all of them first did
        self.writer = writer_for(self)
        self.captures = CaptureDesk(self, Path(config.state_dir) / "captures")
        self._endpoint = exchange.house.endpoint
        self.push: Callable[[dict[str, Any]], None] = lambda told: None        # to the web process
        self.done = asyncio.Event()
        self.drain_until: float | None = None
        self._phones_saved: tuple[Binding, ...] = ()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._room: asyncio.Handle | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- inputs: one turn each ----------------------------------------------------------------------------------
    def datagram(self, flow: Flow, payload: bytes) -> None:
        now = time.monotonic()
        self.carry_out(self.exchange.receive(payload, flow, now), now)

    def stream(self, flow: Flow, payload: bytes) -> None:
        now = time.monotonic()
        self.carry_out(self.exchange.receive_stream(payload, flow, now), now)
        self.serving.tell_news(now)

    def stream_closed(self, flow: Flow) -> None:
        self._turn(self.exchange.stream_closed, flow)

    def stream_opened(self, flow: Flow) -> None:
        self._turn(self.exchange.stream_opened, flow)

    def send_failed(self, flow: Flow) -> None:
        self._turn(self.exchange.send_failed, flow)

    def plane_event(self, event: Any) -> None:
        now = time.monotonic()
        self.carry_out(self.exchange.plane_event(event, now), now)
        if self.exchange.house.legs.planes.complete:
            self.planes_serve.set()

    def plane_lost(self, worker: int) -> None:
        self._turn(self.exchange.plane_lost, worker)

    def timers_due(self) -> None:
        self._timer_at = None
        now = time.monotonic()
        self.carry_out(self.exchange.handle_timers(now), now)

    def notices(self, notices: Sequence[Notice]) -> None:
        """What the record writer tells, in the loop's thread."""
        now = time.monotonic()
        for notice in notices:
            match notice:
                case Durable(token):
                    self.carry_out(self.exchange.durable(token, now), now)
                case DatabaseAway(away, reason):
                    self.carry_out(self.exchange.database_away(away, reason), now)
                case SpoolFilled():
                    self._look_for_room()
                case RowsQuarantined(count, reason):
                    log.error("rows_quarantined", count=count, reason=reason)

    def set_status(self, operator: str, status: Status, reason: str, by: str = "") -> None:
        """A person chose, or a supervisor for them; that outlives this process."""
        now = time.monotonic()
        self.carry_out(self.exchange.set_status(operator, status, reason, now, by), now)

    def remember(self, now: float) -> None:
        """Take up what an earlier control knew and counted, and note it down from now on."""
        self.exchange.calls_out_counted(*self.state_files.outbound())
        self.lasting.take_up(now)
        known = {*self.config.operators, *self.config.accounts}
        phones = [binding for binding in self.state_files.phones(now) if binding.account in known]
        self.carry_out(self.exchange.restore_phones(phones, now), now)
        self.loop.call_later(SAVE_PHONES_EVERY, self.save_phones)

    def save_phones(self) -> None:
        now = time.monotonic()
        bindings = self.exchange.phones(now)
        if bindings != self._phones_saved:
            self._phones_saved = bindings
            self.kept_phones.put(bindings, now)
        self.loop.call_later(SAVE_PHONES_EVERY, self.save_phones)

    def _turn(self, verb: Callable[[Any, float], list[Any]], what: Any) -> None:
        now = time.monotonic()
        self.carry_out(verb(what, now), now)

    # --- outputs ------------------------------------------------------------------------------------------------
    def carry_out(self, effects: list[Any], now: float) -> None:
        """What one turn wants, to its end."""
        self.do(effects, now)
        self.settle()

    def do(self, effects: list[Any], now: float) -> None:
        """The effects alone; `settle` must follow before the loop waits."""
        for effect in effects:
            match effect:
                case SendBytes(flow, payload):
                    self.sockets.send(flow, payload)
                    if self._endpoint.tap is not None:
                        self.exchange.house.captures.passes(payload, flow, now, outward=True)
                case ToPlane(command, worker):
                    if self.planes is not None:
                        self.planes.put(command, worker)
                case ToStore(batch, token):
                    self._keep(batch, token)
                case ToOtherSystem() | ToPinRegister() | OrdersKept():
                    self._spawn(self.asked.ask(effect))
                case OutboundCounted(day, by_operator):
                    self.kept_outbound.put(day, dict(by_operator))
                case StatusChosen(operator, status, reason, by):
                    self.lasting.note_status(operator, status, reason, by)
                case TrialsKept(trials):
                    self.kept_trials.put(trials)
                case Report(level, event, fields):
                    getattr(log, level)(event, **dict(fields))
                case CloseStream(flow):
                    self.sockets.close_stream(flow)
                case LookUp(question):
                    self._spawn(self._look_up(question))
                case ToPage() | ToText():
                    self.push(effect.pushed)
                case CaptureOver() | RtpCaptured():
                    self.captures.take(effect)

    def settle(self) -> None:
        """After one turn or several: what they said together leaves together."""
        if self.planes is not None:
            self.planes.flush()
        if self._endpoint.tap is not None:
            self.captures.write()
        self._arm()
        if self.drain_until is not None and self.exchange.idle:
            self._leave()

    def _keep(self, batch: Batch, token: str | None) -> None:
        accepted = self.writer.submit(batch, token)
        if accepted is Accepted.REFUSED:
            log.error("rows_lost", reason="neither database nor disk took any for long", durable=token is not None)
            if token is not None:
                self.loop.call_soon(self._not_durable, token)
        if accepted is not Accepted.TAKEN and self._room is None:
            self._room = self.loop.call_soon(self._look_for_room)

    def _look_for_room(self) -> None:
        """New calls are refused while the store keeps its room for those in progress."""
        full = self.writer.full
        if full != self.exchange.house.store_full:
            self.carry_out(self.exchange.store_full(full), time.monotonic())
        if self._room is not None:
            self._room.cancel()
        self._room = self.loop.call_later(ROOM_PAUSE, self._look_for_room) if full else None

    def _not_durable(self, token: str) -> None:
        self._turn(self.exchange.not_durable, token)

    async def _look_up(self, question: Question) -> None:
        records = await self.names.look_up(question)
        now = time.monotonic()
        self.carry_out(self.exchange.looked_up(question, records, now), now)

    def _arm(self) -> None:
        """One loop timer for the exchange's earliest."""
        at = self.exchange.next_timer()
        if at is None:
            return
        at = max(at, time.monotonic() + TIMER_GRAIN)
        if self._timer_at is not None and self._timer_at <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self.loop.call_at(at, self.timers_due)

    def _spawn(self, coroutine: Any) -> None:
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- life ---------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """The sockets are ours."""
        now = time.monotonic()
        self.carry_out(self.exchange.start(now), now)

    def drain(self) -> None:
        """SIGTERM: new calls get 503, calls in progress may end, for `drain_s` at most."""
        if self.drain_until is not None:
            self._end_all()          # a second signal: now
            return
        now = time.monotonic()
        self.drain_until = now + self.config.drain_s
        self.loop.call_later(self.config.drain_s, self._end_all)
        self.carry_out(self.exchange.drain(now), now)

    def _end_all(self) -> None:
        """The drain's bound: whoever is still on a call is told goodbye by BYE, and gets their row."""
        now = time.monotonic()
        self.carry_out(self.exchange.end_calls("the service stopped", now), now)

    def _leave(self) -> None:
        """The last call is over. A BYE that gets lost must be sent again, or the other phone never hears of it; and the
        plane has a last word on each leg and each recording."""
        if not self.exchange.parting:
            self.done.set()
        elif self._leaving is None:
            self._leaving = self.loop.call_later(GOODBYE, self.done.set)

    async def close(self) -> None:
        self.carry_out(self.exchange.keep_ladders(time.monotonic()), time.monotonic())
        await self.captures.close()
        await self.asked.close()
        await self.sockets.close()
        if self.planes is not None:
            self.planes.close()
        now = time.monotonic()
        self.kept_phones.put(self.exchange.phones(now), now)
        for kept in (self.kept_phones, self.kept_outbound, self.kept_trials):
            await kept.settled()
        await self.lasting.close()
        written = await asyncio.to_thread(self.writer.close, 10.0)
        (log.info if written else log.error)("control_stopped", everything_written=written)
