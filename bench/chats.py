"""What chats cost, how soon people are answered, and how many messages a second one machine carries."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bench.house import cores, kill, meter, on_first_core
from bench.progress import going_on
from tests.postgresql import Cluster, programs
from tests.support.chat_drill import MENU
from tests.support.service import PASSWORD, ROOT, Service, make_config
from tests.support.web_page import log_in

HOST = "127.0.74.106"
CHATS, ASKING, OPERATORS = 1_000, 150, 8
THINK, SECONDS = 10.0, 30.0         # s between a visitor's messages; of a measurement
RATES, STEP_SECONDS = (200, 300, 400, 600, 800), 15.0
AIM_MS = 200
Figures = dict[str, Any]


def chats() -> Figures:
    """1,000 chats at once, a message each 10 s, 150 of them with operators; then faster, until p95 is over 200 ms."""
    found: Figures = {"chats": CHATS, "with_operators": ASKING, "operators": OPERATORS, "think_s": THINK,
                      "aim_p95_ms": AIM_MS}
    with _folder() as folder:
        found["sqlite"] = _measured(folder / "sqlite", f"sqlite:///{folder}/sqlite/hotline.db")
        if (path := programs()) is not None:
            every = os.sched_getaffinity(0)
            os.sched_setaffinity(0, cores()[0])
            cluster = Cluster(path)
            try:
                cluster.start()
                os.sched_setaffinity(0, every)
                found["postgresql"] = _measured(folder / "postgresql", cluster.new_database())
            finally:
                os.sched_setaffinity(0, every)
                cluster.remove()
    return found


def _measured(folder: Path, database: str) -> Figures:
    with _service(folder, database) as service, _crowd(service) as crowd:
        came = json.loads(crowd.stdout.readline())      # type: ignore[union-attr]
        quiet = _phase(service, crowd, CHATS / THINK, SECONDS)
        tried = [quiet]
        for rate in RATES:
            if not _held(tried[-1]):
                break
            tried.append(_phase(service, crowd, rate, STEP_SECONDS))
        errors = sum(" error " in line or "Traceback" in line for line in service.log.splitlines())
        return {**came, "held_per_s": max((one["asked_per_s"] for one in tried if _held(one)), default=0),
                "tried": tried, "log_errors": errors}


def _phase(service: Service, crowd: "subprocess.Popen[str]", rate: float, seconds: float) -> Figures:
    assert crowd.stdin is not None
    assert crowd.stdout is not None
    metered = meter(service)
    with going_on(f"{CHATS} chats, {rate:.0f} messages a second", seconds):
        crowd.stdin.write(f"{rate} {seconds}\n")
        crowd.stdin.flush()
        seen: Figures = json.loads(crowd.stdout.readline())
    cpu = metered.cpu()
    return {**seen, "cpu_ms_per_message": {name: round(1000 * spent / max(1, seen["said"]), 3)
                                           for name, spent in cpu.items()},
            "cpu_ms_per_chat_and_s": round(1000 * sum(cpu.values()) / CHATS / seen["seconds"], 4),
            "service_core_share": round(sum(cpu.values()) / seen["seconds"], 2), "memory_kib": metered.memory_kib()}


def _held(seen: Figures) -> bool:
    """Nothing refused or missing, and the answers in time."""
    answers = [seen[name].get("p95", AIM_MS + 1) for name in ("menu_answers_ms", "operator_answers_ms", "kept_ms")]
    return not seen["refused"] and seen["answered"] >= 0.99 * seen["said"] and max(answers) < AIM_MS


@contextmanager
def _service(folder: Path, database: str) -> Iterator[Service]:
    """On the first core, with operators who take 20 chats each."""
    folder.mkdir(parents=True)
    (folder / "menu.yaml").write_text(yaml.safe_dump(MENU))
    (folder / "web-password").write_text(PASSWORD)
    (folder / "web-password").chmod(0o600)
    own = {"phone_password_file": str(folder / "password"), "web_password_file": str(folder / "web-password"),
           "chats": 20}
    names = [f"op{number}" for number in range(OPERATORS)]
    config = make_config(
        folder, host=HOST, database=database, lines=[{"numbers": ["100"], "menu": str(folder / "menu.yaml")}],
        operators=dict.fromkeys(names, own), queues={"general": {"operators": names, "max_wait_s": 600}},
        channels={"web": {"line": "100", "chats_per_hour": 1000, "messages_per_minute": 600}})
    service = on_first_core(folder, config)
    try:
        yield service
    finally:
        kill(service)


@contextmanager
def _crowd(service: Service) -> "Iterator[subprocess.Popen[str]]":
    web = str(service.config["web"]["listen"])
    cookies = [log_in(web, f"op{number}", PASSWORD) for number in range(OPERATORS)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.chat_crowd", web, str(CHATS), str(ASKING), *cookies], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, cores()[1]))
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def _folder() -> Iterator[Path]:
    """Beside the database of the real service, since the disk is part of what is measured."""
    state = ROOT / "var"
    state.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state, prefix="bench-") as folder:
        yield Path(folder)
