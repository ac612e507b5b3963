"""The control process: SIP, calls, menus and queue.

    python -m ivr.service.control --config config.yaml --run-dir DIR --inherited JSON --ready FD --lifeline FD

A spare (`heir` in what it inherits) loads everything and tells so, then waits until it is told to take over.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from ivr.base.chance import KEY, Chance
from ivr.base.errors import AdminError, Place
from ivr.base.ids import Ids
from ivr.drivers.control_link import ControlServer
from ivr.drivers.log import set_up_log
from ivr.drivers.own_address import facing
from ivr.drivers.passwords import database_url
from ivr.drivers.plane_links import PlaneLinks
from ivr.drivers.state_files import StateFiles
from ivr.service import browser, collecting, lifeline, texting
from ivr.service.accounts import watch_accounts
from ivr.service.build import build_exchange
from ivr.service.callbacks import resume_callbacks
from ivr.service.chats import resume_chats
from ivr.service.commands import answer
from ivr.service.control_loop import Control
from ivr.service.customers import watch_customers
from ivr.service.inherited import Inherited
from ivr.service.last_operators import recall_operators
from ivr.service.line_orders import resume_orders
from ivr.service.listening import adopt_sockets
from ivr.service.menu_watch import MenuWatch
from ivr.service.open_files import allow_files
from ivr.service.spare import Brought, bring, wait
from ivr.service.start import GENTLY, gently, shown_as
from ivr.service.trials import resume_trials
from routing.requests.database import make_engine
from routing.requests.ledger import Notice
from routing.requests.spool import RESERVE, Spool
from routing.requests.writer import RecordWriter

FILES = 5_000            # TCP and TLS connections, 4,000 at most, and what database, links and files need
PLANE_TIMEOUT = 20.0     # s until every plane has its clips; then we are open, and refuse calls until one has
RESERVED_SHARE = 8       # one part in so many of a small spool is kept for calls in progress


async def run(arguments: argparse.Namespace, brought: Brought, stops: Sequence[int]) -> int:
    """Until drained. `stops`: signals to stop that came meanwhile. Raises AdminError for what an admin must mend."""
    allow_files(FILES)
    loaded, keys = brought.loaded, brought.secrets
    config = loaded.config
    set_up_log("control", config.log.level, config.log.full_numbers)
    boot_id = secrets.token_hex(8)
    now = time.monotonic()
    exchange = build_exchange(loaded, keys, boot_id, Ids(Chance(secrets.token_bytes(KEY)).draw),
                              wall_time, facing, now, arguments.workers)
    loop = asyncio.get_running_loop()
    state = Path(config.state_dir)
    resume_trials(exchange.house, loaded, StateFiles(state).trials())
    resume_orders(exchange.house, StateFiles(state).orders())

    def writer_for(control: Control) -> RecordWriter:
        limit = config.database.spool_max_mb << 20
        spool = Spool(state / "spool", limit, min(RESERVE, limit // RESERVED_SHARE))
        engine = make_engine(database_url(config, os.environ), Place(arguments.config))
        return RecordWriter(engine, spool, lambda notices: _hand_over(loop, control.notices, notices))

    control = Control(exchange, config, writer_for, StateFiles(state))
    exchange.look_for_chats(config.channels.any_open)
    control.remember(now)            # before a socket is open: a phone that registers meanwhile knows better
    await adopt_sockets(control.sockets, arguments.inherited.sockets, Place(arguments.config))
    control.start()
    control.writer.start()
    engine = make_engine(database_url(config, os.environ), Place(arguments.config))
    control.planes = PlaneLinks(Path(arguments.run_dir), arguments.workers, control.plane_event, control.plane_lost)
    control.planes.start()
    server = ControlServer(Path(arguments.run_dir) / "control.sock",
                           lambda op, given: answer(control, op, given), lambda: _web_lost(control))
    control.push = server.push
    await resume_chats(control, loaded, engine)     # nobody is told that theirs is over before it is known
    await server.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, control.drain)
    for _ in stops:
        control.drain()
    watchers = [resume_callbacks(control, engine), recall_operators(control, engine), watch_customers(control),
                loop.create_task(watch_accounts(control)),
                loop.create_task(MenuWatch(control, arguments.config, loaded, seen=brought.menus).watch())]
    collector = loop.create_task(collecting.collect(lambda: len(exchange.house.calls)))
    collecting.begin()
    await first_of(PLANE_TIMEOUT, control.planes_serve, control.done)
    lifeline.ready(arguments.ready)
    await control.done.wait()
    for watcher in watchers:
        watcher.cancel()
    collector.cancel()
    await server.close()
    await control.close()
    return 0


async def first_of(timeout: float, *news: asyncio.Event) -> None:
    """Wait until one of these is set, for `timeout` seconds at most."""
    waiting = [asyncio.ensure_future(each.wait()) for each in news]
    await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


@lru_cache(maxsize=1)            # a turn asks several times for its one moment
def wall_time(at: float) -> datetime:
    """Monotonic time as UTC, by the wall clock of this moment: a clock that is set right does not stay wrong here."""
    return datetime.now(UTC) - timedelta(seconds=time.monotonic() - at)


def _hand_over(loop: asyncio.AbstractEventLoop, take: Callable[[Sequence[Notice]], None],
               notices: Sequence[Notice]) -> None:
    with contextlib.suppress(RuntimeError):      # the loop has closed: nobody is left to be told
        loop.call_soon_threadsafe(take, notices)


def _web_lost(control: Control) -> None:
    """The web process is gone, with every page and desk."""
    browser.listener_lost(control)
    texting.listener_lost(control)


def stops_noted() -> list[int]:
    """Signals to stop that come from here on: who takes over what others began has to end it in order."""
    stops: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stops.append(number))
    return stops


def heir_of(arguments: argparse.Namespace) -> tuple[Brought | None, list[int]]:
    """Load, and wait until this is control: what was brought, None where it never is; signals to stop since."""
    shown_as("hotline spare")
    brought = gently(lambda: bring(arguments.config)) if arguments.gently else bring(arguments.config)
    lifeline.loaded(arguments.ready)
    return wait(arguments.inherited.heir, brought, arguments.config), stops_noted()


def main() -> int:
    parser = argparse.ArgumentParser(prog="hotline control")
    parser.add_argument("--config", required=True)
    parser.add_argument("--run-dir", required=True)
    parser.add_argument("--workers", type=int, default=1, help="how many planes there are")
    parser.add_argument("--inherited", required=True, type=Inherited.taken, help="sockets, journals, heir: as JSON")
    parser.add_argument("--anew", action="store_true", help="take nothing over: what was there killed two that did")
    parser.add_argument(GENTLY, action="store_true", help="load at low priority")
    parser.add_argument("--ready", type=int, default=-1)
    parser.add_argument("--lifeline", type=int, default=-1)
    arguments = parser.parse_args()
    lifeline.watch(arguments.lifeline)
    try:
        brought, stops = heir_of(arguments) if arguments.inherited.heir is not None else (bring(arguments.config), [])
        if brought is None:
            return 0
        shown_as("hotline control")
        return asyncio.run(run(arguments, brought, stops))
    except AdminError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
