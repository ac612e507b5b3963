"""What the routes of the desk share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from desk.accounts import Accounts
from desk.administration import Administration
from desk.audit import AuditLog
from desk.board import Today
from desk.channels.channels import Channels
from desk.counting import Counting
from desk.database_check import DatabaseCheck
from desk.devices import Devices
from desk.login_limit import LoginLimit
from desk.metrics import WebMetrics
from desk.overdue import Overdue
from desk.password_turns import PasswordTurns
from desk.sessions import Sessions
from desk.snapshots import Control, Snapshots
from desk.tokens import Tokens
from ivr.base.config import Config
from ivr.drivers.secrets_file import Secrets, WebLogin
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
    tokens: Tokens
    audit: AuditLog
    logins: dict[str, WebLogin]     # by name; changed where somebody chooses another password
    counting: Counting
    today: Today
    devices: Devices
    channels: Channels
    limit: LoginLimit = field(default_factory=LoginLimit)
    turns: PasswordTurns = field(default_factory=PasswordTurns)
    metrics: WebMetrics = field(default_factory=WebMetrics)
    administration: Administration = field(default_factory=Administration)


def desk_of(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk
