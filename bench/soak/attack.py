"""Floods, scans and guesses of strangers beside 20 calls that must not notice."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import generator
from bench.house import HOST, SIP_PORT, cores, running_house
from bench.overload import Highest
from bench.progress import going_on, say
from bench.steps import DUE_SHARE
from tests.support.callers import Crowd, Phone, PhoneCall
from tests.support.service import PASSWORD, ROOT, Service, wait_for

TARGET = f"{HOST}:{SIP_PORT}"
SECONDS, RATE = 20.0, 2000
LISTENING, TALKING = 18, 2                  # calls in the menu and with an operator
GAP_MS = 100.0                              # p99 of the gaps in the audio
SET_UP_MS, KEY_MS = 500.0, 500.0            # the longest set-up of a phone's call; from a key to its effect, p50
MEMORY_KIB = 100_000
FORGOTTEN = 90.0                            # s until the last invented call is forgotten: 32 s of waiting for its ACK
TO_AN_OPERATOR = "10"                       # the keys of the sample menu
Figures = dict[str, Any]


def attack(minutes: float) -> Figures:
    """2,000 INVITEs a second for 20 s, forged and from one address; svwar; svcrack; beside 20 calls."""
    state = ROOT / "var"
    state.mkdir(exist_ok=True)
    phases: list[tuple[str, Callable[[Service], Figures]]] = [
        ("quiet", lambda service: _wait(SECONDS / 2)), ("forged", lambda service: _flood(60_000, 100)),
        ("one_address", lambda service: _flood(1, 101)), ("scans", _scans)]
    with tempfile.TemporaryDirectory(dir=state, prefix="attack-") as folder:
        results = {name: _phase(Path(folder) / name, name, what) for name, what in phases}
    findings = [f"{phase}: {text}" for phase, seen in results.items() for text in seen["noticed"]]
    for text in findings:
        say(f"  {text}")
    return {"findings": len(findings), "found": findings, **results}


def _phase(folder: Path, name: str, what: Callable[[Service], Figures]) -> Figures:
    """One attack on a service of its own."""
    with running_house(folder, strangers_per_s=20) as service, Crowd(service.sip) as crowd:
        phones = [crowd.phone(account, f"127.2.8.{number}") for number, account in enumerate(
            ("anna", "boris", "softphone"), 10)]
        for phone in phones:
            assert phone.register(PASSWORD) == 200
        talking = _bridged(crowd.phone("callers", "127.0.3.9"), phones[:TALKING])
        seen: Figures = {}
        listener = threading.Thread(target=lambda: seen.update(_listen(folder)))
        listener.start()
        time.sleep(3.0)                     # the calls are up
        memory = Highest(service.child("control"))
        caller = Caller(phones[-1])
        with going_on(f"{name}, beside {LISTENING + TALKING} calls", SECONDS):
            attacked = what(service)
        set_ups = caller.stop()
        counters = {key: value for key, value in service.metrics().items() if key.startswith("hotline_sip_")}
        listener.join()
        kept = all(call.talking for call in talking)
        for call in talking:
            call.phone.hang_up(call.call)
        figures = {"attack": attacked, "set_ups_ms": set_ups, "calls": {key: seen[key] for key in (
            "succeeded", "failed", "due_share", "packets_lost", "gap_p99_ms", "gap_max_ms", "start_p50_ms")},
            "talking_kept": kept, "control_memory_kib": {"before": memory.first, "highest": memory.stop()},
            "counters": counters, "forgotten_after_s": _forgotten(service)}
        return {**figures, "noticed": _noticed(figures)}


def _noticed(seen: Figures) -> list[str]:
    """What somebody would complain of."""
    calls, memory = seen["calls"], seen["control_memory_kib"]
    checks = {
        "a call failed": calls["failed"] == 0 and seen["talking_kept"],
        "audio was missing": calls["due_share"] >= DUE_SHARE and not calls["packets_lost"],
        "audio had gaps": calls["gap_p99_ms"] <= GAP_MS,
        "a key came late": calls["start_p50_ms"] <= KEY_MS,
        "a registered phone did not get in, or late": bool(seen["set_ups_ms"]) and max(seen["set_ups_ms"]) <= SET_UP_MS,
        "memory grew": memory["highest"] - memory["before"] <= MEMORY_KIB,
        "an account was found": not seen["attack"].get("found"),
        "invented calls were left": seen["forgotten_after_s"] is not None}
    return [text for text, good in checks.items() if not good]


class Talk:
    """A call of a caller who talks with an operator."""

    def __init__(self, phone: Phone, call: PhoneCall) -> None:
        self.phone, self.call = phone, call

    @property
    def talking(self) -> bool:
        return self.call.talking


def _bridged(callers: Phone, operators: list[Phone]) -> list[Talk]:
    calls = [callers.call(f"+7495000000{number}", "101") for number in range(len(operators))]
    wait_for(lambda: all(call.talking for call in calls), 20, "calls were not answered")
    for call in calls:
        callers.press(call, TO_AN_OPERATOR)
    wait_for(lambda: all(any(rung.talking for rung in phone.rang) for phone in operators), 20, "no operator answered")
    return [Talk(callers, call) for call in calls]


class Caller:
    """A registered phone that calls once a second; `set_ups` in ms."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._over = threading.Event()
        self._set_ups: list[float] = []
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def _call(self) -> None:
        while not self._over.wait(1.0):
            call = self._phone.call(self._phone.name, "100")
            until = time.monotonic() + 10
            while not call.talking and not call.over and time.monotonic() < until:
                time.sleep(0.01)
            answered = call.answered_at
            self._set_ups.append(round(1000 * (answered - call.began_at), 1) if answered else 10_000.0)
            self._phone.hang_up(call)

    def stop(self) -> list[float]:
        self._over.set()
        self._thread.join()
        return self._set_ups


def _listen(folder: Path) -> Figures:
    """What callers hear meanwhile, each of whom presses a key at some moment of it."""
    with generator.Load(generator.build(folder), TARGET, cores()[1], LISTENING) as load:
        load.calls(LISTENING, LISTENING)
        load.window()
        load.keys(SECONDS + 10)
        seen = load.figures()
        load.leave(LISTENING, LISTENING)
        return seen


def _wait(seconds: float) -> Figures:
    time.sleep(seconds)
    return {}


def _flood(sources: int, network: int) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.flood", TARGET, "--rate", str(RATE), "--seconds", str(SECONDS),
         "--sources", str(sources), "--network", str(network)], cwd=ROOT, check=True, capture_output=True, text=True)
    sent: Figures = json.loads(done.stdout)
    return sent


def _scans(service: Service) -> Figures:
    """svwar with each of its methods, and svcrack with the right password at the end of its list."""
    if not shutil.which("svwar"):
        return {"skipped": "SIPVicious is not installed (Debian: apt-get install sipvicious)"}
    names, guesses = service.folder / "names", service.folder / "guesses"
    names.write_text("nobody\nanna\nboris\nsoftphone\n" + "".join(f"{number}\n" for number in range(100, 1100)))
    guesses.write_text("".join(f"wrong{number}\n" for number in range(2000)) + f"{PASSWORD}\n")
    runs = [["svwar", "-d", str(names), "-m", method, "--force", "-b", f"127.3.0.{number}"]
            for number, method in enumerate(("REGISTER", "INVITE", "OPTIONS"), 1)]
    runs.append(["svcrack", "-u", "anna", "-d", str(guesses), "-b", "127.3.0.9"])
    outputs = [subprocess.run([*run, "-p", str(SIP_PORT), "--maximumtime", "5", HOST], capture_output=True, text=True,
                              timeout=120, check=False).stdout for run in runs]
    rows = [line.replace("|", " ").split() for output in outputs for line in output.splitlines()]
    return {"found": [row for row in rows if row[:1] in (["anna"], ["boris"], ["softphone"])], "runs": len(runs)}


def _forgotten(service: Service) -> float | None:
    """s until no call and no port was left."""
    began_at = time.monotonic()
    while time.monotonic() - began_at < FORGOTTEN:
        if service.snapshot_is_idle():
            return round(time.monotonic() - began_at, 1)
        time.sleep(0.5)
    return None


if __name__ == "__main__":
    result = attack(0)
    print(json.dumps(result))
    sys.exit(1 if result["findings"] else 0)
