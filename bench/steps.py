"""What is measured, step by step; each step starts what it needs and gives one JSON object."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import generator, sipp
from bench.browser_legs import browser_legs
from bench.chats import chats
from bench.core_speed import core_speed_meanwhile
from bench.house import HOST, SIP_PORT, cores, meter, running_house, wait_until_idle
from bench.media.runs import SAMPLE_RUN
from bench.overload import shedding
from bench.page_audio import page_audio
from bench.pages import pages
from bench.peers import MEDIA, PLAYING, SET_UP
from bench.processes import Meter, kept_awake
from bench.progress import going_on
from bench.simulation import estimate, simulate_day, simulate_erlang
from tests.support.service import ROOT, Service

TARGET = f"{HOST}:{SIP_PORT}"
RATE, RATE_SECONDS = 100, 30.0
CALLS, CALL_SECONDS, BEGUN_A_SECOND = 300, 60.0, 30.0
DUE_SHARE = 0.985               # of the packets that were due
WRITTEN = 2.0                   # seconds in which the last records are written
RATES = (200, 300, 400, 500, 600)
SET_UP_RATES, SET_UP_SECONDS = (100, 400, 800), 20.0
KEY_SECONDS = 1.0               # of a measurement, after the last key
CROWDS = (400, 500, 700, 1000, 1500)
ROOM = 60                       # calls that a service of limited room takes
Figures = dict[str, Any]


# --- CPU and memory of the whole service ------------------------------------------------------------------------------
def set_up() -> Figures:
    """SIPp, 100 calls a second for 30 s: INVITE, 200, ACK, BYE; every call in the record."""
    with _folder() as folder, running_house(folder) as service:
        metered = meter(service)
        seen = _short_calls(folder, RATE, RATE_SECONDS)
        idle = wait_until_idle(service)
        time.sleep(WRITTEN)
        cpu = _per_call(metered.cpu(), seen["calls"])
        awake = _awake(folder, service)
        return {"rate": RATE, "seconds": RATE_SECONDS, **seen, **cpu, "on_a_core_kept_awake": awake,
                "memory_kib": metered.memory_kib(), "idle_afterwards": idle, "log_errors": _errors(service),
                "aim_cpu_ms_per_call": 1.0, "others": SET_UP}


def _awake(folder: Path, service: Service) -> Figures:
    """The same for 10 s on a core that never sleeps: what a busy service pays."""
    with kept_awake(cores()[0]):
        metered = meter(service)
        seen = _short_calls(folder / "awake", RATE, 10.0)
        wait_until_idle(service)
        time.sleep(WRITTEN)
        return {"failed": seen["failed"], **_per_call(metered.cpu(), seen["calls"])}


def playing() -> Figures:
    """300 callers who hear the menu for 60 s and press a key in the middle, RTP both ways."""
    with _folder() as folder, running_house(folder) as service:
        seen, metered = _long_calls(folder, meter(service), CALLS, CALL_SECONDS)
        return {"calls": CALLS, "seconds": CALL_SECONDS, **seen, **metered, "held": _held(seen),
                "idle_afterwards": wait_until_idle(service), "log_errors": _errors(service),
                "aim_cpu_ms_per_call_second": 0.8, "others": PLAYING}


def set_up_rates() -> Figures:
    """SIPp, 100, 400 and 800 calls a second for 20 s each: with the row of the call, then with a request too."""
    return {"call_row": [_at_rate(rate, sipp.SET_UP) for rate in SET_UP_RATES],
            "call_and_request_row": [_at_rate(rate, sipp.REQUEST) for rate in SET_UP_RATES],
            "floor": [_floor_at_rate(rate) for rate in SET_UP_RATES],
            "aim": {"cpu_ms_per_call": 1.0, "at_rate": 400, "answer_p99_ms": 100, "without_failure_at_rate": 800},
            "others": SET_UP}


def _at_rate(rate: int, scenario: Path) -> Figures:
    """A service of its own for each rate, so that none pays for what another left behind."""
    with _folder() as folder, running_house(folder, max_calls=3000) as service:
        _short_calls(folder / "warm", rate, 1.0, scenario)
        time.sleep(WRITTEN)
        metered = meter(service)
        with core_speed_meanwhile(cores()[0]) as speed:
            seen = _short_calls(folder, rate, SET_UP_SECONDS, scenario)
        time.sleep(WRITTEN)
        return {"rate": rate, **seen, **_per_call(metered.cpu(), seen["calls"]), "core_speed_ms": speed[0],
                "log_errors": _errors(service)}


def _floor_at_rate(rate: int) -> Figures:
    with _folder() as folder, _floor() as process:
        metered = Meter({"floor": process.pid})
        with core_speed_meanwhile(cores()[0]) as speed:
            seen = _short_calls(folder, rate, SET_UP_SECONDS)
        return {"rate": rate, **seen, **_per_call(metered.cpu(), seen["calls"]), "core_speed_ms": speed[0]}


def media() -> Figures:
    """The media plane in short: menus, keys and pairs on the better wire, the floor. More: python -m bench.media."""
    SAMPLE_RUN.forget()
    SAMPLE_RUN.climb()
    return {"rows": SAMPLE_RUN.rows(), "table": SAMPLE_RUN.table().splitlines(), "others": MEDIA}


# --- parts and floors -------------------------------------------------------------------------------------------------
def parts() -> Figures:
    """SIP and records alone, without sockets and processes, caches warm."""
    records = _program("bench/bench_records.py", "--seconds", "5")
    endpoint = _program("bench/bench_sip_endpoint.py")
    exchange, queued = _program("bench/bench_exchange.py"), _program("bench/bench_exchange.py", "--queue")
    return {"exchange_cpu_ms_per_call": exchange["cpu_ms_per_call"],
            "exchange_cpu_ms_per_call_with_request": queued["cpu_ms_per_call"],
            "sip_cpu_ms_per_call": endpoint["cpu_ms_per_call"], "record_cpu_us_per_batch": records["cpu_us_per_batch"],
            "record_batches_per_second": records["batches_per_second"], "fsync_ms": records["fsync_ms"]}


def queue_core() -> Figures:
    """The queue's core alone, 5,000 waiting and 2,000 operators: µs of CPU for one event, by kind, worst cases too. And
    all of control from an operator who becomes free to the INVITE, 200 waiting and 100 operators."""
    return {**_program("bench/bench_queue_core.py"), "dispatch": _program("bench/bench_dispatch.py")}


def dialogues() -> Figures:
    """Every way through the sample menus in virtual time, each a call of its own: how many a second on one core."""
    return _program("bench/bench_dialogues.py")


def floor() -> Figures:
    """The same calls at a Python process that moves their packets and does nothing else."""
    with _folder() as folder, _floor() as process:
        metered = Meter({"floor": process.pid})
        short = _short_calls(folder, RATE, 10.0)
        cpu = _per_call(metered.cpu(), short["calls"])
        seen, played = _long_calls(folder, Meter({"floor": process.pid}), CALLS, 20.0)
        return {"set_up": {"failed": short["failed"], **cpu},
                "playing": {"due_share": seen["due_share"], "packets_lost": seen["packets_lost"], **played}}


@contextmanager
def _floor() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", "bench.floor", HOST, str(SIP_PORT), str(CALLS + 50)], cwd=ROOT,
                               preexec_fn=lambda: os.sched_setaffinity(0, cores()[0]))
    try:
        time.sleep(2.0)
        yield process
    finally:
        process.terminate()
        process.wait()


# --- limits -----------------------------------------------------------------------------------------------------------
def set_up_limit() -> Figures:
    """Ever more calls a second, until some fail; then whether the service is well again."""
    tried: list[Figures] = []
    with _folder() as folder, running_house(folder, max_calls=3000) as service:
        for rate in RATES:
            metered = meter(service)
            seen = _short_calls(folder / str(rate), rate, 10.0)
            idle = wait_until_idle(service)
            held = not seen["failed"] and seen["held_rate"] > 0.95 * rate
            tried.append({"rate": rate, "held": held, **seen, **_per_call(metered.cpu(), seen["calls"]),
                          "idle_afterwards": idle})
            if not held:
                break
        after = _short_calls(folder / "after", 50, 5.0)
        return {"held_rate": max((each["rate"] for each in tried if each["held"]), default=0), "tried": tried,
                "failed_afterwards": after["failed"], "idle_afterwards": wait_until_idle(service),
                "log_errors": _errors(service)}


def calls_limit() -> Figures:
    """Ever more calls at one time, until packets are missing."""
    tried: list[Figures] = []
    with _folder() as folder, running_house(folder, max_calls=max(CROWDS) + 50) as service:
        for crowd in CROWDS:
            seen, metered = _long_calls(folder, meter(service), crowd, 15.0)
            tried.append({"calls": crowd, "held": _held(seen), "idle_afterwards": wait_until_idle(service),
                          **{name: seen[name] for name in ("failed", "due_share", "packets_lost", "gap_p99_ms",
                                                           "start_p50_ms", "generator")}, **metered})
            if not tried[-1]["held"]:
                break
        return {"held_calls": max((each["calls"] for each in tried if each["held"]), default=0), "tried": tried,
                "log_errors": _errors(service), "others": PLAYING}


def overload() -> Figures:
    """Twice as many callers as there is room for: the others are refused, and the next ones let in."""
    with _folder() as folder, running_house(folder, max_calls=ROOM) as service:
        crowded, _ = _long_calls(folder, meter(service), 2 * ROOM, 10.0)
        idle = wait_until_idle(service)
        after, _ = _long_calls(folder, meter(service), ROOM, 3.0)
        return {"room": ROOM, "callers": 2 * ROOM, "succeeded": crowded["succeeded"], "refused": crowded["failures"],
                "due_share": crowded["due_share"], "succeeded_afterwards": after["succeeded"],
                "idle_afterwards": idle and wait_until_idle(service), "log_errors": _errors(service)}


STEPS: dict[str, Callable[[], Figures]] = {
    step.__name__: step for step in (set_up, set_up_rates, playing, media, parts, queue_core, dialogues, floor,
                                     overload, shedding, set_up_limit, calls_limit, simulate_erlang, simulate_day,
                                     estimate, browser_legs, page_audio, pages, chats)}


# --- what the steps share ---------------------------------------------------------------------------------------------
@contextmanager
def _folder() -> Iterator[Path]:
    """Beside the database of the real service, since the disk is part of what is measured."""
    state = ROOT / "var"
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        yield Path(folder)


def _short_calls(folder: Path, rate: int, seconds: float, scenario: Path = sipp.SET_UP) -> Figures:
    with going_on(f"{rate} calls a second", seconds):
        return sipp.call(TARGET, rate, seconds, folder / "sipp", cores()[1], scenario)


def _long_calls(folder: Path, metered: Meter, calls: int, seconds: float) -> tuple[Figures, Figures]:
    """What the callers saw while all of them listened, and what the service needed for it. Then they hang up."""
    rate = max(BEGUN_A_SECOND, calls / 10)
    with going_on(f"{calls} calls for {seconds:.0f} s", seconds + 2 * calls / rate), \
            generator.Load(generator.build(folder), TARGET, cores()[1], calls) as load:
        load.calls(calls, rate)
        set_up = {name: value for name, value in load.figures().items() if name.startswith("set_up")}
        before, began_at = metered.cpu(), time.monotonic()
        load.window()
        load.keys(seconds - KEY_SECONDS)
        seen, cpu, memory = load.figures(), metered.cpu(), metered.memory_kib()
        measured = time.monotonic() - began_at
        end = load.leave(rate, calls)
    share = 1000 / calls / measured
    spent = {name: round((cpu[name] - before[name]) * share, 4) for name in cpu}
    outcome = {name: end[name] for name in ("succeeded", "failed", "hung_up_by_service", "failures")}
    return {**seen, **set_up, **outcome}, {"cpu_ms_per_call_second": round(sum(spent.values()), 3),
                                           "by_process": spent, "measured_s": round(measured, 1),
                                           "memory_kib_per_call": round(sum(memory.values()) / calls, 1)}


def _per_call(cpu: dict[str, float], calls: int) -> Figures:
    return {"cpu_ms_per_call": round(1000 * sum(cpu.values()) / calls, 3),
            "by_process": {name: round(1000 * seconds / calls, 3) for name, seconds in cpu.items()}}


def _held(seen: Figures) -> bool:
    return bool(not seen["failed"] and seen["due_share"] >= DUE_SHARE and not seen["packets_lost"])


def _errors(service: Service) -> int:
    return sum(" error " in line or "Traceback" in line for line in service.log.splitlines())


def _program(*arguments: str) -> Figures:
    """The last line of a bench of one room."""
    with going_on(arguments[0], 15):
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True, text=True,
                              env=os.environ | {"PYTHONPATH": str(ROOT)},
                              preexec_fn=lambda: os.sched_setaffinity(0, cores()[0]))
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
