"""The web process: the desk under uvicorn, with its link to control and its view of the database."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvicorn
from starlette.concurrency import run_in_threadpool

from desk.app import create_app
from desk.audit_keeping import keep_auditing
from desk.callbacks_done import keep_ending
from desk.chat.files.store import FileStore
from desk.chat.files.sweep import keep_sweeping, swept
from desk.counting_apart import CountingProcess
from desk.keeping import Keeper, keep
from desk.linking import keep_forgetting, keep_linking
from desk.state import Desk
from ivr.base.config import Config
from ivr.base.config_words import TcpListen
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.control_link import ControlLink
from ivr.drivers.log import Log
from ivr.drivers.refused_address import remedy
from ivr.drivers.secrets_file import Secrets
from routing.requests.database import make_engine
from routing.requests.repository import Repository

BACKLOG = 128
CONCURRENCY = 2048      # connections and requests at one time, most of them open streams; the next one gets 503
SOCKET_MESSAGE = 20_480 # octets; what is longer closes a WebSocket with 1009. Deflate would cost more than it saves
PING_EVERY, PING_TIMEOUT = 5.0, 10.0        # s: a page whose network is gone without a word is missed after 15
GRACE = 2               # seconds: an open stream of events would hold SIGTERM for ever
_CONFIG = Place("config.yaml")


class Server(uvicorn.Server):
    """uvicorn, which lets open streams end before it waits for what is still answered."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.app.state.live.close()          # type: ignore[union-attr]
        await super().shutdown(sockets)


def run_web(config: Config, secrets: Secrets, database_url: str, control_socket: Path,
            ready: Callable[[], None] = lambda: None, place: Place = _CONFIG) -> None:
    """Serve until SIGTERM or SIGINT, which end it with SystemExit(0). `ready` is called when connections are taken.

    Raises AdminError where the address can't be listened on or the database's URL is wrong; a database or a control
    that is away is no error: pages say so.
    """
    listener = listen(config.web.listen, place)
    engine = make_engine(database_url)
    link = ControlLink(control_socket)
    repository = Repository(engine)
    server = Server(uvicorn_config(config, secrets, repository, link, place.file))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)    # uvicorn ends in order, then raises the signal again for this one
    try:
        ready()
        _run(_serve(server, link, listener, Keeper(config.recordings, repository.recordings, config.node)))
    finally:
        engine.dispose()
        listener.close()


def listen(at: TcpListen, place: Place = _CONFIG) -> socket.socket:
    """A listening socket. Raises AdminError at `place` with what is in the way."""
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((at.host, at.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise AdminError([Fault(place, f"web.listen: {at} can't be opened: {error.strerror}",
                                remedy(error))]) from None
    return listener


async def _serve(server: uvicorn.Server, link: ControlLink, listener: socket.socket, keeper: Keeper) -> None:
    desk: Desk = server.config.app.state.desk       # type: ignore[union-attr]
    store: FileStore = server.config.app.state.chat_files.store       # type: ignore[union-attr]
    engine, requests = desk.repository.engine, desk.config.requests
    running = [asyncio.create_task(work) for work in (
        server.config.app.state.pushes.keep_listening(),       # type: ignore[union-attr]
        server.config.app.state.chat_desks.keep(),       # type: ignore[union-attr]
        keep_sweeping(store),
        server.config.app.state.captions.book(),       # type: ignore[union-attr]
        keep(keeper, time.time), desk.accounts.watch(), desk.overdue.watch(), desk.channels.run(),
        keep_auditing(desk),
        keep_ending(engine, desk.config, link),
        keep_linking(engine, requests.reopen_days, time.time),
        keep_forgetting(engine, requests.keep_callers_days, time.time, lambda: swept(store)))]
    try:
        await server.serve([listener])
    finally:
        await desk.channels.finish()
        for task in running:
            task.cancel()
        server.config.app.state.phones.close()      # type: ignore[union-attr]
        await desk.counting.close()
        await desk.today.close()
        await run_in_threadpool(desk.audit.close)
        await link.close()
        Log("desk").info("web_ended")


def uvicorn_config(config: Config, secrets: Secrets, repository: Repository, link: ControlLink,
                   config_file: str = "config.yaml") -> uvicorn.Config:
    """uvicorn's settings. It writes no access log: queries carry numbers of callers."""
    return uvicorn.Config(
        create_app(repository, link, secrets, config, config_file=config_file, counter=lambda: CountingProcess(
            config, repository.engine.url.render_as_string(hide_password=False))),
        log_config=None, access_log=False, server_header=False,
        proxy_headers=config.web.behind_proxy, forwarded_allow_ips="127.0.0.1,::1", lifespan="off",
        limit_concurrency=CONCURRENCY, backlog=BACKLOG, timeout_graceful_shutdown=GRACE, ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE, ws_per_message_deflate=False,
        ws_ping_interval=PING_EVERY, ws_ping_timeout=PING_TIMEOUT)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In uvloop where it is installed, which takes a quarter less for phones in pages; else in asyncio's own loop."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        new_loop = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(work)


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)
