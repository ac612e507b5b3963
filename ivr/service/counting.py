"""Counts the figures of pages, in a process of its own which is nice to everybody.

    python -m ivr.service.start ivr.service.counting

Counting is pure Python over many rows: a thread that does it would take the interpreter away from the web process,
which carries the voice of browsers. This process answers one question after the other over its pipes
(`desk.counting_apart` asks them), keeps its connection to the database between them, and ends when nobody has asked
for a while.
"""

import contextlib
import os
import pickle
import select
import sys
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from desk.zones import zones_of
from ivr.base.config import Config
from ivr.service import lifeline
from routing.reports.questions import Question, answer
from routing.requests.database import make_engine

NICE = 10
IDLE = 180.0            # s without a question: somebody who looks at a board asks every few seconds
LENGTH = 8              # octets before each message: how many follow


def main() -> int:
    """What libraries print must not get between."""
    lifeline.watch(-1)
    os.nice(NICE)
    with os.fdopen(os.dup(0), "rb", buffering=0) as asked, os.fdopen(os.dup(1), "wb") as out, \
            contextlib.redirect_stdout(sys.stderr):
        begun = read(asked)
        if begun is None:
            return 0
        config, url = begun
        engine = make_engine(url)
        while select.select([asked], [], [], IDLE)[0] and (question := read(asked)) is not None:
            write(out, _answered(engine, config, question))
        engine.dispose()
    return 0


def _answered(engine: Engine, config: Config, question: Question) -> tuple[str, Any]:
    """How it went, and the answer or why not."""
    try:
        return "done", answer(engine, question, zones_of(config), datetime.now(UTC))
    except SQLAlchemyError as error:
        return "away", type(error).__name__         # its text may carry numbers of callers
    except Exception as error:
        return "failed", repr(error)


def read(source: IO[bytes]) -> Any:
    """The next message; None at the end. Only a process of ours writes there."""
    head = _exactly(source, LENGTH)
    body = _exactly(source, int.from_bytes(head, "big")) if head else b""
    return pickle.loads(body) if body else None


def write(target: IO[bytes], message: Any) -> None:
    target.write(packed(message))
    target.flush()


def packed(message: Any) -> bytes:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(LENGTH, "big") + body


def _exactly(source: IO[bytes], octets: int) -> bytes:
    """As many, or b"" if the source ends before."""
    found = bytearray()
    while len(found) < octets:
        part = source.read(octets - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)
