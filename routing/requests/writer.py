"""Brings the record of every call into the database, or into the spool while the database does not answer."""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import Any

from sqlalchemy import Engine

from ivr.call.record import Batch
from routing.requests.ledger import Accepted, Item, Ledger, Notice, RowsQuarantined
from routing.requests.quarantine import Quarantine, Refused
from routing.requests.rows import ROW_TYPES, decode_batch, encode_batch
from routing.requests.spool import Spool
from routing.requests.store import Store

log = logging.getLogger(__name__)


class RecordWriter:
    """Two threads: one asks the database, the other writes the spool when the first gets no answer.

    `notify` is called with notices in order, from either thread and never twice at once; it must only hand them on
    (`loop.call_soon_threadsafe`). What an earlier process left in the spool is written before anything newer. The
    engine may come from `make_engine`: nothing here needs the database to answer.
    """

    def __init__(self, engine: Engine, spool: Spool, notify: Callable[[Sequence[Notice]], None],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._spool = spool
        self._notify = notify
        self._clock = clock
        self._quarantine = Quarantine(spool.folder / "quarantine.jsonl")
        self._store = Store(engine, self._quarantine)
        self._ledger = Ledger(backlog=not spool.empty)
        self._orphans: tuple[str, str, datetime, Collection[str]] = ("", "", datetime.min, ())
        self._ending = False
        self._running = 0
        self._notices: deque[Notice] = deque()      # emptied after every turn: a few groups at most
        self._delivery = Lock()
        self._lock = Lock()
        self._database_turn = Condition(self._lock)
        self._spool_turn = Condition(self._lock)
        self._idle = Condition(self._lock)
        self._threads = (Thread(target=self._database_loop, name="record database", daemon=True),
                         Thread(target=self._spool_loop, name="record spool", daemon=True))

    @property
    def quarantine_path(self) -> Path:
        """Where rows lie that the database refused for their content."""
        return self._quarantine.path

    @property
    def full(self) -> bool:
        """True while new calls must not be taken: what room is left is for the calls in progress."""
        with self._lock:
            return self._ledger.crowded

    @property
    def behind(self) -> bool:
        """True while the spool holds what the database has not."""
        with self._lock:
            return self._ledger.backlog

    def start(self) -> None:
        """Begin with what lies in the spool."""
        with self._lock:
            self._notices.extend(self._ledger.spool_is(self._spool.full, self._clock()))
            self._running = len(self._threads)
        for thread in self._threads:
            thread.start()

    def submit(self, batch: Batch, token: str | None = None) -> Accepted:
        """Take `batch`, to be written after all that were submitted before it. Never waits for disk or database.

        Durable(token) follows exactly once, after SPOOL_AFTER and an fsync at the latest, unless the answer is
        REFUSED or there is no room.
        """
        with self._lock:
            accepted = self._ledger.submit(batch, token, self._clock())
            first = len(self._ledger.waiting) == 1
            # A thread that is woken takes time from the calls: only for what it does not know of yet.
            if first or token is not None:
                self._database_turn.notify()
            if first or self._ledger.late:
                self._spool_turn.notify()
        return accepted

    def close_orphans(self, node: str, boot_id: str, at: datetime, but: Collection[str] = ()) -> None:
        """Once the spool is empty, end as `failed` calls of `node` without an outcome that are not of run `boot_id`;
        those of `but` go on."""
        with self._lock:
            self._orphans = (node, boot_id, at, but)
            self._ledger.orphans = True
            self._database_turn.notify()

    @property
    def caught_up(self) -> bool:
        """Whether what an earlier run left in the spool is in the database, and its calls are ended there."""
        with self._lock:
            return not self._ledger.orphans

    def close(self, timeout: float = 5.0) -> bool:
        """Wait until all is committed, or spooled if the database is away, and end.

        False if something is neither after `timeout` (s). A thread that hangs inside the database's driver is left
        behind, and the spool is owned until it ends. To be called once.
        """
        with self._lock:
            self._idle.wait_for(lambda: self._ledger.idle, timeout)
            done = not self._ledger.waiting
            self._ending = True
            self._database_turn.notify_all()
            self._spool_turn.notify_all()
            begun = self._running > 0
        for thread in self._threads if begun else ():
            thread.join(timeout=1.0)
        self._deliver()
        if not begun:
            self._spool.close()
        return done

    def _wait(self, turn: Condition, next_at: Callable[[], float | None]) -> bool:
        """Sleep until `next_at`; False when it is time to end."""
        with self._lock:
            while not self._ending:
                at, now = next_at(), self._clock()
                if at is not None and at <= now:
                    return True
                turn.wait(None if at is None else at - now)
            return False

    def _tell(self, notices: Sequence[Notice]) -> None:
        """With the lock held: what `_deliver` will hand out."""
        self._notices.extend(notices)
        if self._ledger.idle:
            self._idle.notify_all()

    def _deliver(self) -> None:
        """Without the lock: two threads may come here, and the order stays."""
        with self._delivery:
            notices: list[Notice] = []
            while self._notices:
                notices.append(self._notices.popleft())
            if notices:
                try:
                    self._notify(notices)
                except Exception:
                    log.exception("the record's notices were not taken")

    def _leave(self) -> None:
        """The last thread closes the spool: the database's may come back from a driver that hung long after `close`."""
        with self._lock:
            self._running -= 1
            last = self._running == 0
        if last:
            self._spool.close()

    # The thread that asks the database.

    def _database_loop(self) -> None:
        while self._wait(self._database_turn, self._ledger.next_try_at):
            self._ask_database()
            self._deliver()
        self._store.close()
        self._leave()

    def _ask_database(self) -> None:
        with self._lock:
            group = self._ledger.take_group()
            if not (group or self._ledger.backlog or self._ledger.orphans):
                return    # what was to be written is on its way into the spool
            work = self._replay if self._ledger.backlog else self._end_orphans
            self._ledger.asked(self._clock())
            if not group:
                self._spool_turn.notify()    # it watches how long the answer takes
        try:
            refused = self._store.write([item.batch for item in group]) if group else work()
        except Exception as error:
            self._store.close()
            log.warning("the database did not take the record: %s", error)
            with self._lock:
                self._tell(self._ledger.failed(str(error), self._clock()))
                self._spool_turn.notify()
            return
        with self._lock:
            self._tell(self._ledger.answered())
            self._tell(_quarantined(refused))
            if self._spool.empty:
                self._ledger.caught_up()
            self._tell(self._ledger.spool_is(self._spool.full, self._clock()))

    def _replay(self) -> list[Refused]:
        """The next part of the spool; it is deleted only after its rows are committed or in quarantine."""
        chunk = self._spool.read()
        if chunk is None:
            return []
        batches, refused = [], [Refused(line, "damaged in the spool") for line in chunk.damaged]
        for payload in chunk.payloads:
            try:
                batches.append(decode_batch(payload))
            except Exception as error:    # another version's, or a bug of ours: it must not stop the others
                refused.append(Refused(payload, f"not readable: {error!r}"))
        self._quarantine.put(refused)
        if batches:
            refused += self._store.write(batches)
        self._spool.confirm(chunk.end)
        return refused

    def _end_orphans(self) -> list[Refused]:
        orphans = self._orphans
        count = self._store.close_orphans(*orphans)
        log.log(logging.WARNING if count else logging.INFO, "%d calls of an earlier run ended as failed", count)
        with self._lock:
            self._ledger.orphans = self._orphans is not orphans
        return []

    # The thread that writes the spool.

    def _spool_loop(self) -> None:
        while self._wait(self._spool_turn, self._ledger.next_spool_at):
            with self._lock:
                self._tell(self._ledger.hung(self._clock()))
                items = self._ledger.take_for_spool(self._clock())
            if self._spool.disk_full:
                self._spool.restore_reserve()
            if items:
                self._append(items)
            with self._lock:
                self._tell(self._ledger.spool_is(self._spool.full, self._clock()))
            self._deliver()
        self._leave()

    def _append(self, items: Sequence[Item]) -> None:
        try:
            payloads, refused = _encoded(items)
            self._quarantine.put(refused)
            if payloads:
                self._spool.append(payloads)
        except Exception as error:
            with self._lock:
                smaller = self._ledger.not_spooled(self._clock())
            if not smaller:
                log.warning("the spool did not take the record: %s", error)
            return
        with self._lock:
            self._tell(self._ledger.spooled(bool(payloads)))
            self._tell(_quarantined(refused))
            self._database_turn.notify()


def _encoded(items: Sequence[Item]) -> tuple[list[bytes], list[Refused]]:
    payloads, refused = [], []
    for item in items:
        try:
            payloads.append(encode_batch(item.batch))
        except Exception:    # a field of the wrong type, whatever it raises: it must not keep a chat from its end
            left, lost = _apart(item.batch)
            refused += lost
            if left != Batch():
                payloads.append(encode_batch(left))
    return payloads, refused


def _apart(batch: Batch) -> tuple[Batch, list[Refused]]:
    """The rows that can be encoded, and the others."""
    left: dict[str, Any] = {}
    refused: list[Refused] = []
    for name in ROW_TYPES:
        for row in getattr(batch, name):
            try:
                encode_batch(Batch(**{name: (row,)}))
                left[name] = (*left.get(name, ()), row)
            except Exception as error:
                refused.append(Refused(row, f"not writable: {error!r}", name))
    return Batch(**left), refused


def _quarantined(refused: Sequence[Refused]) -> list[Notice]:
    return [RowsQuarantined(len(refused), refused[0].reason)] if refused else []
