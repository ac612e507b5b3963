"""Messages out of a byte stream, wherever it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sip.message.message import MalformedRequest
from ivr.sip.message.parser import MAX_HEAD_BYTES, parse
from ivr.sip.message.stream import Keepalive, StreamFramer

HEAD = (b"OPTIONS sip:100@example.com SIP/2.0\r\n"
        b"Via: SIP/2.0/TCP 192.0.2.10;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
        b"To: <sip:b@h>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n")
EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
FULL = HEAD + b"l :\r\n 7\r\nX: y\r\n\r\na\r\n\r\nbc"
PING = b"\r\n\r\n"


def frames_of(chunks: list[bytes]) -> list[bytes | Keepalive]:
    framer = StreamFramer()
    return [frame for chunk in chunks for frame in framer.feed(chunk)]


def test_stream__messages_and_pings_in_one_chunk() -> None:
    assert frames_of([EMPTY + FULL + PING + EMPTY]) == [EMPTY, FULL, Keepalive(), EMPTY]


def test_stream__one_byte_at_a_time() -> None:
    stream = PING + EMPTY + b"\r\n" + FULL + PING + FULL
    assert frames_of([bytes([byte]) for byte in stream]) == [Keepalive(), EMPTY, FULL, Keepalive(), FULL]


@given(st.lists(st.integers(0, 700), max_size=8))
def test_stream__any_cut_gives_the_same_messages(cuts: list[int]) -> None:
    stream = EMPTY + FULL + b"\r\n" + EMPTY
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert frames_of([stream[a:b] for a, b in pairwise(edges)]) == [EMPTY, FULL, EMPTY]


def test_stream__many_pings_at_once_are_answered_once() -> None:
    assert frames_of([PING * 1000]) == [Keepalive()]
    assert frames_of([PING, PING]) == [Keepalive(), Keepalive()]


def test_stream__line_ends_between_messages_are_no_messages() -> None:
    assert frames_of([b"\r\n", EMPTY, b"\r\n"]) == [EMPTY]
    assert frames_of([b"\n\n" + EMPTY + b"\r", b"\n" + EMPTY]) == [EMPTY, EMPTY]


def test_stream__bare_line_feeds() -> None:
    bare = FULL.replace(b"\r\n", b"\n").replace(b" 7\n", b" 5\n")
    assert frames_of([bytes([byte]) for byte in bare + EMPTY]) == [bare, EMPTY]
    assert parse(bare).body == b"a\n\nbc"


def test_stream__what_is_cut_out_parses() -> None:
    for frame in frames_of([EMPTY + FULL]):
        assert isinstance(frame, bytes)
        assert parse(frame).sip_call_id == "x"


@pytest.mark.parametrize(("head", "status"), [
    (HEAD + b"\r\n", 400),
    (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    (HEAD + b"Content-Length: x\r\n\r\n", 400),
    (HEAD + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n", 400),
    (HEAD + b"Content-Length: 0\r\nl: 0\r\n\r\n", 400),
    (HEAD + b"Content-Length: 70000\r\n\r\n", 513),
    (HEAD + b"X: " + b"y" * MAX_HEAD_BYTES, 513),
])
def test_stream__what_can_not_be_cut_any_further_is_refused_for_good(head: bytes, status: int) -> None:
    framer = StreamFramer()
    with pytest.raises(MalformedRequest) as caught:
        framer.feed(head)
    assert caught.value.status == status
    assert caught.value.headers.get("Call-ID") == "x"
    with pytest.raises(MalformedRequest):
        framer.feed(EMPTY)


def test_stream__messages_before_the_fault_are_not_lost() -> None:
    framer = StreamFramer()
    assert framer.feed(EMPTY + PING + HEAD + b"\r\n") == [EMPTY, Keepalive()]
    assert framer.fault is not None
    with pytest.raises(MalformedRequest):
        framer.feed(b"")


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" * 20_000, b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n", b"x\n\n",
    HEAD.replace(b"Via", b"X") + b"\r\n",
])
def test_stream__what_can_not_be_answered_closes_in_silence(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        StreamFramer().feed(data)
    assert caught.value.status == 0


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from([PING, b"\r", b"\n", EMPTY, HEAD, b"l: 3\r\n\r\n"])),
                max_size=10))
def test_stream__any_bytes(chunks: list[bytes]) -> None:
    framer = StreamFramer()
    for chunk in chunks:
        try:
            framer.feed(chunk)
        except PeerError:
            assert framer.fault is not None
            return
