"""What is typed wrong ends with 2 and says what is right; help says everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Hotline

COMMANDS = ("serve", "restart", "check", "demo", "dial", "trace", "calls", "requests", "operators", "trunks", "phones",
            "pcap", "supervise", "transfer", "why", "announce", "close", "open")


@pytest.mark.parametrize(("line", "says"), [
    ("nonsense", "No such command 'nonsense'"),
    ("calls --bogus", "No such option: --bogus"),
    ("calls --limit 0", "--limit"),
    ("calls --limit 501", "--limit"),
    ("requests --limit many", "--limit"),
    ("operators anna", "say logged_out or available or on_break after anna"),
    ("operators anna lunch", "Invalid value for 'status': 'lunch' is not one of logged_out"),
    ("operators --reason lunch", "a reason goes with a name and a status"),
    ("dial", "Missing argument 'address'"),
    ("dial sip:100@127.0.0.1 --keys 1,x", "'x' is no key: 0-9 * # A-D, and a comma to wait"),
    ("dial sip:100@127.0.0.1 --duration 0", "--duration"),
    ("dial sip:100@127.0.0.1 --pause -1", "--pause"),
    ("pcap", "say one of --next, --call and --number"),
    ("pcap --next --number 100", "say one of --next, --call and --number"),
    ("pcap --next --seconds 3601", "--seconds"),
    ("pcap --next --max-mb 257", "--max-mb"),
    ("supervise", "Missing argument 'call'"),
    ("supervise 3f0c --end", "say with --as whom to let go"),
    ("supervise 3f0c --as vera --mode spy", "'spy' is not one of"),
    ("why", "Missing argument 'operator'"),
    ("transfer 3f0c", "say where to"),
    ("transfer 3f0c boris --then back", "say where to"),
    ("transfer 3f0c --then sideways", "'sideways' is not one of"),
    ("announce 100", "name the prompt that callers are to hear, or --end"),
    ("announce 100 hold --text en=Hello", "name the prompt that callers are to hear, or --end, or give its --text"),
    ("announce --text en=Hello", "name a line"),
    ("announce 100 --text en=Hello --file en=x.wav", "for each language a text or a file"),
    ("announce 100 --text Hello", "say it once for each language, as en="),
    ("announce --end", "name the line whose announcement is to end"),
    ("close", "Missing argument 'line'"),
    ("close 100 --for 2h --until 2030-01-01", "one of --until and --for"),
    ("close 100 --for soon", "soon is no span of time: 90m, 2h, 1d"),
    ("close 100 --until soon", "soon is no time: 2026-12-31T18:00"),
    ("prompts nonsense", "No such command 'nonsense'"),
    ("prompts import", "Missing argument 'FOLDER'"),
    ("prompts build --engine hibari", "'hibari' names no language: say it as en=hibari"),
    ("prompts audit --longest 0", "--longest"),
    ("prompts keep", "Missing argument 'CLIP...'"),
])
def test_usage__wrong(hotline: Hotline, line: str, says: str) -> None:
    ran = hotline(*line.split())
    assert ran.code == 2
    assert says in ran.err
    assert ran.out == ""


def test_usage__nothing_is_asked(hotline: Hotline) -> None:
    ran = hotline()
    assert ran.code == 2
    assert all(f" {command} " in ran.out for command in (*COMMANDS, "prompts"))


@pytest.mark.parametrize("command", [*COMMANDS, "prompts build", "prompts audit", "prompts import", "prompts keep"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(hotline: Hotline, command: str, option: str) -> None:
    ran = hotline(*command.split(), option)
    assert ran.code == 0
    assert "--config" in ran.out
    assert "HOTLINE_CONFIG" in ran.out
    assert "config.yaml" in ran.out


def test_version(hotline: Hotline) -> None:
    ran = hotline("--version")
    assert (ran.code, ran.out) == (0, "hotline 0.1.0\n")


def test_version__loads_nothing_of_the_house() -> None:
    """What every command pays for: a second of imports would be felt at each of them."""
    look = ("import sys, ivr.cli.main as main; sys.argv[1:] = ['--version']\n"
            "try: main.main()\n"
            "except SystemExit: pass\n"
            "print(*sys.modules, sep='\\n')")
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    loaded = done.stdout.split()
    assert (done.returncode, loaded[:2]) == (0, ["hotline", "0.1.0"]), done.stderr
    for heavy in ("sqlalchemy", "alembic", "ivr.exchange", "ivr.service", "ivr.sip", "numpy", "pydantic", "httpx"):
        assert heavy not in loaded


@pytest.mark.parametrize("command", ["serve", "check", "demo", "trace", "calls", "requests", "operators"])
def test_config__is_not_there(hotline: Hotline, tmp_path: Path, command: str) -> None:
    ran = hotline(command, "--config", str(tmp_path / "nowhere.yaml"))
    assert ran.code == 1
    assert f"{tmp_path}/nowhere.yaml: error: there is no such file (give its path with --config)" in ran.out + ran.err


def test_config__from_the_environment(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_CONFIG", "elsewhere.yaml")
    assert "elsewhere.yaml: error: there is no such file" in hotline("calls").err


def test_installed_command__ends_as_the_function_does(folder: Path) -> None:
    """The same in a process of its own, without a terminal."""
    (folder / "config.yaml").write_text("lines: []\n")
    program = [sys.executable, "-m", "ivr.cli.main"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*program, "calls"], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "config.yaml:1:1: error: `lines` has 0 entries (at least 1)\n"
    done = subprocess.run([*program, "calls", "-x"], capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 2
