"""Crowds of phones against the real service: callers with many calls at one time, operators who register and answer.

All phones live in one thread with an asyncio loop; what tests call here returns when it is done. The SIP is our own
endpoint's (independent peers have tests of their own); what phones hear is counted, not decoded. Every caller has a
number of its own, by which both ends and the record find each other.
"""

import asyncio
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.drivers.received import Received
from ivr.drivers.udp_socket import UdpSocket, open_udp
from ivr.sdp.offer_answer import LocalMedia, make_answer, make_offer
from ivr.sip import commands, events
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.message.digest import authorize
from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, EndpointSettings, Listener
from ivr.sip.transport.flow import Flow
from tests.support.service import PASSWORD

SIP_PORT, MEDIA_PORT = 5060, 40_000
TIMEOUT = 15.0                  # s that anything done here may take
FIRST_RETRANSMISSION = 0.5      # s, doubled; of our own REGISTERs
T = TypeVar("T")


@dataclass(eq=False)
class PhoneCall:
    """One call as a phone saw it. `number` is the caller's; times are those of time.time()."""

    leg: str
    number: str
    began_at: float
    body: bytes | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    status: int = 0                     # of the end: 200 after a BYE, else the final answer
    by: str = ""                        # "us": this phone hung up or refused; else "peer" or "network"
    keys: list[str] = field(default_factory=list)

    @property
    def talking(self) -> bool:
        return self.answered_at is not None and self.ended_at is None

    @property
    def over(self) -> bool:
        return self.ended_at is not None


@dataclass(frozen=True)
class Habit:
    """What a phone does when it rings: after `delay` s this status (0: none); then it hangs up after `talk` s (None:
    never)."""

    status: int = 200
    delay: float = 0.1
    talk: float | None = None


class Phone:
    """One address with any number of calls. Its attributes may be read from any thread."""

    def __init__(self, crowd: "Crowd", name: str, host: str, habit: Habit, loss: float) -> None:
        self._crowd, self.name, self.host, self.habit, self.loss = crowd, name, host, habit, loss
        ids = crowd.ids
        self._endpoint = Endpoint(EndpointSettings(listen=(Listener("udp", host, SIP_PORT),), local_address=host,
                                                   credentials=(Credential("*", name, PASSWORD),), max_calls=2000), ids)
        received = Received(self._datagram, lambda flow, data: None, lambda flow: None, self._send_failed)
        self._socket = UdpSocket(open_udp(host, SIP_PORT), received)
        self._audio = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._audio.setblocking(False)
        self._audio.bind((host, MEDIA_PORT))
        self._timer: asyncio.TimerHandle | None = None
        self._answers: dict[tuple[str, int], asyncio.Future[Response]] = {}
        self._register_call_id, self._sequence = ids.token(), 0
        self.calls: dict[str, PhoneCall] = {}
        self.rang: list[PhoneCall] = []
        self.lost = 0                           # datagrams, by the share that `loss` says

    # --- what a person does; from the test's thread ---------------------------------------------------------------
    def call(self, number: str, dialled: str = "100") -> PhoneCall:
        """Dial; what comes of it is seen in the PhoneCall."""
        return self._crowd.do(lambda: self._call(number, dialled))

    def press(self, call: PhoneCall, keys: str, pause: float = 0.0) -> None:
        """Keys by SIP INFO, `pause` s apart."""
        for key in keys:
            self._crowd.do(lambda key=key: self._press(call, key))      # type: ignore[misc]
            if pause:
                time.sleep(pause)

    def hang_up(self, call: PhoneCall) -> None:
        self._crowd.do(lambda: self._carry_out(commands.HangUpLeg(call.leg)))

    def register(self, password: str, expires: int = 600) -> int:
        """REGISTER with digest; the last status."""
        return self._crowd.wait(self._register(password, expires))

    def options(self, timeout: float = 2.0) -> int:
        """OPTIONS to the hotline; 0 if nobody answers."""
        return self._crowd.wait(self._options(timeout))

    def heard_from(self, seconds: float) -> set[int]:
        """The ports that audio comes from, in so long from now: one for each leg that hears something."""
        return self._crowd.wait(self._listen(seconds))

    @property
    def open_calls(self) -> list[PhoneCall]:
        return [call for call in list(self.calls.values()) if not call.over]

    # --- in the loop ----------------------------------------------------------------------------------------------
    def _call(self, number: str, dialled: str) -> PhoneCall:
        call = PhoneCall(self._crowd.ids.uuid(), number, time.time())
        self.calls[call.leg] = call
        host, port = self._crowd.hotline
        offer = make_offer(LocalMedia(self.host, MEDIA_PORT, 1, 1))
        self._carry_out(commands.DialLeg(call.leg, parse_uri(f"sip:{dialled}@{host}:{port}"), offer, number))
        return call

    def _press(self, call: PhoneCall, key: str) -> None:
        call.keys.append(key)
        self._carry_out(commands.SendInfoDigit(call.leg, key))

    def _carry_out(self, command: commands.Command) -> None:
        self._take(self._endpoint.handle(command, time.monotonic()))

    def _datagram(self, flow: Flow, payload: bytes) -> None:
        if self._is_lost():
            return
        if self._answers and payload.startswith(b"SIP/2.0 ") and self._is_ours(payload):
            return
        self._take(self._endpoint.receive(payload, flow, time.monotonic()))

    def _send_failed(self, flow: Flow) -> None:
        self._take(self._endpoint.send_failed(flow, time.monotonic()))

    def _timers_due(self) -> None:
        self._timer = None
        self._take(self._endpoint.handle_timers(time.monotonic()))

    def _take(self, effects: Iterable[Any]) -> None:
        for effect in effects:
            if isinstance(effect, SendBytes):
                self._send(effect.flow, effect.payload)
            else:
                self._happened(effect)
        if self._timer is not None:
            self._timer.cancel()
        at = self._endpoint.next_timer()
        self._timer = None if at is None else asyncio.get_running_loop().call_at(at, self._timers_due)

    def _send(self, flow: Flow, payload: bytes) -> None:
        if not self._is_lost():
            self._socket.send(flow, payload)

    def _is_lost(self) -> bool:
        lost = self._crowd.loses(self.loss)
        self.lost += lost
        return lost

    def _happened(self, event: Any) -> None:
        match event:
            case events.LegOffered(leg=leg, caller_number=number, body=body):
                call = self.calls[leg] = PhoneCall(leg, number, time.time(), body)
                self.rang.append(call)
                self._carry_out(commands.RingLeg(leg))
                if self.habit.status:
                    asyncio.get_running_loop().call_later(self.habit.delay, self._pick_up, call, self.habit)
            case events.LegAnswered(leg=leg) | events.LegConfirmed(leg=leg):
                self._answered(self.calls[leg])
            case events.LegReoffered(leg=leg, body=body) if body is not None:
                answer, _ = make_answer(body, LocalMedia(self.host, MEDIA_PORT, 1, 1))
                self._carry_out(commands.AnswerOffer(leg, answer))
            case events.LegEnded(leg=leg, by=by, status=status):
                call = self.calls[leg]
                call.ended_at, call.by, call.status = time.time(), by, status

    def _answered(self, call: PhoneCall) -> None:
        call.answered_at = call.answered_at or time.time()
        if call.body is not None and self.habit.talk is not None:
            asyncio.get_running_loop().call_later(self.habit.talk, self._carry_out, commands.HangUpLeg(call.leg))

    def _pick_up(self, call: PhoneCall, habit: Habit) -> None:
        if call.over:
            return
        if habit.status != 200:
            self._carry_out(commands.RejectLeg(call.leg, habit.status))
            return
        answer, _ = make_answer(call.body or b"", LocalMedia(self.host, MEDIA_PORT, 1, 1))
        self._carry_out(commands.AnswerLeg(call.leg, answer))

    # --- requests outside dialogs -----------------------------------------------------------------------------------
    def _request(self, method: str, call_id: str, tail: Iterable[tuple[str, str]] = ()) -> Request:
        host, port = self._crowd.hotline
        self._sequence += 1
        made = Request(method, parse_uri(f"sip:{host}:{port}"))
        for name, value in (
                ("Via", f"SIP/2.0/UDP {self.host}:{SIP_PORT};branch={self._crowd.ids.branch()};rport"),
                ("Max-Forwards", "70"), ("From", f"<sip:{self.name}@{host}>;tag={self._crowd.ids.token()}"),
                ("To", f"<sip:{self.name}@{host}>"), ("Call-ID", call_id), ("CSeq", f"{self._sequence} {method}"),
                ("Contact", f"<sip:{self.name}@{self.host}:{SIP_PORT}>"), *tail):
            made.headers.add(name, value)
        return made

    async def _ask(self, request: Request, timeout: float) -> Response | None:
        """Send it, and again while nothing comes back."""
        key = request.sip_call_id, request.cseq.number
        future = self._answers[key] = asyncio.get_running_loop().create_future()
        flow = Flow("udp", (self.host, SIP_PORT), self._crowd.hotline)
        pause, until = FIRST_RETRANSMISSION, time.monotonic() + timeout
        try:
            while (left := until - time.monotonic()) > 0:
                self._send(flow, to_bytes(request))
                done, _ = await asyncio.wait({future}, timeout=min(pause, left))
                if done:
                    return future.result()
                pause = min(2 * pause, 4.0)
            return None
        finally:
            del self._answers[key]

    def _is_ours(self, payload: bytes) -> bool:
        try:
            response = parse(payload)
        except PeerError:
            return False
        future = self._answers.get((response.sip_call_id, response.cseq.number))
        if future is None or not isinstance(response, Response):
            return False
        if not future.done() and response.status >= 200:
            future.set_result(response)
        return True

    async def _register(self, password: str, expires: int) -> int:
        wanted = [("Expires", str(expires))]
        request = self._request("REGISTER", self._register_call_id, wanted)
        response = await self._ask(request, TIMEOUT / 2)
        if response is None or response.status != 401:
            return 0 if response is None else response.status
        field = authorize(request, response, self.name, password, self._crowd.ids)
        assert field is not None
        response = await self._ask(self._request("REGISTER", self._register_call_id, [*wanted, field]), TIMEOUT / 2)
        return 0 if response is None else response.status

    async def _options(self, timeout: float) -> int:
        response = await self._ask(self._request("OPTIONS", self._crowd.ids.token()), timeout)
        return 0 if response is None else response.status

    async def _listen(self, seconds: float) -> set[int]:
        self._drain()
        await asyncio.sleep(seconds)
        return self._drain()

    def _drain(self) -> set[int]:
        found: set[int] = set()
        while True:
            try:
                found.add(self._audio.recvfrom(2048)[1][1])
            except BlockingIOError:
                return found

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()
        self._audio.close()


class Crowd:
    """A thread in which phones live. To be closed; `with Crowd(hotline) as crowd`."""

    def __init__(self, hotline: str, seed: int = 1) -> None:
        host, _, port = hotline.rpartition(":")
        self.hotline = (host, int(port))
        self.ids = Ids(secrets.token_bytes)
        self._chance = random.Random(seed)
        self._phones: list[Phone] = []
        self.errors: list[str] = []             # of our own, in the loop; whoever ends the crowd is told
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda loop, context: self.errors.append(repr(context)))
        self._thread = threading.Thread(target=self._loop.run_forever, name="phones", daemon=True)
        self._thread.start()

    def phone(self, name: str, host: str, habit: Habit | None = None, loss: float = 0.0) -> Phone:
        """A phone at HOST:5060. `loss`: the share of datagrams that get lost, each way."""
        phone = self.do(lambda: Phone(self, name, host, habit or Habit(), loss))
        self._phones.append(phone)
        return phone

    def loses(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def do(self, what: Callable[[], T]) -> T:
        """Run `what` in the loop's thread."""
        async def run() -> T:
            return what()

        return self.wait(run())

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(2 * TIMEOUT)

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.do(lambda: [phone.close() for phone in self._phones])
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT)
        self._loop.close()
        assert not self.errors, self.errors
