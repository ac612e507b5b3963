"""An encrypted stream that is held and resumed while its first packets come."""

from itertools import combinations_with_replacement

import pytest

from ivr.media import commands
from tests.media.test_srtp import ELSEWHERE, THEIRS, Peer, encrypted
from tests.media.virtual_peer import World, rtp


@pytest.mark.parametrize("theirs", [THEIRS, b"\7" * 30], ids=["same keys", "new keys"])
@pytest.mark.parametrize(("held", "resumed"), tuple(combinations_with_replacement(range(5), 2)))
def test_held_and_resumed_among_the_first_packets(held: int, resumed: int, theirs: bytes) -> None:
    """Wherever in them the two descriptions come, and with a packet under way each time: no one goes deaf."""
    world = World()
    sent = [Peer().close, Peer(theirs=theirs).close]
    packets = [sent[number > held](rtp(number, number * 160, bytes([number]) * 160)) for number in range(7)]
    world.open(0, latch="learn", **encrypted())
    world.open(1)
    world.do(commands.Bridge(0, "0", 1, "1"))
    for number, packet in enumerate(packets):
        if number == held:
            world.do(world.sdp(0, latch="learn", direction="recvonly", **encrypted(theirs=theirs)),
                     commands.Unbridge(0, "0"))
        if number == resumed:
            world.do(world.sdp(0, latch="learn", **encrypted(theirs=theirs)), commands.Bridge(0, "0", 1, "1"))
        world.sent.clear()
        world.hear(0, packet, source=ELSEWHERE)
        assert [packet.payload for packet in world.sent_from(1)] == (
            [bytes([number]) * 160] if not held <= number < resumed else [])
        world.run(0.02)
    assert (world.plane.table.received[0], world.plane.table.refused[0]) == (7, 0)
