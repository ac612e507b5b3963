"""What legs in pages cost, and how long a sound takes from one page to another."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.house import HOST, WEB_PORT, cores, meter, running_house
from bench.page_crowd import Crowd, CrowdPage, told
from bench.processes import kept_awake
from bench.progress import going_on
from tests.support.service import PASSWORD
from tests.support.web_page import log_in

LEGS, SECONDS, SETTLE = 50, 30.0, 3.0
TALK_SECONDS = 10.0
PEOPLE = ("anna", "boris", "clara", "dina")      # nobody may have more than 16 sockets
WEB = f"{HOST}:{WEB_PORT}"


def browser_legs() -> dict[str, Any]:
    """50 pages that hear a menu, both directions; and the way from page to page in a talk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        secret = path / "web-password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        operator = {"phone_password_file": str(path / "password"), "web_password_file": str(secret)}
        with running_house(path, operators=dict.fromkeys(PEOPLE, operator)) as service:
            cookies = [log_in(WEB, name, PASSWORD) for name in PEOPLE]
            crowd = Crowd(cores()[1])
            try:
                delays = _talk(crowd, cookies[0])
                return {**_legs(crowd, cookies, service), "page_to_page_ms": delays, "crowd_late_ticks": crowd.late}
            finally:
                crowd.close()


def _legs(crowd: Crowd, cookies: Sequence[str], service: Any) -> dict[str, Any]:
    pages = [crowd.add(CrowdPage(WEB, "/ws/try", cookies[number % len(cookies)])) for number in range(LEGS)]
    for page in pages:
        page.say(type="hello", resume=None)
    for page in pages:
        told(page, "ready")
    idle = meter(service)
    time.sleep(SETTLE)
    connected = {name: cpu / SETTLE for name, cpu in idle.cpu().items()}
    for page in pages:
        page.say(type="dial", number="100")
    for page in pages:
        told(page, "state", state="talking")
        page.speaks = True
    time.sleep(SETTLE)
    with kept_awake(cores()[0]), going_on(f"{LEGS} pages in a menu", SECONDS):
        used, before, began = meter(service), sum(page.frames for page in pages), time.monotonic()
        time.sleep(SECONDS)
        cpu, seconds = used.cpu(), time.monotonic() - began
    frames = sum(page.frames for page in pages) - before
    for page in pages:
        page.say(type="hang_up")
        page.speaks = False
    percent = {name: round(100 * spent / seconds / LEGS, 4) for name, spent in cpu.items()}
    return {"legs": LEGS, "seconds": round(seconds, 1), "core_percent_per_leg": percent | {
        "all": round(sum(percent.values()), 4)}, "frames_per_leg_and_s": round(frames / seconds / LEGS, 2),
        "idle_sockets_core_percent": {name: round(100 * spent, 2) for name, spent in connected.items()}}


def _talk(crowd: Crowd, cookie: str) -> dict[str, float]:
    """Two pages in a bridge: the way through web process, plane and web process."""
    caller, operator = (crowd.add(CrowdPage(WEB, path, cookie)) for path in ("/ws/try", "/ws/phone"))
    for page in (caller, operator):
        page.say(type="hello", resume=None, take=True)
        told(page, "ready")
    caller.say(type="dial", number="300")
    told(operator, "state", state="ringing")
    operator.say(type="answer")
    told(operator, "state", state="talking")
    operator.echo, caller.speaks, operator.speaks = caller, True, True
    time.sleep(SETTLE)
    operator.delays.clear()
    with going_on("two pages talk", TALK_SECONDS):
        time.sleep(TALK_SECONDS)
    found = sorted(operator.delays)
    caller.speaks = operator.speaks = False
    caller.say(type="hang_up")
    parts = quantiles(found, n=100)
    return {"median": round(parts[49] * 1000, 1), "p99": round(parts[98] * 1000, 1), "frames": len(found)}
