"""Planes killed under load, one after the other: the calls of the others go on, and every call has its record."""

import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import generator
from bench.generator import Load, build
from bench.house import HOST, SIP_PORT, cores, running_house, wait_until_idle
from bench.progress import going_on, say
from tests.support.service import ROOT, Service, wait_for
from tests.support.truth import read_record

WORKERS, CALLS, RATE = 2, 600, 60.0
MOST_ROUNDS = 20
ROOM = 100
LONGEST_CALL = 590.0            # s of prompt
NOTICED = 20.0                  # s for what takes milliseconds on an idle machine
HUNG_UP = "2"                   # the generator's status of a call that the service has ended
PLANE_DIED = "the media plane died"
Figures = dict[str, Any]


def workers(minutes: float) -> Figures:
    """600 callers listen to a menu in two planes; one is killed with -9 and the calls are made up, again and again."""
    lacking = generator.missing()
    if lacking:
        return {"rounds": 0, "findings": 1, "which": [lacking]}
    (ROOT / "var").mkdir(exist_ok=True)
    most = CALLS + MOST_ROUNDS * (CALLS // WORKERS + ROOM)
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="soak-") as folder, \
            running_house(Path(folder), CALLS + ROOM, seconds=LONGEST_CALL, media={"workers": WORKERS}) as service, \
            Load(build(Path(folder)), f"{HOST}:{SIP_PORT}", cores()[1], most) as load:
        return _rounds(service, load, 60 * minutes)


def _rounds(service: Service, load: Load, seconds: float) -> Figures:
    until, begun, killed = time.monotonic() + seconds, CALLS, 0
    faults: list[str] = []
    gaps: list[Figures] = []
    with going_on(f"{CALLS} calls begin", CALLS / RATE):
        load.calls(begun, RATE)
    while len(gaps) < MOST_ROUNDS and time.monotonic() < until and not faults:
        row, lost = _round(service, load, len(gaps) % WORKERS, faults)
        say(f"  {len(gaps) + 1}: {row}")
        gaps.append(row)
        killed += lost
        begun += lost
        load.calls(begun, RATE)
        refused = {status: count for status, count in load.figures()["failures"].items() if status != HUNG_UP}
        if refused:
            faults.append(f"new calls failed: {refused}")
    load.leave(200.0, CALLS)
    if not wait_until_idle(service):
        faults.append("calls or streams were left")
    ends = Counter((str(row.outcome), row.reason) for row in read_record(service.database_url)["calls"])
    if ends["failed", PLANE_DIED] != killed or sum(ends.values()) != begun:
        faults.append(f"{begun} calls, {killed} of them in planes that were killed, are recorded as {dict(ends)}")
    return {"rounds": len(gaps), "calls": begun, "ended_by_a_death": killed, "gaps": gaps, "findings": len(faults),
            "which": faults}


def _round(service: Service, load: Load, worker: int, faults: list[str]) -> tuple[Figures, int]:
    """Kill this plane; what the calls of the other heard of it, and how many ended."""
    before = _heard(load)
    here = int(service.metrics()[f'hotline_plane_worker_streams_in_use{{worker="{worker}"}}'])
    ended, begin = load.figures()["hung_up_by_service"], len(service.log)
    load.window()
    os.kill(service.child(f"plane-{worker}"), signal.SIGKILL)
    wait_for(lambda: f"clips_loaded worker={worker}" in service.log[begin:], NOTICED, "the plane did not come back")
    meanwhile = load.figures()
    after = _heard(load)
    lost = after["hung_up_by_service"] - ended
    if lost != here:
        faults.append(f"{lost} calls ended, and {here} were in the plane")
    if after["silent_calls"]:
        faults.append(f"{after['silent_calls']} calls of the other plane heard nothing")
    return {"ended": lost, "gap_p99_ms": [each["gap_p99_ms"] for each in (before, meanwhile, after)],
            "gap_max_ms": [each["gap_max_ms"] for each in (before, meanwhile, after)],
            "packets_lost": meanwhile["packets_lost"]}, lost


def _heard(load: Load) -> Figures:
    """Two seconds of what all hear."""
    load.window()
    time.sleep(2)
    return load.figures()
