"""A softphone that writes, in virtual time: real SIP from our own endpoint, and hands that type."""

from typing import Any

from ivr.exchange.virtual import World
from ivr.sip.commands import SendMessage
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import MessageReceived, MessageSent
from ivr.sip.message.uri import parse_uri
from ivr.sip.pager.way_back import WayBack
from ivr.sip.registrar.binding import Binding
from ivr.sip.settings import Credential, EndpointSettings, Listener, Trunk
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import HOTLINE, Story

HOUSE = Trunk("house", target=parse_uri(f"sip:{HOTLINE}"))


class Messenger:
    """With `account`: that of its user, whose password is its name. `read` are the texts that came, in order;
    `statuses` what the texts of its own were answered. `answers` is what it answers itself; None: nothing at all."""

    def __init__(self, story: Story, host: str = "127.0.9.70", user: str = "maria", port: int = 5060, *,
                 account: bool = False) -> None:
        self.world: World = story.world
        self.story, self.host, self.user = story, host, user
        settings = EndpointSettings(listen=(Listener("udp", host, port),), local_address=host, messages=True,
                                    credentials=(Credential("*", user, user),), trunks=(HOUSE,))
        self.endpoint = Endpoint(settings, story.ids)
        self.endpoint.start(0.0)
        self.account = account
        self.flow = Flow("udp", (host, port), (HOTLINE, 5060))
        self.world.hosts[host] = self
        self.answers: int | None = 200
        self.read: list[str] = []
        self.times: list[float] = []
        self.statuses: list[int] = []
        self.datagrams: list[bytes] = []
        self._sequence = 0
        self._timer_at: float | None = None

    def say(self, text: str, number: str = "100", sequence: int | None = None, wait: float = 1.0) -> None:
        """Write; with the `sequence` of an earlier message it is that one again, in a transaction of its own."""
        self._sequence += 1
        way = WayBack(None, "house" if self.account else None, number, f"<sip:{number}@{HOTLINE}>",
                      parse_uri(f"sip:{number}@{HOTLINE}"), self.flow)
        command = SendMessage(f"m{self._sequence}", way, self.user, f"call-{self.host}", sequence or self._sequence,
                              text)
        self.carry_out(self.endpoint.send_message(command, self.world.now))
        if wait:
            self.world.run(wait)

    def register(self) -> None:
        """It logs in, as the phone of its account."""
        binding = Binding(self.user, parse_uri(f"sip:{self.user}@{self.host}:5060"),
                          Flow("udp", (HOTLINE, 5060), (self.host, 5060)), 1.0, self.world.now + 7200)
        self.story.hotline.carry_out(self.story.hotline.exchange.restore_phones([binding], self.world.now))

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        self.datagrams.append(payload)
        if self.answers is None and payload.startswith(b"MESSAGE "):
            return
        self.carry_out(self.endpoint.receive(payload, flow, now))

    def receive_rtp(self, source: Any, port: int, payload: bytes, now: float) -> None:
        raise AssertionError("nobody speaks to it")

    def carry_out(self, effects: list[Any]) -> None:
        for effect in effects:
            if isinstance(effect, SendBytes):
                self.world.send_sip(effect.flow, effect.payload)
            elif isinstance(effect, MessageSent):
                self.statuses.append(effect.status)
            elif isinstance(effect, MessageReceived):
                assert self.answers is not None
                self.carry_out(self.endpoint.answer_message(effect.message, self.answers, self.world.now))
                if self.answers == 200:
                    self.read.append(effect.text or "")
                    self.times.append(self.world.now)
        self._arm()

    def _arm(self) -> None:
        at = self.endpoint.next_timer()
        if at is not None and (self._timer_at is None or at < self._timer_at):
            self._timer_at = at
            self.world.at(at, self._due)

    def _due(self) -> None:
        if self._timer_at is not None and self._timer_at <= self.world.now:
            self._timer_at = None
            self.carry_out(self.endpoint.handle_timers(self.world.now))
            self._arm()
