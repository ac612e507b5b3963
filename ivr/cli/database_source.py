"""The database, asked while the service does not run. Apart from the source itself: SQLAlchemy is slow to import."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.source import WHAT_RUNS, Story, not_running, only_one, refusal
from ivr.drivers.passwords import database_url
from ivr.service import offline_orders
from routing.requests.database import make_engine, sqlite_file, unreadable
from routing.requests.due import due_at
from routing.requests.recordings import RecordingFilter
from routing.requests.repository import Repository
from routing.requests.views import CallFilter, RequestFilter
from routing.requests.worked import due_before

LINES, RECORDINGS = "/api/lines", "/api/recordings/"
ASKED = {"/captures": "pcap", "/recording": "recordings", "/callbacks": "callbacks", "/transfer": "transfer",
         "/consultation": "transfer"}


@contextmanager
def opened(config: Config, path: Path) -> Iterator["DatabaseSource"]:
    """Raises AdminError where it can't be read."""
    source = DatabaseSource(lambda: engine_of(config, path), path, config)
    try:
        yield source
    except SQLAlchemyError as error:
        raise unread(config, path, error) from None
    finally:
        source.close()


def unread(config: Config, path: Path, error: SQLAlchemyError) -> AdminError:
    return AdminError([unreadable(database_url(config, os.environ), Place(str(path)), error)])


def engine_of(config: Config, path: Path) -> Engine:
    """To read only: opening must not make an empty database where the service has never run."""
    url, place = database_url(config, os.environ), Place(str(path))
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise AdminError([Fault(place, f"nothing is recorded yet: there is no {file}", "start it: hotline serve")])
    return make_engine(url, place)


class DatabaseSource:
    """The database, while the service does not run."""

    name = "from the database; the service does not run"
    answers = False

    def __init__(self, connect: Callable[[], Engine], path: Path, config: Config) -> None:
        self._connect, self._path, self._config = connect, path, config
        self._engine: Engine | None = None

    @property
    def _repository(self) -> Repository:
        """Opened when it is first read: who is there is asked without it."""
        self._engine = self._engine or self._connect()
        return Repository(self._engine)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    def newest(self, noun: str, limit: int, channel: str | None = None) -> list[dict[str, Any]]:
        """`channel` is for calls alone."""
        repository = self._repository
        read: dict[str, Callable[..., Any]] = {"calls": repository.calls, "requests": repository.requests,
                                               "recordings": repository.recordings.page}
        only = () if channel is None else (CallFilter(channel=channel),)
        page = read[noun](*only, limit=limit)
        return [asdict(row) for row in page.items]

    def overdue(self, limit: int) -> list[dict[str, Any]]:
        due = due_before(self._config, datetime.now(UTC))
        return [asdict(row) | {"due_at": due_at(self._config, row.queue, row.opened_at)}
                for row in self._repository.requests(RequestFilter(overdue=due), limit=limit).items]

    def operators(self) -> list[dict[str, Any]]:
        raise not_running("hotline operators", "who is there")

    def set_status(self, operator: str, status: str, reason: str) -> None:
        self.operators()

    def call(self, call: str) -> Story:
        only = only_one(self._repository.call_ids(call), call, self.newest)
        story = self._repository.call(only)
        if story is None:
            return Story(only, [], complete=True)
        return Story(only, list(story.trace), complete=True, refused=refusal(story.call.outcome, story.call.reason),
                     row=asdict(story.call), legs=[asdict(leg) for leg in story.legs],
                     recordings=self._recordings(only), entries=[asdict(entry) for entry in story.entries])

    def _recordings(self, call: str) -> list[dict[str, Any]]:
        page = self._repository.recordings.page(RecordingFilter(call_id=call))
        return [asdict(row) for row in reversed(page.items)]

    def running(self, path: str) -> Any:
        if path == LINES:
            return {"orders": offline_orders.orders(self._path)}
        if path.startswith(RECORDINGS):
            return {"uses": [asdict(use) for use in self._repository.recordings.uses(path.removeprefix(RECORDINGS))]}
        noun = path.partition("?")[0].rpartition("/")[2]
        command = {"supervisors": "supervise", "menus": "menu status"}.get(noun, noun)
        raise not_running(f"hotline {command}", WHAT_RUNS.get(noun, "that"))

    def save(self, path: str, file: BinaryIO) -> None:
        raise not_running("hotline recordings save", "who may hear them, and writes it down")

    def health(self) -> Any:
        raise not_running("hotline health", "how it is")

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if path.startswith("/api/recordings"):
            raise not_running("hotline recordings erase", "who may erase them, and writes it down")
        if path.startswith(LINES):
            return {"orders": self._ordered(method, path, body or {})}
        asked = next((command for part, command in ASKED.items() if part in path), "supervise")
        raise not_running(f"hotline {asked}", WHAT_RUNS.get(asked, "the calls in progress"))

    def _ordered(self, method: str, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """As the API at this path would, into the file that the service reads at its start."""
        where, _, query = path.partition("?")
        line, kind = where.removeprefix(f"{LINES}/").split("/")
        by = body.get("by") or (parse_qs(query).get("by") or [""])[0]
        arguments = {"line": unquote(line), "kind": kind, "prompt": body.get("prompt", ""), "by": by,
                     "until": body.get("until"), "lasts": body.get("for_s")}
        return offline_orders.change(self._path, arguments, given=method == "PUT")
