"""Control and its spare: a process that has loaded everything and waits until control dies, or is to be renewed.

    control ──dies──► child_died ──► b"1" to the spare ──► it serves: control_taken_over ──5 s──► the next spare

What outlives each control is made here once: the sockets, the journals, and the key of its hashes.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.drivers.log import Log
from ivr.service.children import FIRST_PAUSE, HEALTHY_AFTER, LONGEST_PAUSE, Running, StartFailed, begin
from ivr.service.inherited import Inherited, InheritedSocket
from ivr.service.start import GENTLY

SPARE_AFTER = 5.0           # s from the moment that control serves: those who waited for it go first
SETTLED_AFTER = 5.0         # s; what a control took over does not kill it any more, and nobody waits when it dies
POISONED = 2                # heirs in a row that died before: what they took over is what kills them
FIRST_SPARE_PAUSE, LONGEST_SPARE_PAUSE = 1.0, 60.0      # s before a spare that died is started again
HAND_OVER_TIMEOUT = 20.0    # s for a control to end that was asked to hand over
SPARE_STOP_TIMEOUT = 2.0    # s
SEEDS = 2 ** 32             # of PYTHONHASHSEED; 0 is another word for none
JOURNALS = 2
MODULE = "ivr.service.control"
TAKE_OVER = b"1"
ANEW = "--anew"

log = Log("parent")


class NotRenewed(Exception):
    """Control goes on as it was; the text says why."""


@dataclass
class Heir:
    """One that waits. `pipe`: where it is told to take over; `loaded`: whether it could load what it needs."""

    running: Running
    pipe: int
    loaded: asyncio.Task[bool]


class Nursery:
    """Stands where a `Child` could. `arguments`: of every control's command line."""

    def __init__(self, arguments: Sequence[str], sockets: Sequence[InheritedSocket]) -> None:
        self.stopping = False
        self.control: Running | None = None
        self.spare: Heir | None = None
        self._arguments = arguments
        self._sockets = tuple(sockets)
        self._journals = tuple(os.memfd_create(f"journal-{number}") for number in range(JOURNALS))
        # Turns that are done once more must meet sets in the same order: one seed for all, which nobody can guess.
        self._environment = os.environ | {"PYTHONHASHSEED": str(1 + secrets.randbelow(SEEDS - 1))}
        self._lifeline_child, self._lifeline = os.pipe()
        self._serves_since: float | None = None
        self._took_over = False
        self._early = 0                 # deaths in a row, soon after it served or before
        self._poisoned = 0              # the same of heirs alone
        self._hands_over = False
        self._rearing: asyncio.Task[None] | None = None
        self._renewed: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """The first control. Raises StartFailed, or OSError where no process can be made."""
        self.control = await self._begin("control")
        await self._serves(self.control)

    async def keep(self) -> None:
        """Have another one take over whenever it dies, until `stop`."""
        while True:
            assert self.control is not None
            code = await self.control.process.wait()
            ended_at = time.monotonic()
            if self.stopping:
                return
            if not (self._hands_over and code == 0):
                pause = self._pause_after_death(ended_at)
                log.error("child_died", child="control", code=code, starting_again_in_s=pause)
                await asyncio.sleep(pause)
                if self.stopping:
                    return
            self._hands_over = False
            try:
                await self._succeed(ended_at)
            except StartFailed:
                pass                # told above, when `wait` gives its code once more
            except OSError as error:
                self._took_over = False     # nor is anybody to blame for this
                log.error("child_not_started", child="control", reason=str(error))

    def _pause_after_death(self, at: float) -> float:
        """s; and whether what it took over is to blame is counted."""
        if self._serves_since is not None and at - self._serves_since > SETTLED_AFTER:
            self._early = self._poisoned = 0
            return 0.0
        self._early += 1
        self._poisoned += self._took_over
        return min(FIRST_PAUSE * (1 << min(self._early - 2, 10)), LONGEST_PAUSE) if self._early > 1 else 0.0

    # --- who comes next -----------------------------------------------------------------------------------------
    async def _succeed(self, ended_at: float) -> None:
        """Raises StartFailed, or OSError where no process can be made."""
        await self._rear_no_more()
        anew = self._poisoned >= POISONED
        self._serves_since, self._took_over = None, not anew
        if not anew:
            heir = await self._told_heir()
            self.control = heir.running
            self._took_over = await heir.loaded         # the next word of one that could not is its end
        else:
            await self._end_spare()
            for journal in self._journals:
                os.ftruncate(journal, 0)
            self.control = await self._begin("control", None, ANEW)
        await self._serves(self.control)
        log.info("control_taken_over", seconds=round(time.monotonic() - ended_at, 3), anew=anew)
        if self._renewed is not None and not self._renewed.done():
            self._renewed.set_result(None)

    async def _serves(self, control: Running) -> None:
        """Wait until it does. Raises StartFailed."""
        if self.stopping:                   # it began when there was none that could be told
            control.send(signal.SIGTERM)
        try:
            await control.be_ready()
        finally:
            control.listen_no_more()
        self._serves_since = time.monotonic()
        if not self.stopping:
            self._rearing = asyncio.create_task(self._rear())

    async def _told_heir(self) -> Heir:
        """The spare, or a new one where none lives; it knows that it is control now."""
        while True:
            heir, self.spare = self.spare, None
            if heir is None or not heir.running.lives:
                heir = await self._begin_heir()
            try:
                os.write(heir.pipe, TAKE_OVER)
                return heir
            except BrokenPipeError:         # it has died, and we have not heard of it yet
                await heir.running.process.wait()
            finally:
                os.close(heir.pipe)

    async def _begin(self, name: str, heir: int | None = None, *more: str) -> Running:
        inherited = Inherited(self._sockets, self._journals, heir)
        return await begin(name, MODULE, (*self._arguments, "--inherited", inherited.text(), *more),
                           self._lifeline_child, fds=inherited.fds, environment=self._environment)

    async def _begin_heir(self, *more: str) -> Heir:
        end, pipe = os.pipe()
        try:
            running = await self._begin("spare", end, *more)
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(end)
        return Heir(running, pipe, asyncio.create_task(running.told()))

    # --- the spare ----------------------------------------------------------------------------------------------
    async def _rear(self) -> None:
        """Have a spare from some seconds on, and another one when it dies; that is no reason to stop anything."""
        await asyncio.sleep(SPARE_AFTER)
        pause = FIRST_SPARE_PAUSE
        while True:
            began_at = time.monotonic()
            try:
                self.spare = await self._begin_heir(GENTLY)
                if await asyncio.shield(self.spare.loaded):
                    log.info("spare_waits", pid=self.spare.running.process.pid)
                else:
                    self.spare.running.send(signal.SIGKILL)
                code = await self.spare.running.process.wait()
                if time.monotonic() - began_at > HEALTHY_AFTER:
                    pause = FIRST_SPARE_PAUSE
                log.warning("spare_died", code=code, starting_again_in_s=pause)
                await self._end_spare()
            except OSError as error:
                log.warning("child_not_started", child="spare", reason=str(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_SPARE_PAUSE)

    async def _rear_no_more(self) -> None:
        """The spare that is there stays."""
        if self._rearing is not None:
            self._rearing.cancel()
            await asyncio.gather(self._rearing, return_exceptions=True)

    async def _end_spare(self) -> None:
        """And what we had of it."""
        spare, self.spare = self.spare, None
        if spare is not None:
            os.close(spare.pipe)
            await spare.running.stop(SPARE_STOP_TIMEOUT)
            await spare.loaded
            spare.running.listen_no_more()

    # --- a newer version ----------------------------------------------------------------------------------------
    async def renew(self) -> float:
        """Have control go on in a process of the code and the configuration that are on the disk now; how long there
        was none, in s. Raises NotRenewed."""
        control = self.control
        if control is None or self._serves_since is None or self._renewed is not None or self.stopping:
            raise NotRenewed("the service is starting, stopping or being renewed")
        self._renewed = asyncio.get_running_loop().create_future()
        try:
            heir = await self._loaded_heir()
            asked_at = time.monotonic()
            if self.spare is heir:              # else control has died meanwhile, and it is control already
                self._hands_over = True
                control.send(signal.SIGUSR1)
                await self._gone(control)
            await self._renewed
            return time.monotonic() - asked_at
        finally:
            self._renewed = None

    async def _loaded_heir(self) -> Heir:
        """One of the newest code, as the spare. Raises NotRenewed, with a spare to come."""
        await self._rear_no_more()
        await self._end_spare()
        try:
            heir = self.spare = await self._begin_heir(GENTLY)
        except OSError as error:
            self._rearing = asyncio.create_task(self._rear())
            raise NotRenewed(f"no process can be made: {error}") from None
        if not await asyncio.shield(heir.loaded):
            if self.spare is heir:
                heir.running.send(signal.SIGKILL)
                await self._end_spare()
                self._rearing = asyncio.create_task(self._rear())
            raise NotRenewed("the new process could not start; the log says why, and the one before goes on")
        return heir

    async def _gone(self, control: Running) -> None:
        try:
            await asyncio.wait_for(control.process.wait(), HAND_OVER_TIMEOUT)
        except TimeoutError:
            log.error("child_killed", child="control", after_s=HAND_OVER_TIMEOUT)
            control.send(signal.SIGKILL)

    # --- its end ------------------------------------------------------------------------------------------------
    def send(self, number: signal.Signals) -> None:
        """A signal to control, if it lives."""
        if self.control is not None:
            self.control.send(number)

    async def stop(self, timeout: float) -> None:
        """The spare first, so that it takes nothing over. Control gets SIGTERM, then, after `timeout`, SIGKILL."""
        self.stopping = True
        await self._rear_no_more()
        await self._end_spare()
        if self.control is not None:
            await self.control.stop(timeout)
        for fd in self._journals:
            with contextlib.suppress(OSError):
                os.close(fd)
