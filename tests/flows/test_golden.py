"""That golden ladders hold what they should: a missing one fails, a changed one fails, none is left that no test draws.
"""

import re
from pathlib import Path

import pytest

from tests.flows import golden
from tests.flows.lines import Lines
from tests.sip.rig import request

DRAWN = re.compile(r'assert_golden\(\s*"(\w+)"')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.delenv(golden.RENEW, raising=False)
    return tmp_path


def test_missing(folder: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="renew"):
        golden.assert_golden("flow", "a ladder")
    assert not (folder / "flow.ladder").exists()


def test_changed(folder: Path) -> None:
    (folder / "flow.ladder").write_text("a ladder\n")
    golden.assert_golden("flow", "a ladder")
    with pytest.raises(pytest.fail.Exception, match=r"\+another ladder"):
        golden.assert_golden("flow", "another ladder")


def test_renewed(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(golden.RENEW, "1")
    monkeypatch.delenv("CI", raising=False)
    golden.assert_golden("flow", "a ladder")
    assert (folder / "flow.ladder").read_text() == "a ladder\n"
    assert "+a ladder" in capsys.readouterr().out


def test_never_renewed_in_ci(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(golden.RENEW, "1")
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception):
        golden.assert_golden("flow", "a ladder")


def test_each_ladder_is_drawn_once() -> None:
    here = Path(__file__).parent
    tests = (path for path in here.glob("test_*.py") if path != Path(__file__))
    drawn = [name for test in tests for name in DRAWN.findall(test.read_text())]
    assert sorted(drawn) == sorted(path.stem for path in here.glob("*.ladder"))


def test_chance_is_not_drawn() -> None:
    """Another Call-ID, tag and branch: the same line."""
    def drawn(call: str, branch: str) -> str:
        lines = Lines({"192.0.2.1": "one", "192.0.2.2": "two"})
        lines.message(1.5, "192.0.2.1", "192.0.2.2", request("BYE", call=call, branch=branch, tag="t").encode())
        return str(lines)

    assert drawn("c1", "b1") == drawn("c2", "b2")
    assert "BYE 1" in drawn("c1", "b1")
