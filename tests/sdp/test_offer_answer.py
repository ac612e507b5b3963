"""Offers, answers and what both sides agree on."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sdp.address import check_remote
from ivr.sdp.description import parse
from ivr.sdp.offer_answer import LocalMedia, Negotiated, make_answer, make_offer, read_answer

LOCAL = LocalMedia("198.51.100.1", 16384, 7, 1)


def offer(*lines: str, media: str = "audio 4000 RTP/AVP 0 8 101", host: str = "192.0.2.7") -> bytes:
    head = ("v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m={media}")
    events = ("a=rtpmap:101 telephone-event/8000",) if "101" in media else ()
    return "\r\n".join((*head, *events, *lines, "")).encode()


def agreed(*lines: str, media: str = "audio 4000 RTP/AVP 0 8 101", host: str = "192.0.2.7") -> Negotiated:
    return make_answer(offer(*lines, media=media, host=host), LOCAL)[1]


def test_answer__the_peers_order_of_codecs() -> None:
    answer, negotiated = make_answer(offer(), LOCAL)
    assert negotiated == Negotiated(("192.0.2.7", 4000), "PCMU", 0, 101, "sendrecv", 20, ("192.0.2.7", 4001), 101)
    audio, = parse(answer).media
    assert (audio.port, audio.formats) == (16384, ("0", "101"))
    assert audio.values("rtpmap") == ["0 PCMU/8000", "101 telephone-event/8000"]
    assert ("sendrecv", None) in audio.attributes


def test_answer__dynamic_payload_types_and_an_event_at_another_rate() -> None:
    negotiated = agreed("a=rtpmap:97 pcma/8000", "a=rtpmap:98 telephone-event/48000",
                        "a=rtpmap:99 telephone-event/8000", media="audio 4000 RTP/AVP 96 97 98 99")
    assert (negotiated.codec, negotiated.payload_type, negotiated.event_payload_type) == ("PCMA", 97, 99)


def test_answer__the_map_outweighs_the_static_number() -> None:
    negotiated = agreed("a=rtpmap:0 L16/44100", media="audio 4000 RTP/AVP 0 8")
    assert (negotiated.codec, negotiated.event_payload_type) == ("PCMA", None)


def test_answer__other_media_are_refused_in_their_place() -> None:
    body = offer("m=video 5000 RTP/AVP 31", "m=audio 5002 RTP/AVP 8", media="audio 5004 RTP/SAVP 0")
    answer, negotiated = make_answer(body, LOCAL)
    assert [(media.kind, media.port, media.protocol) for media in parse(answer).media] == [
        ("audio", 0, "RTP/SAVP"), ("video", 0, "RTP/AVP"), ("audio", 16384, "RTP/AVP")]
    assert negotiated.remote == ("192.0.2.7", 5002)


def test_answer__timing_is_the_offers() -> None:
    body = offer().replace(b"t=0 0", b"t=3034423619 3042462419")
    assert b"\r\nt=3034423619 3042462419\r\n" in make_answer(body, LOCAL)[0]


@pytest.mark.parametrize(("theirs", "ours"), [
    ("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")])
def test_answer__direction_is_mirrored(theirs: str, ours: str) -> None:
    answer, negotiated = make_answer(offer(f"a={theirs}"), LOCAL)
    assert negotiated.direction == ours
    assert f"\r\na={ours}\r\n".encode() in answer


def test_answer__direction_at_session_level() -> None:
    body = offer().replace(b"t=0 0\r\n", b"t=0 0\r\na=sendonly\r\n")
    assert make_answer(body, LOCAL)[1].direction == "recvonly"
    assert make_answer(body + b"a=inactive\r\n", LOCAL)[1].direction == "inactive"


def test_answer__the_old_hold() -> None:
    assert agreed(host="0.0.0.0").direction == "recvonly"
    assert agreed("a=recvonly", host="0.0.0.0").direction == "inactive"


@pytest.mark.parametrize(("theirs", "ours"), [("sendrecv", "sendonly"), ("sendonly", "inactive"),
                                              ("recvonly", "sendonly"), ("inactive", "inactive")])
def test_answer__we_hold(theirs: str, ours: str) -> None:
    assert make_answer(offer(f"a={theirs}"), LOCAL, hold=True)[1].direction == ours


@pytest.mark.parametrize(("lines", "ptime_ms"), [
    ((), 20), (("a=ptime:30",), 30), (("a=ptime:20", "a=maxptime:10"), 10), (("a=maxptime:150",), 20),
    (("a=ptime:120",), 60), (("a=ptime:25",), 20), (("a=ptime:5",), 10), (("a=ptime:x",), 20), (("a=ptime:0",), 20)])
def test_answer__packet_time(lines: tuple[str, ...], ptime_ms: int) -> None:
    assert agreed(*lines).ptime_ms == ptime_ms


def test_answer__rtcp_elsewhere_but_never_at_a_third_party() -> None:
    assert agreed("a=rtcp:53020").rtcp == ("192.0.2.7", 53020)
    assert agreed("a=rtcp:53020 IN IP4 203.0.113.9").rtcp == ("192.0.2.7", 53020)
    assert agreed("a=rtcp:99999").rtcp == ("192.0.2.7", 4001)


@pytest.mark.parametrize("body", [
    offer(media="audio 4000 RTP/AVP 9 18"), offer(media="audio 0 RTP/AVP 0"), offer(media="video 4000 RTP/AVP 31"),
    offer(media="audio 4000 RTP/SAVP 0"), offer(host="phone.example.com"), offer(host="2001:db8::1"),
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nt=0 0\r\n", offer().replace(b"c=IN IP4 192.0.2.7\r\n", b""),
    offer("a=rtpmap:٩٩ PCMU/8000", media="audio 4000 RTP/AVP ٩٩")])
def test_answer__nothing_fits(body: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        make_answer(body, LOCAL)
    assert caught.value.status == 488


def test_offer__and_its_answer() -> None:
    peer = LocalMedia("192.0.2.7", 4000, 9, 1, ("PCMU",))
    answer, theirs = make_answer(make_offer(LOCAL), peer)
    assert (theirs.codec, theirs.event_payload_type) == ("PCMU", 101)
    assert read_answer(answer, LOCAL) == Negotiated(("192.0.2.7", 4000), "PCMU", 0, 101, "sendrecv", 20,
                                                    ("192.0.2.7", 4001), 101)


def test_offer__held_and_without_events() -> None:
    body = make_offer(replace(LOCAL, codecs=("PCMU",), event=False), "sendonly")
    audio, = parse(body).media
    assert (audio.formats, audio.attributes[-1]) == (("0",), ("sendonly", None))
    assert make_answer(body, LOCAL)[1].direction == "recvonly"


def test_read_answer__an_event_number_of_its_own() -> None:
    answer = offer("a=rtpmap:96 telephone-event/8000", media="audio 4000 RTP/AVP 8 96")
    negotiated = read_answer(answer, LOCAL)
    assert (negotiated.event_payload_type, negotiated.event_payload_type_in) == (96, 101)


@pytest.mark.parametrize("body", [offer(media="audio 0 RTP/AVP 0"), offer(media="audio 4000 RTP/AVP 18"), b"v=0\r\n"])
def test_read_answer__refused(body: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        read_answer(body, LOCAL)
    assert caught.value.status == 488


@pytest.mark.parametrize("address", [
    ("224.1.2.3", 4000), ("255.255.255.255", 4000), ("0.0.0.0", 4000), ("0.1.2.3", 4000), ("250.1.1.1", 4000),
    ("127.0.0.1", 4000), ("192.0.2.7", 0), ("phone.example.com", 4000), ("::1", 4000), ("198.51.100.1", 16386)])
def test_check_remote__refused(address: tuple[str, int]) -> None:
    with pytest.raises(PeerError) as caught:
        check_remote(address, False, range(16384, 17384), ("198.51.100.1",))
    assert caught.value.status == 488


@pytest.mark.parametrize(("address", "allow_loopback"), [
    (("192.0.2.7", 4000), False), (("192.0.2.7", 16386), False), (("10.1.2.3", 4000), False),
    (("127.0.0.1", 4000), True)])
def test_check_remote__allowed(address: tuple[str, int], allow_loopback: bool) -> None:
    check_remote(address, allow_loopback, range(16384, 17384), ("198.51.100.1",))


def test_check_remote__our_own_port_on_loopback() -> None:
    with pytest.raises(PeerError):
        check_remote(("127.0.0.1", 16386), True, range(16384, 17384))


@given(st.lists(st.sampled_from(["m=audio 4000 RTP/AVP 0", "m=video 1 x 3", "c=IN IP4 1.2.3.4", "a=rtpmap:0",
                                 "a=ptime:", "a=rtpmap:0 PCMU/8000", "a=sendonly:x", "a=rtcp:", "a=maxptime:-3",
                                 "t="]), max_size=12))
def test_answer__any_lines(lines: list[str]) -> None:
    with suppress(PeerError):
        make_answer("\r\n".join(["v=0", *lines]).encode(), LOCAL)
