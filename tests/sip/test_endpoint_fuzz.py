"""Whatever comes, `receive` raises nothing and nothing is left behind: any bytes, good messages with changes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.events import LegEnded, LegOffered
from ivr.sip.message.uri import parse_uri
from tests.sip.rig import ACCOUNTS, OUR_SDP, SDP, TCP, Rig, invite, request, response, with_settings

SETTINGS = with_settings(accounts=ACCOUNTS)
PIECES = [b"", b"\r\n", b"\0", b";", b",", b"<", b">", b'"', b"%00", b" ", b"INVITE", b"ACK", b"CANCEL", b"BYE", b"*",
          b"sip:", b"99999999999999999999", b"-1", b";tag=", b";branch=z9hG4bK", b"Via: ", b"Contact: *\r\n",
          b"Require: x\r\n", b"Record-Route: <sip:;lr>\r\n", b"Expires: 1\r\n", b"\xff\xfe", b"Max-Forwards: 0\r\n"]
Changes = list[tuple[float, int, bytes]]
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES) | st.binary(max_size=4)),
                   min_size=1, max_size=6)


def mutated(text: str, changes: Changes) -> bytes:
    """`text` with pieces put in place of some bytes, at relative places."""
    data = text.encode()
    for where, length, piece in changes:
        start = int(where * len(data))
        data = data[:start] + piece + data[start + length:]
    return data


def ends_well(rig: Rig) -> None:
    """All legs end exactly once and everything is forgotten."""
    for offered in rig.of(LegOffered):
        rig.handle(HangUpLeg(offered.leg))
    rig.handle(HangUpLeg("ours"))
    assert rig.is_clean()
    legs = [offered.leg for offered in rig.of(LegOffered)]
    assert sorted(end.leg for end in rig.of(LegEnded) if end.leg != "ours") == sorted(legs)
    assert len([end for end in rig.of(LegEnded) if end.leg == "ours"]) <= 1


def seasoned() -> Rig:
    """An endpoint with a call that came, a call that it made, and one that rings."""
    rig = Rig(SETTINGS)
    rig.receive(invite())
    rig.handle(AnswerLeg(rig.leg, OUR_SDP))
    rig.call_tag = rig.tag
    rig.receive(request("ACK", tag=rig.tag, branch="ack"))
    rig.receive(invite(call="c2"))
    rig.handle(DialLeg("ours", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    return rig


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes(data: bytes) -> None:
    rig = Rig(SETTINGS)
    rig.endpoint.receive(data, rig.flow, 0)
    rig.endpoint.receive_stream(data, TCP, 0)
    assert rig.is_clean()


@given(st.sampled_from(["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "REGISTER", "PRACK"]),
       st.booleans(), CHANGES)
@settings(max_examples=250, deadline=None)
def test_changed_requests_in_the_middle_of_calls(method: str, inside: bool, changes: Changes) -> None:
    rig = seasoned()
    text = request(method, sequence=5, tag=rig.call_tag if inside else "", body=SDP if method != "INFO" else "7",
                   kind="application/sdp" if method != "INFO" else "application/dtmf", call="c1" if inside else "c9",
                   extra="Record-Route: <sip:192.0.2.1;lr>\r\nAuthorization: Digest realm=\"hotline\", nonce=\"x\"\r\n")
    rig.receive(mutated(text, changes))
    ends_well(rig)


@given(st.sampled_from([100, 180, 200, 302, 401, 407, 487, 491]), CHANGES)
@settings(max_examples=150, deadline=None)
def test_changed_responses(status: int, changes: Changes) -> None:
    rig = seasoned()
    challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n"
    text = response(rig.requests("INVITE")[0], status, body=SDP, extra=challenge)
    rig.receive(mutated(text, changes))
    ends_well(rig)


@given(st.lists(st.integers(1, 400), max_size=8), CHANGES)
@settings(max_examples=60, deadline=None)
def test_changed_streams_in_any_pieces(sizes: list[int], changes: Changes) -> None:
    rig = Rig(SETTINGS)
    data = mutated(invite(transport="TCP") + request("OPTIONS", call="c2", transport="TCP"), changes)
    for size in [*sizes, len(data)]:
        rig.take(rig.endpoint.receive_stream(data[:size], TCP, 0))
        data = data[size:]
    rig.take(rig.endpoint.stream_closed(TCP, 0))
    ends_well(rig)
