"""The record of one visit as it grows: what the call machine tells it becomes rows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ivr.base.ids import Ids
from ivr.base.values import changed
from ivr.call.record import (
    Batch,
    CallRow,
    EntryRow,
    Outcome,
    PathStep,
    PersonRow,
    RequestKind,
    RequestRow,
    RequestStatus,
)

MAX_ENTRIES = 2_000      # a caller who circles in a menu for hours; later entries are not kept, but for COUNTED ones
# What every count of visits and stays is made of: a caller comes by them a few times, however long the call.
COUNTED = frozenset(("queued", "bridged", "overflowed", "queue_left", "stay_ended", "ended"))


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
    left: dict[str, RequestRow] = field(default_factory=dict)      # callbacks and messages, the oldest first
    left_changed: set[str] = field(default_factory=set)
    leaving: tuple[str, RequestRow | None, str | None] | None = None     # being made safe: its id, and what was before
    path: list[PathStep] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    position: int = 0
    queued_at: float | None = None       # the present wait for a person began
    bridged_at: float | None = None      # the present talk began; None while nobody talks
    waited: float | None = None          # s of the waits that are over; None: never waited
    talked: float | None = None          # s of the talks that are over
    estimated: str = ""                  # the queue for which a wait was estimated and has not come yet,
    estimated_at: float = 0.0            # and when it was first
    with_operator: bool = False          # an operator has talked with the caller
    unsolved: bool = False               # the caller said so
    consults: bool = False               # an operator's own call into a queue: it makes no request
    shares: bool = False                 # the request is that of the chat beside, whose record it is
    call_changed: bool = True
    person_changed: bool = True
    request_changed: bool = False
    moment: tuple[float, datetime] | None = None     # the last that was converted: what comes at once has one time

    def entry(self, now: float, kind: str, **details: Any) -> None:
        """Append one entry; `details` holds names and figures, never numbers of people or secret digits."""
        if self.position >= MAX_ENTRIES and kind not in COUNTED:
            return
        entry_id = f"{self.call.id}/{self.position}"
        self.entries.append(EntryRow(entry_id, self.call.id, self.position, self._utc(now), kind, details))
        self.position += 1

    def change(self, **fields: Any) -> None:
        """Change the call's row. Its revision is that of the batch in which it will be written."""
        self.call = changed(self.call, revision=self.call.revision + (not self.call_changed), **fields)
        self.call_changed = True

    def answered(self, now: float) -> None:
        self.change(answered_at=self._utc(now))
        self.entry(now, "answered")

    def chose(self, now: float, menu: str, keys: str, option: str) -> None:
        """The caller took an option of a menu."""
        if len(self.path) < MAX_ENTRIES:
            self.path.append(PathStep(menu, keys, option, self._utc(now)))
        self.entry(now, "option_chosen", menu=menu, keys=keys, option=option)

    def open_request(self, now: float, queue: str, subject: str) -> None:
        """The caller wants a person: the first stay in a queue makes the request, later ones change its queue."""
        if self.makes_none:
            self.change(queue=queue)
            self.queued_at = now if self.queued_at is None else self.queued_at
            return
        if self.request is None:
            request_id = self.ids.uuid()
            self.request = RequestRow(id=request_id, call_id=self.call.id, revision=0, queue=queue, subject=subject,
                                      language=self.call.language, opened_at=self._utc(now), path=tuple(self.path))
            self.change(queue=queue, request_id=request_id)
        else:
            # An operator may have sent the caller on: the request is nobody's again.
            self.request = changed(self.request, queue=queue, path=tuple(self.path), status=RequestStatus.OPEN)
            self.change(queue=queue, request_id=self.request.id)
        if self.queued_at is None:
            self.queued_at = now
        self.wait_came(now, "other")
        self.request_changed = True
        self.entry(now, "request_opened", queue=queue, subject=subject)

    @property
    def makes_none(self) -> bool:
        """Whether no stay in a queue makes a request of its own, and nothing is left to write up."""
        return self.consults or self.shares

    # --- requests that the caller leaves behind ---------------------------------------------------------------------
    def leave_request(self, now: float, kind: RequestKind, queue: str, subject: str, number: str = "",
                      recording: str = "") -> None:
        """The caller leaves a callback or a message; it stays open whatever ends the call. A second wish to be called
        back by the same queue changes the first, and who leaves a queue for it keeps the time they came."""
        before = next((row for row in self.left.values() if kind == row.kind == "callback" and row.queue == queue
                       and row.status is RequestStatus.OPEN), None)
        row = before or self._waiting_for() or RequestRow(
            id=self.ids.uuid(), call_id=self.call.id, revision=0, queue=queue, subject=subject,
            language=self.call.language, opened_at=self._utc(now))
        self.leaving = row.id, before, self.person.callback_number
        self.left[row.id] = changed(row, kind=kind, queue=queue, subject=subject, language=self.call.language,
                                    path=tuple(self.path), recording_id=recording or None)
        self.left_changed.add(row.id)
        self._called_at(number or self.person.callback_number)
        self.change(queue=queue, request_id=row.id)
        self.entry(now, "request_left", left=kind, queue=queue, subject=subject,
                   **({"recording": recording} if recording else {}))

    def _waiting_for(self) -> RequestRow | None:
        """The request of a queue that the caller leaves for this one."""
        row = self.request
        if row is None or row.status is not RequestStatus.OPEN:
            return None
        self.request, self.request_changed = None, False
        return row

    def fill(self, filled: dict[str, str]) -> None:
        """Fields of the request, whichever it will be."""
        self.person = replace(self.person, filled={**(self.person.filled or {}), **filled})
        self.person_changed = True

    def _called_at(self, number: str | None) -> None:
        if number != self.person.callback_number:
            self.person, self.person_changed = replace(self.person, callback_number=number), True

    def left_safe(self, now: float) -> None:
        """The request that was left last will survive whatever dies."""
        if self.leaving is not None:
            self.leaving = None
            self.entry(now, "request_kept")

    def left_refused(self, now: float) -> None:
        """Nothing took the request that was left last, and the caller is told so: nobody shall work on it if it comes
        up all the same."""
        if self.leaving is None:
            return
        (key, before, number), self.leaving = self.leaving, None
        row = self.left[key]
        self.left[key] = changed(before, revision=row.revision) if before is not None else changed(
            row, status=RequestStatus.CLOSED, closed_at=self._utc(now))
        self.left_changed.add(key)
        self._called_at(number)
        self.entry(now, "request_not_kept")

    @property
    def promised(self) -> Outcome | None:
        """How the call counts since the caller left a request: by the last one that stands."""
        for row in reversed(self.left.values()):
            if row.status is RequestStatus.OPEN:
                return Outcome(row.kind)
        return None

    def bridged(self, now: float, operator: str, target: str = "") -> None:
        """The caller and an operator, or the target of a transfer, hear each other; a wait is over.

        The row's operator is whoever talks, or did last: a target outside leaves it as it was.
        """
        self.waits_no_more(now)
        self.wait_came(now, "answered" if operator else "other")
        self.talks(now)
        self.with_operator = self.with_operator or bool(operator)
        self.change(wait_time=self.waited, operator=operator or self.call.operator)
        if self.request is not None and operator:
            self.request = changed(self.request, operator=operator, status=RequestStatus.ANSWERED)
            self.request_changed = True
        names = {"operator": operator, "target": target}
        self.entry(now, "bridged", **{key: name for key, name in names.items() if name})

    def solved(self, now: float, *, solved: bool) -> None:
        """The caller said whether they were helped. "No" reopens the request: somebody has to call back."""
        self.unsolved = not solved
        request = self.request
        if request is None or solved:
            return
        if request.status is not RequestStatus.OPEN:
            self.request = changed(request, status=RequestStatus.OPEN, closed_at=None)
            self.request_changed = True
        self.entry(now, "request_reopened", queue=request.queue, operator=request.operator, solved="no")

    def wait_estimated(self, now: float, low: float, high: float, said: int | None) -> None:
        """Four of five wait so long from now on (s); the caller was told a figure in minutes, or none."""
        if not self.estimated:
            self.estimated, self.estimated_at = self.call.queue, now
        self.entry(now, "wait_estimated", low=round(low, 1), high=round(high, 1), said=said)

    def wait_came(self, now: float, came_to: str) -> None:
        """What became of the estimates of this stay, if there were any: `waited` since the first of them."""
        if self.estimated:
            self.entry(now, "wait_came", queue=self.estimated, waited=round(now - self.estimated_at, 1),
                       came_to=came_to)
            self.estimated = ""

    def talks(self, now: float) -> None:
        """The caller talks with somebody; goes on if they do already."""
        self.talked = self.talked or 0.0
        self.bridged_at = now if self.bridged_at is None else self.bridged_at

    def parted(self, now: float) -> None:
        """The talk is over, or pauses while somebody else is rung; no error if there is none."""
        if self.bridged_at is not None:
            self.talked = (self.talked or 0.0) + now - self.bridged_at
            self.bridged_at = None

    def _utc(self, now: float) -> datetime:
        if self.moment is None or self.moment[0] != now:
            self.moment = now, self.to_utc(now)
        return self.moment[1]

    def waits_no_more(self, now: float) -> None:
        """For now: what the caller does in a menu is no wait for a person."""
        if self.queued_at is not None:
            self.waited = (self.waited or 0.0) + now - self.queued_at
            self.queued_at = None

    def ended(self, now: float, outcome: Outcome, by: str, reason: str) -> None:
        """The one outcome. Waiting time of a caller who was never answered runs to here."""
        self.waits_no_more(now)
        self.wait_came(now, "abandoned" if outcome is Outcome.ABANDONED else "other")
        self.parted(now)
        self.change(outcome=outcome, ended_at=self._utc(now), ended_by=by, reason=reason, wait_time=self.waited,
                    talk_time=self.talked)
        if self.request is not None:
            self._close_request(now, outcome)
        self.entry(now, "ended", outcome=str(outcome), by=by, reason=reason)

    def _close_request(self, now: float, outcome: Outcome) -> None:
        # What an operator answered stays for them to close; what broke by our fault, or was not solved as the caller
        # says, stays open, for someone to ring back; what the caller gave up, or the queue could not serve, is over
        # with the call. Whom we called back in vain is still to be called back.
        assert self.request is not None
        if self.unsolved or self.request.kind == "callback":
            return
        if self.request.status is RequestStatus.OPEN and outcome not in (Outcome.FAILED, Outcome.TRANSFERRED):
            self.request = changed(self.request, status=RequestStatus.CLOSED, closed_at=self._utc(now))
            self.request_changed = True

    def take_batch(self) -> Batch | None:
        """The rows that changed since the last one, or None."""
        calls = (self.call,) if self.call_changed else ()
        requests: tuple[RequestRow, ...] = ()
        if self.request is not None and self.request_changed:
            self.request = changed(self.request, revision=self.request.revision + 1)
            requests = (self.request,)
        if self.left_changed:
            requests += tuple([self._take_left(key) for key in self.left if key in self.left_changed])
            self.left_changed.clear()
        entries, self.entries = tuple(self.entries), []
        people = (self.person,) if self.person_changed else ()
        self.person_changed = self.call_changed = self.request_changed = False
        if not (calls or requests or entries or people):
            return None
        return Batch(calls=calls, people=people, requests=requests, entries=entries)

    def _take_left(self, key: str) -> RequestRow:
        row = self.left[key] = changed(self.left[key], revision=self.left[key].revision + 1)
        return row
