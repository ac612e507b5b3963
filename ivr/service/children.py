"""Starts a child process, learns when it is ready, and starts it again with back-off when it dies."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from ivr.drivers.log import Log

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0   # s before a dead child is started again; doubled each time
HEALTHY_AFTER = 60.0                     # s; a child that lived so long begins with the first pause again
START_TIMEOUT = 60.0                     # s until a child must be ready; reading many new prompts takes a while
# A child with a pulse tells every second that its loop turns. After so many looks in a row, so many s apart, that found
# nothing it hangs, and is killed. Looks are counted and not seconds: when we were stopped ourselves, that is one look.
LOOKS, LOOK_EVERY = 5, 3.0

PIPE_BYTES = 65_536

log = Log("parent")


class StartFailed(Exception):
    """A child ended before it was ever ready; it has said why on stderr. `code` is its exit code."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ended with {code} before it was ready")
        self.name = name
        self.code = code


class Child:
    """One of the service's processes. `arguments(start)` gives the command line of its n-th start, from 1; `pulse`:
    it tells that it goes on, and is killed when it hangs."""

    def __init__(self, name: str, module: str, arguments: Callable[[int], Sequence[str]], *,
                 pulse: bool = False) -> None:
        self.name = name
        self.module = module
        self.arguments = arguments
        self.pulse = pulse
        self.starts = 0
        self.process: asyncio.subprocess.Process | None = None
        self.stopping = False
        self._pause = FIRST_PAUSE
        # The child reads the other end: end of file tells it that we are gone.
        self._lifeline_child, self._lifeline = os.pipe()

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises StartFailed, or OSError where no process can be made."""
        self.starts += 1
        ready, ready_child = os.pipe()
        try:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ivr.service.start", self.module, *self.arguments(self.starts),
                "--ready", str(ready_child), "--lifeline", str(self._lifeline_child),
                pass_fds=(ready_child, self._lifeline_child),
                start_new_session=True)      # Ctrl-C in a terminal is for the parent, which knows the order
        except BaseException:
            os.close(ready)
            raise
        finally:
            os.close(ready_child)
        try:
            if not await _told_ready(ready):
                self.send(signal.SIGKILL)
                raise StartFailed(self.name, await self.process.wait())
        except BaseException:
            os.close(ready)
            raise
        if self.pulse:
            self._watcher = asyncio.create_task(self._watch(ready, self.process))
        else:
            os.close(ready)

    async def _watch(self, fd: int, process: asyncio.subprocess.Process) -> None:
        """Feel its pulse until it ends, whoever ends it."""
        try:
            missed = 0
            while process.returncode is None:
                await asyncio.sleep(LOOK_EVERY)
                missed = 0 if _felt(fd) else missed + 1
                if missed >= LOOKS and process.returncode is None:
                    log.error("child_hangs", child=self.name, killed_after_s=LOOKS * LOOK_EVERY)
                    self.send(signal.SIGKILL)
                    return
        finally:
            os.close(fd)

    async def keep(self) -> None:
        """Start it again whenever it dies, until `stop`."""
        while True:
            assert self.process is not None
            began_at = time.monotonic()
            code = await self.process.wait()
            if self.stopping:
                return
            if time.monotonic() - began_at > HEALTHY_AFTER:
                self._pause = FIRST_PAUSE
            log.error("child_died", child=self.name, code=code, starting_again_in_s=self._pause)
            await asyncio.sleep(self._pause)
            if self.stopping:
                return
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            try:
                await self.start()
                log.info("child_started_again", child=self.name, starts=self.starts)
            except StartFailed:
                pass                # told above, when `wait` gives its code once more
            except OSError as error:
                log.error("child_not_started", child=self.name, reason=str(error))

    def send(self, number: signal.Signals) -> None:
        """A signal, if the process lives. Its own `send_signal` would first look whether it has ended, and take the
        exit code away from asyncio."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    async def stop(self, timeout: float) -> None:
        """SIGTERM, then, after `timeout`, SIGKILL."""
        self.stopping = True
        if self.process is None or self.process.returncode is not None:
            return
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), timeout)
        except TimeoutError:
            log.error("child_killed", child=self.name, after_s=timeout)
            self.send(signal.SIGKILL)
            await self.process.wait()


async def _told_ready(fd: int) -> bool:
    """True when the child wrote its line; False when it closed the pipe (died) or took too long."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[bool] = loop.create_future()

    def readable() -> None:
        loop.remove_reader(fd)
        if not told.done():
            told.set_result(bool(os.read(fd, 1)))

    loop.add_reader(fd, readable)
    try:
        return await asyncio.wait_for(told, START_TIMEOUT)
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(fd)


def _felt(fd: int) -> bool:
    """Whether a beat has come since it was asked last; the rest of them is read too."""
    os.set_blocking(fd, False)
    try:
        return bool(os.read(fd, PIPE_BYTES))
    except BlockingIOError:
        return False
