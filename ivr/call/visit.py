"""The record of one visit as it grows: what the call machine tells it becomes rows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.base.ids import Ids
from ivr.call.record import Batch, CallRow, EntryRow, Outcome, PathStep, PersonRow, RequestRow, RequestStatus

MAX_ENTRIES = 2_000      # a caller who circles in a menu for hours; later entries are not kept, the outcome still is


@dataclass
class Visit:
    """Collects rows until `take_batch`. `to_utc` turns monotonic time into aware UTC; times inside are monotonic.

    Entries wait for the next batch: a batch is taken at each change of the call's state, so a crash loses at most the
    keys pressed in the menu that the caller was in.
    """

    call: CallRow
    person: PersonRow
    ids: Ids
    to_utc: Callable[[float], datetime]
    request: RequestRow | None = None
    path: list[PathStep] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    position: int = 0
    queued_at: float | None = None
    bridged_at: float | None = None
    call_changed: bool = True
    person_changed: bool = True
    request_changed: bool = False

    def entry(self, now: float, kind: str, **details: Any) -> None:
        """Append one entry; `details` holds names and figures, never numbers of people or secret digits."""
        if self.position >= MAX_ENTRIES:
            return
        self.entries.append(EntryRow(self.ids.uuid(), self.call.id, self.position, self.to_utc(now), kind, details))
        self.position += 1

    def change(self, **fields: Any) -> None:
        """Change the call's row. Its revision is that of the batch in which it will be written."""
        self.call = replace(self.call, revision=self.call.revision + (not self.call_changed), **fields)
        self.call_changed = True

    def answered(self, now: float) -> None:
        self.change(answered_at=self.to_utc(now))
        self.entry(now, "answered")

    def chose(self, now: float, menu: str, keys: str, option: str) -> None:
        """The caller took an option of a menu."""
        if len(self.path) < MAX_ENTRIES:
            self.path.append(PathStep(menu, keys, option, self.to_utc(now)))
        self.entry(now, "option_chosen", menu=menu, keys=keys, option=option)

    def open_request(self, now: float, queue: str, subject: str) -> None:
        """The caller wants a person: the first stay in a queue makes the request, later ones change its queue."""
        if self.request is None:
            request_id = self.ids.uuid()
            self.request = RequestRow(id=request_id, call_id=self.call.id, revision=0, queue=queue, subject=subject,
                                      language=self.call.language, opened_at=self.to_utc(now), path=tuple(self.path))
            self.queued_at = now
            self.change(queue=queue, request_id=request_id)
        else:
            self.request = replace(self.request, queue=queue, path=tuple(self.path))
            self.change(queue=queue)
        self.request_changed = True
        self.entry(now, "request_opened", queue=queue, subject=subject)

    def bridged(self, now: float, operator: str, target: str = "") -> None:
        """Caller and operator (or a transfer's target) hear each other."""
        self.bridged_at = now
        wait = now - self.queued_at if self.queued_at is not None else None
        self.change(operator=operator, wait_time=wait)
        if self.request is not None and operator:
            self.request = replace(self.request, operator=operator, status=RequestStatus.ANSWERED)
            self.request_changed = True
        self.entry(now, "bridged", **({"operator": operator} if operator else {"target": target}))

    def ended(self, now: float, outcome: Outcome, by: str, reason: str) -> None:
        """The one outcome. Waiting time of a caller who was never answered runs to here."""
        talk = now - self.bridged_at if self.bridged_at is not None else None
        wait = self.call.wait_time
        if wait is None and self.queued_at is not None:
            wait = now - self.queued_at
        self.change(outcome=outcome, ended_at=self.to_utc(now), ended_by=by, reason=reason, wait_time=wait,
                    talk_time=talk)
        if self.request is not None:
            self._close_request(now, outcome)
        self.entry(now, "ended", outcome=str(outcome), by=by, reason=reason)

    def _close_request(self, now: float, outcome: Outcome) -> None:
        # What an operator answered stays for them to close; what broke by our fault stays open, for someone to ring
        # back; what the caller gave up, or the queue could not serve, is over with the call.
        assert self.request is not None
        if self.request.status is RequestStatus.OPEN and outcome not in (Outcome.FAILED, Outcome.TRANSFERRED):
            self.request = replace(self.request, status=RequestStatus.CLOSED, closed_at=self.to_utc(now))
            self.request_changed = True

    def take_batch(self) -> Batch | None:
        """The rows that changed since the last one, or None."""
        calls = (self.call,) if self.call_changed else ()
        requests: tuple[RequestRow, ...] = ()
        if self.request is not None and self.request_changed:
            self.request = replace(self.request, revision=self.request.revision + 1)
            requests = (self.request,)
        entries, self.entries = tuple(self.entries), []
        people = (self.person,) if self.person_changed else ()
        self.person_changed = self.call_changed = self.request_changed = False
        if not (calls or requests or entries or people):
            return None
        return Batch(calls=calls, people=people, requests=requests, entries=entries)
