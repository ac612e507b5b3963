"""Every five minutes: which requests are overdue. More of them than before is an alarm: a line in the log, which names
whom the queue wants told, and a figure for whoever watches `/metrics`."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from ivr.base.config import Config
from ivr.drivers.log import Log
from routing.requests.due import Late, limits, overdue

EVERY = 300.0       # s

log = Log("requests")


class Overdue:
    """What the last look found, by queue."""

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], float]) -> None:
        self._engine, self._clock = engine, clock
        self._limits = limits(config)
        self._alarm = {name: queue.sla.alarm for name, queue in config.queues.items()}
        self.late: Mapping[str, Late] = {}

    async def watch(self) -> None:
        """`clock` gives seconds since the epoch. Where no queue promises anything there is nothing to look for."""
        while self._limits:
            try:
                await self.look()
            except SQLAlchemyError:
                pass                            # the database is away: what was found stands
            except Exception as error:          # a bug of ours: it must not end this for good
                log.error("overdue_not_looked_for", error=error)
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Raises SQLAlchemyError."""
        before, now = self.late, datetime.fromtimestamp(self._clock(), UTC)
        self.late = await run_in_threadpool(overdue, self._engine, self._limits, now)
        for queue, late in self.late.items():
            if queue not in before or late.number > before[queue].number:
                log.warning("requests_overdue", queue=queue, requests=late.number,
                            first_due=late.since.isoformat(timespec="seconds"), tell=self._alarm[queue])

    def families(self) -> Iterator[Metric]:
        """For Prometheus; a queue without any stands there with 0, so that an alarm ends."""
        gauge = GaugeMetricFamily("hotline_requests_overdue", "Requests that should be closed by now (`sla.close_h`).",
                                  labels=["queue", "tell"])
        for queue in self._limits:
            gauge.add_metric([queue, self._alarm[queue]], self.late[queue].number if queue in self.late else 0)
        yield gauge
