"""One ladder: callers come to the service (or to the floor) in steps, and each size is measured in windows."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.core_speed import core_speed_meanwhile
from bench.generator import Load, build, build_bare, ill
from bench.house import HOST, cores, meter
from bench.media import secure
from bench.media.house import FIRST_PORT, MENU_LINE, QUEUE_LINE, TARGET, log_errors, media_house, recordings, wire_of
from bench.media.works import Ladder
from bench.processes import CoreMeter, Meter, udp_drops
from bench.progress import going_on
from tests.support.service import ROOT

DUE_SHARE, LOSS, GAP_MS = 0.985, 0.001, 40.0        # what is held
COLLAPSED = 0.9             # less than so much of what is due, and neighbours are no excuse
OTHERS = 0.03               # of the server's core: more of it taken by others, and a row is distrusted
RATES = ((1500, 100.0), (10_000, 60.0))             # up to so many calls, so many begun a second
PAIR_RATE = 25.0
LEAVING = 200.0             # a second
JOINED = 30.0               # seconds in which all pairs must be talking
Figures = dict[str, Any]
Tell = Callable[[Figures], None]
UNUSED = ("calls", "succeeded", "set_up", "stop", "start", "keys", "repeated")       # of the generator's figures here
SUMMED = ("packets_lost", "packets_received", "packets_due", "service_drops")


@dataclass(frozen=True)
class Plan:
    """How long: `windows` of `seconds` each behind a pause to `settle`; keys are pressed over `keys` seconds."""

    windows: int = 3
    seconds: float = 4.0
    settle: float = 2.0
    keys: float = 8.0


def climb(ladder: Ladder, plan: Plan, tell: Tell) -> list[Figures]:
    """Every size of the ladder, up to one that is too large; `tell` gets each row when it is there."""
    state = ROOT / "var"
    state.mkdir(exist_ok=True)
    # The bench's own work is the load's, not the server's.
    every, (_, loads) = os.sched_getaffinity(0), cores()
    os.sched_setaffinity(0, loads)
    try:
        with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
            return (_climb_floor if ladder.wire == "floor" else _climb)(ladder, plan, tell, Path(folder))
    finally:
        os.sched_setaffinity(0, every)


def _climb(ladder: Ladder, plan: Plan, tell: Tell, folder: Path) -> list[Figures]:
    rows: list[Figures] = []
    with media_house(folder, ladder) as service, _load(ladder, folder) as load:
        wire, before = wire_of(service), meter(service)
        if wire != ladder.wire:
            return [{**_head(ladder, 0), "not_there": f"the service has the {wire} wire here"}]
        for calls in ladder.calls:
            row = {**_head(ladder, calls), **_size(ladder, calls, plan, load, before, lambda: meter(service))}
            row["log_errors"] = log_errors(service)
            if ladder.extra == "recording" and (files := recordings(service)) < calls:
                row["held"] = False
                row["not_held"].append(f"{files} recordings")
            rows.append(row)
            tell(row)
            if is_the_last(row):
                break
    return rows


def is_the_last(row: Figures) -> bool:
    """Whether more calls need not be tried: these were too many, and nobody else is to blame for it."""
    return not row["held"] and (not row["distrusted"] or row["due_share"] < COLLAPSED)


def _climb_floor(ladder: Ladder, plan: Plan, tell: Tell, folder: Path) -> list[Figures]:
    rows: list[Figures] = []
    program, load_program = build_bare(folder), build(folder)
    for calls in ladder.calls:
        legs = calls * (2 if ladder.kind == "pairs" else 1)
        with bare(program, legs, ladder.kind == "pairs") as process, \
                Load(load_program, f"{HOST}:{FIRST_PORT}", cores()[1], legs, bare=FIRST_PORT,
                     stamps=ladder.kind == "pairs") as load:
            floor = Meter({"floor": process.pid})
            load.calls(legs, 10 * legs)
            time.sleep(plan.settle / 2)
            rows.append({**_head(ladder, calls),
                         **_windows(ladder, calls, plan, load, partial(Meter, {"floor": process.pid})),
                         "memory_kib_per_call": round(floor.memory_kib()["floor"] / calls, 1)})
            tell(rows[-1])
    return rows


@contextmanager
def bare(program: Path, legs: int, bridge: bool, *faults: str) -> Iterator["subprocess.Popen[str]"]:
    """The floor with so many sockets; `faults` as bench/bare/bare.c has them."""
    command = [str(program), "--host", HOST, "--port", str(FIRST_PORT), "--calls", str(legs),
               *(["--bridge"] if bridge else []), *faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores()[0])) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.terminate()


def _load(ladder: Ladder, folder: Path) -> Load:
    key, frames = "", None
    if ladder.extra == "srtp":
        key, frames = secure.KEY_TEXT, folder / "frames"
        secure.write_frames(frames)
    pairs = ladder.kind == "pairs"
    return Load(build(folder), TARGET, cores()[1], max(ladder.calls), user=QUEUE_LINE if pairs else MENU_LINE,
                events=ladder.extra != "in_band", stamps=pairs and not frames, key=key, frames=frames)


def _head(ladder: Ladder, calls: int) -> Figures:
    return {"bench": "media", "work": ladder.title, "wire": ladder.wire, "calls": calls}


def _size(ladder: Ladder, calls: int, plan: Plan, load: Load, before: Meter, metered: Callable[[], Meter]) -> Figures:
    """One size at the service."""
    rate = PAIR_RATE if ladder.kind == "pairs" else next(rate for most, rate in RATES if calls <= most)
    load.window()
    with going_on(f"{ladder.name}: {calls} calls", calls / rate + plan.settle + plan.windows * plan.seconds):
        up = load.calls(calls, rate)
        if ladder.kind == "pairs":
            _wait_until_joined(load, calls)
        set_up = load.figures()
        time.sleep(plan.settle)
        row = _windows(ladder, calls, plan, load, metered)
    memory = before.memory_kib()
    row["memory_kib_per_call"] = round(sum(memory.values()) / calls, 1)
    row["memory_by_process"] = {name: round(kib / calls, 1) for name, kib in memory.items()}
    if up < calls:
        row["held"] = False
        row["not_held"].append(f"{calls - up} calls were not answered: {set_up['failures']}")
    if calls == ladder.keys_at:
        with going_on(f"{ladder.name}: a key each", plan.keys):
            keys = row["keys"] = _keys(plan, load, metered, {name: spent * calls for name, spent in
                                                             row["cpu_by_process"].items()})
        if keys["answered"] < keys["pressed"]:
            row["held"] = False
            row["not_held"].append(f"{keys['answered']} of {keys['pressed']} keys were answered")
    return row


def _wait_until_joined(load: Load, calls: int) -> None:
    until = time.monotonic() + JOINED
    while load.figures()["operators_up"] < calls and time.monotonic() < until:
        time.sleep(0.5)


def _keys(plan: Plan, load: Load, metered: Callable[[], Meter], usual: Mapping[str, float]) -> Figures:
    """From a key's first packet to the last one of the old prompt, and to the first one of the next; and what a key
    costs besides the `usual` (ms of CPU a second)."""
    own, began_at = metered(), time.monotonic()
    load.window()
    load.keys(plan.keys)
    seen, cpu, seconds = load.figures(), own.cpu(), time.monotonic() - began_at
    pressed = max(1, seen["keys_pressed"])
    return {"pressed": seen["keys_pressed"], "answered": seen["start_count"],
            "cpu_ms_per_key": {name: round((1000 * cpu[name] - usual[name] * seconds) / pressed, 3) for name in cpu},
            **{name: seen.get(name) for name in ("stop_p50_ms", "stop_p99_ms", "start_p50_ms", "start_p99_ms",
                                                 "start_max_ms")}}


def _windows(ladder: Ladder, calls: int, plan: Plan, load: Load, metered: Callable[[], Meter]) -> Figures:
    """The medians of the windows, and whether this size is held."""
    core = min(cores()[0])
    with core_speed_meanwhile(cores()[0]) as speed:
        windows = [_window(calls, plan, load, metered, core) for _ in range(plan.windows)]
    row = combine(windows)
    row["core_speed_ms"] = speed[0]
    row["not_held"] = not_held(ladder, calls, row)
    row["held"] = not row["not_held"]
    row["distrusted"] = sorted({reason for window in windows for reason in window["distrusted"]})
    return row


def _window(calls: int, plan: Plan, load: Load, metered: Callable[[], Meter], core: int) -> Figures:
    last_port = FIRST_PORT + 20_000
    drops, own, whole, began_at = udp_drops(FIRST_PORT, last_port), metered(), CoreMeter(core), time.monotonic()
    load.window()
    time.sleep(plan.seconds)
    seen, cpu, used, seconds = load.figures(), own.cpu(), whole.used(), time.monotonic() - began_at
    share = 1000 / calls / seconds
    others = (used - sum(cpu.values())) / seconds
    distrusted = ill(seen)
    if others > OTHERS:
        distrusted.append("others took more than 3 % of the server's core")
    generator = seen.pop("generator")
    return {**{name: value for name, value in seen.items() if not name.startswith(UNUSED)},
            "cpu_ms_per_call_second": round(share * sum(cpu.values()), 4),
            "cpu_by_process": {name: round(share * used_s, 4) for name, used_s in cpu.items()},
            "core_share": round(sum(cpu.values()) / seconds, 3), "others_on_core": round(others, 3),
            "generator_core_share": round(generator["cpu_s"] / seconds, 3),
            "generator_late_p99_ms": generator["late_p99_ms"],
            "service_drops": udp_drops(FIRST_PORT, last_port) - drops, "distrusted": distrusted}


def combine(parts: list[Figures]) -> Figures:
    """The median of each figure, by name; what is counted is summed; other values are those of the last."""
    found: Figures = {}
    for name, value in parts[-1].items():
        values = [part[name] for part in parts if part.get(name) is not None]
        if isinstance(value, dict):
            found[name] = combine([part[name] for part in parts if name in part])
        elif isinstance(value, bool) or not isinstance(value, int | float):
            found[name] = value
        elif name in SUMMED:
            found[name] = sum(values)
        else:
            middle = statistics.median(values)
            found[name] = round(middle) if all(isinstance(each, int) for each in values) else round(middle, 6)
    return found


def not_held(ladder: Ladder, calls: int, row: Figures) -> list[str]:
    """Why this size is not held; empty if it is."""
    found = []
    if row["callers_up"] < calls and ladder.wire != "floor":
        found.append(f"{row['callers_up']} of {calls} callers are there")
    if ladder.kind == "pairs" and ladder.wire != "floor" and row["operators_up"] < calls:
        found.append(f"{row['operators_up']} of {calls} operators are there")
    if row["due_share"] < DUE_SHARE:
        found.append(f"{row['due_share']:.1%} of the packets that were due")
    lost = row["packets_lost"] / max(1, row["packets_lost"] + row["packets_received"])
    if lost >= LOSS:
        found.append(f"{lost:.2%} lost")
    if row["gap_p99_ms"] >= GAP_MS:
        found.append(f"p99 of the gap {row['gap_p99_ms']} ms")
    return found
