"""Starts a child process, learns when it is ready, and starts it again with back-off when it dies."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

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


class Running:
    """One process of the service, from its start to its end. It writes a byte for each thing that it has to tell, such
    as that it is ready."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, pipe: int) -> None:
        self.name = name
        self.process = process
        self._pipe: int | None = pipe

    @property
    def lives(self) -> bool:
        """As far as we have heard."""
        return self.process.returncode is None

    async def told(self) -> bool:
        """The next byte: True when it came, False when the pipe was closed (by its end) or it took too long."""
        return self._pipe is not None and await _told(self._pipe)

    async def be_ready(self) -> None:
        """Wait for the next byte. Raises StartFailed, and then it is gone."""
        if not await self.told():
            self.send(signal.SIGKILL)
            raise StartFailed(self.name, await self.process.wait())

    def felt(self) -> bool:
        """Whether it wrote anything since this was asked last; the rest of it is read too."""
        return self._pipe is not None and _felt(self._pipe)

    def listen_no_more(self) -> None:
        """Close our end of its pipe."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def send(self, number: signal.Signals) -> None:
        """A signal, if the process lives. Its own `send_signal` would first look whether it has ended, and take the
        exit code away from asyncio."""
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    async def stop(self, timeout: float) -> None:
        """SIGTERM, then, after `timeout`, SIGKILL."""
        if not self.lives:
            return
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), timeout)
        except TimeoutError:
            log.error("child_killed", child=self.name, after_s=timeout)
            self.send(signal.SIGKILL)
            await self.process.wait()


async def begin(name: str, module: str, arguments: Sequence[str], lifeline: int, *, fds: Iterable[int] = (),
                environment: Mapping[str, str] | None = None) -> Running:
    """Start one. It inherits `fds`, and the end of the pipe that tells it when we are gone. Raises OSError where no
    process can be made."""
    pipe, pipe_child = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ivr.service.start", module, *arguments,
            "--ready", str(pipe_child), "--lifeline", str(lifeline),
            pass_fds=(pipe_child, lifeline, *fds), env=environment,
            start_new_session=True)      # Ctrl-C in a terminal is for the parent, which knows the order
    except BaseException:
        os.close(pipe)
        raise
    finally:
        os.close(pipe_child)
    return Running(name, process, pipe)


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
        self.stopping = False
        self._running: Running | None = None
        self._renewed: asyncio.Event | None = None
        self._pause = FIRST_PAUSE
        # The child reads the other end: end of file tells it that we are gone.
        self._lifeline_child, self._lifeline = os.pipe()

    @property
    def process(self) -> asyncio.subprocess.Process | None:
        """That of the last start."""
        return self._running.process if self._running is not None else None

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises StartFailed, or OSError where no process can be made."""
        self.starts += 1
        running = self._running = await begin(self.name, self.module, self.arguments(self.starts), self._lifeline_child)
        try:
            await running.be_ready()
        except BaseException:
            running.listen_no_more()
            raise
        if self.pulse:
            self._watcher = asyncio.create_task(_watch(running))
        else:
            running.listen_no_more()

    async def keep(self) -> None:
        """Start it again whenever it dies, until `stop`."""
        while True:
            assert self.process is not None
            began_at = time.monotonic()
            code = await self.process.wait()
            if self.stopping:
                return
            if self._renewed is None:
                if time.monotonic() - began_at > HEALTHY_AFTER:
                    self._pause = FIRST_PAUSE
                log.error("child_died", child=self.name, code=code, starting_again_in_s=self._pause)
                await asyncio.sleep(self._pause)
                if self.stopping:
                    return
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
            renewed, self._renewed = self._renewed, None
            try:
                await self.start()
                log.info("child_started_again", child=self.name, starts=self.starts)
                if renewed is not None:
                    renewed.set()
            except StartFailed:
                pass                # told above, when `wait` gives its code once more
            except OSError as error:
                log.error("child_not_started", child=self.name, reason=str(error))

    async def renew(self, timeout: float) -> None:
        """End it as `stop` does, and wait for the next one, which is of the code on the disk now; `keep` starts it. One
        that can't start is told in the log, and tried again: then this comes back without it."""
        if self._running is None or not self._running.lives:
            return
        self._renewed = renewed = asyncio.Event()
        await self._running.stop(timeout)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(renewed.wait(), START_TIMEOUT)

    def send(self, number: signal.Signals) -> None:
        """A signal, if the process lives."""
        if self._running is not None:
            self._running.send(number)

    async def stop(self, timeout: float) -> None:
        """SIGTERM, then, after `timeout`, SIGKILL."""
        self.stopping = True
        if self._running is not None:
            await self._running.stop(timeout)


async def _watch(child: Running) -> None:
    """Feel its pulse until it ends, whoever ends it."""
    try:
        missed = 0
        while child.lives:
            await asyncio.sleep(LOOK_EVERY)
            missed = 0 if child.felt() else missed + 1
            if missed >= LOOKS and child.lives:
                log.error("child_hangs", child=child.name, killed_after_s=LOOKS * LOOK_EVERY)
                child.send(signal.SIGKILL)
                return
    finally:
        child.listen_no_more()


async def _told(fd: int) -> bool:
    """True when the child wrote a byte; False when it closed the pipe (died) or took too long."""
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
    os.set_blocking(fd, False)
    try:
        return bool(os.read(fd, PIPE_BYTES))
    except BlockingIOError:
        return False
