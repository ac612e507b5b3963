"""What control knows of operators and queues is kept on the disk: at most a second of it is lost when it is killed.

Once a second, if anything is another than before, the state is taken down in the loop and written by a thread. Where
taking it down is slow (thousands of operators) it is done less often, so that it never takes more than a hundredth of
the time. Statuses are written at once, and stand in a file of their own that is never too old.
"""

import time
from typing import TYPE_CHECKING

from ivr.drivers.state_files import LatestWriter, StateFiles
from ivr.exchange import lasting
from ivr.exchange.lasting import Lasting
from ivr.service.lasting_file import LastingFile
from routing.dispatcher import Status

if TYPE_CHECKING:
    from ivr.service.control_loop import Control

EVERY = 1.0             # s; what happened since is forgotten when control is killed
SHARE = 100             # of the time: what taking it down may cost is one part in so many


class LastingState:
    """Of one control."""

    def __init__(self, control: "Control", files: StateFiles) -> None:
        self._control = control
        self._file = LastingFile(files.folder)
        self._kept = LatestWriter(self._file.write)
        self._statuses = files.statuses()
        self._kept_statuses = LatestWriter(files.save_statuses)
        self._last: Lasting | None = None

    def take_up(self, now: float) -> None:
        """What an earlier control left; keep it up from now on."""
        control = self._control
        control.carry_out(control.exchange.resume(self._file.read(), now), now)
        for operator, (status, reason, by) in list(self._statuses.items()):
            if operator in control.config.operators and status in list(Status):
                control.carry_out(control.exchange.set_status(operator, Status(status), reason, now, by), now)
        control.loop.call_later(EVERY, self._tick)

    def note_status(self, operator: str, status: str, reason: str, by: str) -> None:
        """A person chose it."""
        self._statuses[operator] = status, reason, by
        self._kept_statuses.put(dict(self._statuses))

    def _tick(self) -> None:
        began = time.monotonic()
        self.keep(began)
        self._control.loop.call_later(max(EVERY, SHARE * (time.monotonic() - began)), self._tick)

    def keep(self, now: float) -> None:
        """Have it written, if it is another than before."""
        kept = lasting.lasting(self._control.exchange.house, now)
        if self._last is None or (kept.queues, kept.places) != (self._last.queues, self._last.places):
            self._last = kept
            self._kept.put(kept)
            self._note_others(kept)

    def _note_others(self, kept: Lasting) -> None:
        """Statuses that no person set (`auto_break_after_missed`) hold as long as the others do."""
        operators = self._control.config.operators
        news = {each.name: (each.status, each.reason, each.set_by) for each in kept.queues.operators
                if self._statuses.get(each.name, (operators[each.name].status, ""))[:2] != (each.status, each.reason)}
        if news:
            self._statuses |= news
            self._kept_statuses.put(dict(self._statuses))

    async def close(self) -> None:
        """The last of it, to outlive the machine."""
        await self._kept_statuses.settled()
        await self._kept.settled()
        self._file.write(lasting.lasting(self._control.exchange.house, time.monotonic()), sync=True)
