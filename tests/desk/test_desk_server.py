"""The web process as it runs: uvicorn on a real port, control over a real socket, SIGTERM."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.server import listen
from desk.snapshots import FRESH
from ivr.base.config_words import TcpListen
from ivr.base.errors import AdminError
from ivr.drivers.control_link import ControlServer
from routing.requests.database import open_database

PROGRAM = """
import sys
from pathlib import Path
from desk.server import run_web
from ivr.base.config import Config
from ivr.drivers.log import set_up_log
from ivr.drivers.secrets_file import open_secrets

folder, port = Path(sys.argv[1]), sys.argv[2]
config = Config.model_validate({"state_dir": str(folder / "var"), "lines": [{"numbers": "100", "menu": "x"}],
                                "operators": {"anna": {}}, "web": {"listen": f"127.0.0.1:{port}"}})
set_up_log("web")
run_web(config, open_secrets(config, {}).secrets, f"sqlite:///{folder}/hotline.db", folder / "c.sock",
        ready=lambda: print("ready", flush=True))
"""


class ControlThread(threading.Thread):
    """Control's end of the link in a thread of its own."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._server = ControlServer(path, self._answer)
        self._loop = asyncio.new_event_loop()
        self.up = threading.Event()

    @staticmethod
    def _answer(op: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        return {"node": "hotline", "state": "running", "plane": {"up": True}, "queues": [], "operators": []}

    def run(self) -> None:
        self._loop.run_until_complete(self._server.start())
        self.up.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._server.close())
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str], ControlThread]]:
    open_database(f"sqlite:///{tmp_path}/hotline.db").dispose()
    control = ControlThread(tmp_path / "c.sock")
    control.start()
    assert control.up.wait(5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), str(port)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield f"http://127.0.0.1:{port}", process, control
    if process.poll() is None:
        process.kill()
    process.communicate()
    if control.is_alive():
        control.stop()


def test_web__serves_and_ends_in_order(web: tuple[str, subprocess.Popen[str], ControlThread], tmp_path: Path) -> None:
    url, process, control = web
    token = (tmp_path / "var" / "api-token").read_text().strip()
    health = httpx.get(f"{url}/health", timeout=10)
    assert (health.status_code, health.json()["state"]) == (200, "ok")
    assert "server" not in health.headers
    calls = httpx.get(f"{url}/api/calls", params={"caller_number": "+79161234567"}, timeout=10,
                      headers={"Authorization": f"Bearer {token}"})
    assert calls.json() == {"items": [], "next_cursor": None}
    control.stop()
    time.sleep(2 * FRESH)
    assert httpx.get(f"{url}/health", timeout=10).json()["checks"]["control"]["ok"] is False
    os.kill(process.pid, signal.SIGTERM)
    output, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert log.splitlines()[-1].endswith("info web web_ended")
    assert "7916" not in log
    assert "Traceback" not in log
    assert token not in log
    assert output == ""


def test_web__a_half_open_connection_does_not_hold_sigterm(
        web: tuple[str, subprocess.Popen[str], ControlThread]) -> None:
    url, process, _ = web
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as stuck:
        stuck.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        assert httpx.get(f"{url}/health", timeout=10).status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0


def test_web__port_in_use_is_told_with_its_place() -> None:
    with listen(TcpListen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        says = f"config.yaml: error: web.listen: 127.0.0.1:{port} can't be opened: Address already"
        with pytest.raises(AdminError, match=says):
            listen(TcpListen("127.0.0.1", port))


def test_web__open_streams_end_at_sigterm_and_are_not_cut(web: tuple[str, subprocess.Popen[str], ControlThread],
                                                          tmp_path: Path) -> None:
    url, process, _ = web
    token = (tmp_path / "var" / "api-token").read_text().strip()
    with httpx.stream("GET", f"{url}/api/live", timeout=10, headers={"Authorization": f"Bearer {token}"}) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event")) == "event: board"
        os.kill(process.pid, signal.SIGTERM)
        for _ in lines:
            pass
    _, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Cancel" not in log
    assert "Traceback" not in log
