"""What is read off raw bytes, and the refusal that is made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.sip.gate.glance import acknowledges_refusal, is_invite, is_keep_alive, is_response, short_refusal, sip_call_id
from ivr.sip.message.message import Response
from ivr.sip.message.parser import parse
from tests.sip.rig import invite, request

PIECES = st.sampled_from([b"INVITE sip:a@b SIP/2.0\r\n", b"\nCall-ID: ", b"\r\ni:", b"Via: x\r\n", b" ", b"\t",
                          b"\r\n\r\n", b"To: <sip:x>", b";tag=", b"CSeq: 1 INVITE", b"f: y", b"\xff", b"ACK "])
BYTES = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=30).map(b"".join))


@pytest.mark.parametrize("text", ["\r\nCall-ID: x1@h\r\n", "\r\ncall-id :\tx1@h \r\n", "\r\ni:x1@h\r\n",
                                  "\r\nI: x1@h\r\n", "\nCall-ID: x1@h"])
def test_call_id(text: str) -> None:
    assert sip_call_id(f"INVITE sip:a@b SIP/2.0{text}".encode()) == "x1@h"


def test_call_id__none() -> None:
    assert sip_call_id(b"INVITE sip:a@b SIP/2.0\r\nX-Call-ID-Of: y\r\n\r\n") == ""


def test_call_id__agrees_with_the_parser() -> None:
    text = invite(call="Große").encode()
    assert sip_call_id(text) == parse(text).sip_call_id


def test_refusal__is_the_response_of_the_request() -> None:
    text = invite(extra="Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\nRecord-Route: <sip:p;lr>\r\n").encode()
    asked, answer = parse(text), parse(short_refusal(text, 503) or b"")
    assert isinstance(answer, Response)
    assert answer.status == 503
    assert answer.headers.all("Via") == asked.headers.all("Via")
    assert (answer.sip_call_id, answer.cseq, answer.from_) == (asked.sip_call_id, asked.cseq, asked.from_)
    assert answer.to.tag
    assert 5 <= int(answer.headers.get("Retry-After") or 0) <= 20
    assert answer.headers.get("Record-Route") is None


def test_refusal__is_the_same_for_the_same_request_and_its_ack_is_known() -> None:
    text = invite().encode()
    first, again = short_refusal(text, 503), short_refusal(text, 503)
    assert first == again
    assert first is not None
    tag = parse(first).to.tag or ""
    assert acknowledges_refusal(request("ACK", tag=tag).encode())
    assert not acknowledges_refusal(request("ACK", tag="another").encode())
    assert not acknowledges_refusal(request("BYE", tag=tag).encode())


@pytest.mark.parametrize("status", [480, 486])
def test_refusal__for_carriers_says_no_time(status: int) -> None:
    answer = parse(short_refusal(invite().encode(), status) or b"")
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Retry-After")) == (status, None)


def test_refusal__folded_and_short_fields() -> None:
    text = (b"INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.9\r\n ;branch=z9hG4bK1\r\nf: <sip:c@d>;tag=1\r\n"
            b"t: <sip:a@b>\r\ni: 1\r\nSubject: not\r\n this\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n")
    answer = parse(short_refusal(text, 503) or b"")
    assert answer.headers.all("Via") == ["SIP/2.0/UDP 192.0.2.9 ;branch=z9hG4bK1"]
    assert answer.to.tag


@pytest.mark.parametrize("missing", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_refusal__needs_every_field(missing: str) -> None:
    lines = [line for line in invite().split("\r\n") if not line.startswith(f"{missing}:")]
    assert short_refusal("\r\n".join(lines).encode(), 503) is None


@given(BYTES)
def test_any_bytes(data: bytes) -> None:
    sip_call_id(data)
    acknowledges_refusal(data)
    refusal = short_refusal(data, 503)
    assert refusal is None or len(refusal) < len(data) + 200       # we are no amplifier
    assert sum((is_invite(data), is_response(data), is_keep_alive(data))) <= 1
