"""The service that is measured: the real one, with a configuration of its own on loopback, on a core of its own."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bench.processes import Meter
from bench.prompts import write_prompts
from tests.support.service import ROOT, Service, end, make_config

HOST, SIP_PORT, WEB_PORT = "127.0.8.1", 25_060, 28_080
CALLERS = "127.0.3.0/24"
LONGEST_CALL = 150.0            # seconds of prompt
CHILDREN = ("plane", "control", "web")
IDLE_TIMEOUT = 45.0             # SIP keeps a transaction for 32 s, RTP ports rest for 2


@cache
def cores() -> tuple[set[int], set[int]]:
    """One for the service and one for the load; the same if the machine has but one. Asked for the first time before
    anything here is pinned, since who is pinned sees no other core."""
    every = sorted(os.sched_getaffinity(0))
    return {every[0]}, {every[-1]}


@contextmanager
def running_house(folder: Path, max_calls: int = 400, strangers_per_s: float = 100_000,
                  seconds: float = LONGEST_CALL, **settings: Any) -> Iterator[Service]:
    """The service with room for `max_calls` that listen for so many `seconds`, its files in `folder`."""
    prompts = folder / "audio_prompts"
    shutil.copytree(ROOT / "audio_prompts", prompts)
    write_prompts(prompts / "en/bench", seconds)
    config = make_config(
        folder, host=HOST, sip_port=SIP_PORT, web_port=WEB_PORT, ports=f"16384-{16383 + 2 * max_calls + 200}",
        # The sample's menu stands beside ours so that the announcements have a menu for each of their languages.
        lines=[{"numbers": ["100"], "menu": str(ROOT / "bench/menu.yaml")},
               {"numbers": ["101"], "menu": str(ROOT / "menus/bank.yaml")},
               {"numbers": ["300"], "menu": str(ROOT / "bench/queue.yaml")}],
        prompts={"folder": str(prompts)},
        # The callers are a carrier's: so many calls of strangers from one address would be a flood.
        sip={"max_calls": max_calls, "stranger_requests_per_s": strangers_per_s},
        trunks=[{"name": "bench", "addresses": [CALLERS]}], **settings)
    service = on_first_core(folder, config)
    try:
        yield service
    finally:
        end(service)


def on_first_core(folder: Path, config: dict[str, Any]) -> Service:
    """The service with this configuration, started."""
    service = Service(folder, config)
    service.config_file.write_text(yaml.safe_dump(config))
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores()[0])         # the children inherit it
    try:
        service.start()
    finally:
        os.sched_setaffinity(0, every)
    return service


def kill(service: Service) -> None:
    """End it at once, calls or not: there is nothing more to be learnt from it."""
    assert service.process is not None
    children = [service.child(name) for name in CHILDREN]
    service.process.kill()          # first, or it would start the others again
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    service.process.wait()


def meter(service: Service) -> Meter:
    """A meter on all processes of the service, from now."""
    assert service.process is not None
    pids = {"parent": service.process.pid}
    return Meter(pids | {name: service.child(name) for name in CHILDREN})


def wait_until_idle(service: Service) -> bool:
    """No call and no stream left; False if that takes too long."""
    until = time.monotonic() + IDLE_TIMEOUT
    while time.monotonic() < until:
        if service.snapshot_is_idle():
            return True
        time.sleep(0.5)
    return False
