"""Every transaction that lives: finds them, keeps their timers, and turns their effects into bytes."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ivr.base.timers import Timers
from ivr.sip.composer import acknowledge_failure
from ivr.sip.effects import SendBytes
from ivr.sip.events import Traced
from ivr.sip.message.message import Request, Response
from ivr.sip.message.printer import to_bytes
from ivr.sip.settings import EndpointSettings
from ivr.sip.tracing import line_of
from ivr.sip.transaction.classified import classified
from ivr.sip.transaction.client_invite import Abandoned, InviteClientTransaction, SendAck, TimerA
from ivr.sip.transaction.client_other import OtherClientTransaction
from ivr.sip.transaction.matching import client_key, merged_key
from ivr.sip.transaction.server_invite import AckReceived, InviteServerTransaction, Send2xx, Send3xxTo6xx
from ivr.sip.transaction.server_invite import State as ServerInviteState
from ivr.sip.transaction.server_other import OtherServerTransaction, SendFinal
from ivr.sip.transaction.transaction import (
    PassUp,
    RequestRetransmitted,
    Send1xx,
    SendMessage,
    StartTimer,
    TransactionEnded,
    TransportFailed,
)
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.next_hop import reply_flow
from ivr.sip.transport.transports import default_port

Purpose = Literal["invite", "reinvite", "bye", "fork", "cancel", "key", "probe", "prack", "update", "refresh", "refer",
                  "notify", "register", "ping", "message"]
RETRANSMITTED, TRANSPORT_FAILED, ABANDONED = RequestRetransmitted(), TransportFailed(), Abandoned()


@dataclass(slots=True)
class Outgoing:
    """A message as it is sent and sent again."""

    payload: bytes
    text: str


@dataclass(slots=True, eq=False)
class ServerTransaction:
    """What is left of a request until its last timer: 32 s after nearly each, so the request is not kept by it.

    Responses go over `flow`; `port` is that of the Via. `leg` is set once the request belongs to one.
    """

    key: Hashable
    flow: Flow
    port: int | None
    machine: InviteServerTransaction | OtherServerTransaction
    merged: Hashable = None
    leg: str | None = None


@dataclass(slots=True, eq=False)
class Inbound:
    """A request that came by `met`, as whoever answers it has it: `source` is where its caller is, elsewhere if it came
    through an edge of ours."""

    request: Request
    met: Flow
    source: Flow
    transaction: ServerTransaction


@dataclass(slots=True, eq=False)
class Outbound:
    """A request of ours with its transaction. `attempts` counts the challenges that were answered on its way.

    `user` is told what comes of it; `leg` is "" for a request outside all legs (REGISTER, OPTIONS to a trunk).
    """

    key: Hashable
    request: Request
    flow: Flow
    machine: InviteClientTransaction | OtherClientTransaction
    leg: str
    purpose: Purpose
    user: "TransactionUser"
    attempts: int = 0
    fallback: Flow | None = None
    acknowledgement: Outgoing | None = None


class TransactionUser(Protocol):
    """Who is told what became of the requests we sent."""

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]: ...

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        """No final response: 408 for silence, 503 if it could not be sent."""

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        """The transaction is over; nothing more comes of it."""


class Transactions:
    """The server and client transactions of an endpoint, at most `max_transactions` together."""

    def __init__(self, settings: EndpointSettings, timers: Timers, user: TransactionUser,
                 is_open: Callable[[Flow], bool]) -> None:
        self._settings = settings
        self._timers = timers
        self._user = user
        self._is_open = is_open
        self._inbound: dict[Hashable, ServerTransaction] = {}
        self._outbound: dict[Hashable, Outbound] = {}
        self._merged: dict[Hashable, Hashable] = {}      # merged_key to the key of the transaction that came first

    def counts(self) -> dict[str, int]:
        return {"server_transactions": len(self._inbound), "client_transactions": len(self._outbound)}

    @property
    def full(self) -> bool:
        return len(self._inbound) + len(self._outbound) >= self._settings.max_transactions

    # requests that come

    def find(self, key: Hashable) -> ServerTransaction | None:
        """The transaction that has this `server_key`."""
        return self._inbound.get(key)

    def open(self, key: Hashable, request: Request, flow: Flow, source: Flow | None = None) -> Inbound:
        """A new server transaction; `flow` is where the request came from, `source` the caller if another."""
        invites = request.method == "INVITE"
        machine = (InviteServerTransaction if invites else OtherServerTransaction)(self._settings.timing, flow.reliable)
        transaction = ServerTransaction(key, reply_flow(request, flow), request.top_via.port, machine)
        self._inbound[key] = transaction
        if request.to.tag is None:
            transaction.merged = merged_key(request)
            self._merged.setdefault(transaction.merged, key)
        return Inbound(request, flow, source or flow, transaction)

    def is_merged(self, transaction: ServerTransaction) -> bool:
        """True if the same request came over another way and is being answered there (RFC 3261 §8.2.2.2)."""
        return transaction.merged is not None and self._merged.get(transaction.merged) != transaction.key

    def try_later(self, inbound: Inbound, at: float) -> None:
        """At `at` the request is to be looked at again, should it still have no response at all."""
        self._timers.start(("trying", inbound.transaction), at, inbound)

    def came_again(self, transaction: ServerTransaction, now: float) -> list[Any]:
        return self._serve(transaction, RETRANSMITTED, now)

    def acknowledged(self, transaction: ServerTransaction, now: float) -> tuple[bool, list[Any]]:
        """An ACK with the INVITE's branch came. True: it is for a 2xx, and so for the dialog."""
        out = self._serve(transaction, AckReceived(), now)
        return transaction.machine.state is ServerInviteState.ACCEPTED, out

    def respond(self, inbound: Inbound, response: Response, now: float) -> list[Any]:
        """Send a response, unless the transaction has ended meanwhile."""
        transaction, status = inbound.transaction, response.status
        if self._inbound.get(transaction.key) is not transaction:
            return []
        if status >= 300:
            self._release(transaction)
        message = Outgoing(to_bytes(response), f"{status} {response.reason} ({inbound.request.cseq})")
        event: Any
        if isinstance(transaction.machine, InviteServerTransaction):
            self._timers.cancel(("trying", transaction))
            event = Send1xx(message) if status < 200 else Send2xx(message) if status < 300 else Send3xxTo6xx(message)
        else:
            event = Send1xx(message) if status < 200 else SendFinal(message)
        return self._serve(transaction, event, now)

    def _serve(self, transaction: ServerTransaction, event: Any, now: float) -> list[Any]:
        out: list[Any] = []
        for effect in transaction.machine.handle(event, now):
            if isinstance(effect, SendMessage):
                self._send(transaction.leg, self._reply_flow(transaction), effect.message, out)
            elif isinstance(effect, StartTimer):
                self._timers.start(("in", transaction, type(effect.event)), effect.at, effect.event)
            elif isinstance(effect, TransactionEnded):
                self._forget_inbound(transaction)
        return out

    def _reply_flow(self, transaction: ServerTransaction) -> Flow:
        """Over TCP the request's connection; if that is closed, a new one to where the Via says (RFC 3261 §18.2.2)."""
        flow = transaction.flow
        if flow.connection and not self._is_open(flow):
            return flow.towards((flow.remote[0], transaction.port or default_port(flow.transport)))
        return flow

    def _forget_inbound(self, transaction: ServerTransaction) -> None:
        del self._inbound[transaction.key]
        self._release(transaction)
        for kind in transaction.machine.timers:
            self._timers.cancel(("in", transaction, kind))

    def _release(self, transaction: ServerTransaction) -> None:
        """Nothing is merged with it any more: also once it is refused, as some phones answer a challenge under the old
        CSeq."""
        if transaction.merged is not None and self._merged.get(transaction.merged) == transaction.key:
            del self._merged[transaction.merged]

    # requests we send

    def send(self, request: Request, flow: Flow, leg: str, purpose: Purpose, now: float, attempts: int = 0,
             user: TransactionUser | None = None, fallback: Flow | None = None) -> list[Any]:
        """Start a client transaction; without a `user` that of all legs is told of it. Ours are not refused at
        `max_transactions`: each belongs to a leg or a trunk, and those are bounded."""
        message = Outgoing(to_bytes(request), line_of(request))
        kind = InviteClientTransaction if request.method == "INVITE" else OtherClientTransaction
        machine = kind(self._settings.timing, message, flow.reliable)
        sent = Outbound(client_key(request), request, flow, machine, leg, purpose, user or self._user, attempts,
                        fallback)
        self._outbound[sent.key] = sent
        return self._ask(sent, machine.start(now), now)

    def receive(self, response: Response, flow: Flow, now: float) -> list[Any]:
        """A response that came. One without a transaction, or with more Vias than ours, is dropped (§8.1.3.3)."""
        sent = self._outbound.get(client_key(response))
        if sent is None or len(response.vias) != 1:
            return []
        _ = response.record_routes      # read before any state changes: a faulty one drops the response
        out: list[Any] = [Traced(sent.leg, "in", line_of(response))] if sent.leg else []
        event = classified(sent.machine, response)
        for effect in sent.machine.handle(event, now):
            if isinstance(effect, PassUp):
                out += sent.user.response_received(sent, response, flow, now)
            else:
                out += self._ask(sent, [effect], now)
        return out

    def stop_repeating(self, request: Request) -> None:
        """Send an INVITE no more; its transaction goes on."""
        sent = self._outbound.get(client_key(request))
        if sent is not None:
            self._timers.cancel(("out", sent, TimerA))

    def abandon(self, request: Request, now: float) -> list[Any]:
        """Forget an INVITE that a CANCEL could not end."""
        sent = self._outbound.get(client_key(request))
        return self._ask(sent, sent.machine.handle(ABANDONED, now), now) if sent else []

    def _ask(self, sent: Outbound, effects: list[Any], now: float) -> list[Any]:
        out: list[Any] = []
        for effect in effects:
            if isinstance(effect, SendMessage):
                self._send(sent.leg, sent.flow, effect.message, out)
            elif isinstance(effect, StartTimer):
                self._timers.start(("out", sent, type(effect.event)), effect.at, effect.event)
            elif isinstance(effect, SendAck):
                self._send(sent.leg, sent.flow, self._acknowledgement(sent, effect.response), out)
            elif isinstance(effect, TransactionEnded):
                out += self._end(sent, effect.reason, now)
        return out

    def _acknowledgement(self, sent: Outbound, response: Response) -> Outgoing:
        if sent.acknowledgement is None:
            ack = acknowledge_failure(sent.request, response)
            sent.acknowledgement = Outgoing(to_bytes(ack), line_of(ack))
        return sent.acknowledgement

    def _end(self, sent: Outbound, reason: str, now: float) -> list[Any]:
        del self._outbound[sent.key]
        for kind in sent.machine.timers:
            self._timers.cancel(("out", sent, kind))
        out: list[Any] = []
        if reason == "timeout":
            out += sent.user.request_failed(sent, 408, "no answer", now)
        elif reason == "transport":
            out += sent.user.request_failed(sent, 503, "could not be sent", now)
        return out + sent.user.request_forgotten(sent, now)

    # both

    def fire(self, transaction: ServerTransaction | Outbound, event: Any, now: float) -> list[Any]:
        """A timer is due."""
        if isinstance(transaction, ServerTransaction):
            return self._serve(transaction, event, now)
        return self._ask(transaction, transaction.machine.handle(event, now), now)

    def transport_failed(self, flow: Flow, now: float) -> list[Any]:
        """The driver could not send to `flow`, or its connection closed."""
        out: list[Any] = []
        # a request whose TCP connection is gone is not sent again, but another connection may carry the reply
        if flow.transport == "udp":
            for transaction in [one for one in self._inbound.values() if one.flow == flow]:
                out += self._serve(transaction, TRANSPORT_FAILED, now)
        for sent in [sent for sent in self._outbound.values() if sent.flow.is_lost_with(flow)]:
            if self._outbound.get(sent.key) is sent:
                out += self._ask(sent, sent.machine.handle(TRANSPORT_FAILED, now), now)
        return out

    def _send(self, leg: str | None, flow: Flow, message: Outgoing, out: list[Any]) -> None:
        out.append(SendBytes(flow, message.payload))
        if leg:
            out.append(Traced(leg, "out", message.text))
