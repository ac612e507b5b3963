"""Lines that are open to a group alone."""

from typing import Any

import pytest

from ivr.base.config_lines import LineConfig
from ivr.base.customers import Customers
from ivr.exchange.callers import may_call
from ivr.sip.events import LegOffered
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import CALLER, HOTLINE, make_story

FILE = "/customers.txt"
EVERYTHING = {"numbers": ["8 (495) 111-22-33", "+4930123456"], "prefixes": ["+7812"], "file": FILE,
              "trunks": ["pbx"], "accounts": ["anna"]}


def offered(number: str, trunk: str | None = "carrier", account: str | None = None) -> LegOffered:
    flow = Flow("udp", ("198.51.100.1", 5060), ("192.0.2.9", 5060))
    return LegOffered("leg", "id", parse_uri("sip:100@x"), number, "", "100", None, flow, account, trunk)


def line(callers: dict[str, Any] | None) -> LineConfig:
    return LineConfig.model_validate({"numbers": ["100"], "menu": "m.yaml", "callers": callers})


@pytest.mark.parametrize(("number", "let_in"), [
    ("+74951112233", True), ("84951112233", True), ("0049 30 123456", False), ("+4930123456", True),
    ("+78121234567", True), ("88121234567", True), ("+74997654321", True), ("+74997654322", False),
    ("anonymous", False), ("", False), ("Restricted", False), ("+7" * 40, False), ("\N{DIGIT ONE}\u0661", False),
])
def test_numbers_of_a_carrier(number: str, let_in: bool) -> None:
    customers = {FILE: Customers([74997654321])}
    assert may_call(line(EVERYTHING), offered(number), customers, "RU") is let_in


@pytest.mark.parametrize(("trunk", "account", "let_in"), [
    ("pbx", None, True), (None, "anna", True), (None, "boris", False), (None, None, False)])
def test_a_number_is_no_proof(trunk: str | None, account: str | None, let_in: bool) -> None:
    """A stranger who writes a customer's number is a stranger; a trunk that is named needs no number."""
    assert may_call(line(EVERYTHING), offered("+74951112233", None, None), {}, "RU") is False
    assert may_call(line(EVERYTHING), offered("anonymous", trunk, account), {}, "RU") is let_in


def test_open_to_all() -> None:
    assert may_call(line(None), offered("anonymous", None), {}, "")


def test_customers() -> None:
    many = Customers(range(10_000_000_000, 10_000_100_000))
    assert len(many) == 100_000
    assert "+10000000000" in many
    assert "+10000099999" in many
    assert "+10000100000" not in many
    assert "" not in many


@pytest.mark.parametrize(("number", "answered"), [("+74951112233", True), ("+74950000000", False)])
def test_story(number: str, answered: bool) -> None:
    """Who may not call hears 403, and the record says why."""
    lines = [{"numbers": ["100"], "menu": "menus/bank.yaml", "callers": {"numbers": ["+74951112233"]}}]
    story = make_story(audio=False, config={"trunks": [{"name": "carrier", "addresses": [CALLER]}],
                                            "lines": lines})
    story.caller.name = number          # what it writes into From
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert (story.caller.log[-1][1] == "ended by peer 403") is not answered
    if not answered:
        assert story.row().reason == "caller_not_of_line"
