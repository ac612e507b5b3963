"""The whole hotline as a stage: a caller and the phones of operators around it, each message and each thing that
people do drawn as it goes. The hotline is the middle column: every call of these ladders is a call with it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from tests.flows.lines import Lines
from tests.support.operators_phones import BRANCH, QUICK, add_phone
from tests.support.virtual_house import CALLER, HOTLINE, base_config, make_story

ANNA, BORIS, SECOND = "127.0.9.20", "127.0.9.21", "127.0.9.31"
NAMES = {CALLER: "caller", HOTLINE: "hotline", ANNA: "anna", BORIS: "boris", BRANCH: "branch", SECOND: "second"}
KEYS_TO_ANNA = "120"        # English, cards, an operator; the queue of cards is anna's alone


class House:
    """A story with its ladder; `hosts` are the columns. The menu stands in the ladder as the keys that are pressed.

    `silent`: the phones send keys and no other audio, which is quicker where nobody listens.
    """

    def __init__(self, *hosts: str, anna: PhoneBehaviour = QUICK, boris: PhoneBehaviour = QUICK,
                 config: Mapping[str, Any] | None = None, silent: bool = True) -> None:
        queues = base_config()["queues"] | {"cards": {"operators": ["anna"]}}
        self.story = make_story(config={"queues": queues, **dict(config or {})},
                                operators={"anna": anna, "boris": boris})
        self.world = self.story.world
        self.lines = Lines({host: NAMES[host] for host in hosts})
        for host in (BRANCH, SECOND):
            if host in hosts:
                add_phone(self.story, NAMES[host], host)
        if SECOND in hosts:
            self._register_second()
        self._send = self.world.send_sip
        self.world.send_sip = self._seen                # type: ignore[method-assign]
        for phone in self.story.phones.values():
            phone.silent = silent
            phone.note = partial(self._noted, phone)    # type: ignore[method-assign]

    def phone(self, name: str) -> VirtualPhone:
        return self.story.phones[name]

    def rings_anna(self) -> None:
        """The caller gets through the menu until anna's phone rings."""
        caller = self.story.caller
        caller.call(f"sip:100@{HOTLINE}")
        for key in KEYS_TO_ANNA:
            self.world.run(.5)
            caller.press(key)
        assert self.world.run(10, lambda: bool(self.phone("anna").leg)), self.lines

    def talks_with_anna(self) -> None:
        self.rings_anna()
        assert self.world.run(10, lambda: self.phone("anna").talking), self.lines
        self.world.run(2)

    def hears(self, clip: str, since: float) -> None:
        """Draw when the caller first hears this clip, which must be so."""
        at = next(at for name, at, _ in self.story.heard() if name == clip and at >= since)
        self.lines.note(at, "caller", f"hears {clip}")

    def finish(self) -> Any:
        """Let all end, nothing may be left; the record of the caller's visit."""
        self.story.settle()
        self.story.assert_clean()
        return next(row for row in self.story.rows().values() if row.direction == "inbound")

    def _register_second(self) -> None:
        """Anna has two phones."""
        bindings = [Binding("anna", parse_uri(f"sip:anna@{host}:5060"), Flow("udp", (HOTLINE, 5060), (host, 5060)), 1.0,
                            self.world.now + 7200) for host in (ANNA, SECOND)]
        hotline = self.story.hotline
        hotline.carry_out(hotline.exchange.restore_phones(bindings, self.world.now))

    def _seen(self, flow: Flow, payload: bytes) -> None:
        self.lines.message(self.world.now, flow.local[0], flow.remote[0], payload)
        self._send(flow, payload)

    def _noted(self, phone: VirtualPhone, text: str) -> None:
        phone.log.append((round(self.world.now, 3), text))
        self.lines.note(self.world.now, phone.name, text)
