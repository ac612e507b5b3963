"""Which messages and streams belong to a capture, when it begins and ends, and what it never holds."""

from typing import Any

import pytest

from ivr.exchange.capturing import ALWAYS, KEPT, RTP_TAIL, Capture, CaptureOver, Caught, RtpWanted
from ivr.exchange.from_call import carry_out
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from ivr.media import commands as media
from ivr.menu import steps
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import CALLER, HOTLINE, make_story

FLOW = Flow("udp", (HOTLINE, 5060), (CALLER, 5060))


class Captured:
    """A story whose messages pass the captures, as in the service."""

    def __init__(self, **settings: Any) -> None:
        self.story = make_story(operators={"anna": PhoneBehaviour(delay=0.2)}, **settings)
        self.captures = self.story.hotline.exchange.house.captures
        self.commands: list[Any] = []
        self.over: list[CaptureOver] = []
        self._send, self._carry_out = self.story.world.send_sip, self.story.hotline.carry_out
        self._handle = self.story.hotline.wire.handle
        self.story.world.send_sip = self._sent                       # type: ignore[method-assign]
        self.story.hotline.carry_out = self._carried                 # type: ignore[method-assign]
        self.story.hotline.wire.handle = self._handled               # type: ignore[method-assign]

    def _sent(self, flow: Flow, payload: bytes) -> None:
        if flow.local[0] == HOTLINE and self.story.hotline.exchange.house.endpoint.tap is not None:
            self.captures.passes(payload, flow, self.story.world.now, outward=True)
        self._send(flow, payload)

    def _carried(self, effects: list[Any]) -> None:
        self.over += [effect for effect in effects if isinstance(effect, CaptureOver)]
        self._carry_out(effects)

    def _handled(self, command: Any, now: float) -> list[Any]:
        self.commands.append(command)
        if isinstance(command, media.OpenCapture | media.CloseCapture):
            return []
        return self._handle(command, now)

    def begin(self, which: Any, value: str = "", rtp: RtpWanted | None = None, seconds: float = 600.0) -> Capture:
        capture = Capture(1 + len(self.captures), which, value, rtp)
        now = self.story.world.now
        self.story.hotline.carry_out(self.story.hotline.exchange.begin_capture(capture, now + seconds))
        return capture

    def talk(self) -> None:
        self.story.caller.call(f"sip:100@{HOTLINE}")
        for key in "120":
            self.story.world.run(0.5)
            self.story.caller.press_by_info(key)
        assert self.story.world.run(10, lambda: self.story.phones["anna"].talking)

    def lines(self) -> list[str]:
        return [line_of(caught) for caught in self.captures.caught()]


def line_of(caught: Caught) -> str:
    first = caught.message.payload.split(b"\r\n")[0].decode()
    what = first.partition(" ")[2] if first.startswith("SIP/2.0 ") else first.split()[0]
    return f"{'>' if caught.message.outward else '<'} {what}"


def test_capture__of_the_next_call_is_whole_and_of_that_call_alone() -> None:
    house = Captured()
    house.begin("next")
    house.talk()
    other = VirtualPhone(house.story.world, "127.0.9.11", "second", house.story.ids)
    other.call(f"sip:100@{HOTLINE}")
    house.story.world.run(1)
    house.story.phones["anna"].hang_up()
    house.story.world.run(3)
    lines = house.lines()
    assert lines == ["< INVITE", "> 200 OK", "< ACK", *["< INFO", "> 200 OK"] * 3, "> INVITE", "< 100 Trying",
                     "< 180 Ringing", "< 200 OK", "> ACK", "< BYE", "> 200 OK", "> BYE", "< 200 OK"]
    assert house.over == [CaptureOver(1, "the call is over")]
    assert not house.captures
    assert house.story.hotline.exchange.house.endpoint.tap is None


def test_capture__none_is_on_and_nothing_is_kept() -> None:
    house = Captured()
    house.talk()
    assert house.captures.caught() == []
    assert not house.captures._recent


def test_capture__of_a_call_in_progress_begins_where_it_is() -> None:
    house = Captured()
    house.talk()
    house.story.world.run(0.5)
    (call,) = house.story.hotline.exchange.house.calls
    assert house.begin("call", call).call == call
    house.story.caller.hang_up()
    house.story.world.run(3)
    assert house.lines() == ["< BYE", "> 200 OK", "> BYE", "< 200 OK"]


@pytest.mark.parametrize("number", ["caller", "100"])
@pytest.mark.parametrize("begun", ["before", "while"])
def test_capture__of_a_number_calling_or_dialled(number: str, begun: str) -> None:
    house = Captured()
    if begun == "before":
        stranger = VirtualPhone(house.story.world, "127.0.9.11", "second", house.story.ids)
        capture = house.begin("number", number)
        if number == "caller":
            stranger.call(f"sip:100@{HOTLINE}")
            house.story.world.run(1)
            assert not capture.call
        house.talk()
    else:
        house.talk()
        capture = house.begin("number", number)
    assert capture.call in house.story.hotline.exchange.house.calls
    assert house.story.hotline.exchange.house.calls[capture.call].call.visit.person.caller_number == "caller"


@pytest.mark.parametrize("wanted", ["89161234567", "+7 916 123-45-67", "+79161234567"])
def test_capture__of_a_number_however_it_is_written(wanted: str) -> None:
    house = Captured(config={"country": "RU"})
    capture = house.begin("number", wanted)
    caller = VirtualPhone(house.story.world, "127.0.9.11", "second", house.story.ids, account="+79161234567")
    caller.call(f"sip:100@{HOTLINE}")
    house.story.world.run(1)
    assert capture.call in house.story.hotline.exchange.house.calls


def test_capture__nobody_calls_in_its_time() -> None:
    house = Captured()
    house.begin("next", seconds=5)
    house.story.world.run(6)
    assert house.over == [CaptureOver(1, "its time is up")]


def test_capture__a_call_is_captured_once() -> None:
    house = Captured()
    first, second = house.begin("next"), house.begin("next")
    house.talk()
    assert first.call
    assert not second.call


def test_capture__what_waits_is_bounded() -> None:
    house = Captured()
    house.begin("number", "nobody")
    for number in range(KEPT + 10):
        house.captures.passes(b"OPTIONS sip:a SIP/2.0\r\nCall-ID: %d\r\n\r\n" % number, FLOW, 0.0)
    assert len(house.captures._recent) == KEPT
    for number in range(100):
        house.captures.passes(b"OPTIONS sip:a SIP/2.0\r\nCall-ID: %d\r\n\r\n" % number + bytes(60_000), FLOW, 0.0)
    assert sum(len(message.payload) for message in house.captures._recent) <= 2 << 20


# --- secrets --------------------------------------------------------------------------------------------------------
def secret(house: Captured, active: bool) -> None:
    """The menu's own switch: what an action that asks for a secret says before its prompt, and after the last key."""
    (opened,) = house.story.hotline.exchange.house.calls.values()
    effects = opened.call.take_steps([steps.SecretInput(active)], house.story.world.now)
    exchange = house.story.hotline.exchange
    house.story.hotline.carry_out(carry_out(exchange.house, opened, effects, house.story.world.now))


def bodies(house: Captured) -> list[bytes]:
    return [caught.message.payload.partition(b"\r\n\r\n")[2] for caught in house.captures.caught()
            if caught.message.payload.startswith(b"INFO")]


@pytest.mark.parametrize("begun", ["before", "while", "after"])
def test_secret__keys_by_info_are_not_in_a_capture(begun: str) -> None:
    house = Captured()
    if begun == "before":
        house.begin("next")
    house.story.caller.call(f"sip:100@{HOTLINE}")
    house.story.world.run(0.5)
    secret(house, True)
    (call,) = house.story.hotline.exchange.house.calls
    if begun == "while":
        house.begin("call", call)
    house.story.caller.press_by_info("9")
    house.story.world.run(0.5)
    secret(house, False)
    if begun == "after":
        house.begin("call", call)
    for message in list(house.captures._caught):        # a copy of an INFO comes late: it carries the same key
        house.captures.passes(message.message.payload.replace(b"x", b"9"), FLOW, house.story.world.now)
    house.story.caller.press_by_info("8")
    house.story.world.run(0.5)
    found = bodies(house)
    assert found
    assert not any(b"9" in body or b"8" in body for body in found)
    house.story.world.run(40)
    house.story.caller.press_by_info("3")
    house.story.world.run(0.5)
    assert any(b"Signal=3" in body for body in bodies(house))


def test_secret__the_plane_is_told_before_and_after() -> None:
    house = Captured()
    house.begin("next", rtp=RtpWanted("/captures/1.rtp", 5.0, 1000))
    house.story.caller.call(f"sip:100@{HOTLINE}")
    house.story.world.run(0.5)
    secret(house, True)
    secret(house, False)
    told = [command for command in house.commands if isinstance(command, media.CaptureStream)]
    assert [command.masked_until for command in told] == [0.0, ALWAYS + RTP_TAIL, house.story.world.now + RTP_TAIL]
    assert {command.addresses for command in told} == {(HOTLINE,)}


def test_rtp__every_stream_of_the_call_and_the_files_end() -> None:
    house = Captured()
    house.begin("next", rtp=RtpWanted("/captures/1.rtp", 5.0, 1000))
    house.talk()
    house.story.phones["anna"].hang_up()
    house.story.world.run(5)
    kinds = (media.OpenCapture, media.CaptureStream, media.CloseCapture)
    found = [command for command in house.commands if isinstance(command, kinds)]
    assert found[0] == media.OpenCapture(1, "/captures/1.rtp", 5.0, 1000)
    assert [type(command) for command in found] == [kinds[0], kinds[1], kinds[1], kinds[2]]
    opened = [command for command in house.commands if isinstance(command, media.OpenStream)]
    assert [(one.stream, one.leg) for one in found[1:3]] == [(one.stream, one.leg) for one in opened]


def test_rtp__of_a_call_in_progress() -> None:
    house = Captured()
    house.talk()
    (call,) = house.story.hotline.exchange.house.calls
    house.begin("call", call, RtpWanted("/captures/1.rtp", 5.0, 1000))
    assert len([one for one in house.commands if isinstance(one, media.CaptureStream)]) == 2
