"""A simulated phone: real SIP from our own endpoint, real RTP, and hands that press what a story tells them."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ivr.audio.dtmf import tones
from ivr.audio.g711 import encode_alaw, encode_ulaw
from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.exchange.virtual import World
from ivr.media.virtual_wire import Address
from ivr.sdp.offer_answer import LocalMedia, Negotiated, make_answer, make_offer, read_answer
from ivr.sip import commands, events
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, EndpointSettings, Listener
from ivr.sip.transport.flow import Flow

FRAME = 160              # octets of G.711 in 20 ms
KEYS = "0123456789*#ABCD"
KEY_PACKETS = 5          # 20 ms apart: a press of 100 ms, its end told three times


@dataclass
class PhoneBehaviour:
    """What the phone does when it is called: after `delay` s answer with 200, or refuse with another status.

    None: ring for ever.
    """

    status: int | None = 200
    delay: float = 1.0
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    early: bool = False              # it says something before it answers, or refuses


@dataclass
class VirtualPhone:
    """One phone with one call at a time. `heard` has the RTP it got: (time, payload type, sequence, payload)."""

    world: World
    host: str
    name: str
    ids: Ids
    behaviour: PhoneBehaviour = field(default_factory=PhoneBehaviour)
    heard: list[tuple[float, int, int, bytes]] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)
    leg: str = ""
    tone: Callable[[int], bytes] | None = None       # frame number -> 160 octets of G.711; None: silence
    legs_ended: int = 0
    account: str = ""                                # whose phone it is; without it, its name
    sounding: deque[bytes] = field(default_factory=deque, repr=False)     # keys as tones, in frames
    silent: bool = False                             # sends no RTP at all
    ringing: str = ""                                # the call that rings, until it is picked up or over
    held_leg: str = ""                               # the first call, while a second one is made
    hangs_up_after_refer: bool = False               # as many phones do as soon as the REFER is accepted
    transfers: list[int] = field(default_factory=list)      # statuses heard of transfers that it asked for

    def __post_init__(self) -> None:
        # its password, where somebody asks for one, is the name of its account
        settings = EndpointSettings(listen=(Listener("udp", self.host, 5060),), local_address=self.host,
                                    credentials=(Credential("*", self.user, self.user),))
        self.endpoint = Endpoint(settings, self.ids)
        self.local = LocalMedia(self.host, 40_000, 1, 1, self.behaviour.codecs)
        self.negotiated: Negotiated | None = None
        self.talking = False
        self.sequence = 0
        self.timestamp = 0
        self.world.hosts[self.host] = self
        self._timer_at: float | None = None

    @property
    def user(self) -> str:
        """Who it says that it is."""
        return self.account or self.name

    # --- what a person does -------------------------------------------------------------------------------------
    def call(self, uri: str) -> None:
        self.note("dials")
        self.leg = f"{self.name}-{len(self.log)}"
        command = commands.DialLeg(self.leg, parse_uri(uri), make_offer(self.local), self.user)
        self.carry_out(self.endpoint.handle(command, self.world.now))

    def hang_up(self) -> None:
        self.note("hangs up")
        self.carry_out(self.endpoint.handle(commands.HangUpLeg(self.leg), self.world.now))

    def hold(self, held: bool = True) -> None:
        self.local = replace(self.local, version=self.local.version + 1)
        offer = make_offer(self.local, "sendonly" if held else "sendrecv")
        self.carry_out(self.endpoint.handle(commands.ReofferLeg(self.leg, offer), self.world.now))

    def transfer(self, uri: str) -> None:
        """Blind: send the other side to `uri`."""
        self.note(f"transfers to {uri}")
        self.carry_out(self.endpoint.handle(commands.TransferLeg(self.leg, parse_uri(uri)), self.world.now))

    def consult(self, uri: str) -> None:
        """A second call, while the first is held."""
        self.hold()
        self.held_leg, self.talking = self.leg, False
        self.call(uri)

    def join_calls(self, uri: str) -> None:
        """Attended: send the held side to the second call's, which `uri` names."""
        self.note(f"transfers to {uri}")
        command = commands.TransferLeg(self.held_leg, parse_uri(uri), replaced_leg=self.leg)
        self.carry_out(self.endpoint.handle(command, self.world.now))

    def press(self, keys: str) -> None:
        """Press keys one after the other, 100 ms each and 100 ms apart (RFC 4733)."""
        for index, key in enumerate(keys):
            self.world.at(self.world.now + 0.2 * index, partial(self._press, key))

    def press_in_audio(self, keys: str) -> None:
        """The same as tones in the audio, as phones that know no telephone-event do."""
        assert self.negotiated is not None
        encode, pause = (encode_ulaw, b"\xff") if self.negotiated.codec == "PCMU" else (encode_alaw, b"\xd5")
        for key in keys:
            self.note(f"presses {key}")
            pressed = encode(tones(key, KEY_PACKETS * FRAME)).tobytes() + pause * (KEY_PACKETS * FRAME)
            self.sounding.extend(pressed[at:at + FRAME] for at in range(0, len(pressed), FRAME))

    def press_by_info(self, key: str) -> None:
        """One key as SIP INFO."""
        self.note(f"presses {key}")
        self.carry_out(self.endpoint.handle(commands.SendInfoDigit(self.leg, key), self.world.now))

    def _press(self, key: str) -> None:
        self.note(f"presses {key}")
        timestamp = self.timestamp
        for packet in range(KEY_PACKETS + 3):
            end = packet >= KEY_PACKETS
            duration = 160 * min(packet + 1, KEY_PACKETS)
            body = bytes((KEYS.index(key), 0x80 | 10 if end else 10)) + duration.to_bytes(2, "big")
            self.world.at(self.world.now + 0.02 * packet, partial(self._send_event, body, timestamp, packet == 0))

    def _send_event(self, body: bytes, timestamp: int, marker: bool) -> None:
        if self.negotiated is not None and self.negotiated.event_payload_type is not None:
            self._send_rtp(self.negotiated.event_payload_type, timestamp, body, marker)

    # --- SIP ----------------------------------------------------------------------------------------------------
    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        self.carry_out(self.endpoint.receive(payload, flow, now))

    def carry_out(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, SendBytes):
                self.world.send_sip(effect.flow, effect.payload)
            else:
                self._happened(effect)
        self._arm()

    def _happened(self, event: Any) -> None:
        match event:
            case events.LegOffered(leg=leg, body=body):
                self._rung(leg, body)
            case events.LegAnswered(body=body):
                self._agreed(read_answer(body or b"", self.local))
            case events.LegRinging():
                self.note("hears ringing")
            case events.LegReoffered(leg=leg, body=body) if body is not None:
                answer, agreed = make_answer(body, self.local)
                self.carry_out(self.endpoint.handle(commands.AnswerOffer(leg, answer), self.world.now))
                self._agreed(agreed)
            case events.TransferProgressed(leg=leg, status=status):
                self.transfers.append(status)
                if self.hangs_up_after_refer and 100 <= status < 200:
                    self.carry_out(self.endpoint.handle(commands.HangUpLeg(leg), self.world.now))
            case events.LegEnded(leg=leg, by=by, status=status):
                self.ringing = "" if leg == self.ringing else self.ringing
                self.note(f"ended by {by} {status}")
                self.talking = self.talking and leg != self.leg         # a line that was held may go before the other
                self.legs_ended += 1

    def _rung(self, leg: str, body: bytes | None) -> None:
        self.note("rings")
        self.leg = self.ringing = leg
        if self.behaviour.early:
            answer, agreed = make_answer(body or b"", self.local)
            self.carry_out(self.endpoint.handle(commands.ProgressLeg(leg, answer), self.world.now))
            self._agreed(agreed)
        self.carry_out(self.endpoint.handle(commands.RingLeg(leg), self.world.now))
        if self.behaviour.status is not None:
            self.world.at(self.world.now + self.behaviour.delay, lambda: self._pick_up(leg, body))

    def _pick_up(self, leg: str, body: bytes | None) -> None:
        status = self.behaviour.status
        if not leg == self.leg == self.ringing or status is None:
            return
        command: Any = commands.RejectLeg(leg, status)
        if status == 200:
            try:
                answer, agreed = make_answer(body, self.local) if body is not None else (make_offer(self.local), None)
            except PeerError as error:
                command = commands.RejectLeg(leg, error.status)
            else:
                command = commands.AnswerLeg(leg, answer)
                self.note("picks up")
                if agreed is not None:
                    self._agreed(agreed)
        self.carry_out(self.endpoint.handle(command, self.world.now))

    def _agreed(self, negotiated: Negotiated) -> None:
        self.negotiated = negotiated
        if not self.talking:
            self.talking = True
            if not self.silent:
                self._send_audio(0, self.leg)

    def _arm(self) -> None:
        at = self.endpoint.next_timer()
        if at is not None and (self._timer_at is None or at < self._timer_at):
            self._timer_at = at
            self.world.at(at, self._timers_due)

    def _timers_due(self) -> None:
        if self._timer_at is not None and self._timer_at <= self.world.now:
            self._timer_at = None
            self.carry_out(self.endpoint.handle_timers(self.world.now))
            self._arm()

    # --- RTP ----------------------------------------------------------------------------------------------------
    def receive_rtp(self, source: Address, port: int, payload: bytes, now: float) -> None:
        sequence = int.from_bytes(payload[2:4], "big")
        self.heard.append((now, payload[1] & 0x7F, sequence, payload[12:]))

    def _send_audio(self, frame: int, leg: str) -> None:
        if not self.talking or leg != self.leg or self.negotiated is None:
            return
        silence = b"\xff" if self.negotiated.codec == "PCMU" else b"\xd5"
        payload = self.tone(frame) if self.tone is not None else silence * FRAME
        if self.sounding:
            payload = self.sounding.popleft()
        self._send_rtp(self.negotiated.payload_type, self.timestamp, payload, frame == 0)
        self.timestamp += FRAME
        self.world.at(self.world.now + 0.02, lambda: self._send_audio(frame + 1, leg))

    def _send_rtp(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> None:
        if self.negotiated is None:
            return
        header = bytes((0x80, (0x80 if marker else 0) | payload_type)) + (self.sequence & 0xFFFF).to_bytes(2, "big") \
            + (timestamp & 0xFFFFFFFF).to_bytes(4, "big") + (1).to_bytes(4, "big")
        self.sequence += 1
        self.world.send_rtp(((self.host, self.local.port), self.negotiated.remote, header + payload))

    def note(self, text: str) -> None:
        self.log.append((round(self.world.now, 3), text))
