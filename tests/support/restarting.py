"""Control that is killed, and started again from what the store holds, in virtual time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ivr.call.record import Batch, ChatStateRow
from ivr.exchange import lasting
from ivr.exchange.all_phones import AllPhones
from ivr.exchange.editions import Edition, Editions, LineEditions
from ivr.exchange.exchange import Exchange
from ivr.exchange.house import House
from ivr.exchange.legs import LegTable
from ivr.exchange.outbound import Outbound
from ivr.exchange.texting.returning import Left
from ivr.exchange.virtual import Hotline
from ivr.menu.model import Menu
from ivr.service.build import queue_settings
from routing.seats import Seats
from tests.support.virtual_house import START, Story


class Killed(Exception):
    """Control is no more: nothing of what the turn wanted besides is done."""


class Mortal(Hotline):
    """A hotline that is killed when it hands the store its `kill_at`-th batch, which still arrives there or is `lost`.
    """

    kill_at = -1
    lost = False
    dead = False

    def _store(self, batch: Batch, token: str | None) -> None:
        super()._store(batch, token)
        if len(self.stored) == self.kill_at:
            if self.lost:
                self.stored.pop()
            self.dead = True
            raise Killed

    def carry_out(self, effects: list[Any]) -> None:
        if not self.dead:
            super().carry_out(effects)


def mortal(story: Story, kill_at: int, *, lost: bool) -> None:
    """From now on the hotline of this story is killed at that batch."""
    story.hotline.__class__ = Mortal
    assert isinstance(story.hotline, Mortal)
    story.hotline.kill_at, story.hotline.lost = kill_at, lost


def left_in(stored: list[Batch]) -> list[Left]:
    """What the database would say of chats that go on."""
    states: dict[str, ChatStateRow] = {}
    over = {row.id for batch in stored for row in batch.calls if row.outcome is not None}
    for row in (row for batch in stored for row in batch.chat_states):
        if row.call_id not in states or row.revision > states[row.call_id].revision:
            states[row.call_id] = row
    messages = [row for batch in stored for row in batch.messages]
    return [Left(call, row.version, row.state,
                 {one.key: one.position for one in messages if one.call_id == call and one.key},
                 max((one.position for one in messages if one.call_id == call), default=-1))
            for call, row in states.items() if row.state and call not in over]


def restart(story: Story, *, later: float = 0.5, reboots: bool = False, menu: Menu | None = None,
            left: list[Left] | None = None, menus: dict[tuple[str, str], Menu] | None = None,
            change: Callable[[House], None] = lambda house: None) -> None:
    """Another control takes the place of the one there is, `later` s later. `reboots`: the machine's clock began anew;
    `menu`: the file's, if it is another."""
    old, world = story.hotline, story.world
    before = old.exchange.house
    if isinstance(old, Mortal):
        old.dead = True
    kept = lasting.lasting(before, world.now)
    world.run(later)
    gone = world.now - 7.0 if reboots else 0.0
    world.now -= gone
    story.boot += 1
    house = _house(before, f"boot{story.boot}", gone, menu, world.now)
    change(house)
    hotline = Mortal(world, Exchange(house), *old.wires.values(), audio=old.audio)
    hotline.stored, hotline.to_text, hotline.reports = old.stored, old.to_text, old.reports
    story.hotline = hotline
    hotline.start("127.0.9.1")
    hotline.carry_out(hotline.exchange.resume(kept, world.now))
    hotline.carry_out(hotline.exchange.start(world.now))
    hotline.carry_out(hotline.exchange.return_chats(left_in(old.stored) if left is None else left, menus or {},
                                                    world.now))


def _house(before: House, boot: str, gone: float, menu: Menu | None, now: float) -> House:
    """Without calls; with what a new process reads of the files."""
    lines = {}
    for place, (number, line) in enumerate(before.editions.lines.items(), 1):
        old = line.current
        lines[number] = LineEditions(line.path, Edition(place, menu or old.menu, old.announcements, old.sounds,
                                                        old.clips, old.around), line.percent)
    editions = Editions(dict(before.editions.clips), dict(before.editions.encoded), lines,
                        {line.current.number: line.current for line in lines.values()}, made=len(lines))
    start = before.to_utc(0.0) - START
    return House(config=before.config, boot_id=boot, ids=before.ids,
                 to_utc=lambda at: START + start + timedelta(seconds=at + gone),
                 endpoint=AllPhones(before.endpoint.settings, before.ids),
                 dispatcher=Seats(queue_settings(before.config), now), editions=editions,
                 legs=LegTable(before.ids, 1), outbound=Outbound(before.config.outbound), hours=before.hours,
                 chat_key=before.chat_key)
