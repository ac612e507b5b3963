"""The parts of the pages that decide, in node: filters, play-out, connection, phone, and whatever has a `*.test.ts`."""

import os
import shutil
import subprocess

import pytest

from tests.support.service import ROOT

PAGES = ROOT / "desk/pages"


@pytest.mark.timeout(120)
def test_units__of_the_pages() -> None:
    if not (PAGES / "node_modules").exists() or shutil.which("npx") is None:
        assert not os.environ.get("CI"), "CI must have the pages' packages: make desk/pages/node_modules/.installed"
        pytest.skip("node is not here, and users need none")
    done = subprocess.run(["npx", "vitest", "run", "--reporter=dot"], cwd=PAGES, timeout=110, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
