"""The desk as a FastAPI application: routes put together, guarded and described."""

import secrets as chance
import time
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI

from desk.accounts import Accounts
from desk.api.routers import ROUTERS
from desk.asking import today_of
from desk.audit import AuditLog
from desk.board import Today
from desk.channels.channels import Channels
from desk.channels.making import make_channels
from desk.chat.chats import Chats
from desk.chat.desks import ChatDesks
from desk.chat.files.coming import Coming
from desk.chat.files.store import MB, file_store
from desk.chat.sockets import ChatSockets
from desk.counting import Counter, Counting, InThread
from desk.database_check import DatabaseCheck
from desk.devices import Devices
from desk.ended_sessions import read_ended
from desk.guards import Guards
from desk.live.hub import Hub
from desk.measure import Measure
from desk.menu_editing import make_editing
from desk.overdue import Overdue
from desk.pages_served import pages_router
from desk.phone.captions import Captions
from desk.phone.phones import Phones
from desk.phone.sockets import PhoneSockets
from desk.problems import add_problem_handlers
from desk.pushes import Pushes
from desk.sessions import Sessions
from desk.snapshots import Control, Snapshots
from desk.state import Desk
from desk.tokens import Tokens
from ivr.base.config import Config
from ivr.drivers.secrets_file import Secrets
from ivr.drivers.topics_file import TopicsFile
from routing.requests.repository import Repository

ABOUT = """What people at screens and programs see of the hotline.

Every route but `/health`, `/api/try`, this description and `/api/chat/files` (where visitors come with a token of their
own) needs the token of the file `api-token` (`Authorization: Bearer …`) or the cookie of `POST /api/login`. Every error
has the shape of `Problem`. Times of day are UTC, durations are seconds.
"""


def create_app(repository: Repository, control: Control, secrets: Secrets, config: Config,
               clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time,
               counter: Callable[[], Counter] | None = None, config_file: str = "config.yaml") -> FastAPI:
    """Build the application. `control` and `repository` are used, not closed, by it; `counter` makes who counts
    figures (None: in a thread); `config_file` is where `config` was read from."""
    app = FastAPI(title="Hotline", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    logins = dict(secrets.web)
    sessions = Sessions(secrets.session_key, logins, config.web.session_h * 3600, lambda: chance.token_hex(12),
                        read_ended(Path(config.state_dir)))
    snapshots = Snapshots(control, clock)
    make = counter or (lambda: InThread(repository.engine, config, wall_clock))
    # A long report does not keep the board waiting.
    counting, of_today = Counting(make()), Counting(make())
    desk = Desk(config, repository, control, secrets, sessions, snapshots, DatabaseCheck(repository), clock, wall_clock,
                Accounts(repository.engine, snapshots), TopicsFile(config),
                Overdue(repository.engine, config, wall_clock),
                Tokens(repository.engine, wall_clock), AuditLog(repository.engine, config.node, wall_clock), logins,
                counting=counting, today=Today(of_today, lambda: today_of(desk), clock),
                devices=Devices(secrets.session_key, logins),
                channels=Channels(make_channels(config, secrets), config, control, repository.engine))
    app.state.desk = desk
    app.state.live = Hub(desk)
    app.state.menu_editing = make_editing(desk, config_file)
    # They stand as they were declared. `include_router` would work each out anew, at the first request of every
    # application: half a second of the web process's start, and most of the time of the desk's tests.
    app.router.routes.extend(route for router in ROUTERS for route in router.routes)
    app.include_router(pages_router(framed_by=config.channels.framed_by, chat_speaks=config.channels.chat_speaks))
    add_problem_handlers(app)
    app.add_middleware(Guards)
    app.add_middleware(Measure, metrics=desk.metrics)
    app.state.captions = Captions(config)
    app.state.chat_files = Coming(int(config.channels.web.max_file_mb * MB),
                                  file_store(config, repository.engine, wall_clock), clock)
    app.state.chats = Chats(config, control, repository)
    app.state.phones = Phones(config, control, lambda cookie: sessions.check(cookie, wall_clock()) is not None,
                              app.state.captions, codes=app.state.chats.codes)
    app.state.chat_desks = ChatDesks(control, app.state.live, clock)
    app.state.pushes = Pushes(control, [app.state.phones, app.state.chat_desks, desk.channels, app.state.chats],
                               app.state.chats.lost)        # desks first: chats wait for them
    app.add_middleware(PhoneSockets, phones=app.state.phones)
    app.add_middleware(ChatSockets, chats=app.state.chats, config=config)
    return app
