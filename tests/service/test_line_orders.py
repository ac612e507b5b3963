"""Orders for lines through control: on the disk when they are done, and there again after a restart."""

import asyncio
from pathlib import Path

import pytest

from ivr.drivers.control_link import ControlRefused
from ivr.drivers.state_files import StateFiles
from ivr.service.commands import answer
from ivr.service.line_orders import resume_orders
from tests.service.test_control_loop import control_of
from tests.support.virtual_house import START, make_story

CLOSE = {"line": "100", "kind": "closure", "by": "vera"}


def test_order__survives_a_restart(tmp_path: Path) -> None:
    async def close() -> None:
        control, _ = control_of(make_story(audio=False).hotline.exchange, tmp_path)
        shown = answer(control, "order_line", {**CLOSE, "lasts": 3600})["orders"]
        assert [one["kind"] for one in shown] == ["closure"]
        assert answer(control, "line_orders", {}) == {"orders": shown}
        with pytest.raises(ControlRefused, match="did you mean `goodbye`"):
            answer(control, "order_line", {**CLOSE, "prompt": "goodby"})

    asyncio.run(close())
    house = make_story(audio=False).hotline.exchange.house
    broken = [{"line": "100"}, {"line": "100", "kind": 5, "prompt": "", "by": "", "since": "x", "until": None}]
    gone = [{**one, "line": "999"} for one in StateFiles(tmp_path).orders()]
    resume_orders(house, [*broken, *gone, *StateFiles(tmp_path).orders()])
    (given,) = house.orders.all(START)
    assert (given.line, given.kind, given.by, given.prompt) == ("100", "closure", "vera", "nobody_available")


def test_order__taken_back_for_good(tmp_path: Path) -> None:
    async def close_and_open() -> None:
        control, _ = control_of(make_story(audio=False).hotline.exchange, tmp_path)
        answer(control, "order_line", CLOSE)
        assert answer(control, "take_back_order", CLOSE) == {"orders": []}

    asyncio.run(close_and_open())
    assert StateFiles(tmp_path).orders() == []


def test_order__that_can_not_be_written_holds_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "orders.json").mkdir()

    async def close() -> None:
        control, _ = control_of(make_story(audio=False).hotline.exchange, tmp_path)
        with pytest.raises(ControlRefused, match="a restart would forget it"):
            answer(control, "order_line", CLOSE)
        assert [one["kind"] for one in answer(control, "line_orders", {})["orders"]] == ["closure"]

    asyncio.run(close())
