"""Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3)."""

from typing import Any

import pytest

from ivr.sip.message.message import Request, Response
from ivr.sip.message.parser import parse
from ivr.sip.transaction.matching import client_key, merged_key, server_key
from tests.sip.rig import request, response

OLD = ("{method} sip:100@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070{via}\r\nFrom: <sip:a@h>;tag={tag}\r\n"
       "To: <sip:b@h>{to}\r\nCall-ID: {call}\r\nCSeq: {number} {method}\r\n\r\n")


def read(text: str) -> Request:
    message = parse(text.encode())
    assert isinstance(message, Request)
    return message


def old(method: str = "INVITE", **fields: Any) -> Request:
    return read(OLD.format(**{"method": method, "via": "", "tag": "1", "to": "", "call": "c", "number": 1, **fields}))


def test_ack_of_a_refusal_has_the_key_of_its_invite() -> None:
    assert server_key(read(request("ACK", branch="x"))) == server_key(read(request("INVITE", branch="x")))


def test_cancel_has_a_key_of_its_own_and_finds_its_invite() -> None:
    cancel, invite = read(request("CANCEL", branch="x")), read(request("INVITE", branch="x"))
    assert server_key(cancel) != server_key(invite)
    assert server_key(cancel, "INVITE") == server_key(invite)


@pytest.mark.parametrize("change", [
    ("z9hG4bKx", "z9hG4bKy"), ("192.0.2.9:5070;branch", "192.0.2.9:5071;branch"),
    ("UDP 192.0.2.9", "UDP 192.0.2.8"),
])
def test_another_branch_or_sender_is_another_transaction(change: tuple[str, str]) -> None:
    text = request("BYE", branch="x")
    assert server_key(read(text)) != server_key(read(text.replace(*change)))


def test_another_sequence_is_another_transaction() -> None:
    """pyVoIP answers a challenge with a new request under the old branch."""
    again = request("INVITE", branch="x", sequence=2)
    assert server_key(read(request("INVITE", branch="x"))) != server_key(read(again))


def test_everything_else_may_differ() -> None:
    assert server_key(read(request("BYE", branch="x"))) == server_key(read(request("BYE", branch="x", call="other")))


def test_rfc_2543__the_named_fields_decide() -> None:
    assert server_key(old()) == server_key(old())
    assert server_key(old("ACK", to=";tag=ours")) == server_key(old())
    for change in ({"via": ";branch=1"}, {"tag": "2"}, {"call": "d"}, {"number": 2}):
        assert server_key(old(**change)) != server_key(old()), change


def test_client_key_of_a_request_and_its_response() -> None:
    sent = read(request("BYE"))
    answer = parse(response(sent, 200).encode())
    assert isinstance(answer, Response)
    assert client_key(answer) == client_key(sent)
    assert client_key(read(request("CANCEL", branch="x"))) != client_key(read(request("INVITE", branch="x")))


def test_merged_requests_share_what_the_client_wrote() -> None:
    one, other = read(request("INVITE", branch="x")), read(request("INVITE", branch="y"))
    assert merged_key(one) == merged_key(other)
    assert merged_key(one) != merged_key(read(request("INVITE", sequence=2)))
