"""Control and its spare are killed, in the real service: sockets and memory stay, who asks meanwhile is answered."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.raw_sip import RawTcp, RawUdp
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.97.11"
PATIENCE = 30.0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(tmp_path_factory.mktemp("spare"), host=HOST) as service:
        yield service


def process_of(service: Service, name: str) -> int:
    """0 while there is none."""
    try:
        return service.child(name)
    except (ProcessLookupError, FileNotFoundError):
        return 0


def spare_of(service: Service) -> int:
    """Once it has loaded everything, and waits."""
    def waits() -> int:
        pid = process_of(service, "spare")
        return pid if f"spare_waits pid={pid}\n" in service.log else 0

    return int(wait_for(waits, PATIENCE, "there was no spare"))


def inherited(pid: int) -> dict[str, Any]:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    said: dict[str, Any] = json.loads(command[command.index(b"--inherited") + 1])
    return said


def kill(service: Service, *pids: int) -> int:
    """kill -9; returns where the log was."""
    begin = len(service.log)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return begin


def wait_for_log(service: Service, words: str, begin: int) -> None:
    wait_for(lambda: words in service.log[begin:], PATIENCE, f"no {words}")


def taken_over(service: Service, begin: int) -> None:
    wait_for_log(service, "control_taken_over", begin)


def is_answered(phone: RawUdp) -> bool:
    answer = phone.ask("OPTIONS", f"sip:{HOST}", PATIENCE)
    return answer is not None and answer.status == 200


def restart(service: Service) -> "subprocess.CompletedProcess[str]":
    """`hotline restart`."""
    return subprocess.run([sys.executable, "-m", "ivr.cli.main", "restart", "--config", str(service.config_file)],
                          cwd=ROOT, env=service.environment, capture_output=True, text=True, check=False)


def seeds(service: Service, *names: str) -> list[list[bytes]]:
    """PYTHONHASHSEED in the environment of each."""
    return [[word for word in Path(f"/proc/{service.child(name)}/environ").read_bytes().split(b"\0")
             if word.startswith(b"PYTHONHASHSEED")] for name in names]


def at(service: Service) -> tuple[str, int]:
    return HOST, int(service.sip.rpartition(":")[2])


def test_the_spare_is_like_control_and_waits(service: Service) -> None:
    """As nice as control, once it has loaded; with the same sockets, the same journals and the same hashes."""
    spare, control = spare_of(service), service.child("control")
    assert os.getpriority(os.PRIO_PROCESS, spare) == os.getpriority(os.PRIO_PROCESS, control)
    for group in Path(f"/proc/{spare}").glob("autogroup"):
        assert group.read_text().split()[-2:] == ["nice", "0"]
    of_control, of_spare = inherited(control), inherited(spare)
    assert of_control["heir"] is None
    assert of_spare["heir"] in map(int, os.listdir(f"/proc/{spare}/fd"))
    for fd in (*of_spare["journals"], *(each["fd"] for each in of_spare["sockets"])):
        there, here = (os.readlink(f"/proc/{pid}/fd/{fd}") for pid in (control, spare))
        assert there == here
        assert there.startswith(("/memfd:journal-", "socket:["))
    assert [each["transport"] for each in of_spare["sockets"]] == ["udp", "tcp"]
    own, spares, webs, planes = seeds(service, "control", "spare", "web", "plane")
    assert own == spares
    assert len(own) == 1
    assert webs == planes != own


def test_control_killed__the_spare_serves_within_a_moment(service: Service) -> None:
    spare = spare_of(service)
    begin = kill(service, service.child("control"))
    with RawUdp("127.0.97.12", at(service)) as phone, RawTcp("127.0.97.12", at(service)) as other:
        assert is_answered(phone)
        assert is_answered(other)
    taken_over(service, begin)
    assert service.child("control") == spare
    wait_for(lambda: service.api("/health")["state"] == "ok", PATIENCE, "the service is not well")


def test_no_control_lives__what_is_asked_meanwhile_is_answered_by_the_next(service: Service) -> None:
    """Over sockets that were open all the time."""
    spare = spare_of(service)
    with RawUdp("127.0.97.13", at(service)) as phone:
        begin = kill(service, spare, service.child("control"))
        wait_for_log(service, "child_died child=control", begin)
        assert process_of(service, "control") == 0
        with RawTcp("127.0.97.13", at(service)) as other:
            assert is_answered(phone)
            assert is_answered(other)
    taken_over(service, begin)


def test_the_spare_killed__control_goes_on(service: Service) -> None:
    control, spare = service.child("control"), spare_of(service)
    begin = kill(service, spare)
    wait_for_log(service, "spare_died code=-9", begin)
    assert service.api("/health")["state"] == "ok"
    assert spare_of(service) != spare
    assert service.child("control") == control
    assert "child_died" not in service.log[begin:]


def test_told_twice__it_takes_over_once(service: Service) -> None:
    spare, control = spare_of(service), service.child("control")
    os.kill(spare, signal.SIGSTOP)
    Path(f"/proc/{spare}/fd/{inherited(spare)['heir']}").write_bytes(b"1")
    begin = kill(service, control)
    wait_for_log(service, "child_died child=control", begin)
    os.kill(spare, signal.SIGCONT)
    taken_over(service, begin)
    assert service.child("control") == spare
    with RawUdp("127.0.97.14", at(service)) as phone:
        assert is_answered(phone)
    assert spare_of(service) != spare
    assert service.log[begin:].count("control_taken_over") == 1


def test_restarted__by_a_process_of_the_code_on_the_disk(service: Service) -> None:
    before, spare = [service.child("control"), service.child("web")], spare_of(service)
    begin = len(service.log)
    done = restart(service)
    assert done.returncode == 0, done.stderr
    assert "Control goes on in a new process" in done.stdout
    assert service.log[begin:].count("control_taken_over") == 1
    assert not {service.child("control"), service.child("web")} & {*before, spare}
    assert "child_died child=web" not in service.log[begin:]
    assert service.api("/health")["state"] == "ok"
    with RawUdp("127.0.97.15", at(service)) as phone:
        assert is_answered(phone)
    assert "Traceback" not in service.log


@pytest.mark.parametrize(("changed", "says"), [
    ({"media": {"ports": "20000-20399"}}, r"media: this is taken up by a stop and a start alone"),
    ({"queues": {"cards": {"nonsense": 1}}}, r"nonsense"),
])
def test_not_restarted__what_runs_goes_on(service: Service, changed: dict[str, Any], says: str) -> None:
    control, good = service.child("control"), service.config_file.read_text()
    settings = yaml.safe_load(good)
    for section, keys in changed.items():
        settings[section] |= keys
    service.config_file.write_text(yaml.safe_dump(settings))
    done = restart(service)
    service.config_file.write_text(good)
    assert done.returncode == 1
    assert says in done.stderr
    assert service.child("control") == control


def test_stopped_while_it_is_taken_over(service: Service) -> None:
    """The last of this module: it ends the service."""
    children = [service.child("control"), spare_of(service), service.child("web"), service.child("plane")]
    kill(service, children[0])
    assert service.stop(PATIENCE) == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(at(service))
    assert "Traceback" not in service.log
    done = restart(service)
    assert (done.returncode, "the service does not answer" in done.stderr) == (1, True)
