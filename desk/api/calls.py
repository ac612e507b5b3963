"""/api/calls: the record of every visit, from the first ring to its outcome."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from desk.api.paging import Number, PageOf, Row, ShortText, Wanted, page_of
from desk.api.recordings import Recording, of_call
from desk.api.requests import Request
from desk.problems import Refusal, problems
from desk.seen import is_seen, seen_by
from desk.state import Desk
from desk.who import DeskOf, Somebody
from ivr.base import trace
from ivr.call.record import Direction, Outcome
from ivr.drivers.control_link import ControlAway, ControlRefused
from routing.requests.views import CallFilter, CallStory

router = APIRouter(prefix="/api/calls", tags=["calls"])

SUPERVISION = "supervision_"     # how the kinds of entries begin that tell of supervisors
# A call's trace is written in the moment in which control forgets it; the commit takes milliseconds, or a
# second on a loaded machine. What has not come by then was lost in a crash.
TRACE_LOST_AFTER = timedelta(seconds=10)


class Call(Row):
    """One visit. Names that are not known (yet) are empty."""

    id: str
    node: Annotated[str, Field(description="The server that took the call")]
    line: str
    dialled: Annotated[str, Field(description="The number that was dialled")]
    language: str
    caller_number: Annotated[str | None, Field(description="Null once erased")]
    caller_name: str | None
    began_at: datetime
    answered_at: Annotated[datetime | None, Field(description="When the service answered, not the operator")]
    ended_at: datetime | None
    outcome: Annotated[Outcome | None, Field(description="Null while the call goes on")]
    ended_by: str
    reason: str
    queue: str
    operator: str
    wait_time: Annotated[float | None, Field(description="Seconds in the queue")]
    talk_time: Annotated[float | None, Field(description="Seconds with the operator")]
    menu_version: Annotated[str, Field(description="Hash of the menu that the call entered")]
    sip_call_id: Annotated[str, Field(description="Call-ID of the caller's dialog")]
    request_id: str | None
    direction: Annotated[Direction, Field(description="A caller's visit, or a call that an operator made")]
    channel: Annotated[str, Field(description="`voice`, or that of a chat: `web` and others")]


class Entry(Row):
    """One thing that happened in a call."""

    position: Annotated[int, Field(description="Counts from 0 within the call")]
    at: datetime
    kind: str
    details: dict[str, Any]


class TraceRow(Row):
    """A message from `source` to `target`, or a note where they are the same."""

    at: Annotated[float, Field(description="Seconds on a clock of its own")]
    source: str
    target: str
    text: str


class AudioFigures(Row):
    """What the media plane counted of a leg, and what the phone reported (RTCP). Null: not known."""

    packets_sent: int = 0
    octets_sent: int = 0
    packets_received: int = 0
    octets_received: int = 0
    packets_lost: Annotated[int, Field(description="On the way to us")] = 0
    jitter_ms: Annotated[float, Field(description="Of what came (RFC 3550)")] = 0.0
    duplicates: int = 0
    reordered: int = 0
    malformed: int = 0
    refused: Annotated[int, Field(description="From elsewhere, or not authentic")] = 0
    remote_lost: Annotated[int | None, Field(description="On the way to the phone, as it reports")] = None
    remote_jitter_ms: float | None = None
    round_trip_ms: Annotated[float | None, Field(description="Mean")] = None
    round_trip_most_ms: float | None = None
    mos_in: Annotated[float | None, Field(description="Of what came, 1 to 4.5 (ITU-T G.107, estimated)")] = None
    mos_out: Annotated[float | None, Field(description="Of what the phone heard, by its reports")] = None


class Leg(Row):
    """The audio of one leg of a call."""

    party: Annotated[str, Field(description="As in the ladder")]
    codec: str
    encrypted: bool
    closed_at: datetime
    figures: AudioFigures


class CallDetails(BaseModel):
    """Everything that is known of one call."""

    call: Call
    requests: list[Request]
    entries: list[Entry]
    recordings: list[Recording]
    trace: Annotated[list[TraceRow], Field(description="Of a call in progress: what has happened so far")]
    trace_complete: Annotated[bool, Field(description="Whether nothing more is added to the trace")]
    ladder: Annotated[str, Field(description="The trace as a drawing in plain text")]
    legs: Annotated[list[Leg], Field(description="How the audio of each leg that is over was")]


Waited = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class CallsWanted(Wanted):
    """Which calls are wanted; what is left out asks nothing."""

    node: ShortText | None = None
    line: ShortText | None = None
    dialled: ShortText | None = None
    language: ShortText | None = None
    queue: ShortText | None = None
    operator: ShortText | None = None
    outcome: Outcome | None = None
    caller_number: Number | None = None
    direction: Direction | None = None
    channel: Annotated[ShortText | None, Field(description="`voice`, or that of chats")] = None
    topic: Annotated[ShortText | None, Field(description="As the operator chose it, or the menu said")] = None
    wait_from: Annotated[Waited | None, Field(description="Seconds in queues, at least")] = None
    wait_to: Annotated[Waited | None, Field(description="Less than that")] = None
    in_progress: Annotated[bool | None, Field(description="Only calls that go on, or only those that ended")] = None


@router.get("", summary="Calls, the newest first", responses=problems(400, 401, 503))
def calls(desk: DeskOf, who: Somebody, wanted: Annotated[CallsWanted, Query()]) -> PageOf[Call]:
    asked = CallFilter(**wanted.filters(), seen=seen_by(desk, who))
    return page_of(Call, lambda: desk.repository.calls(asked, wanted.cursor, wanted.limit))


@router.get("/{call_id}", summary="One call with all that happened in it", responses=problems(401, 404, 503))
async def call(desk: DeskOf, who: Somebody, call_id: str) -> CallDetails:
    story = await run_in_threadpool(desk.repository.call, call_id)
    if story is None or not is_seen(desk, who, story.call.operator, story.call.queue):
        raise Refusal(404, "not_found", "There is no such call.")
    if not who.may("supervisor"):
        return _of_operator(desk, story)
    recordings = await of_call(desk, call_id)
    if story.trace:
        return _details(story, recordings, story.trace, complete=True)
    rows = await _live_rows(desk, call_id)
    if not rows:        # it may have been written between the two questions
        story = await run_in_threadpool(desk.repository.call, call_id) or story
    complete = not rows and (bool(story.trace) or _is_lost(desk, story))
    return _details(story, recordings, rows or story.trace, complete=complete)


def _of_operator(desk: Desk, story: CallStory) -> CallDetails:
    """Without how phones are reached, nor who listened to them, where the house does not show that."""
    shown = _details(story, [], (), complete=True)
    if not desk.config.web.listeners_shown:
        shown.entries = [entry for entry in shown.entries if not entry.kind.startswith(SUPERVISION)]
    return shown


def _is_lost(desk: Desk, story: CallStory) -> bool:
    """Whether the trace of a call that is over will not come any more; a refused call has none."""
    ended_at = story.call.ended_at
    if story.call.outcome is Outcome.REFUSED:
        return True
    return ended_at is not None and datetime.fromtimestamp(desk.wall_clock(), UTC) - ended_at > TRACE_LOST_AFTER


async def _live_rows(desk: Desk, call_id: str) -> list[trace.Row]:
    """The ladder of a call that goes on; none if control does not have it, or is away."""
    try:
        found = await desk.control.call("ladder", call=call_id)
    except (ControlAway, ControlRefused):
        return []
    return [trace.Row(*row) for row in found.get("rows", ())]


def _details(story: CallStory, recordings: list[Recording], rows: Sequence[trace.Row], *,
             complete: bool) -> CallDetails:
    return CallDetails(
        call=Call.model_validate(story.call),
        requests=[Request.model_validate(one) for one in story.requests],
        entries=[Entry.model_validate(one) for one in story.entries], recordings=recordings,
        trace=[TraceRow.model_validate(one) for one in rows], trace_complete=complete,
        ladder=trace.ladder(rows) if rows else "",
        legs=[Leg.model_validate(one) for one in story.legs])
