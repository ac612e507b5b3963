"""What ties children to their parent: "I am ready" and "I go on" one way, "I am gone" the other, over pipes."""

import contextlib
import ctypes
import os
import signal
import threading
from math import inf

PR_SET_PDEATHSIG = 1
BEAT = 1.0              # s between the signs of life of a child whose loop the parent watches


def ready(fd: int) -> None:
    """Tell the parent that this process serves now."""
    if fd >= 0:
        with contextlib.suppress(OSError):
            os.write(fd, b"\n")
            os.close(fd)


def loaded(fd: int) -> None:
    """Tell the parent that this process, which does not serve yet, has all that it needs to."""
    if fd >= 0:
        with contextlib.suppress(OSError):
            os.write(fd, b"\n")


class Pulse:
    """Tells the parent that this process is ready, and from then on every BEAT that its loop still turns."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._at = -inf if fd >= 0 else inf
        if fd >= 0:
            os.set_blocking(fd, False)

    def beat(self, now: float) -> None:
        """The loop turns, for the first time or again; to be called as often as it does."""
        if now >= self._at:
            self._at = now + BEAT
            with contextlib.suppress(OSError):      # of a parent that is stopped, or gone
                os.write(self._fd, b"\n")


def watch(fd: int, death_signal: int = signal.SIGTERM) -> None:
    """Send `death_signal` to this process when the parent is gone, so that no child keeps ports or files.

    The parent holds the pipe's other end and never writes: the end of file is the news. Without a pipe the kernel is
    asked for its death signal, which comes when the thread that started us dies. Never both: a second signal means
    "now" to control.
    """
    if fd >= 0:
        threading.Thread(target=_wait_for_end, args=(fd, death_signal), name="lifeline", daemon=True).start()
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)


def _wait_for_end(fd: int, death_signal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(fd, 1):
            continue
    os.kill(os.getpid(), death_signal)
