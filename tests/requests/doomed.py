"""A process that writes visits until it is killed, and prints each durable token: URL SPOOL FIRST_CALL."""

import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from routing.requests.database import make_engine
from routing.requests.ledger import Durable, Notice
from routing.requests.spool import Spool
from routing.requests.writer import RecordWriter
from tests.requests.visits import visit


def tell(notices: Sequence[Notice]) -> None:
    for notice in notices:
        if isinstance(notice, Durable):
            sys.stdout.write(notice.token + "\n")
    sys.stdout.flush()


def main(url: str, spool: str, first: str) -> None:
    writer = RecordWriter(make_engine(url), Spool(Path(spool), reserve=10_000, segment=20_000), tell)
    writer.start()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for number in range(int(first), int(first) + 10_000):
        for step, batch in enumerate(visit(number)):
            writer.submit(batch, f"{number} {step}")
        time.sleep(0.005)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
