"""What people ask of the queues through control: statuses with reasons, whose choice it was, wrap-up, why."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ivr.drivers.control_link import ControlRefused
from ivr.service.commands import answer
from tests.service.test_control_loop import control_of
from tests.support.virtual_house import make_story

BREAK = {"operator": "anna", "status": "on_break"}


def asked(tmp_path: Path, *questions: tuple[str, dict[str, Any]], **config: Any) -> list[Any]:
    """Control's answers one after the other; a refusal is its sentence."""
    answers: list[Any] = []

    async def ask() -> None:
        control, _ = control_of(make_story(audio=False, config=config).hotline.exchange, tmp_path)
        for op, arguments in questions:
            try:
                answers.append(answer(control, op, arguments))
            except ControlRefused as refused:
                answers.append(refused.message)
    asyncio.run(ask())
    return answers


def operator(snapshot: dict[str, Any], name: str = "anna") -> dict[str, Any]:
    return next(each for each in snapshot["operators"] if each["name"] == name)


@pytest.mark.parametrize(("reason", "status"), [("lunch", "on_break"), ("tired", "available"), ("", "available")])
def test_break__for_one_of_the_reasons(tmp_path: Path, reason: str, status: str) -> None:
    told, snapshot = asked(tmp_path, ("set_status", BREAK | {"reason": reason}), ("snapshot", {}),
                           break_reasons=["lunch", "training"])
    assert operator(snapshot)["status"] == status
    assert (told == "a break needs a reason, one of: lunch, training") == (status == "available")


def test_break__any_reason_where_none_are_named_and_who_set_it(tmp_path: Path) -> None:
    _, snapshot = asked(tmp_path, ("set_status", BREAK | {"reason": "tired\udcff", "by": "olga"}), ("snapshot", {}))
    assert operator(snapshot)["reason"] == "tired?", "no file holds half a letter"
    assert operator(snapshot)["set_by"] == "olga"


def test_why__of_operators_and_calls_that_are_not_there(tmp_path: Path) -> None:
    sentence, nobody, no_call = asked(tmp_path, ("why", {"operator": "anna"}), ("why", {"operator": "nobody"}),
                                      ("why", {"operator": "anna", "call": "3f0c"}))
    assert sentence["why"].startswith("anna is free, and nobody without an offer waits in lost_card")
    assert nobody == "there is no operator 'nobody'"
    assert no_call == "no call in progress begins with '3f0c'"


def test_wrap_up__of_who_has_none_and_of_nobody(tmp_path: Path) -> None:
    assert asked(tmp_path, ("wrap_up_done", {"operator": "anna"}), ("wrap_up_done", {"operator": "nobody"})) == [
        {"operator": "anna"}, "there is no operator 'nobody'"]
