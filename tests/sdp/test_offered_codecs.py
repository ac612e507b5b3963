"""Codecs in SDP: what phones offer, what is chosen and in which order, and what fmtp, rates and channels say."""

from dataclasses import replace

import pytest

from ivr.base.errors import PeerError
from ivr.sdp.description import parse
from ivr.sdp.offer_answer import LocalMedia, Negotiated, make_answer, make_offer, read_answer

LOCAL = LocalMedia("198.51.100.1", 16384, 7, 1)
ALL = ("PCMA", "PCMU", "G722", "opus")
OPUS = "a=rtpmap:96 opus/48000/2"
EVENTS = {101: "a=rtpmap:101 telephone-event/8000", 97: "a=rtpmap:97 telephone-event/48000"}


def offer(formats: str, *lines: str) -> bytes:
    head = ("v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "c=IN IP4 192.0.2.7", "t=0 0", f"m=audio 4000 RTP/AVP {formats}")
    events = [line for number, line in EVENTS.items() if str(number) in formats.split()]
    return "\r\n".join((*head, *events, *lines, "")).encode()


def agreed(codecs: tuple[str, ...], formats: str, *lines: str) -> Negotiated:
    return make_answer(offer(formats, *lines), replace(LOCAL, codecs=codecs))[1]


# What these phones send in their first INVITE, as far as audio goes.
LINPHONE = ("96 97 98 0 8 18 101 99 100", OPUS, "a=fmtp:96 useinbandfec=1", "a=rtpmap:98 speex/16000",
            "a=rtpmap:99 telephone-event/16000", "a=rtpmap:100 telephone-event/8000", "a=fmtp:18 annexb=yes")
BARESIP = ("96 9 0 8 101", OPUS, "a=fmtp:96 stereo=1;sprop-stereo=1", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000",
           "a=rtpmap:8 PCMA/8000", "a=fmtp:101 0-15")
PJSIP = ("9 8 0 101", "a=rtpmap:9 G722/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000", "a=fmtp:101 0-16")
YEALINK = ("9 0 8 18 101", "a=rtpmap:9 G722/8000", "a=rtpmap:0 PCMU/8000", "a=fmtp:18 annexb=no", "a=ptime:20")
CISCO = ("9 0 8 116 18 101", "a=rtpmap:9 G722/8000", "a=rtpmap:116 iLBC/8000", "a=fmtp:116 mode=20")
GRANDSTREAM = ("0 8 4 18 9 123 101", "a=rtpmap:123 opus/48000/2", "a=rtpmap:4 G723/8000")
ZOIPER = ("3 106 9 98 101 0 8", "a=rtpmap:106 opus/48000/2",
          "a=fmtp:106 maxplaybackrate=16000; sprop-maxcapturerate=16000; minptime=20; cbr=1; maxaveragebitrate=20000; "
          "useinbandfec=1", "a=rtpmap:98 telephone-event/48000")
BROWSER = ("111 63 9 0 8 13 110 126", "a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1",
           "a=rtpmap:63 red/48000/2", "a=rtpmap:9 G722/8000", "a=rtpmap:13 CN/8000",
           "a=rtpmap:110 telephone-event/48000", "a=rtpmap:126 telephone-event/8000")
OLD = ("0",)
GATEWAY = ("8 9 96", "a=rtpmap:96 telephone-event/8000")


@pytest.mark.parametrize(("phone", "codecs", "codec", "payload_type", "event", "rate"), [
    (LINPHONE, ALL, "opus", 96, 97, 48_000), (LINPHONE, ("PCMA", "PCMU"), "PCMU", 0, 101, 8000),
    (BARESIP, ALL, "opus", 96, 101, 8000), (BARESIP, ("PCMA", "G722"), "G722", 9, 101, 8000),
    (PJSIP, ALL, "G722", 9, 101, 8000), (PJSIP, ("PCMU", "PCMA"), "PCMA", 8, 101, 8000),
    (YEALINK, ALL, "G722", 9, 101, 8000), (CISCO, ALL, "G722", 9, 101, 8000),
    (GRANDSTREAM, ALL, "PCMU", 0, 101, 8000), (GRANDSTREAM, ("opus",), "opus", 123, 101, 8000),
    (ZOIPER, ALL, "G722", 9, 101, 8000), (ZOIPER, ("opus",), "opus", 106, 98, 48_000),
    (BROWSER, ALL, "opus", 111, 110, 48_000), (BROWSER, ("G722",), "G722", 9, 126, 8000),
    (OLD, ALL, "PCMU", 0, None, 8000), (GATEWAY, ("G722",), "G722", 9, 96, 8000)])
def test_answer__phones(phone: tuple[str, ...], codecs: tuple[str, ...], codec: str, payload_type: int,
                        event: int | None, rate: int) -> None:
    formats, *lines = phone
    answer, chosen = make_answer(offer(formats, *lines), replace(LOCAL, codecs=codecs))
    assert (chosen.codec, chosen.payload_type, chosen.event_payload_type, chosen.event_clock_rate) == (
        codec, payload_type, event, rate)
    audio, = parse(answer).media
    assert audio.formats == (str(payload_type), *([str(event)] if event is not None else []))
    names = {"PCMU": "PCMU/8000", "PCMA": "PCMA/8000", "G722": "G722/8000", "opus": "opus/48000/2"}
    events = [f"{event} telephone-event/{rate}"] if event is not None else []
    assert audio.values("rtpmap") == [f"{payload_type} {names[codec]}", *events]


@pytest.mark.parametrize("lines", [
    ("a=rtpmap:96 opus/48000",), ("a=rtpmap:96 opus/48000/1",), ("a=rtpmap:96 opus/16000/2",), ("a=rtpmap:96 opus",),
    ("a=rtpmap:96 OPUSX/48000/2",), ()])
def test_answer__what_is_not_opus(lines: tuple[str, ...]) -> None:
    """RFC 7587 §7: 48,000 and two channels, whatever is in it."""
    assert agreed(ALL, "96 8", *lines).codec == "PCMA"
    with pytest.raises(PeerError, match="488"):
        agreed(ALL, "96", *lines)


@pytest.mark.parametrize(("formats", "lines", "codec"), [
    ("9", (), "G722"), ("9", ("a=rtpmap:9 g722/8000",), "G722"), ("9", ("a=rtpmap:9 G722/8000/1",), "G722"),
    ("9 8", ("a=rtpmap:9 G722/16000",), "PCMA"), ("9 8", ("a=rtpmap:9 L16/8000",), "PCMA"),
    ("98", ("a=rtpmap:98 G722/8000",), "G722"), ("9 8", ("a=rtpmap:9 G722-56/8000",), "PCMA")])
def test_answer__g722(formats: str, lines: tuple[str, ...], codec: str) -> None:
    assert agreed(ALL, formats, *lines).codec == codec


@pytest.mark.parametrize(("fmtp", "codec"), [
    ("", "opus"), ("a=fmtp:96 stereo=1", "opus"), ("a=fmtp:96 USEINBANDFEC=1; MaxAverageBitrate=64000", "opus"),
    ("a=fmtp:96 maxaveragebitrate=63999", "PCMA"), ("a=fmtp:96 cbr=0;maxaveragebitrate=510000", "opus"),
    ("a=fmtp:96 maxaveragebitrate=x", "opus"), ("a=fmtp:96 maxaveragebitrate", "opus"), ("a=fmtp:96", "opus"),
    ("a=fmtp:96 ;;=;stereo", "opus"), ("a=fmtp:97 maxaveragebitrate=1", "opus"),
    ("a=fmtp:96 maxplaybackrate=8000", "opus"),
    ("a=maxptime:10", "PCMA"), ("a=maxptime:20", "opus"), ("a=fmtp:96 maxaveragebitrate=" + "9" * 500, "opus")])
def test_answer__parameters_of_opus(fmtp: str, codec: str) -> None:
    assert agreed(ALL, "96 8", OPUS, *([fmtp] if fmtp else [])).codec == codec


def test_answer__opus_alone_is_answered_whatever_its_parameters() -> None:
    assert agreed(ALL, "96", OPUS, "a=fmtp:96 maxaveragebitrate=20000").codec == "opus"


@pytest.mark.parametrize("ptime", [10, 20, 40, 60, 120])
def test_answer__opus_has_20_ms(ptime: int) -> None:
    assert agreed(ALL, "96", OPUS, f"a=ptime:{ptime}").ptime_ms == 20
    assert agreed(ALL, "9", f"a=ptime:{ptime}").ptime_ms == min(ptime, 60)


def test_answer__says_what_we_like_to_receive() -> None:
    answer, _ = make_answer(offer("111 97", "a=rtpmap:111 opus/48000/2"), replace(LOCAL, codecs=ALL))
    audio, = parse(answer).media
    assert audio.values("fmtp") == ["111 useinbandfec=1;stereo=0;sprop-stereo=0", "97 0-15"]
    assert audio.first["ptime"] == "20"


@pytest.mark.parametrize(("codecs", "formats", "rates"), [
    (("PCMA", "PCMU"), "8 0 101", [8000]), (("G722", "PCMU"), "9 0 101", [8000]),
    (("opus", "G722", "PCMA"), "96 9 8 101 97", [8000, 48_000]), (("opus",), "96 101 97", [8000, 48_000])])
def test_offer__order_and_clocks(codecs: tuple[str, ...], formats: str, rates: list[int]) -> None:
    audio, = parse(make_offer(replace(LOCAL, codecs=codecs))).media
    assert audio.formats == tuple(formats.split())
    events = [value for value in audio.values("rtpmap") if "event" in value]
    assert [int(value.rpartition("/")[2]) for value in events] == rates


@pytest.mark.parametrize(("theirs", "codec", "event_in", "rate"), [
    (("PCMU",), "PCMU", 101, 8000), (("G722", "PCMA"), "opus", 97, 48_000), (("opus",), "opus", 97, 48_000)])
def test_offer__and_its_answer(theirs: tuple[str, ...], codec: str, event_in: int, rate: int) -> None:
    ours = replace(LOCAL, codecs=("opus", "G722", "PCMA", "PCMU"))
    peer = LocalMedia("192.0.2.7", 4000, 9, 1, theirs if codec != "opus" else (*theirs, "opus"))
    answer, _ = make_answer(make_offer(ours), peer)
    settled = read_answer(answer, ours)
    assert (settled.codec, settled.event_payload_type_in, settled.event_clock_rate) == (codec, event_in, rate)
    assert settled.ptime_ms == 20


def test_answer__an_answer_in_opus_with_events_of_8_khz_alone() -> None:
    """As baresip does: its events come under our number for 8 kHz."""
    ours = replace(LOCAL, codecs=("opus",))
    settled = read_answer(offer("96 101", OPUS), ours)
    assert (settled.event_payload_type, settled.event_payload_type_in, settled.event_clock_rate) == (101, 101, 8000)
