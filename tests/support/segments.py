"""Several messages that reach the hotline as one turn, as they do when a proxy sends them in one TCP segment."""

import os
from collections.abc import Callable

from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import HOTLINE, Story

WAIT = 0.2              # s that a message is kept back for others to come along


class Segments:
    """Receives for the hotline of a story. `keep` says whether a message waits for the next ones."""

    def __init__(self, story: Story, keep: Callable[[], bool]) -> None:
        self._hotline, self._keep = story.hotline, keep
        self._kept: list[tuple[bytes, Flow]] = []
        story.world.hosts[HOTLINE] = self

    def receive_sip(self, payload: bytes, flow: Flow, now: float) -> None:
        self._kept.append((payload, flow))
        if self._keep():
            self._hotline.world.at(now + WAIT, self.pass_on)
        else:
            self.pass_on()

    def receive_rtp(self, source: tuple[str, int], port: int, payload: bytes, now: float) -> None:
        self._hotline.receive_rtp(source, port, payload, now)

    def pass_on(self) -> None:
        """What `Exchange.receive_stream` does with the messages of one segment."""
        kept, self._kept = self._kept, []
        exchange, now = self._hotline.exchange, self._hotline.world.now
        if len(kept) == 1 or "DYING" in os.environ:         # no verb of a journal is given several at once
            for payload, flow in kept:
                self._hotline.carry_out(self._hotline.exchange.receive(payload, flow, now))
            return
        told = [event for payload, flow in kept for event in exchange.house.endpoint.receive(payload, flow, now)]
        self._hotline.carry_out(exchange._run(told, now))
