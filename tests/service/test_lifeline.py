"""A child learns once that its parent is gone: a second SIGTERM would tell control not to wait for its calls."""

import subprocess
import sys
from pathlib import Path

from tests.support.service import wait_for

CHILD = """
import signal, sys, time
from ivr.service import lifeline
came = []
signal.signal(signal.SIGTERM, lambda *_: came.append(1))
lifeline.watch(int(sys.argv[1]))
print("watching", flush=True)
while not came:
    time.sleep(0.01)
time.sleep(0.3)
open(sys.argv[2], "w").write(str(len(came)))
"""
PARENT = """
import os, subprocess, sys
child, own = os.pipe()
process = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(child), sys.argv[2]], pass_fds=[child],
                           stdout=subprocess.PIPE)
process.stdout.readline()
print("started", flush=True)
sys.stdin.read()
"""


def test_lifeline__the_parent_is_killed(tmp_path: Path) -> None:
    counted = tmp_path / "signals"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, str(counted)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    parent.stdout.readline()
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    wait_for(counted.exists, 10, "the child outlived its parent")
    wait_for(counted.read_text, 2, "nothing was counted")
    assert counted.read_text() == "1"
