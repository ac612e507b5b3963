"""`hotline pins`: who is taken in and out, what is asked and shown, and what a file to import must be."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.base.errors import AdminError
from ivr.cli.main import app
from ivr.drivers.passwords import verify
from ivr.drivers.pin_file import read_pins
from tests.cli.conftest import ROOT

runner = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = (ROOT / "config.yaml").read_text()
    for name in ("menus", "audio_prompts"):
        (tmp_path / name).symlink_to(ROOT / name)
    path = tmp_path / "config.yaml"
    path.write_text(f"{text}\npins: {{staff: {{file: secrets/staff.pins}}, customers: {{file: secrets/other.pins}}}}\n")
    return path


def run(config: Path, *words: str, typed: str = "") -> str:
    found = runner.invoke(app, ["pins", *words, "--config", str(config)], input=typed, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_set__asks_unseen_and_keeps_a_hash(config: Path) -> None:
    told = run(config, "set", "4711", "-r", "staff", "--name", "Vera", typed="2468\n2468\n")
    assert "4711 (Vera) has a PIN now" in told
    assert "2468" not in told
    path = config.parent / "secrets/staff.pins"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "2468" not in path.read_text()
    assert "has another PIN now" in run(config, "set", "4711", "-r", "staff", typed="1357\n1357\n")
    (one,) = read_pins(path).values()
    assert one.name == "Vera"
    assert verify(one.hashed, "1357")


def test_set__drawn_is_shown_once(config: Path) -> None:
    told = run(config, "set", "4711", "-r", "staff", "--random")
    pin = told.rpartition("PIN: ")[2].split()[0]
    assert verify(read_pins(config.parent / "secrets/staff.pins")["4711"].hashed, pin)
    assert pin not in run(config, "list", "-r", "staff")


def test_list_and_remove(config: Path) -> None:
    run(config, "set", "4711", "-r", "staff", "--name", "Vera", "--random")
    assert "Vera" in run(config, "list", "--register", "staff")
    run(config, "remove", "4711", "-r", "staff")
    assert "Vera" not in run(config, "list", "-r", "staff")
    with pytest.raises(AdminError, match="is not in this register"):
        run(config, "remove", "4711", "-r", "staff")


def test_import__all_or_none(config: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("# ours\n4711,2468,Vera\n+74951234567,135790\n")
    assert f"2 PINs taken in, 2 in the register; now delete {table}" in run(config, "import", str(table), "-r", "staff")
    table.write_text("4713,2468\n4714,1111\nx,2468\n4713,9753\n")
    with pytest.raises(AdminError) as caught:
        run(config, "import", str(table), "-r", "staff")
    assert [fault.place.line for fault in caught.value.faults] == [2, 3, 4]
    assert not any("2468" in str(fault) or "9753" in str(fault) for fault in caught.value.faults)
    assert sorted(read_pins(config.parent / "secrets/staff.pins")) == ["+74951234567", "4711"]
    table.write_text("4720,2468\n")
    assert "1 in the register" in run(config, "import", str(table), "-r", "staff", "--replace")


def test_register__must_be_named_where_there_are_several(config: Path) -> None:
    for words in (["list"], ["list", "-r", "stuff"]):
        found = runner.invoke(app, ["pins", *words, "--config", str(config)])
        assert found.exit_code == 2
        assert "staff" in found.output
