"""The real service under test: `hotline serve` in processes of its own, on addresses of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.prompt_cache import share_prompts

ROOT = Path(__file__).parent.parent.parent
HOST = "127.0.7.1"
PASSWORD = "correct horse 42"
START_TIMEOUT = 120.0          # s; a machine may be busy with much else
QUEUES = ("lost_card", "cards", "loans", "deposits", "transfers", "corporate", "general")


@dataclass
class Service:
    """A running hotline. `log` is what it wrote so far."""

    folder: Path
    config: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    program: str = "ivr.cli.main"

    @property
    def config_file(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "var"

    @property
    def sip(self) -> str:
        """HOST:PORT of SIP."""
        return str(self.config["sip"]["listen"][0]).removeprefix("udp:")

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    @property
    def database_url(self) -> str:
        return str(self.config["database"]["url"])

    def start(self, timeout: float = START_TIMEOUT) -> None:
        """Start it and wait until it says that it is open."""
        begin = len(self.log) if (self.folder / "log").exists() else 0
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program, "serve", "--config", str(self.config_file)],
                stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=self.environment)
        wait_for(lambda: "is open" in self.log[begin:] or self.process.poll() is not None, timeout,   # type: ignore[union-attr]
                 "the service did not start")
        assert self.process.poll() is None, self.log

    def stop(self, timeout: float = 60.0) -> int:
        """SIGTERM, and its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def child(self, name: str) -> int:
        """The process id of `plane`, `control`, `spare` or `web`, newest first; of several
        planes `plane-0` and so on."""
        assert self.process is not None
        for pid in sorted(_children(self.process.pid), reverse=True):
            shown = Path(f"/proc/{pid}/comm").read_text().strip()
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if name in ("control", "spare"):        # which of two that were started alike says its name alone
                if shown == f"hotline {name}":
                    return pid
            elif {f"ivr.service.{name}".encode(), name.encode()} & set(command):
                return pid
        raise ProcessLookupError(name)

    def octets(self, path: str) -> bytes:
        """A file of the API."""
        token = (self.state / "api-token").read_text().strip()
        request = urllib.request.Request(f"http://{self.config['web']['listen']}{path}",
                                         headers={"Authorization": f"Bearer {token}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            return bytes(answer.read())

    def api(self, path: str, put: Mapping[str, Any] | None = None, *, post: Mapping[str, Any] | None = None,
            delete: bool = False) -> Any:
        """GET with the token, PUT of `put`, POST of `post`, or DELETE."""
        method = "PUT" if put is not None else "POST" if post is not None else "DELETE" if delete else "GET"
        body = put if put is not None else post
        token = (self.state / "api-token").read_text().strip()
        request = urllib.request.Request(
            f"http://{self.config['web']['listen']}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            content = answer.read()
            return json.loads(content) if content else None

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api("/api/calls?limit=500")["items"]
        return found

    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api("/api/requests?limit=500")["items"]
        return found

    def operators(self) -> dict[str, dict[str, Any]]:
        return {operator["name"]: operator for operator in self.api("/api/operators")["operators"]}

    def snapshot_is_idle(self) -> bool:
        """No call, no port in use, every operator idle: asked of control itself."""
        metrics = self.metrics()
        return metrics.get("hotline_calls_in_progress") == 0 and metrics.get("hotline_plane_streams_in_use", 0) == 0

    def metrics(self) -> dict[str, float]:
        token = (self.state / "api-token").read_text().strip()
        request = urllib.request.Request(f"http://{self.config['web']['listen']}/metrics",
                                         headers={"Authorization": f"Bearer {token}"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)
                if name and not name.startswith("#")}


def wait_for(condition: Callable[[], Any], timeout: float, what: str) -> Any:
    """Poll until `condition` is true; what happens in other processes has no event to wait for."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if (value := condition()):
            return value
        _pause(0.02)
    raise AssertionError(f"{what} within {timeout:g} s")


def _pause(seconds: float) -> None:
    import select

    select.select([], [], [], seconds)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def make_config(folder: Path, *, host: str = HOST, sip_port: int = 5060, web_port: int = 8080,
                ports: str = "16384-16583", database: str | None = None, spool_max_mb: int = 256,
                **overrides: Any) -> dict[str, Any]:
    """The sample configuration's shape with addresses of a test; every SIP password is PASSWORD. In `folder` there is
    what it names, and what prompts are as the plane plays them."""
    folder.mkdir(parents=True, exist_ok=True)
    share_prompts(folder / "var")
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    operator = {"phone_password_file": str(secret)}
    config: dict[str, Any] = {
        "node": "test", "state_dir": str(folder / "var"), "drain_s": 5,
        "sip": {"listen": [f"udp:{host}:{sip_port}", f"tcp:{host}:{sip_port}"], "max_calls": 90},
        "media": {"host": host, "ports": ports, "workers": 1},
        "lines": [{"numbers": ["100"], "menu": str(ROOT / "menus/bank.yaml")}],
        "prompts": {"folder": str(ROOT / "audio_prompts"), "announcements": str(ROOT / "menus/announcements.yaml")},
        "queues": {name: {"operators": ["anna", "boris"], "ring_time_s": 10, "max_wait_s": 60} for name in QUEUES},
        "operators": {"anna": operator, "boris": operator},
        "accounts": {"softphone": {"password_file": str(secret)}},
        "transfers": {"branch": f"sip:branch@{host}:5999"},
        "database": {"url": database or f"sqlite:///{folder}/hotline.db", "spool_max_mb": spool_max_mb},
        "web": {"listen": f"{host}:{web_port}"},
    }
    for key, value in overrides.items():
        config[key] = config[key] | value if isinstance(value, Mapping) and isinstance(config.get(key), dict) else value
    return config


@contextmanager
def running_service(folder: Path, *, program: str = Service.program, **settings: Any) -> Iterator[Service]:
    """Start the service with `make_config(folder, **settings)`, and end it however the test ends."""
    config = make_config(folder, **settings)
    service = Service(folder, config, program=program)
    service.config_file.write_text(yaml.safe_dump(config, allow_unicode=True))
    try:
        service.start()
        yield service
    finally:
        end(service)


def end(service: Service) -> None:
    """No process of a test survives it."""
    if service.process is not None and service.process.poll() is None:
        service.process.send_signal(signal.SIGTERM)
        try:
            service.process.wait(30)
        except subprocess.TimeoutExpired:
            service.process.kill()
            service.process.wait(10)
