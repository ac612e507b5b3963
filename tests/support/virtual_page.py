"""A page in virtual time: what its web process says to the exchange, and plain RTP as it sends it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ivr.audio.g711 import encode_ulaw
from ivr.call.browser_leg import PageAnswers, PageHangsUp, PageHolds
from ivr.exchange.effects import ToPage
from ivr.exchange.from_pages import Asked, PageClosed, PageDialled, PageDid, PageLost, PageOpened
from tests.support.virtual_house import Story

FRAME = 160
SILENCE = b"\xff" * FRAME


def tone(hz: float) -> bytes:
    """20 ms of it: a whole number of periods."""
    return encode_ulaw((6000 * np.sin(2 * np.pi * hz * np.arange(160) / 8000)).astype(np.int16)).tobytes()


CALLER, ANNA, VERA = tone(500), tone(800), tone(1100)


class Pages:
    """The web process: who of the pages is told what."""

    def __init__(self, story: Story) -> None:
        self.all: dict[str, VirtualPage] = {}
        story.hotline.to_page = self.told

    def told(self, told: ToPage) -> None:
        page = self.all.get(told.phone)
        if page is not None:
            page.take(told)


class VirtualPage:
    """One page with its phone. `heard` has the G.711 it got, `told` what it was told."""

    def __init__(self, story: Story, pages: Pages, phone: str, host: str, account: str | None = None,
                 tab: str = "tab", port: int = 50_000) -> None:
        self.story, self.phone, self.host, self.account, self.tab, self.port = story, phone, host, account, tab, port
        self.state: dict[str, Any] = {"state": "idle"}
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.heard: list[bytes] = []
        self.tone: Callable[[int], bytes] = lambda frame: SILENCE
        self.sequence = self.frame = 0
        self.silent = False
        pages.all[phone] = self
        story.world.hosts[host] = self

    # --- what people and the web process do -------------------------------------------------------------------------
    def ask(self, asked: Asked) -> None:
        self.story.hotline.carry_out(self.story.hotline.exchange.page(asked, self.story.world.now))

    def open(self, *, take: bool = False, port: int | None = None) -> None:
        self.port = port or self.port
        self.ask(PageOpened(self.phone, self.account, self.tab, (self.host, self.port), self.account or "Browser",
                            "Firefox", take=take))

    def lose(self) -> None:
        self.ask(PageLost(self.phone, self.tab))

    def close(self) -> None:
        self.ask(PageClosed(self.phone))

    def dial(self, number: str) -> None:
        self.ask(PageDialled(self.phone, number))

    def answer(self) -> None:
        self.ask(PageDid(self.phone, PageAnswers()))

    def hang_up(self) -> None:
        self.ask(PageDid(self.phone, PageHangsUp()))

    def hold(self, held: bool = True) -> None:
        self.ask(PageDid(self.phone, PageHolds(held)))

    def press(self, keys: str) -> None:
        """RFC 4733, 100 ms each and 100 ms apart."""
        for index, key in enumerate(keys):
            self.story.world.at(self.story.world.now + 0.2 * index, lambda key=key: self._press(key))

    def _press(self, key: str) -> None:
        for step in range(1, 6):
            end = 0x80 if step > 3 else 0
            payload = bytes(("0123456789*#".index(key), end | 10)) + (160 * step).to_bytes(2, "big")
            self._send(101, self.frame * FRAME, payload, step == 1)

    # --- what the exchange says -------------------------------------------------------------------------------------
    @property
    def talking(self) -> bool:
        return self.state["state"] == "talking"

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        return [fields for told, fields in self.told if told == kind]

    def take(self, told: ToPage) -> None:
        self.told.append((told.kind, told.fields))
        if told.kind == "state":
            was, self.state = self.state.get("plane"), told.fields
            if was is None and told.fields["plane"] is not None:
                self._speak(self.state["call"])
        elif told.kind == "ended":
            self.state = {"state": "idle"}

    def _speak(self, call: str | None) -> None:
        if self.state.get("plane") is None or self.silent:
            return
        self._send(0, self.frame * FRAME, self.tone(self.frame), self.frame == 0)
        self.frame += 1
        self.story.world.at(self.story.world.now + 0.02, lambda: self._speak(call))

    def _send(self, payload_type: int, timestamp: int, payload: bytes, marker: bool) -> None:
        header = bytes((0x80, (0x80 if marker else 0) | payload_type)) + (self.sequence & 0xFFFF).to_bytes(2, "big") \
            + (timestamp & 0xFFFFFFFF).to_bytes(4, "big") + (7).to_bytes(4, "big")
        self.sequence += 1
        self.story.world.send_rtp(((self.host, self.port), tuple(self.state["plane"]), header + payload))

    def receive_sip(self, payload: bytes, flow: Any, now: float) -> None:
        raise AssertionError("nobody speaks SIP to a page")

    def receive_rtp(self, source: Any, port: int, payload: bytes, now: float) -> None:
        if port == self.port and payload[1] & 0x7F == 0:
            self.heard.append(payload[12:])
