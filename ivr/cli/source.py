"""Where the command reads: the running service over its API, or, when it does not run, the database itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ivr.base.errors import AdminError, Fault, Place
from ivr.base.trace import Row
from ivr.call.record import Outcome

SEARCHED = 500           # latest calls, then requests, among which the first characters of an id are looked for
WHAT_RUNS = {"supervisors": "the calls in progress", "trunks": "how its trunks stand",
             "channels": "how its channels stand",
             "phones": "which phones are registered", "menus": "which versions calls get", "why": "who gets which call",
             "callbacks": "who is to be called back", "tokens": "which tokens hold", "audit": "who changed what"}


@dataclass(frozen=True)
class Story:
    """The rows of one call's ladder; `complete`: nothing is added any more. `refused`: why the call was turned away.
    `row`: the call itself; `legs`: how the audio of those that are over was; `entries`: what happened, in order."""

    call: str
    rows: list[Row]
    complete: bool
    refused: str = ""
    row: dict[str, Any] = field(default_factory=dict)
    legs: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)


class Source(Protocol):
    """One of the two; `name` is told to the reader; `answers`: it is the running service."""

    name: str
    answers: bool

    def newest(self, noun: str, limit: int, channel: str | None = None) -> list[dict[str, Any]]: ...

    def overdue(self, limit: int) -> list[dict[str, Any]]: ...

    def operators(self) -> list[dict[str, Any]]: ...

    def set_status(self, operator: str, status: str, reason: str) -> None: ...

    def call(self, call: str) -> Story: ...

    def running(self, path: str) -> Any:
        """What the API says at `path`: only the running service knows it."""

    def save(self, path: str, file: BinaryIO) -> None:
        """What the API gives at `path`, as it is."""

    def health(self) -> Any:
        """How the running service is."""

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Have the running service do something."""


@contextmanager
def open_source(config_path: Path) -> Iterator[Source]:
    """The API if the service answers there, else the database. Raises AdminError."""
    # Here and not above: reading the configuration, HTTP and SQLAlchemy take a second to import.
    from ivr.cli.api_source import answering
    from ivr.drivers.config_file import load_config

    config = load_config(config_path)
    with answering(config) as running:
        if running is not None:
            yield running
            return
    from ivr.cli.database_source import opened

    with opened(config, config_path) as source:
        yield source


def not_running(command: str, what: str) -> AdminError:
    """What only the running service could tell."""
    return AdminError([Fault(Place(command), f"the service does not run, and only it knows {what}",
                             "start it: hotline serve")])


def refusal(outcome: str | None, reason: str) -> str:
    """Why a call was turned away; "" of any other."""
    return reason or outcome if outcome == Outcome.REFUSED else ""


def only_one(calls: Sequence[str], wanted: str, newest: Callable[[str, int], list[dict[str, Any]]]) -> str:
    """The one call that is meant: `calls` begin with `wanted`, which is else the beginning of a request's id."""
    if not wanted and calls:
        return calls[0]
    if not calls:
        calls = [row["call_id"] for row in newest("requests", SEARCHED) if row["id"].startswith(wanted)]
    if len(calls) == 1:
        return calls[0]
    place = Place(wanted or "hotline")
    if not wanted:
        raise AdminError([Fault(place, "nobody has called yet")])
    what = "no id of a call or a request begins" if not calls else f"{len(calls)} ids begin"
    raise AdminError([Fault(place, f"{what} like this", "hotline calls lists them")])
