"""`hotline calls`, `requests`, `operators`, `trace` where there is nothing to read, and against a running service."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Hotline
from tests.support.service import Service, running_service

HOST = "127.0.77.1"


@pytest.fixture
def alone(folder: Path) -> Path:
    """The folder, where no other hotline of this machine is asked instead."""
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("127.0.0.1:8080", "127.0.76.1:8080"))
    return folder


@pytest.mark.parametrize("command", ["calls", "requests", "trace"])
def test_records__nothing_was_ever_recorded(hotline: Hotline, alone: Path, command: str) -> None:
    ran = hotline(command)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (f"config.yaml: error: nothing is recorded yet: there is no {alone}/var/hotline.db (start it: "
                       "hotline serve)\n")
    assert not (alone / "var/hotline.db").exists()


def test_operators__only_the_service_knows(hotline: Hotline, alone: Path) -> None:
    for arguments in ((), ("anna", "on_break")):
        ran = hotline("operators", *arguments)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == ("hotline operators: error: the service does not run, and only it knows who is there (start "
                           "it: hotline serve)\n")


@pytest.mark.parametrize(("content", "says"), [
    (b"a letter, and no database at all", "file is not a database (the file must be a SQLite database"),
    (b"", "no such table: calls (its tables are made at the first start: hotline serve)"),
])
def test_records__of_a_database_that_is_none(hotline: Hotline, alone: Path, content: bytes, says: str) -> None:
    (alone / "var/hotline.db").write_bytes(content * 100)
    ran = hotline("calls")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"config.yaml: error: cannot read sqlite:///{alone}/var/hotline.db: {says}")


def test_dial__without_its_account(hotline: Hotline, alone: Path) -> None:
    ran = hotline("dial", "sip:100@127.0.76.1")
    assert (ran.code, ran.err) == (1, "config.yaml: error: the password of softphone is not known here (say "
                                      "--password-file, or start the hotline once on this machine)\n")
    config = alone / "config.yaml"
    config.write_text(config.read_text().replace("  softphone:\n", "  phone:\n"))
    assert hotline("dial", "sip:100@127.0.76.1").err == (
        "config.yaml: error: there is no account `softphone` (add `softphone: {}` under `accounts` and restart, or say "
        "--password-file)\n")


class _Stranger(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "I am something else"}')

    def log_message(self, *words: object) -> None:
        """Nothing: the test's output is the command's."""


def test_operators__another_program_answers_there(hotline: Hotline, alone: Path) -> None:
    with http.server.HTTPServer(("127.0.76.1", 8080), _Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        assert "the service does not run" in hotline("operators").err
        stranger.shutdown()


# --- the service runs -----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder, host=HOST) as running:
        yield running


def test_service__operators_are_shown_and_set(hotline: Hotline, service: Service) -> None:
    config = ("--config", str(service.config_file))
    shown = hotline("operators", *config)
    assert "operators (from the running service)" in shown.out
    assert [line.split()[:4] for line in shown.out.splitlines() if " anna " in line or " boris " in line] == [
        ["anna", "available", "idle", "no"], ["boris", "available", "idle", "no"]]
    ran = hotline("operators", "anna", "on_break", "--reason", "lunch till two", "--json", *config)
    anna = next(one for one in json.loads(ran.out) if one["name"] == "anna")
    assert (anna["status"], anna["reason"], anna["condition"]) == ("on_break", "lunch till two", "on break")
    ran = hotline("operators", "vera", "on_break", *config)
    assert (ran.code, ran.err) == (
        1, f"http://{HOST}:8080/api/operators/vera/status: error: there is no operator 'vera'\n")


def test_service__nobody_has_called(hotline: Hotline, service: Service) -> None:
    config = ("--config", str(service.config_file))
    for what in ("calls", "requests"):
        assert hotline(what, *config).out.splitlines()[0].strip() == f"{what} (from the running service)"
        assert json.loads(hotline(what, "--json", *config).out) == []
    for what in (("trace",), ("calls", "show")):
        assert hotline(*what, *config).err == "hotline: error: nobody has called yet\n"
    assert hotline("trace", "3f0c", *config).code == 1


def test_service__another_hotline_answers_there(hotline: Hotline, service: Service, alone: Path) -> None:
    """Two configurations with one `web.listen`: what is shown must not be the other's."""
    config = alone / "config.yaml"
    config.write_text(config.read_text().replace("127.0.76.1:8080", f"{HOST}:8080"))
    ran = hotline("calls")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (f"var/api-token: error: the hotline at http://{HOST}:8080 does not take this token (it "
                       "is another one: see web.listen, or give its configuration with --config)\n")


def test_service__a_second_one_in_the_same_folder(hotline: Hotline, service: Service) -> None:
    assert service.process is not None
    ran = hotline("serve", "--config", str(service.config_file))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (f"{service.state}: error: a hotline runs here already (process {service.process.pid}) (stop "
                       "that one first, or give this one a `state_dir` of its own)\n")
    assert hotline("operators", "--config", str(service.config_file)).code == 0
