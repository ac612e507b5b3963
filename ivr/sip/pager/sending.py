"""MESSAGEs of ours (RFC 3428): each a request outside dialogs with its own transaction, told to the user once it has a
final answer. Order and patience are the user's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ivr.sip.access.credentials import without_realms
from ivr.sip.commands import SendMessage
from ivr.sip.composer import Composer
from ivr.sip.events import MessageSent
from ivr.sip.message.headers import parse_address
from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri
from ivr.sip.pager.bodies import TEXT
from ivr.sip.pager.way_back import WayBack
from ivr.sip.registrar.registrar import Registrar
from ivr.sip.transaction.transactions import Outbound, Transactions
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.next_hop import NextHop
from ivr.sip.trunk.trunk_calls import dress_message, request_uri
from ivr.sip.trunk.trunk_line import TrunkLine
from ivr.sip.trunk.trunks import Trunks

MOST_SECONDS = 3600         # of a Retry-After that is told


@dataclass
class InTheAir:
    """A message that is not answered yet. `line`: the trunk that carries it."""

    message: str
    leg: str
    sequence: int
    line: TrunkLine | None


class MessageSending:
    """The TransactionUser of our MESSAGEs."""

    def __init__(self, composer: Composer, transactions: Transactions, registrar: Registrar, trunks: Trunks,
                 route: NextHop, is_open: Callable[[Flow], bool]) -> None:
        self._composer = composer
        self._transactions = transactions
        self._registrar = registrar
        self._trunks = trunks
        self._route = route
        self._is_open = is_open
        self._sent: dict[str, InTheAir] = {}            # by the branch of the request

    def __len__(self) -> int:
        return len(self._sent)

    def send(self, command: SendMessage, now: float) -> list[Any]:
        """Start its transaction."""
        line = self._trunks.get(command.way.trunk)
        if line is not None and (not line.flows or line.trunk.place_of_calls is None):
            line = None                 # one that only brings calls: back to where it came from
        flow, target, routes = self._way(command.way, line, command.aside, now)
        request = self._write(command, line, flow, target, routes)
        return self._send(request, flow, InTheAir(command.message, command.leg, command.sequence, line), 0, now)

    def _send(self, request: Request, flow: Flow, sent: InTheAir, attempts: int, now: float) -> list[Any]:
        self._sent[request.top_via.branch or ""] = sent
        return self._transactions.send(request, flow, sent.leg, "message", now, attempts, self)

    # --- the way

    def _way(self, way: WayBack, line: TrunkLine | None, aside: bool, now: float) -> tuple[Flow, Uri, list[str]]:
        """Over which flow, to which Request-URI, by which routes."""
        if way.account is not None and not aside and (bound := self._registrar.bindings(way.account, now)):
            here = next((one for one in bound if one.flow == way.flow), bound[0])
            return self._route.of_binding(here), here.contact, [str(hop) for hop in here.path]
        if line is not None:
            near = [flow for flow in line.flows if flow.remote[0] == way.flow.remote[0]]
            target = request_uri(line.trunk, Uri("tel", user=way.number))
            return (near or line.flows)[0], target, []
        return self._where_it_came_from(way), way.target, list(way.routes)

    def _where_it_came_from(self, way: WayBack) -> Flow:
        """An edge that has started anew is met where it listens: its old connections began at a port of chance."""
        flow = way.flow
        if not flow.reliable or (flow.connection and self._is_open(flow)):
            return flow
        if way.routes:
            return self._route.of_edge(parse_address(way.routes[0]).uri, flow)
        return flow.towards(flow.remote)

    def _write(self, command: SendMessage, line: TrunkLine | None, flow: Flow, target: Uri,
               routes: list[str]) -> Request:
        to = f"<{target}>" if line is not None else command.way.to
        fields = [*(("Route", route) for route in routes), ("Content-Type", f"{TEXT};charset=UTF-8")]
        request = self._composer.standalone("MESSAGE", target, flow, self._composer.from_us(command.number, flow), to,
                                            command.sip_call_id, command.sequence, fields)
        request.body = command.text.encode("utf-8", "replace")
        if line is not None:
            dress_message(request, line.trunk, command.number)
        return request

    # --- TransactionUser

    def response_received(self, sent: Outbound, response: Response, flow: Flow, now: float) -> list[Any]:
        if response.status < 200:
            return []
        known = self._sent.pop(sent.request.top_via.branch or "", None)
        if known is None:
            return []
        if response.status in (401, 407) and known.line is not None:
            fields = known.line.credentials.answer(sent.request, response, sent.attempts)
            if fields:
                known.sequence += 1
                renewed = self._composer.renewed(sent.request, sent.flow, known.sequence, fields)
                return self._send(without_realms(renewed, fields), sent.flow, known, sent.attempts + 1, now)
        seconds = response.retry_after
        after = None if seconds is None else min(seconds, MOST_SECONDS)
        return [MessageSent(known.message, response.status, response.reason, after)]

    def request_failed(self, sent: Outbound, status: int, reason: str, now: float) -> list[Any]:
        known = self._sent.pop(sent.request.top_via.branch or "", None)
        return [] if known is None else [MessageSent(known.message, status, reason)]

    def request_forgotten(self, sent: Outbound, now: float) -> list[Any]:
        return []
