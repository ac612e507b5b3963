"""Whole messages: bytes to Request and Response, back to bytes, and answers."""

import pytest

from ivr.base.errors import PeerError
from ivr.sip.message.headers import CSeq
from ivr.sip.message.message import MalformedRequest, Request, Response, make_response
from ivr.sip.message.parser import MAX_HEAD_BYTES, MAX_LINE_CHARS, MAX_LINES, MAX_MESSAGE_BYTES, parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.uri import parse_uri

INVITE = b"""INVITE sip:100@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5062;rport;branch=z9hG4bKtop
Via: SIP/2.0/TCP proxy.example.com;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKb
Max-Forwards: 69
From: "Anna" <sip:1001@example.com>;tag=from1
To: <sip:100@example.com>
Call-ID: abc@192.0.2.10
CSeq: 7 INVITE
Contact: <sip:1001@192.0.2.10:5062;ob>
Record-Route: <sip:p2;lr>, <sip:p1;lr>
Route: <sip:us;lr>
Supported: timer, 100rel
Require: replaces
User-Agent: Phone/1 (a \x1b comment)
Timestamp: 54.21
Authorization: Digest username="1001", response="c0ffee"
Content-Type: Application / SDP ;charset=utf-8
Content-Length: 5

v=0\r
""".replace(b"\r", b"").replace(b"\n", b"\r\n")
BYE = b"""BYE sip:100@example.com SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKbye
From: <sip:1001@example.com>;tag=from1
To: <sip:100@example.com>;tag=to1
Call-ID: abc@192.0.2.10
CSeq: 8 BYE

""".replace(b"\n", b"\r\n")
OK = b"""SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours
From: <sip:100@example.com>;tag=ours
To: <sip:1001@example.com>;tag=theirs
Call-ID: xyz
CSeq: 1 INVITE
Contact: <sip:1001@192.0.2.10:5062>
Retry-After: 5 (soon)
Content-Length: 0

""".replace(b"\n", b"\r\n")


def request_of(data: bytes) -> Request:
    message = parse(data)
    assert isinstance(message, Request)
    return message


def refusal_of(data: bytes) -> MalformedRequest:
    with pytest.raises(MalformedRequest) as caught:
        parse(data)
    return caught.value


def with_line(data: bytes, line: bytes) -> bytes:
    """`data` with one more header line."""
    return data.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n", 1)


def test_parse__request() -> None:
    invite = request_of(INVITE)
    assert (invite.method, invite.request_uri) == ("INVITE", parse_uri("sip:100@example.com"))
    assert [via.branch for via in invite.vias] == ["z9hG4bKtop", "z9hG4bKa", "z9hG4bKb"]
    assert invite.top_via.asks_rport
    assert (invite.from_.display_name, invite.from_.uri.user, invite.from_.tag) == ("Anna", "1001", "from1")
    assert (invite.to.uri.user, invite.to.tag) == ("100", None)
    assert (invite.sip_call_id, invite.cseq, invite.max_forwards) == ("abc@192.0.2.10", CSeq(7, "INVITE"), 69)
    assert [str(contact.uri) for contact in invite.contacts] == ["sip:1001@192.0.2.10:5062;ob"]
    assert [route.uri.host for route in invite.record_routes] == ["p2", "p1"]
    assert [route.uri.host for route in invite.routes] == ["us"]
    assert (invite.supported, invite.require) == ({"timer", "100rel"}, {"replaces"})
    assert (invite.content_type, invite.body) == ("application/sdp", b"v=0\r\n")
    assert invite.expires is None
    assert invite.user_agent == "Phone/1 (a \ufffd comment)"


def test_parse__response() -> None:
    answer = parse(OK)
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason, answer.cseq.method, answer.to.tag) == (200, "OK", "INVITE", "theirs")
    assert answer.retry_after == 5


@pytest.mark.parametrize("data", [INVITE, BYE, OK])
def test_parse__prints_and_parses_to_the_same(data: bytes) -> None:
    message = parse(data)
    assert parse(to_bytes(message)) == message


def test_parse__what_is_sent_in_other_spellings_is_the_same() -> None:
    odd = (INVITE.replace(b"Via:", b"v :").replace(b"From:", b"f\t:").replace(b"Call-ID:", b"cAlL-iD:")
           .replace(b";tag=from1", b"\r\n\t;tag = from1").replace(b"7 INVITE", b"  007\r\n INVITE")
           .replace(b"Content-Length: 5", b"l:\r\n  5").replace(b" SIP/2.0\r\n", b" sip/2.0 \r\n", 1))
    assert parse(b"\r\n\r\n" + odd).from_ == parse(INVITE).from_
    assert request_of(odd).cseq == request_of(INVITE).cseq
    assert request_of(odd).vias == request_of(INVITE).vias
    assert request_of(INVITE.replace(b"\r\n", b"\n").replace(b"Length: 5", b"Length: 4")).body == b"v=0\n"


def test_parse__body_is_what_content_length_says() -> None:
    assert request_of(INVITE + b"BYE sip:x SIP/2.0\r\n").body == b"v=0\r\n"
    assert request_of(INVITE.replace(b"Content-Length: 5\r\n", b"") + b"tail").body == b"v=0\r\ntail"
    assert request_of(INVITE.replace(b"Content-Length: 5", b"Content-Length: 0")).body == b""
    for length in (b"6", b"-5", b"99999999999999999999", b"5 5", b"", "²".encode()):
        assert refusal_of(INVITE.replace(b"Length: 5", b"Length: " + length)).status == 400
    assert refusal_of(with_line(INVITE, b"l: 5")).status == 400


def test_parse__content_length_is_used_up_and_made_anew() -> None:
    invite = request_of(INVITE)
    assert "Content-Length" not in invite.headers
    invite.headers.add("Content-Length", "99")
    assert b"99" not in to_bytes(invite)
    assert to_bytes(invite).endswith(b"\r\nContent-Length: 5\r\n\r\nv=0\r\n")


@pytest.mark.parametrize(("old", "new", "status"), [
    (b"SIP/2.0\r\n", b"SIP/3.0\r\n", 505),
    (b"INVITE sip:", b"INVITE  sip:", 400), (b"INVITE sip", b"IN(ITE sip", 400), (b" sip:100@", b" <sip:100@", 400),
    (b"example.com SIP", b"example.com; lr SIP", 400), (b"example.com SIP", b"example.com?a=b SIP", 400),
    (b"7 INVITE", b"7 ACK", 400), (b"7 INVITE", b"7", 400), (b"7 INVITE", b"2147483648 INVITE", 400),
    (b"Call-ID: abc", b"Call-ID: a c", 400), (b"Call-ID: abc", b"Call-ID: a\x00c", 400), (b"Call-ID:", b"X:", 400),
    (b"From:", b"X:", 400), (b"To:", b"X:", 400), (b"CSeq:", b"X:", 400), (b'"Anna"', b'"Anna', 400),
    (b"tag=from1", b"tag=", 400), (b"tag=from1", b";tag=x", 400), (b"Max-Forwards: 69", b"Max-Forwards: x", 400),
    (b"=z9hG4bKtop", b"=z9hG4bK", 400), (b"<sip:1001@192.0.2.10:5062;ob>", b"<nowhere>", 400),
    (b"<sip:p2;lr>", b"<p2>", 400), (b"Supported:", b"Supp orted:", 400), (b"Supported:", b"Supported", 400),
    (b"Supported: timer", b"Supported: ti\rmer", 400), (b"Max-Forwards: 69", b"To: <sip:x>", 400),
    (b"Max-Forwards: 69", b"i: x", 400), (b"Max-Forwards: 69", b"CSeq: 7 INVITE", 400),
    (b"Max-Forwards: 69", b"c: text/plain", 400), (b"UDP 192.0.2.10:5062", b"UDP 192.0.2.10:5062;", 400),
])
def test_parse__wrong_request_is_told_with_what_its_answer_copies(old: bytes, new: bytes, status: int) -> None:
    refusal = refusal_of(INVITE.replace(old, new, 1))
    assert refusal.status == status
    assert refusal.method == ("" if b"IN(ITE" in new else "INVITE")
    answer = make_response(refusal, status, refusal.reason, to_tag="ours")
    assert len(answer.headers.all("Via")) == 2
    assert "Authorization" not in answer.headers


@pytest.mark.parametrize("data", [
    b"", b"\r\n\r\n", b"\x00\x00\x00", b"hello", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x80\x00" + bytes(170),
    b"sip:x SIP/2.0\r\n\r\n", INVITE.replace(b"Via:", b"X:"), b"INVITE sip:x SIP/2.0\r\n\r\n",
    OK.replace(b"200", b"20"), OK.replace(b"200", b"099"), OK.replace(b"200", b"700"), OK.replace(b"200", b"0200"),
    OK.replace(b"200", b"4294967496"), OK.replace(b"CSeq: 1", b"CSeq: x"), OK.replace(b"<sip:1001@192", b"<192"),
    OK.replace(b"Via:", b"X:"), OK.replace(b"Length: 0", b"Length: 9"), OK.replace(b"SIP/2.0 200", b"SIP/2.1 200"),
    OK[:-2],
    INVITE + bytes(MAX_MESSAGE_BYTES),
])
def test_parse__dropped(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        parse(data)
    assert caught.value.status == 0
    assert not isinstance(caught.value, MalformedRequest)


def test_parse__reason_phrases() -> None:
    for reason in ("", "Ok, schön", "= 2**3 * 5**2"):
        answer = parse(OK.replace(b"OK", reason.encode(), 1))
        assert isinstance(answer, Response)
        assert answer.reason == reason
    answer = parse(OK.replace(b"200 OK", b"200", 1).replace(b"Server", b"X"))
    assert isinstance(answer, Response)
    assert answer.reason == ""


def test_parse__text_that_is_no_utf8_is_read_as_latin1() -> None:
    invite = request_of(INVITE.replace(b"Anna", b"Ann\xe9").replace(b"Phone/1", "Телефон".encode()))
    assert invite.from_.display_name == "Anné"
    assert invite.user_agent.startswith("Телефон")
    assert request_of(to_bytes(invite)) == invite


def test_parse__no_empty_line_at_the_end() -> None:
    assert refusal_of(INVITE[:300]).status == 400


def test_parse__limits() -> None:
    line = b"X: " + b"y" * (MAX_LINE_CHARS - 3)
    assert request_of(with_line(INVITE, line))
    assert refusal_of(with_line(INVITE, line + b"y")).status == 513
    assert refusal_of(with_line(INVITE, b"\r\n".join([line] * 4))).status == 513
    lines = MAX_LINES - INVITE.count(b"\r\n") + 2
    assert request_of(with_line(INVITE, b"\r\n".join([b"X: y"] * lines)))
    assert refusal_of(with_line(INVITE, b"\r\n".join([b"X: y"] * (lines + 1)))).status == 513
    big = MAX_MESSAGE_BYTES - len(INVITE) + 1
    assert len(request_of(INVITE.replace(b"Length: 5", b"Length: %d" % big)[:-5] + bytes(big)).body) == big
    assert MAX_LINE_CHARS * 4 >= MAX_HEAD_BYTES


def test_parse__contact_where_it_says_nothing_stops_no_bye() -> None:
    bye = request_of(with_line(BYE, b"Contact: nonsense"))
    with pytest.raises(PeerError):
        _ = bye.contacts


def test_parse__faulty_numbers_that_count_as_absent() -> None:
    request = request_of(with_line(BYE, b"Max-Forwards: 300\r\nExpires: " + b"1" * 100))
    assert (request.max_forwards, request.expires) == (None, None)
    assert request_of(with_line(BYE, b"Max-Forwards: 0068\r\nExpires: 60")).max_forwards == 68


def test_message__changed_headers_change_the_views() -> None:
    invite = request_of(INVITE)
    assert invite.top_via.branch == "z9hG4bKtop"
    invite.headers.insert_first("Via", "SIP/2.0/UDP new;branch=z9hG4bKnew")
    assert invite.top_via.branch == "z9hG4bKnew"
    invite.vias.clear()
    assert len(invite.vias) == 4


def test_message__missing_fields_of_our_own_are_peer_errors_too() -> None:
    empty = Request("INVITE", parse_uri("sip:x"))
    for view in ("top_via", "from_", "to", "sip_call_id", "cseq"):
        with pytest.raises(PeerError):
            getattr(empty, view)
    assert (empty.contacts, empty.vias, empty.content_type, empty.max_forwards) == ([], [], None, None)
    assert empty.user_agent == ""


def test_message__repr_tells_no_secret() -> None:
    invite = request_of(INVITE)
    for text in (repr(invite), str(invite), repr(invite.headers), f"{invite!r}"):
        for secret in ("c0ffee", "Digest", "Anna", "1001", "v=0"):
            assert secret not in text
    assert "INVITE" in repr(invite)
    assert repr(parse(OK)).startswith("<Response 200 ")


def test_to_bytes__a_value_can_not_smuggle_in_a_line() -> None:
    fields = [("Subject", "x\r\nEvil: 1\r\n\r\n"), ("Server", "a\nb\rc")]
    answer = make_response(request_of(INVITE), 200, headers=fields)
    data = to_bytes(answer)
    assert b"\nEvil" not in data
    assert parse(data).headers.get("Subject") == "x Evil: 1"
    assert parse(data).headers.get("Server") == "a b c"


def test_make_response() -> None:
    invite = request_of(INVITE)
    answer = make_response(invite, 200, to_tag="ours", headers=[("Contact", "<sip:us>")], body=b"sdp")
    assert answer.reason == "OK"
    assert answer.vias == invite.vias
    assert answer.headers.all("Via") == invite.headers.all("Via")
    assert str(answer.to) == "<sip:100@example.com>;tag=ours"
    assert (answer.from_, answer.sip_call_id, answer.cseq) == (invite.from_, invite.sip_call_id, invite.cseq)
    assert answer.record_routes == invite.record_routes
    assert answer.headers.get("Timestamp") == "54.21"
    assert [str(contact.uri) for contact in answer.contacts] == ["sip:us"]
    assert answer.body == b"sdp"
    assert parse(to_bytes(answer)) == answer


def test_make_response__tags_and_routes_only_where_they_belong() -> None:
    invite = request_of(INVITE)
    trying = make_response(invite, 100, to_tag="ours")
    assert (trying.to.tag, trying.record_routes) == (None, [])
    busy = make_response(invite, 486, "Full", to_tag="ours")
    assert (busy.to.tag, busy.record_routes, busy.reason) == ("ours", [], "Full")
    bye = make_response(request_of(with_line(BYE, b"Record-Route: <sip:p>")), 200, to_tag="ours")
    assert (bye.to.tag, bye.record_routes) == ("to1", [])
    assert make_response(invite, 299).reason == "OK"


def test_make_response__to_a_malformed_request() -> None:
    refusal = refusal_of(INVITE.replace(b"CSeq: 7 INVITE", b"CSeq: 7"))
    answer = make_response(refusal, refusal.status, refusal.reason, to_tag="ours")
    assert to_bytes(answer).startswith(
        b"SIP/2.0 400 Bad CSeq\r\nVia: SIP/2.0/UDP 192.0.2.10:5062;rport;branch=z9hG4bKtop\r\n")
    assert answer.to.tag == "ours"
    assert answer.headers.get("CSeq") == "7"
    tagged = refusal_of(BYE.replace(b"8 BYE", b"8"))
    assert make_response(tagged, 400, to_tag="ours").to.tag == "to1"
    without = refusal_of(BYE.replace(b"To:", b"X:"))
    assert make_response(without, 400, to_tag="ours").headers.get("To") is None
