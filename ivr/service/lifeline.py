"""What ties children to their parent: "I am ready" one way, "I am gone" the other, both over pipes."""

import contextlib
import ctypes
import os
import signal
import threading

PR_SET_PDEATHSIG = 1


def ready(fd: int) -> None:
    """Tell the parent that this process serves now."""
    if fd >= 0:
        with contextlib.suppress(OSError):
            os.write(fd, b"\n")
            os.close(fd)


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
