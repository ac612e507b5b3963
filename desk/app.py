"""The desk as a FastAPI application: routes put together, guarded and described."""

import secrets as chance
import time
from collections.abc import Callable

from fastapi import FastAPI

from desk import front
from desk.accounts import Accounts
from desk.api import (
    callbacks,
    calls,
    captures,
    health,
    lines,
    menus,
    metrics,
    operators,
    phones,
    queues,
    recordings,
    requests,
    session,
    supervisors,
    topics,
    transfers,
    trunks,
    why,
)
from desk.database_check import DatabaseCheck
from desk.guards import Guards
from desk.measure import Measure
from desk.overdue import Overdue
from desk.problems import add_problem_handlers
from desk.sessions import Sessions
from desk.snapshots import Control, Snapshots
from desk.state import Desk
from ivr.base.config import Config
from ivr.drivers.secrets_file import Secrets
from ivr.drivers.topics_file import TopicsFile
from routing.requests.repository import Repository

ABOUT = """What people at screens and programs see of the hotline.

Every route but `/health` and this description needs the token of the file `api-token` (`Authorization: Bearer …`) or
the cookie of `POST /api/login`. Every error has the shape of `Problem`. Times of day are UTC, durations are seconds.
"""


def create_app(repository: Repository, control: Control, secrets: Secrets, config: Config,
               clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time) -> FastAPI:
    """Build the application. `control` and `repository` are used, not closed, by it."""
    app = FastAPI(title="Hotline", version="1", description=ABOUT, docs_url=None, redoc_url=None)
    sessions = Sessions(secrets.session_key, secrets.web, config.web.session_h * 3600, lambda: chance.token_hex(12))
    snapshots = Snapshots(control, clock)
    desk = Desk(config, repository, control, secrets, sessions, snapshots, DatabaseCheck(repository), clock, wall_clock,
                Accounts(repository.engine, snapshots), TopicsFile(config),
                Overdue(repository.engine, config, wall_clock))
    app.state.desk = desk
    for noun in (session, calls, supervisors, transfers, requests, callbacks, topics, operators, why, queues, trunks,
                 phones, captures, recordings, lines, menus, health, metrics, front):
        app.include_router(noun.router)
    add_problem_handlers(app)
    app.add_middleware(Guards)
    app.add_middleware(Measure, metrics=desk.metrics)
    return app
