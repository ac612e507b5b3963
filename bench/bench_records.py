"""How fast batches become durable: `python bench/bench_records.py [URL] [--seconds 10] [--callers 100]`.

Each of the callers submits a batch (a call, a request, an entry), waits until it is durable, and submits the next, as
fast as it goes. Prints one line of JSON per second and one of them all. The database is a new SQLite file in the
folder given by --folder (its disk is what is measured) unless a URL is given.
"""

import argparse
import json
import os
import resource
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from ivr.call.record import Batch, CallRow, EntryRow, RequestRow
from routing.requests.database import open_database
from routing.requests.ledger import Durable, Notice
from routing.requests.spool import Spool
from routing.requests.writer import RecordWriter


def batch() -> Batch:
    call, request, now = str(uuid4()), str(uuid4()), datetime.now(UTC)
    return Batch(
        (CallRow(id=call, revision=1, node="bench", boot_id="bench", line="bank", dialled="100", language="en",
                 began_at=now, queue="cards", sip_call_id=call, request_id=request),),
        requests=(RequestRow(id=request, call_id=call, revision=1, queue="cards", subject="lost card", language="en",
                             opened_at=now),),
        entries=(EntryRow(str(uuid4()), call, 0, now, "queued", {"place": 1}),))


class Callers:
    """Submits again for each token that became durable; batches are made ahead, so that they cost nothing here."""

    def __init__(self, callers: int, seconds: float) -> None:
        self.callers = callers
        self.until = 0.0
        self.seconds = seconds
        self.begun: dict[str, float] = {}
        self.waits: list[tuple[float, float]] = []     # (when, how long)
        self.groups = 0
        self.done = threading.Event()
        self.writer: RecordWriter | None = None
        self._spare = [batch() for _ in range(20_000)]
        self._count = 0

    def start(self, writer: RecordWriter) -> None:
        self.writer = writer
        self.until = time.monotonic() + self.seconds
        for _ in range(self.callers):
            self._submit()

    def take(self, notices: Sequence[Notice]) -> None:
        self.groups += 1
        now = time.monotonic()
        for notice in notices:
            if isinstance(notice, Durable):
                self.waits.append((now, now - self.begun.pop(notice.token)))
                if now < self.until:
                    self._submit()
        if not self.begun:
            self.done.set()

    def _submit(self) -> None:
        assert self.writer is not None
        self._count += 1
        token = str(self._count)
        self.begun[token] = time.monotonic()
        self.writer.submit(self._spare.pop() if self._spare else batch(), token)


def line(waits: list[float], seconds: float, **more: object) -> str:
    ordered = sorted(waits)

    def share(part: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2) if ordered else 0.0

    return json.dumps({"bench": "records", **more, "batches_per_second": round(len(waits) / seconds),
                       "p50_ms": share(0.5), "p99_ms": share(0.99), "max_ms": share(1.0)})


def fsync_ms(folder: Path) -> float:
    """What one small write and fsync costs here, the median of 50: the floor of any commit."""
    times = []
    with open(folder / "probe", "wb") as file:
        for _ in range(50):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return round(sorted(times)[25] * 1000, 2)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url", nargs="?")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--callers", type=int, default=100)
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        probe = fsync_ms(folder)
        engine = open_database(chosen.url or f"sqlite:///{folder}/record.db")
        callers = Callers(chosen.callers, chosen.seconds)
        writer = RecordWriter(engine, Spool(folder / "spool"), callers.take)
        writer.start()
        cpu, begin = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        callers.start(writer)
        callers.done.wait(chosen.seconds + 30)
        seconds, used = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_SELF)
        writer.close()
        for second in range(int(chosen.seconds)):
            waits = [wait for when, wait in callers.waits if second <= when - begin < second + 1]
            print(line(waits, 1.0, second=second))
        busy = used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime
        print(line([wait for _, wait in callers.waits], seconds, database=engine.dialect.name,
                   callers=chosen.callers, groups=callers.groups, fsync_ms=probe,
                   cpu_us_per_batch=round(busy / max(1, len(callers.waits)) * 1e6)))
        engine.dispose()


if __name__ == "__main__":
    main()
