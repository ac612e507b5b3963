"""What goes out of a WebSocket whose network is quick, slow, stuck or gone: the ticker never waits for it."""

import asyncio
from typing import Any

import pytest

from desk.phone.outbox import TEXTS_MOST, Outbox
from desk.phone.page import PageSocket
from desk.phone.stream import FRAME


class Network:
    """A send that waits while `stuck`, as uvicorn's does above its mark."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.free = asyncio.Event()
        self.free.set()
        self.broken: Exception | None = None

    async def send(self, message: dict[str, Any]) -> None:
        await self.free.wait()
        if self.broken is not None:
            raise self.broken
        self.sent.append(message.get("text") or message.get("bytes") or message["type"])


def test_send__at_once_without_a_task() -> None:
    async def run() -> None:
        network = Network()
        outbox = Outbox(network.send)
        before = len(asyncio.all_tasks())
        for number in range(10):
            outbox.frame(bytes([number]))
        outbox.tell({"type": "pong"})
        assert len(network.sent) == 11
        assert len(asyncio.all_tasks()) == before
        assert not outbox.busy

    asyncio.run(run())


def test_send__stuck_keeps_the_order_and_lets_nobody_wait() -> None:
    async def run() -> None:
        network = Network()
        outbox = Outbox(network.send)
        network.free.clear()
        outbox.frame(b"0")
        assert outbox.busy
        outbox.tell({"n": 1})
        outbox.tell({"n": 2})
        await asyncio.sleep(0)
        assert network.sent == []
        network.free.set()
        await asyncio.sleep(0.01)
        assert network.sent == [b"0", '{"n":1}', '{"n":2}']
        assert not outbox.busy
        outbox.frame(b"3")
        assert network.sent[-1] == b"3"

    asyncio.run(run())


def test_frames__of_a_stuck_page_are_the_newest_ones() -> None:
    async def run() -> None:
        network = Network()
        page = PageSocket(network.send, "try", None, None, "127.0.0.1")
        page.stream.connect(("127.0.0.1", 20_000))
        network.free.clear()
        for number in range(100):
            page.stream.receive(bytes((0x80, 0)) + bytes(10) + bytes([number]) * FRAME)
            page.flush()
        network.free.set()
        await asyncio.sleep(0.01)
        page.flush()
        numbers = [frame[0] for frame in network.sent]
        assert numbers[0] == 0                      # the one that was stuck
        assert numbers[1:] == list(range(numbers[1], 100))
        assert len(numbers) <= 7
        assert page.stream.lost == 100 - len(numbers)

    asyncio.run(run())


def test_texts__too_many_give_the_page_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        network = Network()
        outbox = Outbox(network.send)
        network.free.clear()
        outbox.frame(b"0")
        for number in range(TEXTS_MOST):
            outbox.tell({"n": number})
        assert not outbox.gone
        outbox.tell({"n": TEXTS_MOST})
        assert outbox.gone
        monkeypatch.setattr("desk.phone.outbox.CLOSE_TIMEOUT", 0.05)
        await outbox.close(4008)                    # does not wait for ever for what is stuck
        assert not outbox.busy

    asyncio.run(asyncio.wait_for(run(), 5))


@pytest.mark.parametrize("stuck", [False, True])
def test_gone__while_sending_raises_nothing(stuck: bool) -> None:
    async def run() -> None:
        network = Network()
        outbox = Outbox(network.send)
        network.broken = RuntimeError("gone")
        if stuck:
            network.free.clear()
        outbox.frame(b"0")
        network.free.set()
        await asyncio.sleep(0.01)
        assert outbox.gone
        outbox.tell({"type": "pong"})
        await outbox.close(4008)

    asyncio.run(run())
