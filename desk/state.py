"""What the routes of the desk share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from desk.accounts import Accounts
from desk.database_check import DatabaseCheck
from desk.login_limit import LoginLimit
from desk.metrics import WebMetrics
from desk.overdue import Overdue
from desk.sessions import Sessions
from desk.snapshots import Control, Snapshots
from ivr.base.config import Config
from ivr.drivers.secrets_file import Secrets
from ivr.drivers.topics_file import TopicsFile
from routing.requests.repository import Repository


@dataclass(frozen=True)
class Desk:
    """Built once by create_app. `wall_clock` gives seconds since the epoch, `clock` monotonic ones."""

    config: Config
    repository: Repository
    control: Control
    secrets: Secrets
    sessions: Sessions
    snapshots: Snapshots
    database: DatabaseCheck
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    accounts: Accounts
    topics: TopicsFile
    overdue: Overdue
    limit: LoginLimit = field(default_factory=LoginLimit)
    metrics: WebMetrics = field(default_factory=WebMetrics)


def desk_of(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
