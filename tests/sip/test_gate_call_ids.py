"""A Call-ID that lives opens the gate to what belongs to its call, and to nothing else: who has one call must not scan
and guess under its Call-ID, past the budget of strangers and after having been put aside."""

import pytest

from ivr.sip.gate.gate import Standing
from tests.sip.rig import request
from tests.sip.test_gate import OTHER, PHONE, STRANGER, flow, gate, passed


@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REFER", "NOTIFY"])
@pytest.mark.parametrize(("address", "standing"), [(STRANGER, Standing.STRANGER), (PHONE, Standing.KNOWN)])
def test_what_begins_something_else(method: str, address: str, standing: Standing) -> None:
    assert gate().judge(request(method, call="live").encode(), flow(address), 0) is standing


@pytest.mark.parametrize("method", ["OPTIONS", "SUBSCRIBE", "REFER", "NOTIFY", "BYE", "ACK", "UPDATE", "INVITE"])
@pytest.mark.parametrize("written", ["To: ", "t:", "TO :"])
def test_what_belongs_to_the_call(method: str, written: str) -> None:
    text = request(method, call="live", tag="x").replace("To: ", written)
    assert gate().judge(text.encode(), flow(STRANGER), 0) is Standing.ONGOING


def test_a_register_is_never_in_a_call() -> None:
    assert gate().judge(request("REGISTER", call="live", tag="x").encode(), flow(STRANGER), 0) is Standing.STRANGER


@pytest.mark.parametrize(("address", "standing"), [
    (STRANGER, Standing.ONGOING), (OTHER, Standing.STRANGER), (PHONE, Standing.KNOWN)])
@pytest.mark.parametrize("method", ["INVITE", "INVITE "])
def test_the_first_invite_of_a_call_comes_again(method: str, address: str, standing: Standing) -> None:
    """From where it came first; from elsewhere its Call-ID says nothing."""
    assert gate().judge(request(method, call="live").encode(), flow(address), 0) is standing


def test_who_is_put_aside_is_not_heard_under_the_call_id_of_another() -> None:
    one = gate(requests_per_second=1)
    for number in range(200):
        one.judge(request("OPTIONS", call=f"x{number}").encode(), flow(OTHER), 0)
    assert one.judge(request("INVITE", call="live").encode(), flow(OTHER), 1) is None
    assert one.judge(request("INVITE", call="live").encode(), flow(STRANGER), 1) is Standing.ONGOING


def test_the_budget_under_the_call_id_of_another_is_that_of_strangers() -> None:
    one, data = gate(requests_per_second=2), request("INVITE", call="live").encode()
    assert passed(one, data, OTHER, [0.0] * 1000) == 20
    assert passed(one, data, STRANGER, [0.0] * 1000) == 400


def test_who_is_put_aside_stays_so() -> None:
    one = gate(requests_per_second=1)
    for number in range(200):
        one.judge(request("OPTIONS", call=f"x{number}").encode(), flow(STRANGER), 0)
    assert one.is_aside(STRANGER, 1)
    assert one.judge(request("REGISTER", call="live").encode(), flow(STRANGER), 1) is None
    assert one.judge(request("BYE", call="live", tag="x").encode(), flow(STRANGER), 1) is Standing.ONGOING
