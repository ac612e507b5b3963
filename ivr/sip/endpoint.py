"""The SIP endpoint: bytes, commands and time go in, bytes and events come out. No socket, no clock.

```
 bytes -> parser -> reception -> transactions -> legs: answering, calling, reoffer -> events
                        +-> registrar                         ^- commands
```
Every call returns a list in order: SendBytes, CloseStream and ResolveHost for the driver, and what `events` holds for
the user.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.sip.admission import Admission
from ivr.sip.authentication import Authenticator
from ivr.sip.binding import Binding
from ivr.sip.commands import Command
from ivr.sip.composer import Composer
from ivr.sip.credentials import Credentials
from ivr.sip.effects import CloseStream, SendBytes
from ivr.sip.flow import Flow
from ivr.sip.leg_answers import LegAnswers
from ivr.sip.leg_commands import LegCommands
from ivr.sip.leg_requests import LegRequests
from ivr.sip.legs import Legs
from ivr.sip.message import MalformedRequest, Request
from ivr.sip.networks import OwnAddresses
from ivr.sip.next_hop import NextHop
from ivr.sip.parser import parse
from ivr.sip.printer import to_bytes
from ivr.sip.reception import Reception, stamp
from ivr.sip.registrar import Registrar
from ivr.sip.settings import EndpointSettings
from ivr.sip.stream import StreamFramer
from ivr.sip.transactions import Transactions

PONG = b"\r\n"


class Endpoint:
    """A user agent and registrar on any number of UDP and TCP sockets."""

    def __init__(self, settings: EndpointSettings, ids: Ids) -> None:
        self._settings = settings
        self._timers = Timers()
        self._framers: dict[int, StreamFramer] = {}
        self._own = OwnAddresses(settings)
        self._composer = Composer(settings, self._own, ids)
        route = NextHop(self._own, self._is_open)
        self._legs = Legs(settings, ids, self._timers, self._composer, route)
        answers = LegAnswers(self._legs, self._composer, Credentials(settings.credentials, ids))
        self._transactions = Transactions(settings, self._timers, answers, self._is_open)
        self._legs.transactions = self._transactions
        self._commands = LegCommands(self._legs, settings, ids, self._composer, self._own, route)
        self._registrar = Registrar(settings, self._timers)
        self._authenticator = Authenticator(settings, ids)
        self._admission = Admission(settings, self._authenticator)
        self._reception = Reception(
            settings, ids, self._composer, self._transactions, self._legs, LegRequests(self._legs, self._composer, ids),
            self._registrar, self._authenticator, self._admission, route)

    # what the driver brings

    def receive(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """One datagram, or one message cut out of a stream. What is wrong is answered or dropped; nothing is raised."""
        try:
            message = parse(data)
            if isinstance(message, Request):
                return self._reception.receive(message, flow, now)
            return self._transactions.receive(message, flow, now)
        except MalformedRequest as error:
            return self._refuse_malformed(error, flow)
        except PeerError:
            return []

    def receive_stream(self, data: bytes, flow: Flow, now: float) -> list[Any]:
        """Bytes of a TCP connection, cut anywhere. After CloseStream nothing more of that connection is looked at."""
        framer = self._framers.get(flow.connection)
        if framer is None:
            if len(self._framers) >= self._settings.max_streams:
                return [CloseStream(flow)]
            framer = self._framers[flow.connection] = StreamFramer()
        if framer.fault is not None:
            return []
        out: list[Any] = []
        try:
            for frame in framer.feed(data):
                if not isinstance(frame, bytes):
                    out.append(SendBytes(flow, PONG))
                elif b"SIP/" in frame.partition(b"\n")[0]:
                    out += self.receive(frame, flow, now)
                else:
                    raise PeerError(0, "Not SIP")       # a Content-Length before was wrong, or another protocol
        except PeerError as error:
            framer.fault = error
        if framer.fault is not None:
            if isinstance(framer.fault, MalformedRequest):
                out += self._refuse_malformed(framer.fault, flow)
            out.append(CloseStream(flow))
        return out

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        """A TCP connection is gone, whoever closed it: its bindings go, requests over it have failed."""
        self._framers.pop(flow.connection, None)
        return [*self._registrar.drop_connection(flow), *self._transactions.transport_failed(flow, now)]

    def send_failed(self, flow: Flow, now: float) -> list[Any]:
        """A SendBytes to `flow` could not be sent: no connection, or ICMP said that nobody is there."""
        return self._transactions.transport_failed(flow, now)

    def host_resolved(self, leg: str, addresses: list[tuple[str, int]], now: float) -> list[Any]:
        """The answer to ResolveHost, best address first; empty if there is none."""
        return self._commands.host_resolved(leg, addresses, now)

    def next_timer(self) -> float | None:
        """When `handle_timers` is to be called, or None."""
        return self._timers.next_at()

    def handle_timers(self, now: float) -> list[Any]:
        """Do what is due."""
        out: list[Any] = []
        while (due := self._timers.pop_due(now)) is not None:
            key: Any = due[0]
            side, name, event = key[0], key[1], due[1]
            if side == "leg":
                out += self._legs.fire(name, event, now)
            elif side == "registrar":
                out += self._registrar.fire(event, now)
            else:
                out += self._transactions.fire(side, name, event, now)
        return out

    # what the user asks

    def handle(self, command: Command, now: float) -> list[Any]:
        """Carry out a command; one for a leg that has ended does nothing."""
        return self._commands.handle(command, now)

    def bindings(self, account: str, now: float) -> tuple[Binding, ...]:
        """Where an account's phones are, the preferred one first."""
        return self._registrar.bindings(account, now)

    def restore(self, bindings: Iterable[Binding], now: float) -> list[Any]:
        """Take up phones that an earlier process had registered."""
        return self._registrar.restore(bindings, now)

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

    @property
    def parting(self) -> int:
        """Legs whose end was told and whose BYE or CANCEL of ours is not answered yet."""
        return self._legs.parting

    def counts(self) -> dict[str, int]:
        """Everything that is kept; after the last call and its last timer all is 0 but bindings, streams and addresses
        that failed to log in."""
        return {**self._transactions.counts(), **self._legs.counts(), **self._registrar.counts(),
                **self._authenticator.counts(), "timers": len(self._timers), "streams": len(self._framers)}

    def _is_open(self, flow: Flow) -> bool:
        return flow.connection in self._framers

    def _refuse_malformed(self, error: MalformedRequest, flow: Flow) -> list[Any]:
        """Answer without a transaction (RFC 3261 §8.2.7). An ACK is never answered, nor what has no method or Via."""
        if error.method in ("ACK", "") or not error.status or not error.headers.all("Via"):
            return []
        with suppress(PeerError):       # of a Via that can't be read; then the source is all we know
            stamp(error.headers, flow)
        return [SendBytes(flow, to_bytes(self._composer.response(error, error.status, None, (), error.reason)))]
