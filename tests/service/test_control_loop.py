"""The loop around the exchange: how the service ends, and what it does when the store has no room."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from ivr.call.record import Batch, Outcome
from ivr.drivers.state_files import StateFiles
from ivr.exchange.exchange import Exchange
from ivr.service import control_loop
from ivr.service.control_loop import Control
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from routing.requests.ledger import Accepted, SpoolFilled
from tests.support.virtual_house import HOTLINE, Story, make_story

PATIENCE = 5.0
REQUEST = ("OPTIONS sip:100@127.0.9.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.9.9;branch=z9hG4bK{name}\r\n"
           "From: <sip:a@b>;tag=1\r\nTo: <sip:100@127.0.9.1>\r\nCall-ID: {name}\r\nCSeq: 1 OPTIONS\r\n"
           "Content-Length: 0\r\n\r\n")


class Writer:
    """A record writer that notes everything down, and has as much room as a test says."""

    behind = False

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.answer, self.full = Accepted.TAKEN, False

    def submit(self, batch: Batch, token: str | None = None) -> Accepted:
        self.batches.append(batch)
        return self.answer

    def close(self, timeout: float) -> bool:
        return True


def control_of(exchange: Exchange, folder: Path) -> tuple[Control, Writer]:
    writer: Any = Writer()
    return Control(exchange, exchange.house.config, lambda control: writer, StateFiles(folder)), writer


def in_menu() -> Story:
    story = make_story(audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert story.caller.talking
    return story


def test_drain__without_calls_it_is_over_at_once(tmp_path: Path) -> None:
    async def stop() -> None:
        control, _ = control_of(make_story(audio=False).hotline.exchange, tmp_path)
        control.drain()
        assert control.done.is_set()

    asyncio.run(stop())


def test_drain__a_second_signal_ends_calls_with_their_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a BYE that nobody answers is sent again before the process goes."""
    monkeypatch.setattr(control_loop, "GOODBYE", 0.7)

    async def stop() -> None:
        control, writer = control_of(in_menu().hotline.exchange, tmp_path)
        sent: list[bytes] = []
        monkeypatch.setattr(control.sockets, "send", lambda flow, payload: sent.append(payload))
        control.drain()
        assert not control.exchange.idle
        control.drain()
        assert control.exchange.idle
        assert not control.done.is_set()
        await asyncio.wait_for(control.done.wait(), PATIENCE)
        await control.close()
        assert [row.outcome for batch in writer.batches for row in batch.calls] == [Outcome.FAILED]
        assert sum(payload.startswith(b"BYE") for payload in sent) >= 2

    asyncio.run(stop())


def test_timers__turns_that_come_more_often_than_their_grain_put_none_off(tmp_path: Path) -> None:
    async def crowd() -> None:
        exchange = in_menu().hotline.exchange
        control, _ = control_of(exchange, tmp_path)
        first = exchange.next_timer()           # of virtual time: long due
        assert first is not None
        assert first < time.monotonic()
        control.settle()
        armed = control._timer_at
        for _ in range(10):
            control.settle()
        assert control._timer_at == armed
        async with asyncio.timeout(PATIENCE):
            while exchange.next_timer() == first:
                await asyncio.sleep(0.01)

    asyncio.run(crowd())


def test_room__what_the_store_keeps_for_calls_in_progress_no_new_call_gets(tmp_path: Path,
                                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when no disk is full but the memory fills, since neither disk nor database take anything."""
    monkeypatch.setattr(control_loop, "ROOM_PAUSE", 0.05)

    async def fill() -> None:
        exchange = make_story(audio=False).hotline.exchange
        control, writer = control_of(exchange, tmp_path)
        writer.answer, writer.full = Accepted.RESERVE, True
        control._keep(Batch(), None)
        async with asyncio.timeout(PATIENCE):
            while not exchange.house.store_full:
                await asyncio.sleep(0.01)
            writer.full = False
            while exchange.house.store_full:
                await asyncio.sleep(0.01)
            writer.full = True
            control.notices([SpoolFilled(True)])
            assert exchange.house.store_full

    asyncio.run(fill())


def test_phones__are_noted_down_when_the_service_stops(tmp_path: Path) -> None:
    """Those too that registered a moment ago: the next process rings them, and not the places where they were."""
    async def stop() -> None:
        exchange, now = make_story(operators={}).hotline.exchange, time.monotonic()
        flow = Flow("udp", (HOTLINE, 5060), ("127.0.9.20", 5060))
        exchange.restore_phones([Binding("anna", parse_uri("sip:anna@127.0.9.20"), flow, 1.0, now + 600)], now)
        control, _ = control_of(exchange, tmp_path)
        control.drain()
        await control.close()

    asyncio.run(stop())
    assert [phone.account for phone in StateFiles(tmp_path).phones(time.monotonic())] == ["anna"]


def test_slice__a_datagram_that_meets_a_bug_keeps_no_other_from_being_served(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve() -> None:
        exchange = make_story(audio=False).hotline.exchange
        control, _ = control_of(exchange, tmp_path)
        served: list[bytes] = []
        settled: list[bool] = []

        def receive(payload: bytes, flow: Flow, now: float) -> list[Any]:
            served.append(payload)
            if b"bug" in payload:
                raise KeyError("a bug of ours")
            return []

        monkeypatch.setattr(exchange.house.endpoint, "receive", receive)
        monkeypatch.setattr(control.serving, "_settle", lambda: settled.append(True))
        flow = Flow("udp", (HOTLINE, 5060), ("127.0.9.9", 5060))
        for name in ("first", "bug", "last"):
            control.serving.datagram(flow, REQUEST.format(name=name).encode())
        with pytest.raises(KeyError):
            control.serving.serve()
        assert settled, "what the first one asked for is on its way"
        await asyncio.sleep(0)
        assert [name in text for name, text in zip((b"first", b"bug", b"last"), served, strict=True)] == [True] * 3

    asyncio.run(serve())
