"""/api/recordings: what was recorded, to be heard and to be erased, and who did; and recording on demand.

What people said is in such a file, so only supervisors may hear it and only administrators erase it, and each time is
written down. A message is for the operators of its queue too. An operator may begin and end the recording of their own
call where the queue allows it.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from desk.api.paging import PageOf, Row, ShortText, Wanted, page_of
from desk.audit import audit
from desk.keeping import Keeper
from desk.problems import Refusal, problems
from desk.seen import queues_of
from desk.state import Desk
from desk.who import Admin, DeskOf, Somebody, Supervisor, Who
from ivr.drivers.control_link import ControlRefused
from routing.requests.recordings import RecordingFilter, RecordingView

MEDIA_TYPES = {"wav": "audio/wav", "ogg": "audio/ogg"}
AUDIO: dict[int | str, dict[str, Any]] = {200: {"content": {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}}}


router = APIRouter(tags=["recordings"])


class Recording(Row):
    """One recording: the caller left, what the caller heard right; of what a menu asked for, the caller alone."""

    id: str
    call_id: str
    queue: str
    operator: Annotated[str, Field(description="Who answered when it began")]
    why: Annotated[str, Field(description="`always`: the queue's; `on_demand`: of `by`; `voicemail`: a message; "
                                             "`menu`: asked for by its `record`")]
    by: str
    format: str
    began_at: datetime
    ended_at: Annotated[datetime | None, Field(description="Null while it goes on")]
    seconds: float | None
    octets: int | None
    muted: Annotated[list[tuple[float, float]], Field(description="Seconds from and to which it is silent: a secret")]
    reason: Annotated[str, Field(description="What ended it")]
    failed: Annotated[bool, Field(description="Whether it ended before its time")]
    erased_at: Annotated[datetime | None, Field(description="When the audio was deleted")]
    erased_by: Annotated[str | None, Field(description="A login, or `retention` or `max_gb` of the configuration")]


class RecordingUse(Row):
    """Somebody fetched it or erased it; many times within an hour count once."""

    at: datetime
    who: str
    what: str


class RecordingDetails(BaseModel):
    """One recording and who used it."""

    recording: Recording
    uses: list[RecordingUse]


class RecordingsWanted(Wanted):
    """Which are wanted; what is left out asks nothing."""

    call_id: ShortText | None = None
    queue: ShortText | None = None
    operator: ShortText | None = None
    erased: Annotated[bool | None, Field(description="Only those whose audio is gone, or only the others")] = None


@router.get("/api/recordings", summary="Recordings, the newest first", responses=problems(400, 401, 403, 503))
def recordings(desk: DeskOf, who: Supervisor, wanted: Annotated[RecordingsWanted, Query()]) -> PageOf[Recording]:
    asked = RecordingFilter(**wanted.filters())
    return page_of(Recording, lambda: desk.repository.recordings.page(asked, wanted.cursor, wanted.limit))


@router.get("/api/recordings/{recording}", summary="One recording, and who used it",
            responses=problems(401, 403, 404, 503))
def recording(desk: DeskOf, who: Supervisor, recording: str) -> RecordingDetails:
    found = _known(desk, recording)
    return RecordingDetails(recording=Recording.model_validate(found), uses=[
        RecordingUse.model_validate(use) for use in desk.repository.recordings.uses(recording)])


@router.get("/api/recordings/{recording}/audio", summary="The audio, or parts of it (Range)",
            response_class=FileResponse, responses=problems(401, 403, 404, 409, 503) | AUDIO)
def audio(desk: DeskOf, who: Somebody, recording: str) -> FileResponse:
    found = _heard_by(desk, who, recording)
    path = _keeper(desk).path(found)
    if path is None:
        raise _no_audio(desk, found)
    if desk.repository.recordings.note(recording, who.name, "fetched", _now(desk)):
        audit(desk, who, "recordings.heard", recording, after={"call": found.call_id})
    return FileResponse(path, media_type=MEDIA_TYPES[found.format], filename=path.name,
                        content_disposition_type="inline")


@router.delete("/api/recordings/{recording}", status_code=204, summary="Erase the audio; its row stays",
               responses=problems(401, 403, 404, 409, 503))
def erase(desk: DeskOf, who: Admin, recording: str) -> None:
    found = _known(desk, recording)
    if found.ended_at is None or (found.erased_at is None and _keeper(desk).elsewhere(found)):
        raise _no_audio(desk, found)
    if found.erased_at is None:
        _keeper(desk).erase(found, who.name, _now(desk))
        audit(desk, who, "recordings.erase", recording, after={"call": found.call_id})


@router.post("/api/calls/{call_id}/recording", status_code=204, summary="Record a call from now on",
             responses=problems(401, 403, 404, 409, 503))
async def begin(desk: DeskOf, who: Somebody, call_id: str) -> None:
    await _asked(desk, "begin_recording", call_id, who)
    audit(desk, who, "recordings.begin", call_id)


@router.delete("/api/calls/{call_id}/recording", status_code=204, summary="Record a call no longer",
               responses=problems(401, 403, 404, 409, 503))
async def end(desk: DeskOf, who: Somebody, call_id: str) -> None:
    await _asked(desk, "end_recording", call_id, who)
    audit(desk, who, "recordings.end", call_id)


async def of_call(desk: Desk, call_id: str) -> list[Recording]:
    """What a call has."""
    found = await run_in_threadpool(desk.repository.recordings.page, RecordingFilter(call_id=call_id))
    return [Recording.model_validate(one) for one in reversed(found.items)]


async def _asked(desk: Desk, op: str, call_id: str, who: Who) -> Any:
    try:
        return await desk.control.call(op, call=call_id, by=who.name, admin=who.may("supervisor"))
    except ControlRefused as refused:
        status = {"unknown_call": 404, "not_yours": 403}.get(refused.code, 409)
        raise Refusal(status, refused.code, refused.message) from None


def _known(desk: Desk, recording: str) -> RecordingView:
    found = desk.repository.recordings.get(recording)
    if found is None:
        raise Refusal(404, "not_found", "There is no such recording.")
    return found


def _heard_by(desk: Desk, who: Who, recording: str) -> RecordingView:
    """It, if they may hear it. Who may not is not told whether it is there."""
    if who.may("supervisor"):
        return _known(desk, recording)
    found = desk.repository.recordings.get(recording)
    queue = desk.config.queues.get(found.queue) if found is not None and found.why == "voicemail" else None
    if found is None or queue is None or found.queue not in queues_of(desk.config, who.name) \
            or who.session is None:
        raise Refusal(403, "not_yours", "Recordings are for supervisors, messages also for the operators of their "
                      "queue.")
    return found


def _no_audio(desk: Desk, found: RecordingView) -> Refusal:
    if found.erased_at is not None:
        return Refusal(404, "erased", f"Its audio was deleted ({found.erased_by}).")
    if found.ended_at is None:
        return Refusal(409, "going_on", "It is still being recorded.")
    node = _keeper(desk).elsewhere(found)
    if node is not None:
        return Refusal(409, "elsewhere", f"Its file is at the node {node}: ask there.")
    return Refusal(404, "no_file", "Its file is not there.")


def _keeper(desk: Desk) -> Keeper:
    return Keeper(desk.config.recordings, desk.repository.recordings, desk.config.node)


def _now(desk: Desk) -> datetime:
    return datetime.fromtimestamp(desk.wall_clock(), UTC)
