"""Every account's phones as the API shows them."""

import pytest

from ivr.exchange.phones import by_transport, is_behind_nat, phones
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from tests.support.virtual_house import HOTLINE, make_story


def binding(contact: str, transport: str, remote: tuple[str, int]) -> Binding:
    flow = Flow(transport, (HOTLINE, 5060), remote)
    return Binding("anna", parse_uri(contact), flow, 1.0, 600.0, "Phone/1", "", 20.0)


def test_phones__operators_first_and_those_without_a_phone_too() -> None:
    story = make_story(config={"accounts": {"door": {}}}, registered=False)
    house = story.hotline.exchange.house
    story.hotline.exchange.restore_phones([binding("sip:anna@192.0.2.9:5061", "tls", ("192.0.2.9", 40_000))], 30.0)
    shown = phones(house, 30.0)
    assert [(phone["account"], phone["operator"], len(phone["contacts"])) for phone in shown] == [
        ("anna", True, 1), ("boris", True, 0), ("door", False, 0)]
    assert shown[0]["contacts"] == [{
        "contact": "sip:anna@192.0.2.9:5061", "transport": "tls", "address": "192.0.2.9:40000", "user_agent": "Phone/1",
        "expires_in_s": 570.0, "since_s": 10.0, "q": 1.0, "nat": False}]
    assert [phone["last_refusal"] for phone in shown] == [None, None, None]
    assert by_transport(house, 30.0) == {"udp": 0, "tcp": 0, "tls": 1}
    assert by_transport(house, 700.0) == {"udp": 0, "tcp": 0, "tls": 0}


@pytest.mark.parametrize(("contact", "transport", "remote", "nat"), [
    ("sip:anna@192.0.2.9", "udp", ("192.0.2.9", 5060), False),
    ("sip:anna@192.0.2.9:5062", "udp", ("192.0.2.9", 5060), True),
    ("sip:anna@10.0.0.7", "udp", ("192.0.2.9", 5060), True),
    ("sip:anna@192.0.2.9;transport=tcp", "tcp", ("192.0.2.9", 40_000), False),
    ("sip:anna@10.0.0.7;transport=tcp", "tcp", ("192.0.2.9", 40_000), True),
    ("sip:anna@[2001:db8:0::9]", "udp", ("2001:db8::9", 5060), False),
])
def test_nat__another_address_than_the_phone_names(contact: str, transport: str, remote: tuple[str, int],
                                                   nat: bool) -> None:
    assert is_behind_nat(binding(contact, transport, remote)) is nat
