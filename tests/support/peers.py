"""Programs and packages that only some tests need: without them a test is skipped and says so; in CI it fails."""

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ivr.audio.codecs import CODECS, CodecMissing

ROOT = Path(__file__).parent.parent.parent
PEERS_PYTHON = ROOT / ".peers/bin/python"      # an environment of its own: PJSIP's wheels fit few versions of Python


def missing(what: str) -> None:
    """Skip the test that needs `what`, or fail it where every peer has to be there (CI)."""
    text = f"needs {what}: see .ci/run"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def need_pjsua2() -> Path:
    """The Python that has PJSIP's binding."""
    if not _imports_pjsua2():
        missing("pjsua2")
    return PEERS_PYTHON


def need_program(name: str) -> str:
    """The path of a program."""
    found = shutil.which(name)
    if found is None:
        missing(name)
    return str(found)


def need_module(name: str) -> None:
    """A package in the environment of the tests."""
    if importlib.util.find_spec(name) is None:
        missing(name)


def need_opus() -> None:
    """The library of Opus, and the package that speaks to it."""
    try:
        CODECS["opus"].decoder(8000)
    except CodecMissing as error:
        missing(str(error))


@functools.cache
def _imports_pjsua2() -> bool:
    if not PEERS_PYTHON.exists():
        return False
    return subprocess.run([PEERS_PYTHON, "-c", "import pjsua2"], capture_output=True, timeout=60).returncode == 0
