"""RTCP: what we report, when and where to, and what becomes of the peer's reports."""

import itertools
import random
import struct
from base64 import b64encode

import pytest

from ivr.media import commands
from ivr.media.events import StreamClosed, StreamStatistics
from ivr.media.rtp.rtcp import INTERVAL, LOOK_EVERY
from ivr.media.rtp.rtcp_packet import Block, Heard, read
from tests.media.virtual_peer import START, World, rtp

OURS, THEIRS = 0x1000, 7
SDES_NAME = b"A" * 16                   # of zeros for chance
NAMED = bytes.fromhex("81ca0006") + struct.pack(">I", OURS) + b"\x01\x10" + SDES_NAME + bytes(2)


def block(source: int = OURS, fraction: int = 0, lost: int = 0, highest: int = 0, jitter: int = 0, last: int = 0,
          delay: int = 0) -> bytes:
    return struct.pack(">IIIIII", source, fraction << 24 | lost & 0xFFFFFF, highest, jitter, last, delay)


def receiver_report(*blocks: bytes, ssrc: int = THEIRS) -> bytes:
    return struct.pack(">BBHI", 0x80 | len(blocks), 201, 1 + 6 * len(blocks), ssrc) + b"".join(blocks)


def sender_report(*blocks: bytes, ntp: int = 0, ssrc: int = THEIRS) -> bytes:
    return struct.pack(">BBHIQIII", 0x80 | len(blocks), 200, 6 + 6 * len(blocks), ssrc, ntp, 0, 0, 0) + b"".join(blocks)


def statistics(world: World, stream: int = 0) -> StreamStatistics:
    told = world.do(commands.CloseStream(stream, str(stream)))
    figures = next(event.statistics for event in told if isinstance(event, StreamClosed))
    assert figures is not None
    return figures


@pytest.fixture
def world() -> World:
    world = World()
    world.open(0)
    return world


# --- ours -----------------------------------------------------------------------------------------------------------
def test_report__of_who_sends_and_hears(world: World) -> None:
    """With zeros for chance the first report comes after 1.25 s, the second 2.5 s later."""
    for number in range(100, 150):
        world.run(0.02)
        if number not in (110, 111, 120):
            world.hear(0, rtp(number, 160 * number))
    world.control(0, sender_report(ntp=0x0102030405060708))
    world.run(0.26)
    first, = world.reports
    assert (first.source_port, first.destination) == (16385, ("192.0.2.0", 4001))
    sent = [packet for packet in world.sent if packet.at <= first.at]
    last = sent[-1]
    timestamp = last.timestamp + round((first.at - last.at) * 8000) & 0xFFFFFFFF
    assert first.octets == (
        bytes.fromhex("81c8000c") + struct.pack(">I", OURS)
        + struct.pack(">II", int(first.at), int(first.at % 1 * 2 ** 32))
        + struct.pack(">III", timestamp, len(sent), 160 * len(sent))
        + block(THEIRS, 3 * 256 // 50, 3, 149, int(world.plane.table.jitter[0]), 0x03040506,
                round((first.at - START - 1.0) * 65536)) + NAMED)


def test_report__of_who_only_hears_and_then_nothing(world: World) -> None:
    world.do(world.sdp(0, direction="recvonly"))
    world.hear(0, rtp(1, 160))
    world.run(8.0)
    heard, nothing, *_ = [report.octets for report in world.reports]
    assert (heard[:8], heard[32:]) == (bytes.fromhex("81c90007") + struct.pack(">I", OURS), NAMED)
    assert nothing == bytes.fromhex("80c90001") + struct.pack(">I", OURS) + NAMED


def test_report__loss_is_of_the_time_since_the_last(world: World) -> None:
    numbers = itertools.count(65_440)

    def hear(seconds: float, of: int) -> None:
        for _ in range(round(seconds / 0.02)):
            number = next(numbers)
            world.run(0.02)
            if number % 10 >= of:
                world.hear(0, rtp(number, 160 * number))
    hear(1.2, 0)
    hear(2.6, 5)
    hear(2.6, 0)
    blocks = [report.octets[28:52] for report in world.reports]
    fractions = [octets[4] / 256 for octets in blocks]
    highest = [struct.unpack(">I", octets[8:12])[0] for octets in blocks]
    assert fractions == [0, pytest.approx(0.5, abs=0.05), pytest.approx(0, abs=0.05)]
    assert highest[0] < 65536 < highest[1] < highest[2]
    assert [octets[5:8].hex() for octets in blocks] == ["000000", "000041", "000041"]


def test_report__a_new_source_begins_anew(world: World) -> None:
    for number in range(1, 61):
        world.hear(0, rtp(3 * number, 160 * number))
        world.run(0.02)
    world.run(0.1)
    world.hear(0, rtp(30_000, 0, ssrc=8), rtp(30_002, 0, ssrc=8))
    world.run(2.5)
    second = world.reports[1].octets
    assert second[28:40] == block(8, 256 // 3, 1, 30_002)[:12]


def test_report__times_are_spread_and_names_are_nobodys() -> None:
    source = random.Random(3)
    world = World(rows=40, chance=source.randbytes)
    for row in range(40):
        world.open(row)
    world.run(60.0)
    gaps = [later.at - earlier.at for row in range(40)
            for earlier, later in itertools.pairwise(world.reports_of(row))]
    assert 0.5 * INTERVAL - 0.01 <= min(gaps) < 0.55 * INTERVAL
    assert 1.45 * INTERVAL < max(gaps) <= 1.5 * INTERVAL + LOOK_EVERY + 0.01
    assert sum(gaps) / len(gaps) == pytest.approx(INTERVAL, rel=0.05)
    firsts = [world.reports_of(row)[0].at - START for row in range(40)]
    assert (min(firsts), max(firsts)) == (pytest.approx(1.5, abs=0.3), pytest.approx(3.5, abs=0.35))
    at_once = [len(list(group)) for _, group in itertools.groupby(world.reports, key=lambda report: report.at)]
    assert max(at_once) <= 6
    names = {report.octets[-18:-2] for report in world.reports}
    assert len(names) == 40
    world.do(commands.CloseStream(0, "0"))
    world.open(0)
    world.run(4.0)
    assert world.reports_of(0)[-1].octets[-18:-2] not in names


def test_report__a_bounded_number_at_a_time() -> None:
    world = World(rows=200)
    for row in range(200):
        world.open(row)
    world.run(1.6)
    at_once = [len(list(group)) for _, group in itertools.groupby(world.reports, key=lambda report: report.at)]
    assert at_once == [64, 64, 64, 8]
    assert len({report.source_port for report in world.reports}) == 200


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, 4001), ({"rtcp": ("192.0.2.0", 61_000)}, 61_000), ({"remote": ("192.0.2.0", 65535)}, 65535),
], ids=["next to RTP", "a=rtcp", "the last port"])
def test_report__goes_where_the_sdp_says(world: World, changes: dict[str, object], expected: int) -> None:
    world.do(world.sdp(0, **changes))
    world.run(1.5)
    assert world.reports[-1].destination == ("192.0.2.0", expected)


def test_report__follows_the_latch_and_what_was_heard() -> None:
    world, nat = World(), "203.0.113.5"
    world.open(0, latch="learn", rtcp=("192.0.2.0", 4009))
    world.run(1.5)
    world.hear(0, *(rtp(number, 160 * number) for number in range(6)), source=(nat, 61_000))
    world.run(2.5)
    world.control(0, receiver_report(), source=(nat, 62_000))
    world.control(0, receiver_report(ssrc=9), source=(nat, 62_001))         # not who speaks
    world.control(0, receiver_report(), source=("192.0.2.0", 5000))         # not where they speak from
    world.control(0, receiver_report(), source=("198.51.100.66", 5000))
    world.control(0, b"nonsense", source=(nat, 62_002))
    world.run(2.5)
    assert [report.destination for report in world.reports] == [("192.0.2.0", 4009), (nat, 61_001), (nat, 62_000)]


def test_report__not_to_strangers_beyond_their_time_nor_to_nowhere() -> None:
    world = World()
    world.do(commands.OpenStream(0, "0", 1, 1, 1, unconfirmed_limit=2.0), world.sdp(0))
    world.open(1, remote=("0.0.0.0", 9), direction="recvonly")
    world.run(10.0)
    assert [report.source_port for report in world.reports] == [16385]
    world.do(commands.ConfirmStream(0, "0"))
    world.run(5.0)
    assert len(world.reports_of(0)) == 3
    assert world.reports_of(1) == []


def test_farewell__is_the_last_word(world: World) -> None:
    world.run(0.5)
    world.do(commands.CloseStream(0, "0"))
    world.run(5.0)
    last, = world.reports
    assert last.octets == (bytes.fromhex("80c90001") + struct.pack(">I", OURS) + NAMED
                           + bytes.fromhex("81cb0001") + struct.pack(">I", OURS))
    assert last.at - START < 0.6
    assert last.destination == ("192.0.2.0", 4001)


def test_farewell__not_from_who_was_never_heard(world: World) -> None:
    world.do(commands.CloseStream(0, "0"), commands.OpenStream(1, "1", 1, 1, 1), commands.CloseStream(1, "1"))
    world.run(0.5)
    assert world.reports == []


def test_farewell__of_a_control_that_is_gone(world: World) -> None:
    world.run(0.5)
    world.do(commands.Hello(2))
    world.run(0.1)
    assert len(world.reports) == 1


# --- theirs ---------------------------------------------------------------------------------------------------------
def test_round_trip__the_example_of_the_rfc() -> None:
    """RFC 3550 figure 2: A 46864.500, last SR 46853.125, delay 5.250: 6.125 s."""
    world = World(now=46864.5)
    world.open(0)
    world.control(0, receiver_report(block(last=0xB7052000, delay=0x00054000)))
    figures = world.do(commands.CloseStream(0, "0"))[-1]
    assert isinstance(figures, StreamClosed)
    assert figures.statistics == StreamStatistics()         # a stream without RTP has none
    world.open(0)
    world.control(0, receiver_report(block(last=0xB7052000, delay=0x00054000)))
    world.run(0.03)
    told = statistics(world)
    assert (told.round_trip_ms, told.round_trip_most_ms) == (6125.0, 6125.0)


def test_round_trip__both_ends_of_ours_over_a_slow_way() -> None:
    """Two planes, whose clocks begin anywhere, 80 ms apart; each waits with its report."""
    worlds = [World(chance=random.Random(seed).randbytes, now=START + 777.0 * seed) for seed in range(2)]
    for world in worlds:
        world.open(0)
    under_way: list[tuple[float, int, bytes]] = []
    for step in range(4000):
        now = step * 0.005
        for side, world in enumerate(worlds):
            before = len(world.reports)
            world.run(0.005)
            under_way += [(now + 0.08, 1 - side, report.octets) for report in world.reports[before:]]
        for _, side, octets in [each for each in under_way if each[0] <= now]:
            worlds[side].hear(0, rtp(step, 0, ssrc=OURS))
            worlds[side].control(0, octets)
        under_way = [each for each in under_way if each[0] > now]
    for world in worlds:
        figures = statistics(world)
        assert figures.round_trip_ms == pytest.approx(170, abs=5)      # and a phase at each end
        assert figures.round_trip_most_ms == pytest.approx(170, abs=10)


@pytest.mark.parametrize(("last", "delay"), [(0, 0), (0, 65536), (1, 0), (0xFFFFFFFF, 0), (0x03E80000, 0xFFFFFFFF)],
                         ids=["no report of ours yet", "none but a delay", "ages ago", "of the future", "a long delay"])
def test_round_trip__what_makes_no_sense_is_left_out(world: World, last: int, delay: int) -> None:
    world.run(0.1)
    world.control(0, receiver_report(block(last=last, delay=delay)))
    assert statistics(world).round_trip_ms is None


def test_remote__what_the_peer_says_of_ours(world: World) -> None:
    world.run(2.0)
    world.control(0, sender_report(block(source=99, lost=50, jitter=800), block(lost=10, jitter=80)))
    figures = statistics(world)
    assert (figures.remote_lost, figures.remote_jitter_ms) == (10, 10.0)
    assert figures.mos_in is None
    assert figures.mos_out == pytest.approx(3.36, abs=0.01)      # 10 of 100 lost: R = 93.2 - 27.1 - 0.96


def test_remote__duplicates_make_a_negative_loss(world: World) -> None:
    world.run(0.5)
    world.control(0, receiver_report(block(lost=-3)))
    figures = statistics(world)
    assert figures.remote_lost == -3
    assert figures.mos_out == pytest.approx(4.4, abs=0.02)


def test_read__compound_and_reduced_size() -> None:
    sdes = bytes.fromhex("81ca0002") + struct.pack(">I", 7) + b"\x01\x01x\x00"
    xr, feedback = bytes.fromhex("80cf0002") + bytes(8), bytes.fromhex("81cd0003") + bytes(12)
    said = Block(OURS, 2, 3, 4, 5)
    one = block(lost=2, jitter=3, last=4, delay=5)
    assert read(sender_report(one, ntp=0x1122334455667788) + sdes + xr) == Heard(7, 0x33445566, (said,), False)
    assert read(receiver_report(one, one) + bytes.fromhex("81cb0001") + bytes(4)) == Heard(7, None, (said, said), True)
    assert read(feedback) == Heard(None, None, (), False)
    assert read(sdes) == Heard(None, None, (), False)
    assert read(bytes.fromhex("80cb0000")) == Heard(None, None, (), True)
    assert read(receiver_report(one)[:28] + bytes(4) + b"\x80") is None


@pytest.mark.parametrize("packet", [
    b"", b"\x80", b"\x80\xc9\x00", b"\x40\xc9\x00\x01" + bytes(4), b"\x80\xc8\x00\x01" + bytes(4),
    b"\x9f\xc9\x00\x01" + bytes(4), b"\x80\xc9\x00\x00", b"\x80\xc9\xff\xff" + bytes(4), b"\x80\x00\x00\x01" + bytes(4),
    receiver_report() + b"\x80\xca", receiver_report() + b"\x80\xca\x00\x09" + bytes(4),
    b"\x81\xc9\x00\x06" + bytes(24),
], ids=["empty", "one", "three", "version 1", "SR too short", "31 blocks", "no SSRC", "lying length", "RTP", "a rest",
        "a lying part", "a block too short"])
def test_read__what_is_none(packet: bytes) -> None:
    assert read(packet) is None


def test_read__anything_at_all(world: World) -> None:
    """Every cut of a good packet, every bit turned, and noise: nothing is raised, and our own numbers stay ours."""
    good = sender_report(block(lost=1), block(2), ntp=1 << 40) + NAMED + bytes.fromhex("81cb0001") + bytes(4)
    source = random.Random(4)
    hostile = [good[:cut] for cut in range(len(good))]
    hostile += [bytes(octet ^ (1 << bit % 8 if place == bit // 8 else 0) for place, octet in enumerate(good))
                for bit in range(8 * len(good))]
    hostile += [bytes([source.randrange(128, 160), source.randrange(192, 224)]) + source.randbytes(length)
                for length in range(80) for _ in range(6)]
    hostile.append(b"\x80\xcb\x00\x00" * 375)
    world.control(0, *hostile)
    world.hear(0, *hostile)
    world.run(2.0)
    assert world.reports[0].destination == ("192.0.2.0", 4001)
    assert statistics(world).malformed > 500


# --- SRTCP ----------------------------------------------------------------------------------------------------------
def test_srtcp__reports_and_farewell_are_encrypted_and_heard() -> None:
    from pylibsrtp import Error, Policy, Session

    world = World()
    ours, theirs = bytes(range(30)), bytes(range(100, 130))
    world.open(0, srtp_suite="AES_CM_128_HMAC_SHA1_80", srtp_key_out=b64encode(ours).decode(),
               srtp_key_in=b64encode(theirs).decode())
    opening, closing = Session(Policy(ours, Policy.SSRC_ANY_INBOUND)), Session(Policy(theirs, Policy.SSRC_ANY_OUTBOUND))
    world.run(1.5)
    world.control(0, closing.protect_rtcp(receiver_report(block(lost=4))), receiver_report(block(lost=9)))
    told = statistics(world)
    world.run(0.1)
    report, farewell = (opening.unprotect_rtcp(each.octets) for each in world.reports)
    assert (report[1], farewell[-7]) == (200, 203)
    assert report.endswith(NAMED)
    assert told.remote_lost == 4
    with pytest.raises(Error):
        opening.unprotect_rtcp(world.reports[0].octets)
