"""The bounds of captures, their files, and that nothing they meet disturbs a call."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ivr.base.pcap import FILE_HEADER, record, records
from ivr.drivers.capture_file import FULL, CaptureFile
from ivr.drivers.control_link import ControlRefused
from ivr.drivers.state_files import StateFiles
from ivr.exchange.capturing import MOST
from ivr.media import commands as media
from ivr.media.events import CaptureClosed
from ivr.service import captures
from ivr.service.captures import REMEMBERED, CaptureDesk
from ivr.service.commands import answer
from ivr.service.control_loop import Control
from ivr.sip.transport.flow import Flow
from tests.service.test_control_loop import Writer
from tests.support.virtual_house import CALLER, HOTLINE, make_story

OPTIONS = (b"OPTIONS sip:100@127.0.9.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.9.10;branch=z9hG4bK%b\r\n"
           b"From: <sip:a@b>;tag=1\r\nTo: <sip:100@127.0.9.1>\r\nCall-ID: %b\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
           b"Content-Length: 0\r\n\r\n")
FLOW = Flow("udp", (HOTLINE, 5060), (CALLER, 5060))


class Plane:
    """What a plane is told; its answers are the test's."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def put(self, command: Any, worker: int | None) -> None:
        self.told.append(command)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


def run(folder: Path, what: Callable[[Control], Awaitable[None]]) -> None:
    """`what` with a control that has one call in its menu."""

    async def turn() -> None:
        folder.chmod(0o700)
        story = make_story(audio=False)
        story.caller.call(f"sip:100@{HOTLINE}")
        story.world.run(1)
        exchange, writer = story.hotline.exchange, Writer()
        config = exchange.house.config.model_copy(update={"state_dir": str(folder)})
        made: Any = writer
        control = Control(exchange, config, lambda control: made, StateFiles(folder))
        plane: Any = Plane()
        control.planes = plane
        control._arm = lambda: None             # type: ignore[method-assign]   # the story's timers are of its own time
        await what(control)
        await control.close()

    asyncio.run(turn())


def begin(control: Control, **wanted: Any) -> dict[str, Any]:
    return dict(answer(control, "begin_capture", {"which": "next", "seconds": 60, "most_bytes": 10_000} | wanted))


async def done(control: Control, number: int = 1) -> dict[str, Any]:
    while control.captures.status(number)["state"] != "done":
        await asyncio.sleep(0.01)
    return control.captures.status(number)


def message(control: Control, sip_call_id: str) -> None:
    control.datagram(FLOW, OPTIONS % ((sip_call_id.encode(),) * 2))


def the_call(control: Control) -> tuple[str, str]:
    """Its id and the Call-ID of its leg."""
    (call,) = control.exchange.house.calls
    return call, control.exchange.house.endpoint.sip_call_id(control.exchange.house.calls[call].call.caller_leg)


def kept(path: str) -> int:
    with Path(path).open("rb") as file:
        return len(list(records(file)))


def test_capture__in_and_out(tmp_path: Path) -> None:
    async def turn(control: Control) -> None:
        call, sip_call_id = the_call(control)
        assert begin(control, which="call", value=call[:6])["state"] == "running"
        message(control, sip_call_id)
        message(control, "another")
        answer(control, "end_capture", {"capture": 1})
        over = await done(control)
        assert (over["messages"], over["reason"], kept(over["file"])) == (2, "it was stopped", 2)
        assert [one["capture"] for one in answer(control, "captures", {})["captures"]] == [1]

    run(tmp_path, turn)


def test_capture__of_a_connection_has_whole_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However TCP cuts them; and of TLS what was in it."""

    async def turn(control: Control) -> None:
        call, sip_call_id = the_call(control)
        monkeypatch.setattr(control.sockets, "send", lambda flow, payload: None)
        begin(control, which="call", value=call)
        whole = OPTIONS % ((sip_call_id.encode(),) * 2)
        flow = Flow("tls", (HOTLINE, 5061), (CALLER, 40_000), 7)
        for part in (whole[:9], whole[9:100], whole[100:] + b"\r\n\r\n"):
            control.stream(flow, part)
        answer(control, "end_capture", {"capture": 1})
        over = await done(control)
        with Path(over["file"]).open("rb") as file:
            packets = [octets[16 + 28:] for _, octets in records(file)]
        assert packets[0] == whole
        assert packets[1].startswith(b"SIP/2.0 ")
        assert len(packets) == 2

    run(tmp_path, turn)


def test_capture__too_many_at_one_time(tmp_path: Path) -> None:
    async def turn(control: Control) -> None:
        for _ in range(MOST):
            begin(control)
        with pytest.raises(ControlRefused, match="4 captures are on already"):
            begin(control)
        answer(control, "end_capture", {"capture": 2})
        begin(control)

    run(tmp_path, turn)


def test_capture__a_file_gets_its_name_while_they_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each capture's thread gives its file its final name when it likes."""
    look = os.scandir

    @contextmanager
    def late(folder: Path) -> Iterator[Iterable[os.DirEntry[str]]]:
        with look(folder) as entries:
            found = list(entries)
        for entry in found:
            Path(entry.path).rename(f"{entry.path}.named")
        yield found

    async def turn(control: Control) -> None:
        begin(control)
        monkeypatch.setattr(os, "scandir", late)
        begin(control)

    run(tmp_path, turn)


def test_capture__a_full_file_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "LOOK_EVERY", 0.01)

    async def turn(control: Control) -> None:
        call, sip_call_id = the_call(control)
        begin(control, which="call", value=call, most_bytes=500)
        message(control, sip_call_id)
        over = await done(control)
        assert (over["reason"], over["messages"]) == (FULL, 1)
        assert list(control.exchange.house.calls) == [call]
        assert control.exchange.house.endpoint.tap is None

    run(tmp_path, turn)


def test_capture__what_goes_wrong_here_disturbs_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> bytes:
        raise RuntimeError("a bug")

    async def turn(control: Control) -> None:
        call, sip_call_id = the_call(control)
        begin(control, which="call", value=call)
        sent: list[bytes] = []
        monkeypatch.setattr(control.sockets, "send", lambda flow, payload: sent.append(payload))
        monkeypatch.setattr(CaptureDesk, "_record", fails)
        message(control, sip_call_id)
        assert sent[0].startswith(b"SIP/2.0 ")
        assert list(control.exchange.house.calls) == [call]

    run(tmp_path, turn)


def test_capture__no_more_room_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "MOST_ON_DISK", 5)

    async def turn(control: Control) -> None:
        begin(control, which="call", value=the_call(control)[0])
        answer(control, "end_capture", {"capture": 1})
        await done(control)
        with pytest.raises(ControlRefused, match="remove some"):
            begin(control)

    run(tmp_path, turn)


def test_capture__without_a_call_leaves_no_file(tmp_path: Path) -> None:
    async def turn(control: Control) -> None:
        assert begin(control)["file"]
        answer(control, "end_capture", {"capture": 1})
        over = await done(control)
        assert (over["file"], over["messages"]) == ("", 0)
        assert list((tmp_path / "captures").iterdir()) == []

    run(tmp_path, turn)


def test_capture__old_ones_are_forgotten_and_not_their_files(tmp_path: Path) -> None:
    async def turn(control: Control) -> None:
        call, _ = the_call(control)
        for number in range(1, REMEMBERED + 6):
            begin(control, which="call", value=call)
            answer(control, "end_capture", {"capture": number})
            await done(control, number)
        assert len(control.captures.all()) == REMEMBERED + 1
        assert len(list((tmp_path / "captures").iterdir())) == REMEMBERED + 5

    run(tmp_path, turn)


@pytest.mark.parametrize(("wanted", "says"), [
    ({"which": "all"}, "one of next, call, number"), ({"which": "number"}, "a number goes with"),
    ({"value": "100"}, "nothing with `next`"), ({"which": "call", "value": ""}, "no call|calls in progress"),
    ({"which": "call", "value": "zz"}, "no call in progress"),
])
def test_capture__what_makes_no_sense(tmp_path: Path, wanted: dict[str, Any], says: str) -> None:
    async def turn(control: Control) -> None:
        with pytest.raises(ControlRefused, match=says):
            begin(control, **wanted)
        assert not control.exchange.house.captures

    run(tmp_path, turn)


def test_capture__ends_with_the_service(tmp_path: Path) -> None:
    paths: list[str] = []

    async def turn(control: Control) -> None:
        call, sip_call_id = the_call(control)
        paths.append(begin(control, which="call", value=call)["file"])
        message(control, sip_call_id)

    run(tmp_path, turn)
    assert kept(paths[0]) == 2


# --- the plane's part -----------------------------------------------------------------------------------------------
def rtp_file(path: str, moments: list[float]) -> None:
    file = CaptureFile(Path(path), 10_000)
    for moment in moments:
        file.put(record(moment, (HOTLINE, 16384), (CALLER, 4000), b"rtp"))
    file.close("closed")
    file.wait(5)


def test_rtp__is_put_into_the_same_file(tmp_path: Path) -> None:
    async def turn(control: Control) -> None:
        plane: Any = control.planes
        call, sip_call_id = the_call(control)
        begin(control, which="call", value=call, rtp=True)
        opened = plane.told[0]
        assert isinstance(opened, media.OpenCapture)
        message(control, sip_call_id)
        answer(control, "end_capture", {"capture": 1})
        assert plane.told[-1] == media.CloseCapture(1)
        rtp_file(opened.path, [1.0, 2.0, 5e9 / 2])
        control.plane_event(CaptureClosed(1, 3, "the capture is full"))
        over = await done(control)
        assert (over["messages"], over["packets"]) == (2, 3)
        assert over["reason"] == "it was stopped; RTP: the capture is full"
        assert kept(over["file"]) == 5
        assert not Path(opened.path).exists()

    run(tmp_path, turn)


def test_rtp__of_a_plane_that_died_is_kept_as_far_as_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "PLANE_CLOSES", 0.1)

    async def turn(control: Control) -> None:
        plane: Any = control.planes
        call, sip_call_id = the_call(control)
        begin(control, which="call", value=call, rtp=True)
        message(control, sip_call_id)
        whole = record(1.0, (HOTLINE, 16384), (CALLER, 4000), b"rtp")
        Path(plane.told[0].path + ".part").write_bytes(FILE_HEADER + whole + whole[:20])
        answer(control, "end_capture", {"capture": 1})
        over = await done(control)
        assert kept(over["file"]) == 3

    run(tmp_path, turn)
