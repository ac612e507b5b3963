"""Crowds of short calls by SIPp (Debian: sip-tester)."""

import csv
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

SET_UP = Path(__file__).with_name("set_up.xml")                 # INVITE, 200, ACK, BYE, 200
REQUEST = Path(__file__).with_name("set_up_request.xml")        # the same with a key by INFO, which makes a request
CALLER = "127.0.3.4"
LEFT_OVER = 60.0            # seconds that the last calls may take
PROGRAM = "sipp"


def missing() -> str:
    """What is not there, and what to do; empty if SIPp can be used."""
    return "" if shutil.which(PROGRAM) else "SIPp is not installed (Debian: apt-get install sip-tester)"


def call(target: str, rate: int, seconds: float, folder: Path, core: set[int],
         scenario: Path = SET_UP, caller: str = CALLER) -> dict[str, Any]:
    """`rate` calls a second for so long; what became of them, and how long the 200 took (ms)."""
    calls = int(rate * seconds)
    command = [PROGRAM, target, "-sf", str(scenario), "-s", "100", "-i", caller, "-r", str(rate), "-m", str(calls),
               "-l", str(10 * rate), "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "100",
               "-recv_timeout", "20000", "-nostdin", "-timeout", str(int(seconds + LEFT_OVER))]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "out").open("wb") as out:
        subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, check=False,
                       preexec_fn=lambda: os.sched_setaffinity(0, core))
    return _figures(folder, calls)


def _figures(folder: Path, calls: int) -> dict[str, Any]:
    with (folder / "stat.csv").open(newline="") as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    times = sorted(_answer_times(folder))
    return {"calls": calls, "succeeded": int(last["SuccessfulCall(C)"]), "failed": int(last["FailedCall(C)"]),
            "retransmissions": int(last["Retransmissions(C)"]),
            "held_rate": round(float(last["CallRate(C)"]), 1),
            **({"answer_p50_ms": times[len(times) // 2], "answer_p99_ms": times[len(times) * 99 // 100],
                "answer_max_ms": times[-1]} if times else {})}


def _answer_times(folder: Path) -> list[float]:
    found: list[float] = []
    for path in folder.glob("*_rtt.csv"):
        with path.open(newline="") as file:
            found += [float(row["response_time_ms"]) for row in csv.DictReader(file, delimiter=";")]
    return found
