"""A real call becomes a dialogue: PJSIP walks the sample through a running service, `hotline menu export` writes down
what it did, and `hotline test` ends where the call did."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.phones.phone import Phone, phones_closed
from tests.phones.record import call_of
from tests.support.peers import need_pjsua2
from tests.support.service import ROOT, Service, running_service

HOST, CALLER_HOST = "127.0.86.1", "127.0.86.10"
NUMBER = "4930765432"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    need_pjsua2()
    with running_service(tmp_path_factory.mktemp("exported"), host=HOST) as service:
        yield service


def hotline(service: Service, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "ivr.cli.main", *arguments, "--config", str(service.config_file)],
                          cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_exported__a_call_of_pjsip_replays_to_the_same_end(service: Service, tmp_path: Path) -> None:
    caller = Phone(tmp_path, service.sip, CALLER_HOST, NUMBER)
    with phones_closed(caller):
        caller.do(f"call:sip:100@{HOST}")
        caller.wait("state", state="CONFIRMED")
        # English; a key that is no option; loans; papers for a loan, heard for a moment; the list again; an operator.
        for key, listen in (("1", 1.2), ("9", 2.5), ("3", 1.0), ("1", 1.5), ("*", 1.0), ("0", 0.8)):
            caller.do(f"wait:{listen}")
            caller.do(f"dtmf:{key}")
        caller.do("wait:1")
        caller.hang_up()
    record = call_of(service, NUMBER)
    exported = hotline(service, "menu", "export", record["call"]["id"])
    assert exported.returncode == 0, exported.stderr
    assert exported.stderr == "replayed on menus/bank.yaml: it ends as the call did\n"
    assert NUMBER not in exported.stdout
    assert exported.stdout.split("  expect:\n")[1] == (
        '    keys: ["1", "3", "1", "*", "0"]\n    menu: loans\n    language: en\n    queue: loans\n'
        '    subject: "loans"\n')
    assert "    - wrong_key\n" in exported.stdout

    tests = tmp_path / "bank.test.yaml"
    tests.write_text(exported.stdout)
    ran = hotline(service, "test", str(tests), "--menu", "menus/bank.yaml", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (dialogue,) = json.loads(ran.stdout)["files"][0]["dialogues"]
    at = {entry["kind"]: datetime.fromisoformat(entry["at"]) for entry in record["entries"]}
    menus = [entry["details"]["menu"] for entry in record["entries"] if entry["kind"] == "menu_entered"]
    assert [line.split()[-1] for line in dialogue["story"] if "comes to menu" in line] == menus
    assert dialogue["story"][-1].endswith("waits in queue loans, about: loans")
    seconds = (at["request_opened"] - at["answered"]).total_seconds()
    assert dialogue["seconds_of_call"] == pytest.approx(seconds, abs=0.5), "at the pace of the call"
