"""Reading and writing session descriptions."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sdp.description import MAX_MEDIA, Media, SessionDescription, parse

PHONE = (b"v=0\r\no=alice 53655765 2353687637 IN IP4 192.0.2.7\r\ns=call\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\na=tool:x\r\n"
         b"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
         b"m=video 4002/2 RTP/AVP 31\r\nc=IN IP4 224.2.1.1/127\r\n")


def test_parse__a_phone() -> None:
    description = parse(PHONE)
    audio, video = description.media
    assert description.address == "192.0.2.7"
    assert ("tool", "x") in description.attributes
    assert (audio.kind, audio.port, audio.protocol, audio.formats) == ("audio", 4000, "RTP/AVP", ("0", "101"))
    assert audio.values("rtpmap") == ["0 PCMU/8000", "101 telephone-event/8000"]
    assert ("sendrecv", None) in audio.attributes
    assert "ptime" not in audio.first
    assert (video.port, video.address) == (4002, "224.2.1.1")


def test_parse__line_feeds_alone_and_missing_lines_are_forgiven() -> None:
    description = parse(b"v=0\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 0\n")
    assert description.media == (Media("audio", 4000, "RTP/AVP", ("0",)),)
    assert (description.origin, description.name, description.timing) == ("-", "-", "0 0")


@pytest.mark.parametrize("body", [
    b"", b"hello", b"v=1\r\n", b"v=0\r\nrubbish\r\n", b"v=0\r\nm=audio\r\n", b"v=0\r\nm=audio x RTP/AVP 0\r\n",
    b"v=0\r\nm=audio 70000 RTP/AVP 0\r\n", b"v=0\r\nm=audio -1 RTP/AVP 0\r\n", b"v=0\r\nc=IN IP4\r\n",
    b"v=0\r\nc=ATM NSAP 1\r\n", b"v=0\r\n" + b"a=x\r\n" * 600, b"v=0\r\na=" + b"x" * 20_000,
    b"v=0\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * (MAX_MEDIA + 1), "v=0\r\nm=audio ٤٠ RTP/AVP 0\r\n".encode()])
def test_parse__refused(body: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        parse(body)
    assert caught.value.status == 400


@given(st.binary(max_size=200))
def test_parse__any_bytes(body: bytes) -> None:
    for start in (b"", b"v=0\r\n", b"v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 0\r\n"):
        with suppress(PeerError):
            assert isinstance(parse(start + body), SessionDescription)
