"""Menus, announcements and prompts while the service runs: looked at, read, checked, and given to new calls."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.base.looks import Looks
from ivr.drivers.log import Log
from ivr.drivers.menu_files import Stamp, stamps
from ivr.drivers.spoken_notices import path_of
from ivr.exchange.editions import MenuChange
from ivr.menu.sources import mentioned
from ivr.service.changes import change_of
from ivr.service.loading import Loaded, menu_files, others
from ivr.service.reading_apart import read_apart

LOOK_EVERY = 2.0            # s between looks; a change counts at the second one that sees it
NOT_READ_REMEDY = "save the file once more; if it fails again, tell us"
Read = Callable[[str, Loaded], tuple[Loaded, MenuChange] | None]

if TYPE_CHECKING:       # reading the files needs none of it
    from ivr.exchange.exchange import Exchange

log = Log("control")


class Holder(Protocol):
    """What has an exchange and carries out what it wants: control."""

    exchange: "Exchange"

    def carry_out(self, effects: list[Any], now: float) -> None: ...


def watched(config: Config) -> list[str]:
    """Every file that is looked at besides the sounds."""
    spoken = str(path_of(config.state_dir))         # also while it is not there: it comes with the first of them
    return list(dict.fromkeys([*menu_files(config, mentioned), str(config.prompts.announcements), *others(config),
                               spoken]))


class MenuWatch:
    """Looks after the files of what is `running`. What waits for a disk is done in a thread, and what takes the
    processor in another process (`read`): calls go on meanwhile."""

    def __init__(self, control: Holder, config_file: str, running: Loaded, read: Read = read_apart,
                 seen: Mapping[str, Stamp | None] | None = None) -> None:
        """`seen`: how the files stood when `running` was read, where that was long ago."""
        self._control = control
        self._config_file = config_file
        self._running = running
        self._read = read
        self._files = watched(running.config)
        self._seen = seen
        self._looks: Looks[dict[str, Stamp | None]] = Looks()

    async def watch(self) -> None:
        """Look for ever."""
        await self.begin()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:      # a bug of ours: menus stay as they are, and the next look may do better
                log.error("menus_not_looked_at", error=error)

    async def begin(self) -> None:
        """What runs is kept as a version; if the files say something else by now, the next looks find it."""
        seen = await asyncio.to_thread(self._stamps)
        change = await asyncio.to_thread(change_of, self._running)
        if change is not None:
            self._looks = Looks(seen if self._seen is None else dict(self._seen))
            self._change(change)

    async def look(self) -> None:
        """Take up what has changed and settled."""
        if not self._looks.see(await asyncio.to_thread(self._stamps)):
            return
        await self._follow_files()
        try:
            read = await asyncio.to_thread(self._read, self._config_file, self._running)
        except AdminError as error:
            self._refuse([*map(str, error.faults)])
            return
        except Exception as error:      # a bug of ours in reading: calls go on with what they have
            log.error("menus_not_read", error=error, remedy=NOT_READ_REMEDY)
            self._refuse([f"{self._config_file}: error: what has changed could not be read, by a fault of the hotline "
                          f"itself: see menus_not_read in its log ({NOT_READ_REMEDY})"])
            return
        if read is None:
            self._looks.again()
            return
        loaded, change = read
        self._tell_warnings(loaded)
        self._running = replace(loaded, customers=self._running.customers)
        self._change(change)

    async def _follow_files(self) -> None:
        """Files that are handed over to come and go with what the others say; new ones are no change by themselves."""
        files = await asyncio.to_thread(watched, self._running.config)
        if set(files) != set(self._files):
            self._files = files
            self._looks = Looks(await asyncio.to_thread(self._stamps))

    def _stamps(self) -> dict[str, Stamp | None]:
        return stamps(self._files, str(self._running.config.prompts.folder))

    def _refuse(self, faults: list[str]) -> None:
        """What runs goes on; `menu status` and the log say why."""
        now = time.monotonic()
        self._control.carry_out(self._control.exchange.refuse_menus(faults, now), now)

    def _change(self, change: MenuChange) -> None:
        now = time.monotonic()
        self._control.carry_out(self._control.exchange.change_menus(change, now), now)

    def _tell_warnings(self, loaded: Loaded) -> None:
        for fault in loaded.warnings:
            if fault not in self._running.warnings:
                log.warning("menu_warning", fault=str(fault))
