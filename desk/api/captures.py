"""/api/captures: a capture of one call, with its SIP and if wanted its RTP, as a pcap file on the server.

What people say and whom they call is in such a file, so only administrators and programs may have one made.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from desk.audit import audit
from desk.problems import Refusal, problems
from desk.who import Admin, DeskOf, admin
from ivr.drivers.control_link import ControlRefused

NOT_THERE = frozenset(("unknown_capture", "unknown_call"))
Number = Annotated[int, Path(ge=1, le=1 << 31, description="The capture's number")]


router = APIRouter(prefix="/api/captures", tags=["captures"], dependencies=[Depends(admin)])


class Capture(BaseModel):
    """One capture."""

    capture: Annotated[int, Field(description="Its number since control started")]
    state: Annotated[Literal["waiting", "running", "closing", "done"], Field(description="`waiting` for its call")]
    call: Annotated[str, Field(description="The call that is captured; empty while there is none")] = ""
    file: Annotated[str, Field(description="Path on the server; there once it is done. Empty if no call came")]
    messages: Annotated[int, Field(description="Of SIP")] = 0
    packets: Annotated[int, Field(description="Of RTP; told when it is done")] = 0
    rtp: bool = False
    reason: Annotated[str, Field(description="Why it ended")] = ""


class Captures(BaseModel):
    """Those that are on, and the last that were."""

    captures: list[Capture]


class NewCapture(BaseModel):
    """What is to be captured. Passwords, keys of SRTP and what callers are asked for as a secret are masked."""

    model_config = ConfigDict(extra="forbid")

    which: Annotated[Literal["next", "call", "number"],
                     Field(description="The next call; a call in progress; the next or present call of a number")]
    value: Annotated[str, Field(max_length=64, description="The call's id or its beginning; the caller's or dialled "
                                                           "number")] = ""
    rtp: Annotated[bool, Field(description="Whether RTP too, as it is on the wire")] = False
    seconds: Annotated[float, Field(ge=1, le=3600, description="How long at most, with the waiting")] = 600
    max_mb: Annotated[int, Field(ge=1, le=256, description="How much at most of SIP, and of RTP")] = 32


@router.post("", status_code=201, summary="Begin a capture", responses=problems(401, 403, 404, 409, 503))
async def begin(desk: DeskOf, who: Admin, new: NewCapture) -> Capture:
    begun = Capture.model_validate(await _asked(desk, "begin_capture", which=new.which, value=new.value, rtp=new.rtp,
                                                seconds=new.seconds, most_bytes=new.max_mb << 20))
    audit(desk, who, "captures.begin", begun.call or new.which,     # the number that was asked for may be a caller's
          after={"capture": begun.capture, "rtp": new.rtp, "file": begun.file})
    return begun


@router.get("", summary="All captures", responses=problems(401, 403, 503))
async def captures(desk: DeskOf) -> Captures:
    return Captures.model_validate(await _asked(desk, "captures"))


@router.get("/{number}", summary="One capture", responses=problems(401, 403, 404, 503))
async def capture(desk: DeskOf, number: Number) -> Capture:
    return Captures.model_validate(await _asked(desk, "captures", capture=number)).captures[0]


@router.delete("/{number}", summary="End a capture; its file stays", responses=problems(401, 403, 404, 503))
async def end(desk: DeskOf, who: Admin, number: Number) -> Capture:
    ended = Capture.model_validate(await _asked(desk, "end_capture", capture=number))
    audit(desk, who, "captures.end", str(number))
    return ended


async def _asked(desk: DeskOf, op: str, **arguments: Any) -> dict[str, Any]:
    try:
        return await desk.control.call(op, **arguments)
    except ControlRefused as refused:
        raise Refusal(404 if refused.code in NOT_THERE else 409, refused.code, refused.message) from None
