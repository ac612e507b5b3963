"""Where RTP is sent and from whom it is taken."""

import pytest

from ivr.media import commands
from ivr.media.events import MediaLatched, MediaLost, StreamClosed
from tests.media.virtual_peer import World, key, rtp

SDP, NAT, STRANGER = ("192.0.2.0", 4000), ("203.0.113.5", 61000), ("198.51.100.66", 5004)


@pytest.fixture
def world() -> World:
    world = World(rows=2)
    world.open(0, latch="learn")
    return world


def destination(world: World) -> tuple[str, int]:
    world.run(0.02)
    return world.sent_from(0)[-1].destination


def test_latch__the_sdps_address_until_five_packets_came(world: World) -> None:
    assert destination(world) == SDP
    for number in range(1, 5):
        assert world.hear(0, rtp(number, 160 * number), source=NAT) == []
    assert destination(world) == SDP
    assert world.hear(0, rtp(5, 800), source=NAT) == [MediaLatched(0, "0", NAT)]
    assert destination(world) == NAT


def test_latch__all_five_in_one_batch(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    assert destination(world) == NAT
    world.do(commands.CloseStream(0, "0"))
    figures = world.of(StreamClosed)[0].statistics
    assert (figures.packets_received, figures.refused) == (2, 4)


def test_latch__not_with_another_ssrc_in_between(world: World) -> None:
    for number in range(1, 20):
        world.hear(0, rtp(number, 160 * number, ssrc=7 + (number % 4 == 0)), source=NAT)
    assert destination(world) == SDP


def test_latch__not_with_a_payload_type_that_was_not_negotiated(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number, payload_type=0) for number in range(20)), source=NAT)
    assert destination(world) == SDP


def test_latch__not_by_one_packet_sent_again(world: World) -> None:
    world.hear(0, *(rtp(1, 160) for _ in range(20)), source=NAT)
    assert destination(world) == SDP


def test_latch__not_where_two_sources_take_turns(world: World) -> None:
    for number in range(20):
        world.hear(0, rtp(number, 160 * number), source=(NAT, STRANGER)[number % 2])
    assert destination(world) == SDP


def test_latch__a_stranger_comes_too_late(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    world.hear(0, *(rtp(number, 160 * number) for number in range(30)), source=STRANGER)
    assert destination(world) == NAT
    assert world.hear(0, key(50, 8000, 160, marker=True), source=STRANGER) == []


def test_latch__the_sdps_own_address_wins(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=STRANGER)
    assert destination(world) == STRANGER
    world.hear(0, *(rtp(number, 160 * number) for number in range(4)), source=SDP)
    assert destination(world) == STRANGER
    assert world.hear(0, rtp(5, 800), source=SDP) == [MediaLatched(0, "0", SDP)]
    assert destination(world) == SDP
    world.hear(0, *(rtp(number, 160 * number) for number in range(30)), source=STRANGER)
    assert destination(world) == SDP


def test_latch__the_sdps_own_address_is_heard_before_it_is_latched(world: World) -> None:
    assert world.hear(0, key(1, 8000, 160, marker=True), source=SDP) != []


def test_latch__another_port_of_the_same_host_after_two_seconds_of_silence(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    moved = (NAT[0], 61777)
    world.run(1.9)
    world.hear(0, *(rtp(number, 160 * number) for number in range(100, 103)), source=moved)
    assert destination(world) == NAT
    world.run(0.2)
    world.hear(0, *(rtp(number, 160 * number, ssrc=8) for number in range(110, 130)), source=moved)
    world.hear(0, *(rtp(number, 160 * number) for number in range(110, 130)), source=STRANGER)
    assert destination(world) == NAT
    world.hear(0, *(rtp(number, 160 * number) for number in range(110, 116)), source=moved)
    assert destination(world) == moved


def test_latch__new_sdp_is_learned_anew(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    world.do(world.sdp(0, latch="learn", remote=("192.0.2.77", 5000)))
    assert destination(world) == ("192.0.2.77", 5000)
    other = ("203.0.113.5", 62000)
    world.hear(0, *(rtp(number, 160 * number) for number in range(10, 16)), source=other)
    assert destination(world) == other


def test_latch__the_same_sdp_again_keeps_the_way_until_another_is_learned(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    world.do(world.sdp(0, latch="learn", direction="recvonly"), world.sdp(0, latch="learn"))
    assert destination(world) == NAT
    other = ("203.0.113.5", 62000)
    world.hear(0, *(rtp(number, 160 * number) for number in range(10, 16)), source=other)
    assert destination(world) == other


def test_latch__the_old_hold_at_no_address_comes_back(world: World) -> None:
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=NAT)
    world.do(world.sdp(0, latch="learn", remote=("0.0.0.0", 4000), direction="recvonly"))
    before = len(world.sent)
    world.run(0.1)
    assert len(world.sent) == before
    world.do(world.sdp(0, latch="learn"))
    assert destination(world) == SDP


def test_sdp__a_trunk_is_sent_to_and_heard_at_its_own_host_alone(world: World) -> None:
    world.do(world.sdp(0, latch="sdp"))
    world.hear(0, *(rtp(number, 160 * number) for number in range(20)), source=NAT)
    assert destination(world) == SDP
    assert world.events == []
    assert world.hear(0, key(1, 8000, 160, marker=True), source=(SDP[0], 9999)) != []
    assert destination(world) == SDP


def test_media_lost__told_once_until_something_comes(world: World) -> None:
    world.run(19.9)
    assert world.of(MediaLost) == []
    world.run(1.0)
    lost, = world.of(MediaLost)
    assert (lost.stream, lost.leg) == (0, "0")
    assert 20.0 <= lost.silent_for <= 20.6
    world.run(30.0)
    assert len(world.of(MediaLost)) == 1
    world.hear(0, rtp(1, 160))
    world.run(21.0)
    assert len(world.of(MediaLost)) == 2


def test_media_lost__rtcp_counts_as_life(world: World) -> None:
    report = b"\x80\xc9\x00\x01" + bytes(4)
    for _ in range(6):
        world.run(5.0)
        world.control(0, report)
    assert world.of(MediaLost) == []
    for octets, source in ((report, STRANGER), (b"", None), (report[:7], None), (b"\x81\xcb\x00\x01" + bytes(4), None)):
        world.run(5.0)
        world.control(0, octets, source=source)
    world.run(1.0)
    assert len(world.of(MediaLost)) == 1


def test_media_lost__rtcp_on_the_rtp_port_counts_as_well(world: World) -> None:
    for _ in range(6):
        world.run(5.0)
        world.hear(0, b"\x80\xc9\x00\x01" + bytes(4))
    assert world.of(MediaLost) == []


def test_media_lost__not_of_a_stream_that_does_not_receive(world: World) -> None:
    world.do(world.sdp(0, direction="sendonly"))
    world.run(40.0)
    assert world.of(MediaLost) == []
