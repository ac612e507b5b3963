"""The torture messages of RFC 4475 and RFC 5118: what `parse` makes of each, by the RFCs' text.

"valid" leaves the rest to the endpoint (its status stands beside it). A number is the status of a MalformedRequest, 0 a
drop.
"""

import os
from pathlib import Path

import pytest

from ivr.base.errors import PeerError
from ivr.sip.message.message import MalformedRequest, Request, Response, make_response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes
from ivr.sip.message.stream import Keepalive, StreamFramer
from tests.support.torture import corpus

VALID = "valid"
RFC4475: dict[str, str | int] = {
    # 3.1.1 valid
    "wsinv": VALID, "intmeth": VALID, "esc01": VALID, "escnull": VALID, "esc02": VALID, "lwsdisp": VALID,
    "longreq": VALID, "dblreq": VALID, "semiuri": VALID, "transports": VALID, "mpart01": VALID, "unreason": VALID,
    "noreason": VALID,
    # 3.1.2 invalid
    "badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
    "lwsruri": 400, "lwsstart": 400,
    "trws": VALID,          # §3.1.2.10 lets us pass over the spaces behind the version
    "escruri": 400,
    "baddate": VALID,       # §3.1.2.12: nothing depends on the Date
    "regbadct": 400,
    "badaspec": VALID,      # §3.1.2.14 lets us pass over the spaces within the brackets
    "baddn": VALID,         # §3.1.2.15: what is meant is clear
    "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
    # 3.2 transaction layer
    "badbranch": 400,
    # 3.3 application layer; the endpoint's word in the comment
    "insuf": 400,
    "unkscm": VALID,        # 416
    "novelsc": VALID,       # 416
    "unksm2": VALID,        # 400: a registrar needs a SIP URI in To
    "bext01": VALID,        # 420
    "invut": VALID,         # 415
    "regaut01": VALID,      # 401
    "multi01": 400, "mcl01": 400,
    "bcast": VALID,         # dropped: more than one Via in a response to a user agent (RFC 3261 §8.1.3.3)
    "zeromf": VALID,        # answered as usual: it needs no further hop
    "cparam01": VALID, "cparam02": VALID, "regescrt": VALID,
    "sdp01": VALID,         # 406
    # 3.4 backward compatibility
    "inv2543": VALID,
}
RFC5118: dict[str, str | int] = {
    "ipv6-good": VALID, "ipv6-bad": 400, "port-ambiguous": VALID, "port-unambiguous": VALID,
    "via-received-param-with-delim": VALID, "via-received-param-no-delim": VALID, "ipv6-in-sdp": VALID,
    "mult-ip-in-header": VALID, "mult-ip-in-sdp": VALID, "ipv4-mapped-ipv6": VALID,
    "ipv6-bug-abnf-3-colons": VALID, "ipv6-correct-abnf-2-colons": VALID,
}


def request_of(name: str) -> Request:
    message = parse(corpus(name))
    assert isinstance(message, Request)
    return message


def outcome(data: bytes) -> str | int:
    """VALID or the status; whatever can be answered is answered, and what we print is read again."""
    try:
        message = parse(data)
    except MalformedRequest as refusal:
        return make_response(refusal, refusal.status, refusal.reason, to_tag="ours").status
    except PeerError as error:
        return error.status
    assert parse(to_bytes(message)) == message
    if isinstance(message, Request):
        answer = make_response(message, 200, to_tag="ours")
        assert parse(to_bytes(answer)) == answer
    return VALID


def first_frame(data: bytes) -> bytes | Keepalive | PeerError | None:
    framer = StreamFramer()
    for byte in data:
        try:
            if frames := framer.feed(bytes([byte])):
                return frames[0]
        except PeerError as error:
            return error
    return None


@pytest.mark.parametrize("name", RFC4475)
def test_rfc4475(name: str) -> None:
    assert outcome(corpus(f"rfc4475/{name}.dat")) == RFC4475[name]


@pytest.mark.parametrize("name", RFC5118)
def test_rfc5118(name: str) -> None:
    assert outcome(corpus(f"rfc5118/{name}")) == RFC5118[name]


def test_the_tables_name_every_file() -> None:
    corpus("rfc4475/wsinv.dat")
    folder = Path(os.environ["HOTLINE_TESTDATA"])
    assert {path.stem for path in (folder / "rfc4475").glob("*.dat")} == set(RFC4475)
    assert {path.name for path in (folder / "rfc5118").iterdir()} == set(RFC5118)


@pytest.mark.parametrize("name", RFC4475)
def test_rfc4475_as_a_stream(name: str) -> None:
    """Over TCP the same comes out, byte by byte; only a message without its true length can't be told there."""
    frame = first_frame(corpus(f"rfc4475/{name}.dat"))
    if name == "clerr":
        assert frame is None         # waits for the rest
    elif name in ("ncl", "inv2543", "mcl01"):
        assert isinstance(frame, MalformedRequest)
        assert frame.status == 400
    else:
        assert isinstance(frame, bytes)
        assert outcome(frame) == RFC4475[name]


def test_wsinv__every_view() -> None:
    message = request_of("rfc4475/wsinv.dat")
    assert message.request_uri.parameters == (("unknownparam", None),)
    assert (message.to.tag, message.from_.tag) == ("1918181833n", "98asjd8")
    assert message.from_.display_name == 'J Rosenberg \\"'
    assert (message.max_forwards, message.sip_call_id) == (68, "wsinv.ndaksdj@192.0.2.1")
    assert (message.cseq.number, message.cseq.method) == (9, "INVITE")
    assert [(via.transport, via.host, via.branch) for via in message.vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"), ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239")]
    assert message.headers.get("Subject") == ""
    assert message.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert message.headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    assert message.routes[0].uri.parameter("lr") == ""
    contact = message.contacts[0]
    assert (contact.display_name, contact.q, contact.parameter("newparam")) == ('Quoted string ""', 0.33, "newvalue")
    assert len(message.body) == 150


def test_intmeth__every_view() -> None:
    message = request_of("rfc4475/intmeth.dat")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~" == message.cseq.method
    uri = message.request_uri
    assert (uri.user, uri.host) == ("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", "example.com")
    assert uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.from_.display_name == "token1~` token2'+_ token3*%!.-"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.from_.parameter("fromparam''~+*_!.-%") == "работающий"
    assert message.max_forwards == 255
    assert message.headers.get("extensionHeader-!.%*+_`'~") == "\ufeff大停電"


def test_escapes_are_kept_and_undone() -> None:
    message = request_of("rfc4475/esc01.dat")
    assert message.request_uri.plain_user == "sips:user@example.com"
    assert message.to.uri.plain_user == "user"
    assert message.from_.uri.plain_user == "I have spaces"
    assert message.contacts[0].uri.parameter("lr") == ""
    assert message.contacts[0].uri.parameter("name") == "v%61lue%25%34%31"
    other = request_of("rfc4475/esc02.dat")
    assert other.method == "RE%47IST%45R"
    assert len(other.contacts) == 2       # C%6Fntact is another field
    assert [contact.uri.user for contact in request_of("rfc4475/escnull.dat").contacts] == ["%00", "%00%00"]


def test_longreq__every_via() -> None:
    message = request_of("rfc4475/longreq.dat")
    assert len(message.vias) == 34
    assert {via.transport for via in message.vias} == {"TCP"}


def test_dblreq__the_rest_of_the_datagram_is_cut() -> None:
    assert request_of("rfc4475/dblreq.dat").body == b""


def test_parameters_without_brackets_belong_to_the_header() -> None:
    outside = request_of("rfc4475/cparam01.dat").contacts[0]
    inside = request_of("rfc4475/cparam02.dat").contacts[0]
    assert (outside.parameter("unknownparam"), outside.uri.parameter("unknownparam")) == ("", None)
    assert (inside.parameter("unknownparam"), inside.uri.parameter("unknownparam")) == (None, "")
    assert request_of("rfc4475/regescrt.dat").contacts[0].uri.headers == (("Route", "%3Csip:sip.example.com%3E"),)


def test_unknown_schemes_are_left_to_the_endpoint() -> None:
    assert not request_of("rfc4475/unkscm.dat").request_uri.is_sip
    assert not request_of("rfc4475/novelsc.dat").request_uri.is_sip
    message = request_of("rfc4475/unksm2.dat")
    assert [message.to.uri.scheme, message.from_.uri.scheme, message.contacts[0].uri.scheme] == ["isbn", "http", "name"]


def test_inv2543__no_tag_and_no_branch() -> None:
    message = request_of("rfc4475/inv2543.dat")
    assert (message.from_.tag, message.top_via.branch, message.max_forwards) == (None, None, None)
    assert message.body.endswith(b"RTP/AVP 0\r\n")


def test_unreason__is_utf8() -> None:
    message = parse(corpus("rfc4475/unreason.dat"))
    assert isinstance(message, Response)
    assert message.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"


def test_insuf__answer_has_what_there_was() -> None:
    with pytest.raises(MalformedRequest) as caught:
        parse(corpus("rfc4475/insuf.dat"))
    answer = make_response(caught.value, 400, to_tag="ours")
    assert [name for name, _ in answer.headers] == ["Via", "CSeq"]


def test_ipv6__hosts_and_ports() -> None:
    ambiguous = request_of("rfc5118/port-ambiguous").request_uri
    assert (ambiguous.host, ambiguous.port) == ("2001:db8::10:5070", None)
    plain = request_of("rfc5118/port-unambiguous").request_uri
    assert (plain.host, plain.port) == ("2001:db8::10", 5070)
    for name in ("with-delim", "no-delim"):
        assert request_of(f"rfc5118/via-received-param-{name}").top_via.received == "2001:db8::9:255"
    assert [via.host for via in request_of("rfc5118/mult-ip-in-header").vias] == [
        "2001:db8::9:1", "192.0.2.1", "2001:db8::9:255"]
    assert request_of("rfc5118/ipv4-mapped-ipv6").contacts[0].uri.host == "::ffff:192.0.2.2"
    assert (request_of("rfc5118/ipv6-bug-abnf-3-colons").to.uri
            == request_of("rfc5118/ipv6-correct-abnf-2-colons").to.uri)
