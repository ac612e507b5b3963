"""The SIP endpoint: bytes, commands and time go in, bytes and events come out. No socket, no clock.

```
 bytes -> parser -> reception -> transactions -> legs: answering, calling, reoffer -> events
                        +-> registrar                         ^- commands
```
Every call returns a list in order: SendBytes, CloseStream and LookUp for the driver, and what `events` holds for
the user.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.sip.access.admission import Admission
from ivr.sip.access.authentication import Authenticator
from ivr.sip.access.claims import Claims
from ivr.sip.access.credentials import Credentials
from ivr.sip.commands import Command, RejectLeg, SendMessage
from ivr.sip.composer import Composer
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.gate.door import Door
from ivr.sip.leg.leg_answers import LegAnswers
from ivr.sip.leg.leg_commands import LegCommands
from ivr.sip.leg.leg_requests import LegRequests
from ivr.sip.leg.legs import Legs
from ivr.sip.message.message import MalformedRequest, Request
from ivr.sip.message.parser import parse
from ivr.sip.message.path import screen_path
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.stream import StreamFramer
from ivr.sip.pager.receiving import MessageReceiving
from ivr.sip.pager.sending import MessageSending
from ivr.sip.reception import Reception, stamp
from ivr.sip.registrar.binding import Binding
from ivr.sip.registrar.registrar import Registrar
from ivr.sip.settings import EndpointSettings
from ivr.sip.transaction.transactions import Transactions
from ivr.sip.transport.datagram_limit import DatagramLimit
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Question, Record
from ivr.sip.transport.locator import Locator
from ivr.sip.transport.networks import OwnAddresses
from ivr.sip.transport.next_hop import NextHop
from ivr.sip.transport.stream_pings import PONG, StreamPings
from ivr.sip.trunk.trunk_events import TrunkStatus
from ivr.sip.trunk.trunk_line import TrunkTools
from ivr.sip.trunk.trunks import Trunks


class Endpoint:
    """A user agent and registrar on any number of UDP, TCP and TLS sockets."""

    def __init__(self, settings: EndpointSettings, ids: Ids) -> None:
        self.settings = settings
        self._timers = Timers()
        self._framers: dict[int, StreamFramer] = {}
        self._own = OwnAddresses(settings)
        self._composer = Composer(settings, self._own, ids)
        route = NextHop(self._own, self._is_open)
        self._legs = Legs(settings, ids, self._timers, self._composer, route)
        answers = LegAnswers(self._legs, self._composer, Credentials(settings.credentials, ids))
        self._transactions = Transactions(settings, self._timers, answers, self._is_open)
        self._legs.transactions = self._transactions
        self._legs.limit = DatagramLimit(self._own, self._composer)
        self._pings = StreamPings(self._timers, settings.keep_alive)
        self._locator = Locator(self._own, ids)
        self._registrar = Registrar(settings, self._timers)
        self._commands = LegCommands(self._legs, settings, ids, self._composer, self._own, route, self._locator,
                                     self._registrar)
        others = Credentials(settings.credentials, ids)
        self._trunks = Trunks(settings.trunks, TrunkTools(
            ids, self._timers, self._composer, self._own, self._locator, self._transactions, others,
            self._legs.carried_by))
        answers.trunks = self._commands.trunks = self._trunks
        self.tap: Callable[[bytes, Flow, float], None] | None = None       # sees every message, for a capture
        self.door = Door(settings, self._legs, self._registrar, self._trunks.is_provider)
        self._authenticator = Authenticator(settings, ids, self.door.gate)
        claims = Claims(settings.accounts, settings.realm, self._own.advertised, self._registrar.is_home)
        self._admission = Admission(settings, self._authenticator, claims, self.door.gate, self._trunks)
        self._messages = MessageReceiving(ids, self._timers, self._composer, self._transactions, self._admission,
                                          self.door)
        self._sent_messages = MessageSending(self._composer, self._transactions, self._registrar, self._trunks, route,
                                             self._is_open)
        self._reception = Reception(
            settings, ids, self._composer, self._transactions, self._legs, LegRequests(self._legs, self._composer, ids),
            self._registrar, self._authenticator, self._admission, route, self.door, self._own,
            self._messages)

    # what the driver brings

    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """One datagram, or one message cut out of a stream. What is wrong is answered or dropped; nothing is raised."""
        if self.tap is not None:
            self.tap(data, flow, now)
        try:
            message = parse(data)
            if isinstance(message, Request):
                return self._reception.receive(message, flow, now)
            return self._transactions.receive(message, flow, now)
        except MalformedRequest as error:
            self.door.gate.blame_sender(data, flow, now)
            return self._refuse_malformed(error, flow)
        except PeerError:
            self.door.gate.blame_sender(data, flow, now)
            return []

    def receive_stream(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """Bytes of a connection (TCP, TLS), cut anywhere. After CloseStream nothing more of it is looked at."""
        framer = self._framers.get(flow.connection)
        if framer is None:
            if len(self._framers) >= self.settings.max_streams or self.door.shuts_out(flow, now):
                return [CloseStream(flow)]
            framer = self._framers[flow.connection] = StreamFramer()
        if framer.fault is not None:
            return []
        self._pings.heard(flow, data)
        out: list[Any] = []
        try:
            for frame in framer.feed(data):
                if not isinstance(frame, bytes):
                    out.append(SendBytes(flow, PONG))
                elif b"SIP/" in frame.partition(b"\n")[0]:
                    judged = self.door.judge_frame(frame, flow, now)
                    out += self.receive(frame, flow, now) if judged is None else judged
                else:
                    raise PeerError(0, "Not SIP")       # a Content-Length before was wrong, or another protocol
        except PeerError as error:
            framer.fault = error
        if framer.fault is not None:
            if isinstance(framer.fault, MalformedRequest):
                out += self._refuse_malformed(framer.fault, flow)
            out.append(CloseStream(flow))
        return out

    def stream_opened(self, flow: Flow, now: float) -> list[Any]:
        """A connection that we opened stands; it is ours to keep alive."""
        self._pings.opened(flow, now)
        return []

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        """A connection is gone, whoever closed it: its bindings go, requests over it have failed."""
        self._framers.pop(flow.connection, None)
        self._pings.closed(flow)
        return [*self._registrar.drop_connection(flow), *self._transactions.transport_failed(flow, now),
                *self._trunks.stream_closed(flow, now)]

    def send_failed(self, flow: Flow, now: float) -> list[Any]:
        """A SendBytes to `flow` could not be sent: no connection, or ICMP said that nobody is there."""
        return self._transactions.transport_failed(flow, now)

    def looked_up(self, question: Question, records: tuple[Record, ...], now: float) -> list[Any]:
        """The answer to a LookUp; empty if there is none."""
        return self._locator.looked_up(question, records, now)

    def next_timer(self) -> float | None:
        """When `handle_timers` is to be called, or None."""
        return self._timers.next_at()

    def handle_timers(self, now: float) -> list[Any]:
        """Do what is due."""
        out: list[Any] = []
        while (due := self._timers.pop_due(now)) is not None:
            key: Any = due[0]
            side, name, event = key[0], key[1], due[1]
            if side in ("in", "out"):
                out += self._transactions.fire(name, event, now)
            elif side == "leg":
                out += self._legs.fire(name, event, now)
            elif side == "trunk":
                out += self._trunks.fire(name, event, now)
            elif side == "ping":
                out += self._pings.fire(name, event, now)
            elif side == "message":
                out += self._messages.fire(event, now)
            elif side == "registrar":
                out += self._registrar.fire(event, now)
            else:
                out += self._reception.say_trying(event, now)
        return out

    # what the user asks

    def start(self, now: float) -> list[Any]:
        """The sockets are open: look up the hosts of trunks, register with them, ping them."""
        return self._trunks.start(now)

    def unregister(self, now: float) -> list[Any]:
        """Leave the providers we are registered with, and ping no trunk any more; calls in progress go on."""
        return self._trunks.stop(now)

    def trunks(self) -> tuple[TrunkStatus, ...]:
        """How each trunk stands."""
        return self._trunks.statuses()

    def handle(self, command: Command, now: float) -> list[Any]:
        """Carry out a command; one for a leg that has ended does nothing."""
        if isinstance(command, RejectLeg):
            self.door.turned_away(command, now)
        return self._commands.handle(command, now)

    def answer_message(self, message: str, status: int, now: float, retry_after: int | None = None,
                       leg: str = "") -> list[Any]:
        """What becomes of a MessageReceived; without a word for 28 s it gets 503. `leg`: in whose ladder it stands."""
        return self._messages.answer(message, status, now, retry_after, leg)

    def send_message(self, command: SendMessage, now: float) -> list[Any]:
        """Send somebody who has written a MESSAGE; one MessageSent follows, at once if there is no way to them."""
        return self._sent_messages.send(command, now)

    def bindings(self, account: str, now: float) -> tuple[Binding, ...]:
        """Where an account's phones are, the preferred one first."""
        return self._registrar.bindings(account, now)

    def phones(self, account: str, now: float) -> tuple[Binding, ...]:
        """The same, of a phone that has registered several flows (RFC 5626) the newest alone."""
        return self._registrar.phones(account, now)

    def restore(self, bindings: Iterable[Binding], now: float) -> list[Any]:
        """Take up phones that an earlier process had registered; who is no edge any more sets no Path either."""
        kept = (one for one in bindings if screen_path(one.path, one.flow, self.door.edges, self._own) is None)
        return self._registrar.restore(kept, now)

    def advertised_address(self, remote: str) -> str:
        """Our address as `remote` must use it, for SDP: local, loopback or `public_address`."""
        return self._own.advertised(remote)

    def drain(self, now: float, offer_calls: bool = False) -> None:
        """From now on INVITEs and OPTIONS outside dialogs get 503 with Retry-After; calls in progress go on.

        `offer_calls`: new INVITEs are offered as ever, for a user who rejects them and keeps a record of that.
        """
        self._admission.draining, self._admission.offers_while_draining = True, offer_calls

    def refuse(self, status: int | None) -> None:
        """What new INVITEs get while the service can't take calls; None: it can. 486 gives way to a trunk's status."""
        self._admission.refusal = status

    def sip_call_id(self, leg: str) -> str:
        """The Call-ID of a leg; "" if there is no such leg."""
        known = self._legs.get(leg)
        return known.session.sip_call_id if known is not None else ""

    def is_parting(self, leg: str) -> bool:
        """Whether the end of a leg was told and its BYE or CANCEL of ours is not answered yet."""
        return self._legs.is_parting(leg)

    @property
    def parting(self) -> int:
        """Legs whose end was told and whose BYE or CANCEL of ours is not answered yet; registrations we are ending;
        messages of ours that are not answered."""
        return self._legs.parting + self._trunks.leaving + len(self._sent_messages)

    def counts(self) -> dict[str, int]:
        """Everything that is kept; after the last call and its last timer all is 0 but bindings, streams and addresses
        that failed to log in."""
        return {**self._transactions.counts(), **self._legs.counts(), **self._registrar.counts(),
                **self._authenticator.counts(), **self.door.counts(), "timers": len(self._timers),
                "searches": len(self._locator), "messages": len(self._messages) + len(self._sent_messages),
                "streams": len(self._framers)}

    def _is_open(self, flow: Flow) -> bool:
        return flow.connection in self._framers

    def _refuse_malformed(self, error: MalformedRequest, flow: Flow) -> list[Any]:
        """Answer without a transaction (RFC 3261 §8.2.7). An ACK is never answered, nor what has no method or Via."""
        if error.method in ("ACK", "") or not error.status or not error.headers.all("Via"):
            return []
        with suppress(PeerError):       # of a Via that can't be read; then the source is all we know
            stamp(error.headers, flow)
        return [SendBytes(flow, to_bytes(self._composer.response(error, error.status, None, (), error.reason)))]
