"""Chats that an earlier control left in the middle are taken up, before anybody can ask for one (decision 69)."""

import asyncio
import time
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.base.errors import AdminError
from ivr.base.state.errors import NotReadable
from ivr.drivers.log import Log
from ivr.exchange.house import House
from ivr.exchange.texting.returning import First, Left, Menus, edition_of, first_of
from ivr.menu.model import Menu
from ivr.menu.sources import Sources
from ivr.service.control_loop import Control
from ivr.service.loading import Loaded, menu_of
from routing.requests.chat_states import left_chats
from routing.requests.menu_versions import MenuVersions

WITHIN = 20.0           # s that pages wait for a database that is away, or behind its spool; then chats begin anew
ASK_AGAIN = 0.1         # s
AT_ONCE = 20            # chats, 1 ms each

log = Log("control")


async def resume_chats(control: Control, loaded: Loaded, engine: Engine) -> None:
    """Take them up, and let whatever else earlier runs left be ended."""
    house = control.exchange.house
    if control.config.channels.any_open:
        left, menus = await _left(control, loaded, engine)
        for some in (left[first:first + AT_ONCE] for first in range(0, len(left), AT_ONCE)):
            now = time.monotonic()
            control.carry_out(control.exchange.return_chats(some, menus, now), now)
            await asyncio.sleep(0)              # calls come in already
        if left:
            log.info("chats_taken_up", count=len(house.taken_up), left=len(left))
    control.exchange.look_for_chats(False)
    control.writer.close_orphans(control.config.node, house.boot_id, datetime.now(UTC), but=frozenset(house.taken_up))


async def _left(control: Control, loaded: Loaded, engine: Engine) -> tuple[list[Left], Menus]:
    """They, and the menus that new chats do not get any more. None where the database has not all that happened."""
    until = time.monotonic() + WITHIN
    while time.monotonic() < until and not control.done.is_set():
        if not control.writer.behind:
            try:
                return await asyncio.to_thread(_read, control.exchange.house, loaded, engine)
            except SQLAlchemyError as error:
                log.warning("chats_unread", reason=str(error).splitlines()[0])
        await asyncio.sleep(ASK_AGAIN)
    log.error("chats_not_taken_up", reason=f"the database did not answer within {WITHIN:g} s")
    return [], {}


def _read(house: House, loaded: Loaded, engine: Engine) -> tuple[list[Left], Menus]:
    left = [Left(one.call, one.version, one.state, one.keys, one.last)
            for one in left_chats(engine, house.config.node, house.boot_id)]
    menus: dict[tuple[str, str], Menu] = {}
    for one in left:
        try:
            first, _ = first_of(house, one)
        except NotReadable:                 # told where it is tried
            continue
        if (first.line, first.menu) not in menus and edition_of(house, first) is None:
            menu = _older(house, loaded, MenuVersions(engine), first)
            if menu is not None:
                menus[first.line, first.menu] = menu
    return left, menus


def _older(house: House, loaded: Loaded, versions: MenuVersions, first: First) -> Menu | None:
    """Read again from the texts that calls were given."""
    line = house.editions.lines.get(first.line)
    if line is None:
        return None
    row = next((row for row in versions.beginning(first.menu) if row.version == first.menu and row.file == line.path),
               None)
    if row is None:
        return None
    texts = {file: found.text for file, version in row.files.items() if file != line.path
             for found in versions.beginning(version) if found.version == version}
    try:
        return menu_of(loaded.config, line.path, row.text, loaded.lengths, Sources(texts))
    except AdminError as error:
        log.warning("older_menu_unread", line=first.line, fault=str(error.faults[0]))
        return None
