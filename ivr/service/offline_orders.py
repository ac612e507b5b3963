"""Orders for lines while the service is down: into the file that it reads when it starts, and never beside it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.hours.schedule import Hours
from ivr.drivers.config_file import load_config
from ivr.drivers.sole import sole
from ivr.drivers.state_files import StateFiles
from ivr.exchange import ordering
from ivr.exchange.editions import Editions
from ivr.exchange.ordering import NotOrdered
from ivr.exchange.orders import LineOrders
from ivr.service.build import first_of
from ivr.service.line_orders import resume_orders, wish_of
from ivr.service.loading import load_said


@dataclass
class Offline:
    """What orders are given in while no house is there."""

    config: Config
    hours: Hours
    editions: Editions
    orders: LineOrders = field(default_factory=LineOrders)

    def to_utc(self, at: float, /) -> datetime:
        """`at` is seconds since 1970 here: there is no clock of a service."""
        return datetime.fromtimestamp(at, UTC)


def orders(config_path: Path) -> list[dict[str, Any]]:
    """What will hold when the service starts. Raises AdminError."""
    offline = _read(config_path)
    return _written(offline, time.time())


def change(config_path: Path, arguments: dict[str, Any], *, given: bool) -> list[dict[str, Any]]:
    """Give an order, or take it back, as control does; returns all that will hold then. Raises AdminError, also where a
    service is just starting or stopping: then it alone writes."""
    offline = _read(config_path)        # the menus are read before the folder is kept: that takes a moment
    with _alone(offline.config):
        resume_orders(offline, _files(offline.config).orders())
        now = time.time()
        wishes = [wish_of(arguments)]
        done = (ordering.order if given else ordering.take_back)(offline, wishes, now)
        if isinstance(done, NotOrdered):
            raise AdminError([Fault(Place(str(config_path)), done.reason)])
        written = _written(offline, now)
        if not _files(offline.config).save_orders(written):
            raise AdminError([Fault(Place(str(offline.config.state_dir)), "the order can't be written down",
                                    "let this user write there")])
    return written


def _read(config_path: Path) -> Offline:
    said = load_said(load_config(config_path))
    offline = Offline(said.config, said.hours, first_of(said.config, said.change))
    resume_orders(offline, _files(said.config).orders())
    return offline


def _files(config: Config) -> StateFiles:
    return StateFiles(Path(config.state_dir))


def _written(offline: Offline, now: float) -> list[dict[str, Any]]:
    return [order.written() for order in offline.orders.all(offline.to_utc(now))]


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """No service can start meanwhile: some ms, and one that tries then says so and is started again."""
    folder = Path(config.state_dir)
    try:
        with sole(folder):
            yield
    except AdminError as error:
        if "runs here already" not in error.faults[0].message:
            raise
        raise AdminError([Fault(Place(str(folder)), f"{error.faults[0].message}, but it does not answer: it starts or "
                                "stops just now", "try again in a moment; `hotline health` says whether it runs")],
                         ) from None
