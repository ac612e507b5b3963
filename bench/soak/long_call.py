"""Ten hours of a prompt in virtual time: the clock of RTP must not go astray by a sample, nor its turns by a
microsecond."""

from typing import Any

from bench.progress import say
from tests.media.virtual_peer import START, World

HOURS = 10
FRAME = 0.02
EVERY = 3600 * 50           # turns between lines of progress
CLOSE = 1e-6                # seconds that a sum of floats may be off within half a second


def long_call(minutes: float) -> dict[str, Any]:
    """Ten hours of one stream in virtual time: no drift. Takes two minutes, whatever is asked."""
    world = World(rows=4)
    world.open(3)
    table = world.plane.table
    findings, packets, worst = 0, 0, 0.0
    first: int | None = None
    for turn in range(HOURS * 3600 * 50):
        at = round(START + turn * FRAME + 0.015, 6)
        _, outgoing = world.plane.tick(at)
        world.plane.report(at)
        packets += len(outgoing.rows)
        off = abs(float(table.due[3]) - (at + FRAME))
        worst = max(worst, off)
        if first is None:
            first = int(table.timestamp[3]) - 160
        exact = int(table.timestamp[3]) == (first + 160 * (turn + 1)) & 0xFFFFFFFF
        findings += len(outgoing.rows) != 1 or off > CLOSE or not exact
        if turn % EVERY == 0:
            say(f"long_call: hour {turn // EVERY}, {worst:.1e} s off at most")
    return {"findings": findings, "hours": HOURS, "packets": packets, "worst_s": worst}
