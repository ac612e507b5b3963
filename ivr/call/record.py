"""The record of a visit as plain rows: what the call machine fills in, and what the database keeps.

A row with a `revision` is written again whenever it changes, each time with a higher revision; the highest wins, so
that writing twice or late changes nothing. Entries are appended and never changed. Numbers and names of people live
in `PersonRow` alone, which can be erased; no other row may carry them, nor the digits of a secret field.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from ivr.base.trace import Row
from ivr.base.values import frozen


class Outcome(StrEnum):
    """How a visit ended; every visit ends in exactly one.

    Once an operator has talked with the caller it is `answered`, whatever follows: a transfer out, a queue given up, a
    menu; only `failed` (our fault) comes before that. Likewise `callback` and `voicemail` once the caller has left such
    a request, unless an operator or a transfer has them then. Of a call that an operator made: `answered`; `refused` if
    nobody took it or it was not permitted; `abandoned` if the operator gave up; `transferred` if its partner was joined
    with another call.
    """

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SELF_SERVED = "self_served"
    TRANSFERRED = "transferred"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    CLOSED = "closed"
    REFUSED = "refused"
    FAILED = "failed"


OVER = 1 << 30          # the revision of a chat's last state: nothing comes behind it
Direction = Literal["inbound", "internal", "outbound"]
"""A caller's visit; an operator who called a colleague; an operator who called out."""


RequestKind = Literal["queue", "callback", "voicemail"]
"""What the caller did: waited for an operator, asked to be called back, left a message."""


class RequestStatus(StrEnum):
    """Where a request stands: nobody has taken it, an operator has, or it is done with."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


@frozen(slots=True)
class PathStep:
    """One choice in a menu: the keys pressed, the option they took, and when (aware UTC)."""

    menu: str
    keys: str
    option: str
    at: datetime


@frozen(kw_only=True)
class CallRow:
    """One visit. Names that are not known (yet) are empty; times that are not known are None.

    `boot_id` names the run of the control process that took the call: a later run finds by it the calls that nobody
    will end any more. `wait_time` and `talk_time` in seconds. `channel`: "voice", or the one that a chat came by.
    """

    id: str
    revision: int
    node: str
    boot_id: str
    line: str
    dialled: str
    language: str
    began_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    ended_by: str = ""
    reason: str = ""
    queue: str = ""
    operator: str = ""
    wait_time: float | None = None
    talk_time: float | None = None
    menu_version: str = ""
    sip_call_id: str = ""
    request_id: str | None = None
    direction: Direction = "inbound"
    channel: str = "voice"


@frozen(slots=True)
class PersonRow:
    """Who called, or was called by an operator: personal data, None once erased. `callback_number`: where the caller
    asked to be called back; `filled`: fields of the request that the menu knew, by name."""

    call_id: str
    caller_number: str | None
    caller_name: str | None
    callback_number: str | None = None
    filled: Mapping[str, str] | None = None


@frozen(kw_only=True)
class RequestRow:
    """What the caller wanted and what became of it. `recording_id`: of the message that the caller left."""

    id: str
    call_id: str
    revision: int
    queue: str
    subject: str
    language: str
    opened_at: datetime
    path: tuple[PathStep, ...] = ()
    operator: str = ""
    status: RequestStatus = RequestStatus.OPEN
    closed_at: datetime | None = None
    kind: RequestKind = "queue"
    recording_id: str | None = None


@frozen(kw_only=True)
class RecordingRow:
    """A recording of a visit, or of a part of it. `file` is its path in the folder of recordings.

    `why`: the queue's "always", or "on_demand" of `by`; or what the caller said alone: for a "menu" that asked, or as a
    message ("voicemail"). `muted`: spans (from, to) in its seconds that are silent, since
    a secret was asked; `failed`: it ended before its time, for `reason`. The audio is personal data: what is said of it
    here is not, and stays when it is erased.
    """

    id: str
    call_id: str
    revision: int
    queue: str
    operator: str
    why: Literal["always", "on_demand", "menu", "voicemail"]
    by: str
    format: str
    file: str
    began_at: datetime
    ended_at: datetime | None = None
    seconds: float | None = None
    octets: int | None = None
    muted: tuple[tuple[float, float], ...] = ()
    reason: str = ""
    failed: bool = False


@frozen(slots=True)
class EntryRow:
    """One thing that happened in a visit, at `at` (aware UTC); `position` counts from 0 within the call, and `id` is
    made of both."""

    id: str
    call_id: str
    position: int
    at: datetime
    kind: str
    details: Mapping[str, Any] = field(default_factory=dict)


@frozen(slots=True)
class TraceRow:
    """The ladder of a visit, written at its end; the last ROWS_PER_CALL rows are kept."""

    call_id: str
    rows: tuple[Row, ...]


@frozen(slots=True)
class LegRow:
    """How the audio of a leg was, written once its stream is closed: after the call's end, so no row waits for it.

    `party` names it as in the ladder; `figures` are those of the media plane's `StreamStatistics`.
    """

    id: str
    call_id: str
    party: str
    codec: str
    encrypted: bool
    closed_at: datetime
    figures: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class MenuVersionRow:
    """A text of a menu file, or of the announcements, that calls were given. `version` is the hash of the text, as in
    `CallRow.menu_version`; `author`: whose the file is, "" where nobody knows.

    `state`: "trial" while a share of the calls tries it, "taken" once all have it, "returned" if the trial found it
    worse, "replaced" if a rollback put another text in its place before any call had it.

    `files`: of a menu that hands over to other files the versions of all by path, its own among them; `version` is then
    the hash over all. The rows of the others have their texts.
    """

    id: str
    revision: int
    node: str
    file: str
    version: str
    at: datetime
    author: str
    text: str
    state: Literal["trial", "taken", "returned", "replaced"]
    files: Mapping[str, str] = field(default_factory=dict)


@frozen(slots=True, kw_only=True)
class OperatorEntryRow:
    """How an operator stands from `at` on: appended at each change of status, state or phone, and never changed.

    `position` counts from 0 within the run `boot_id` of control; the operator's next row says until when it holds. A
    run that ends in order says so with `state` "gone". `call_id`: the call they are rung for, on, or write up; `queue`:
    the one it waited in. `by`: who set the status, "" for the operator.
    """

    id: str
    node: str
    boot_id: str
    operator: str
    position: int
    at: datetime
    status: str
    reason: str
    by: str
    state: str
    reachable: bool
    call_id: str = ""
    queue: str = ""


@frozen(kw_only=True)
class MessageRow:
    """One message of a chat; `position` counts from 0 within it, and `id` is made of both.

    `sender`: "caller", "hotline" or an operator; `audience`: "staff" for what the caller does not read; `key`: the id
    that it had at its sender's, with the sender before it; `options`: what the caller could choose then, as (keys,
    label). The body is personal data: None once erased.
    """

    id: str
    call_id: str
    position: int
    at: datetime
    sender: str
    audience: Literal["all", "staff"] = "all"
    kind: str = "text"
    body: str | None = field(default=None, repr=False)
    key: str = ""
    options: tuple[tuple[str, str], ...] = ()


@frozen(slots=True, kw_only=True)
class ChatStateRow:
    """All that a chat that goes on is, for the control process that takes it up should this one end (decision 69).

    `state`: sealed, see `ivr.exchange.texting.sealing`; "" once nothing goes on, or where it could not be kept.
    """

    call_id: str
    revision: int
    version: int
    at: datetime
    state: str = field(repr=False)

    @property
    def over(self) -> bool:
        """The chat has an outcome. A state of "" alone says less: one that could not be kept is empty, too."""
        return self.revision >= OVER


@frozen(slots=True)
class Batch:
    """Rows that belong together: they are committed in one transaction, in the order of the fields."""

    calls: tuple[CallRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    requests: tuple[RequestRow, ...] = ()
    entries: tuple[EntryRow, ...] = ()
    traces: tuple[TraceRow, ...] = ()
    recordings: tuple[RecordingRow, ...] = ()
    legs: tuple[LegRow, ...] = ()
    menu_versions: tuple[MenuVersionRow, ...] = ()
    operator_entries: tuple[OperatorEntryRow, ...] = ()
    messages: tuple[MessageRow, ...] = ()
    chat_states: tuple[ChatStateRow, ...] = ()
