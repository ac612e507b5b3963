"""Messages with scrambled descriptions and keys through the whole exchange: no exception, and no call broken off."""

import random

import pytest

from ivr.sip.transport.flow import Flow
from tests.sip.rig import SDP
from tests.support.virtual_house import HOTLINE, Story, make_story

MESSAGES = 1500
PEER = ("127.0.9.10", 5060)
FLOW = Flow("udp", (HOTLINE, 5060), PEER)
PIECES = ("\r\n", "m=audio 0 RTP/AVP 0", "m=audio 70000 RTP/AVP 8 0 101", "m=video 1 RTP/AVP 96", "c=IN IP4 224.0.0.1",
          "c=IN IP4 0.0.0.0", "c=IN IP6 ::1", "c=IN IP4 999.1.1.1", "a=sendonly", "a=inactive", "a=ptime:0",
          "a=ptime:99999999999", "a=rtpmap:101 telephone-event/8000", "a=rtpmap:8 PCMU/8000", "a=rtcp:1 IN IP4 8.8.8.8",
          "a=maxptime:-1", "a=fmtp:", "v=1", "o=", "t=x y", "\0", "é", "=" * 300, "m=audio 1 RTP/AVP " + "0 " * 200)


def message(chance: random.Random, method: str, call: int, sequence: int, tag: str, body: str, kind: str) -> bytes:
    to_tag = f";tag={tag}" if tag else ""
    head = (f"{method} sip:100@{HOTLINE} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {PEER[0]}:{PEER[1]};branch=z9hG4bK{chance.random()};rport\r\nMax-Forwards: 70\r\n"
            f"From: <sip:x@{PEER[0]}>;tag=a{call}\r\nTo: <sip:100@{HOTLINE}>{to_tag}\r\nCall-ID: c-{call}\r\n"
            f"CSeq: {sequence} {method}\r\nContact: <sip:x@{PEER[0]}>\r\nContent-Type: {kind}\r\n")
    raw = body.encode()
    return head.encode() + f"Content-Length: {len(raw)}\r\n\r\n".encode() + raw


def scrambled(chance: random.Random) -> str:
    lines = SDP.splitlines()
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        place = chance.randrange(len(lines) + 1)
        if chance.random() < 0.4 and place < len(lines):
            lines[place] = chance.choice(PIECES)
        elif chance.random() < 0.3 and place < len(lines):
            lines[place] = lines[place][:chance.randrange(20)] + chr(chance.randrange(1, 256))
        else:
            lines.insert(place, chance.choice(PIECES))
    return "\r\n".join(lines) + "\r\n"


def tags(story: Story) -> dict[str, str]:
    """Call-ID to our tag, of every caller's dialog."""
    return {key[0]: key[1] for key in story.hotline.exchange.house.endpoint._legs._dialogs if key[0].startswith("c-")}


@pytest.mark.parametrize("seed", [1, 2])
def test_exchange__survives_what_peers_describe(seed: int) -> None:
    chance = random.Random(seed)
    story = make_story(audio=False, seed=seed, ports=400, config={"sip": {"listen": [f"udp:{HOTLINE}:5060"]}})
    sequence = 1
    for number in range(MESSAGES):
        sequence += 1
        known = tags(story)
        call = chance.choice(list(known) or ["c-0"])[2:]
        method = chance.choice(("INVITE", "INVITE", "ACK", "re-INVITE", "UPDATE", "INFO", "BYE"))
        kind, body = "application/sdp", scrambled(chance) if chance.random() < 0.9 else ""
        if method == "INFO":
            kind = "application/dtmf-relay"
            body = chance.choice(("Signal=1\r\nDuration=160", "Signal=x", "Signal=" + "9" * 99, "", "\0", "Signal=#\n"))
        if method == "INVITE":
            payload = message(chance, "INVITE", number, 1, "", body, kind)
        elif method == "ACK":
            payload = message(chance, "ACK", int(call), 1, known.get(f"c-{call}", "x"), body, kind)
        else:
            name = method.removeprefix("re-")
            payload = message(chance, name, int(call), sequence, known.get(f"c-{call}", "x"), body, kind)
        story.hotline.receive_sip(payload, FLOW, story.world.now)
        story.world.run(chance.choice((0.0, 0.0, 0.01, 0.5)))
    bugs = [report for report in story.hotline.reports if report.level == "error"]
    assert bugs == []
    assert story.hotline.exchange.house.counters["calls_offered"] > 100
    story.settle(400)
    story.hotline.carry_out(story.hotline.exchange.end_calls("over", story.world.now))
    story.settle(200)
    story.assert_clean()
