"""Callbacks through control: listed, ended, hurried; and what is checked between config.yaml and the menus."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.base.errors import AdminError, Fault
from ivr.drivers.control_link import ControlRefused
from ivr.service.commands import answer
from ivr.service.loading import load_house
from tests.exchange.test_calling_back import BUSY, NUMBER, ask, asked, house
from tests.service.test_control_loop import control_of
from tests.support.service import ROOT, make_config

LOANS = {"operators": ["anna"], "callback": {"hours": "office"}, "comfort": {"say": "goodbye"}}


def test_people__list_cancel_and_hurry(tmp_path: Path) -> None:
    story = house(called=BUSY)
    ask(story)
    story.world.run(5)

    async def ask_control() -> None:
        control, _ = control_of(story.hotline.exchange, tmp_path)
        shown, = answer(control, "callbacks", {})["callbacks"]
        assert (shown["request"], shown["queue"], shown["state"], shown["attempts"], shown["call"]) == (
            asked(story).id, "loans", "paused", 1, None)
        assert NUMBER[1:] not in repr(shown)
        with pytest.raises(ControlRefused, match="no open callback begins with 'x'"):
            answer(control, "cancel_callback", {"request": "x"})
        with pytest.raises(ControlRefused, match="begin with ''"):
            answer(control, "callback_now", {"request": ""})
        assert answer(control, "cancel_callback", {"request": shown["request"][:8]}) == {"callbacks": []}

    asyncio.run(ask_control())


def faults(folder: Path, loans: dict[str, Any]) -> list[Fault]:
    config = make_config(folder, queues={"loans": {**LOANS, **loans}}, hours=str(ROOT / "menus/hours.yaml"),
                         outbound={"allow": ["+7"]})
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    try:
        load_house(folder / "config.yaml")
    except AdminError as error:
        return list(error.faults)
    return []


def schedule() -> str:
    """One of the sample's."""
    return next(iter(yaml.safe_load((ROOT / "menus/hours.yaml").read_text())["schedules"]))


def test_check__menus_prompts_and_hours_that_are_not_there(tmp_path: Path) -> None:
    good = {"callback": {"hours": schedule()}, "while_waiting": {"1": "language"}}
    assert faults(tmp_path, good) == []
    wrong, = faults(tmp_path, {**good, "while_waiting": {"1": "langauge"}})
    assert (wrong.code, wrong.place.line > 1) == ("waiting-menu-unknown", True)
    assert "language" in wrong.remedy
    wrong, = faults(tmp_path, {**good, "comfort": {"say": ["goodbye", "godbye"]}})
    assert wrong.code == "notice-unknown"
    wrong, = faults(tmp_path, {**good, "while_waiting": {"1": "main"}})       # its `back` would lead nowhere
    assert wrong.code == "back-from-start"
    wrong, *_ = faults(tmp_path, {**good, "callback": {"hours": "officee"}})
    assert wrong.code == "schedule-unknown"
