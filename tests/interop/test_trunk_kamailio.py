"""The running service as a customer of Kamailio: it registers over UDP and TCP, is called through it, and leaves."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.kamailio import Kamailio, running_kamailio
from tests.support.peers import need_program
from tests.support.service import Service, running_service, wait_for

HOTLINE, PROVIDER, CALLER = "127.0.9.1", "127.0.9.2", "127.0.9.3"
SCENARIO = Path(__file__).parent / "one_call.xml"
PASSWORDS = {"hotline": "long and secret", "overtcp": "another one", "barred": "what it really is"}


@dataclass
class House:
    service: Service
    kamailio: Kamailio


def trunk(name: str, user: str, folder: Path, password: str, host: str = f"{PROVIDER}:5060") -> dict[str, Any]:
    file = folder / f"{name}-password"
    file.write_text(password)
    file.chmod(0o600)
    return {"name": name, "dialled_from": "to", "ping_s": 2,
            "registration": {"user": user, "registrar": host, "expires_s": 60, "password_file": str(file)}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("trunk")
    trunks = [trunk("plain", "hotline", folder, PASSWORDS["hotline"]),
              trunk("streamed", "overtcp", folder, PASSWORDS["overtcp"], f"{PROVIDER}:5060;transport=tcp"),
              trunk("mistaken", "barred", folder, "not the password")]
    with running_kamailio(folder / "kamailio", (f"udp:{PROVIDER}:5060", f"tcp:{PROVIDER}:5060"),
                          passwords=PASSWORDS) as kamailio, \
            running_service(folder / "hotline", host=HOTLINE, trunks=trunks) as service:
        yield House(service, kamailio)


def call(user: str) -> None:
    """One call to a customer of Kamailio, from the ringing to the hang-up."""
    done = subprocess.run([need_program("sipp"), f"{PROVIDER}:5060", "-sf", str(SCENARIO), "-s", user, "-i", CALLER,
                           "-p", "5062", "-m", "1", "-nostdin", "-timeout", "20", "-timeout_error"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=40, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_registered__and_told(house: House) -> None:
    for user in ("hotline", "overtcp"):
        house.kamailio.wait_for(f"[{user}] REGISTER accepted, expires 60")
    wait_for(lambda: house.service.log.count("state=registered") == 2, 10, "the log did not say so")


def test_wrong_password__is_tried_once(house: House) -> None:
    wait_for(lambda: "state=refused" in house.service.log, 10, "the log did not say so")
    assert house.kamailio.log.count("[barred] REGISTER refused, credentials: <null>") == 1
    assert house.kamailio.log.count("[barred] REGISTER refused, credentials: barred") == 1


def test_metrics(house: House) -> None:
    for trunk in ("streamed", "plain"):
        up = f'hotline_trunk_up{{trunk="{trunk}"}}'
        wait_for(lambda: house.service.metrics().get(up) == 1, 10, "no ping was answered")      # noqa: B023
    figures = house.service.metrics()
    assert figures['hotline_trunk_registered{trunk="plain"}'] == 1
    assert figures['hotline_trunk_registered{trunk="mistaken"}'] == 0
    assert figures['hotline_trunk_calls{trunk="plain"}'] == 0


@pytest.mark.parametrize("user", ["hotline", "overtcp"])
def test_called_through_it__with_record_route(house: House, user: str) -> None:
    before = len(house.service.calls())
    call(user)
    wait_for(lambda: len(house.service.calls()) > before and house.service.calls()[0]["ended_by"], 10,
             "no record of the call")
    record = house.service.calls()[0]
    assert (record["dialled"], record["ended_by"]) == ("100", "caller")
    wait_for(house.service.snapshot_is_idle, 10, "something was left over")


def test_stopped__it_unregisters(house: House) -> None:
    assert house.service.stop() == 0
    for user in ("hotline", "overtcp"):
        house.kamailio.wait_for(f"[{user}] REGISTER accepted, expires 0")
