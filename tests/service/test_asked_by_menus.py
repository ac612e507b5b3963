"""What menus ask of the world: a register of PINs on the disk, and orders that are on it before they are done."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.pin_file import changing, registered
from ivr.drivers.state_files import StateFiles
from ivr.exchange.effects import OrdersKept, ToPinRegister
from ivr.menu.actions.verify import REFUSED
from tests.service.test_control_loop import control_of
from tests.support.virtual_house import make_story

ORDER = {"line": "100", "kind": "closure", "prompt": "goodbye", "by": "vera", "since": "2026-03-02T09:00:00+00:00",
         "until": None}


def test_register__is_asked_and_its_verdict_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "staff.pins"
    with changing(path) as entries:
        entries["7"] = registered("7", "246810", "vera", "")
    told: list[tuple[Any, ...]] = []

    async def ask() -> None:
        exchange = make_story(audio=False, config={"pins": {"staff": {"file": str(path)}}}).hotline.exchange
        monkeypatch.setattr(exchange, "verified", lambda *verdict: told.append(verdict[:4]) or [])
        control, _ = control_of(exchange, tmp_path)
        control.do([ToPinRegister("call", 1, "staff", "7", "246810"), ToPinRegister("call", 2, "staff", "8", "246810")],
                   0.0)
        while len(told) < 2:
            await asyncio.sleep(0)
        await control.asked.close()

    asyncio.run(ask())
    assert sorted(told) == [("call", 1, "vera", ""), ("call", 2, "", REFUSED)]


@pytest.mark.parametrize("kept", [True, False])
def test_orders__are_on_the_disk_first_and_hold_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                            kept: bool) -> None:
    found: list[Any] = []
    if not kept:
        (tmp_path / "orders.json").mkdir()

    async def keep() -> None:
        exchange = make_story(audio=False).hotline.exchange
        monkeypatch.setattr(exchange, "answered", lambda *answer: found.append(
            (answer[:4], StateFiles(tmp_path).orders())) or [])
        control, _ = control_of(exchange, tmp_path)
        control.do([OrdersKept("call", 3, "vera", (ORDER,))], 0.0)
        while not found:
            await asyncio.sleep(0)
        await control.asked.close()

    asyncio.run(keep())
    assert found == [(("call", 3, "vera", ""), [ORDER] if kept else [])]
