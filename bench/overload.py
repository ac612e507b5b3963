"""Three times the calls that the service can carry: `python -m bench.overload [--seconds 20] [--rates 400 800 ...]`.

First ever more calls a second until some are refused or fail, for the rate that it carries; then three times that rate,
and at once afterwards a call a second and ordinary load again. One JSON line on stdout, progress on stderr.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import sipp
from bench.house import HOST, SIP_PORT, cores, meter, running_house, wait_until_idle
from bench.processes import usage
from bench.progress import going_on, say
from tests.support.raw_sip import RawUdp
from tests.support.service import ROOT, Service

TARGET = f"{HOST}:{SIP_PORT}"
SCENARIO = Path(__file__).with_name("overload.xml")
RATES = (400, 600, 800, 1000, 1200)
STRANGER = "127.2.3.4"      # no trunk's address: carriers are told another status than 503
FIND_SECONDS = 5.0
SHED_BY_CHANCE = 0.01       # of the calls: a pause of the machine is no limit of the service
TIMES = 3
AFTERWARDS = 2.0            # s after the flood until all must be as before
STRANGERS = {"stranger_requests_per_s": 100_000}       # all callers have one address here, and none is a trunk
Figures = dict[str, Any]


def shedding(seconds: float = 20.0, rates: Sequence[int] = RATES) -> Figures:
    """Three times the rate that it carries: shed early with 503, accepted soon, and well again at once."""
    state = ROOT / "var"
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder, \
            running_house(Path(folder) / "house", max_calls=3000) as service:
        tried = _carried(service, Path(folder), rates)
        carried = max((each["rate"] for each in tried if each["held"]), default=rates[0])
        flood = _flood(service, Path(folder) / "flood", TIMES * carried, seconds)
        return {"carried_rate": carried, "tried": tried, "flood": flood, "afterwards": _afterwards(service, carried,
                                                                                                  Path(folder)),
                "log_errors": sum(" error " in line or "Traceback" in line for line in service.log.splitlines()),
                "aim": {"accepted_p99_ms": 500, "well_after_s": AFTERWARDS}}


def _carried(service: Service, folder: Path, rates: Sequence[int]) -> list[Figures]:
    tried: list[Figures] = []
    for rate in rates:
        seen = _load(service, folder / str(rate), rate, FIND_SECONDS)
        tried.append({"rate": rate, "held": seen["shed_share"] < SHED_BY_CHANCE and not seen["failed"], **seen})
        wait_until_idle(service)
        if not tried[-1]["held"]:
            break
    return tried


def _flood(service: Service, folder: Path, rate: int, seconds: float) -> Figures:
    metered = meter(service)
    control = service.child("control")
    memory = Highest(control)
    seen = _load(service, folder, rate, seconds)
    return {"seconds": seconds, **seen, "cpu_s": {name: round(value, 1) for name, value in metered.cpu().items()},
            "control_memory_kib": {"before": memory.first, "highest": memory.stop(),
                                   "after": usage(control).memory_kib}}


def _load(service: Service, folder: Path, rate: int, seconds: float) -> Figures:
    before = service.metrics()
    with going_on(f"{rate} calls a second", seconds):
        seen = sipp.call(TARGET, rate, seconds, folder, cores()[1], SCENARIO, STRANGER)
    after = service.metrics()
    shed, dropped = (int(after[f"hotline_{name}_total"] - before[f"hotline_{name}_total"])
                     for name in ("sip_shed", "sip_dropped"))
    return {**seen, "shed": shed, "dropped": dropped, "shed_share": round(shed / seen["calls"], 3)}


def _afterwards(service: Service, carried: int, folder: Path) -> Figures:
    """Two seconds after the last call: one caller, then half of what it carries."""
    time.sleep(AFTERWARDS)
    with RawUdp("127.2.3.9", (HOST, SIP_PORT)) as caller:
        began_at = time.monotonic()
        answer = caller.ask("OPTIONS", f"sip:100@{TARGET}")
        answered_ms = round(1000 * (time.monotonic() - began_at), 1)
    seen = _load(service, folder / "after", carried // 2, FIND_SECONDS)
    return {"options_status": answer.status if answer else 0, "options_ms": answered_ms, **seen,
            "idle": wait_until_idle(service)}


class Highest:
    """The most memory (KiB) that a process had since this was made."""

    def __init__(self, pid: int) -> None:
        self.first = self.highest = usage(pid).memory_kib
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.25):
            self.highest = max(self.highest, usage(self._pid).memory_kib)

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.highest


def main() -> int:
    parser = argparse.ArgumentParser(prog="overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES))
    given = parser.parse_args()
    lacking = sipp.missing()
    if lacking:
        say(f"overload: {lacking}")
        return 1
    print(json.dumps(shedding(given.seconds, given.rates)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
