"""The program of docs/channel_receiver.py, as it stands there, at a real service."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.service import ROOT, running_service, wait_for

HOST = "127.0.71.5"
SECRET = "a secret that both sides know 42"
pytestmark = pytest.mark.timeout(180)


def test_example__a_chat_through_the_program_of_the_docs(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    gateways = {"shop": {"url": f"http://{HOST}:8090/", "secret_file": str(tmp_path / "secret")}}
    with (tmp_path / "out").open("wb") as out, running_service(
            tmp_path / "service", host=HOST, channels={"http": {"line": "100", "gateways": gateways}}):
        program = subprocess.Popen(
            [sys.executable, str(ROOT / "docs/channel_receiver.py"),
             f"http://{HOST}:8080/api/channel/shop/messages", "8090", HOST],
            stdin=subprocess.PIPE, stdout=out, env={**os.environ, "SECRET": SECRET, "no_proxy": "*"}, text=True)
        try:
            assert program.stdin is not None
            for typed in ("maria hello", "maria English", "maria cards"):
                program.stdin.write(f"{typed}\n")
                program.stdin.flush()
            wait_for(lambda: "maria message Welcome" in (tmp_path / "out").read_text(), 30, "no welcome")
            wait_for(lambda: (tmp_path / "out").read_text().count("maria message") >= 4, 30, "no cards")
        finally:
            program.kill()
            program.communicate(timeout=10)
