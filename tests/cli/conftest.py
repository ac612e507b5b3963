"""`hotline …` run in this process, and a folder as an admin has it."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.cli.main import main
from tests.support.prompt_cache import share_prompts

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str


Hotline = Callable[..., Ran]


@pytest.fixture
def hotline(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hotline:
    monkeypatch.setenv("COLUMNS", "200")        # boxes around messages are as wide as the terminal
    monkeypatch.delenv("HOTLINE_CONFIG", raising=False)

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["hotline", *arguments])
        code: int | str | None = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(int(code or 0), said.out, said.err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample, and the working directory. Menus and config.yaml are copies, for a test to spoil."""
    shutil.copy(ROOT / "config.yaml", tmp_path)
    shutil.copytree(ROOT / "menus", tmp_path / "menus")
    (tmp_path / "audio_prompts").symlink_to(ROOT / "audio_prompts")
    share_prompts(tmp_path / "var")
    monkeypatch.chdir(tmp_path)
    return tmp_path
