"""All channels of messengers: what control says goes to the one that it is for, and each is served by itself."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.bucket import Buckets
from desk.channels.channel import Channel
from desk.channels.gateway import Gateway
from desk.channels.outbox import Outbox
from desk.snapshots import Control
from ivr.base.config import Config
from ivr.base.config_messengers import MessengerConfig
from ivr.drivers.log import Log
from routing.requests import deliveries

PER_S, AT_ONCE = 100.0, 200.0               # messages of one program that come in
FORGET_EVERY = 3600.0                       # s
KEEP = timedelta(days=7)                    # how long it is known what a chat that is over was told: a message of it
LONGEST_CHAT = timedelta(days=30)           # that comes once more is known by that
AGAIN = 5.0                                 # s until a channel whose own work ended by a bug begins anew
_log = Log("channels")


@dataclass(frozen=True)
class Shown:
    """How one channel stands. `state`: ok, away (nothing arrives, or nothing comes), fault (somebody of ours must do
    something)."""

    channel: str
    state: str
    reason: str
    since: datetime | None
    chats: int
    waiting: int
    last_error: str


class Channels:
    """Those that are open, by name."""

    def __init__(self, channels: list[Channel], config: Config, link: Control, engine: Engine) -> None:
        names = {name: operator.display_name for name, operator in config.operators.items()}
        self._engine, self.paces = engine, Buckets(PER_S, AT_ONCE, 100)      # by program
        self.gateways = {channel.name: Gateway(channel, config, link, engine) for channel in channels}
        self.outboxes = {name: Outbox(gateway, names, _settings(config, gateway).keep_trying_h * 3600)
                         for name, gateway in self.gateways.items()}

    def pushed(self, message: dict[str, Any]) -> None:
        """Of control."""
        writer = str(message.get("writer", ""))
        for name, gateway in self.gateways.items():
            if visitor := gateway.visitor_of(writer):
                gateway.pushed(visitor, message)
                if message["kind"] in ("message", "ended"):
                    self.outboxes[name].hint(visitor)
                elif message["kind"] == "typing":
                    _spawn(_typing(gateway, visitor))

    async def listening(self) -> None:
        """Control is another one, or was away: what waits stands in the database."""
        for gateway in self.gateways.values():
            gateway.asked.clear()

    async def run(self) -> None:
        """Until cancelled."""
        if not self.gateways:
            return
        work = [asyncio.create_task(self._forget())]
        for name, gateway in self.gateways.items():
            work += [asyncio.create_task(self.outboxes[name].run()), asyncio.create_task(_kept_up(gateway))]
        try:
            await asyncio.gather(*work)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            for gateway in self.gateways.values():
                with contextlib.suppress(Exception):        # it ends anyway
                    await gateway.channel.close()

    async def finish(self) -> None:
        """The process ends: what is on its way may arrive."""
        await asyncio.gather(*(outbox.finish() for outbox in self.outboxes.values()))

    def families(self) -> Iterator[Metric]:
        """For Prometheus."""
        works = GaugeMetricFamily("hotline_channel_up", "Whether messages come and go through a channel.",
                                  labels=["channel"])
        waits = GaugeMetricFamily("hotline_channel_waiting", "Messages that have not reached their visitors yet.",
                                  labels=["channel"])
        for each in self.shown():
            works.add_metric([each.channel], each.state == "ok")
            waits.add_metric([each.channel], each.waiting)
        if self.gateways:
            yield from (works, waits)

    def shown(self) -> list[Shown]:
        """All of them, as they stand."""
        return [_shown(name, gateway) for name, gateway in self.gateways.items()]

    async def _forget(self) -> None:
        while True:
            now = datetime.now(UTC)
            with contextlib.suppress(SQLAlchemyError):
                await run_in_threadpool(deliveries.forget, self._engine, now - KEEP, now - LONGEST_CHAT)
            await asyncio.sleep(FORGET_EVERY)


def _shown(name: str, gateway: Gateway) -> Shown:
    standing = gateway.standing
    sends = standing.reason, standing.since, standing.fault
    receives = standing.receiving, standing.receiving_since, standing.receiving_fault
    reason, since, fault = receives if receives[2] or not sends[0] else sends
    state = "ok" if not reason else "fault" if fault else "away"
    return Shown(name, state, reason, datetime.fromtimestamp(since, UTC) if reason else None, standing.chats,
                 standing.waiting, standing.last_error)


async def _kept_up(gateway: Gateway) -> None:
    """The channel's own work, begun anew when a bug ends it."""
    while True:
        try:
            await gateway.channel.run(gateway)
            return
        except Exception as error:
            _log.error("channel_failed", error, channel=gateway.name)
        await asyncio.sleep(AGAIN)


async def _typing(gateway: Gateway, visitor: str) -> None:
    with contextlib.suppress(Exception):        # nobody misses it
        await gateway.channel.typing(visitor)


_spawned: set[asyncio.Task[None]] = set()


def _spawn(work: Any) -> None:
    if len(_spawned) < 100:
        task = asyncio.ensure_future(work)
        _spawned.add(task)
        task.add_done_callback(_spawned.discard)
    else:
        work.close()


def _settings(config: Config, gateway: Gateway) -> MessengerConfig:
    found = config.channels.of(gateway.kind)
    return found if isinstance(found, MessengerConfig) else MessengerConfig()
