"""/api/desk: the operator's own screen: their calls with the story of each caller, and what they missed today."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from desk.api.operators import Operator
from desk.api.paging import Row
from desk.live.me import me
from desk.problems import Refusal, problems
from desk.who import DeskOf, Somebody, Who
from ivr.call.record import Outcome
from ivr.drivers.control_link import ControlRefused
from routing.requests.missed import missed

router = APIRouter(prefix="/api/desk", tags=["desk"])
CallId = Annotated[str, Path(max_length=64, description="The call's id")]
CardState = Literal["ringing", "briefing", "talking", "held", "consulting", "conference", "transferring", "consulted",
                    "dialling", "calling_back", "supervising", "surveying", "waits"]


class Step(BaseModel):
    """One choice in a menu."""

    menu: str
    keys: Annotated[str, Field(description="Those of secret fields are masked")]
    label: Annotated[str, Field(description="What it led to, in words")]


class TellsMenu(BaseModel):
    """What the menu was told, or looked up, and is no secret."""

    name: str
    value: str


class OnCall(BaseModel):
    """Somebody on the call besides the caller and this operator."""

    who: str
    part: Literal["operator", "asked", "supervisor"]
    joined: Annotated[bool, Field(description="False: it rings at them")]


class Brought(BaseModel):
    """The colleague by whom a call rings here."""

    who: str
    how: Annotated[Literal["asks", "passes_on", "comes_back"], Field(
        description="`asks`: they talk to this operator first, and the caller waits; `passes_on`: the caller is there "
                    "at once; `comes_back`: nobody took the caller whom this operator passed on")]


class Card(BaseModel):
    """One call of this operator. Times in seconds."""

    call: str
    state: Annotated[CardState, Field(description="What this operator does in it; `consulted`: a colleague asks them; "
                                                      "`waits`: it rings here once they are in no other call")]
    ends_in_s: Annotated[float | None, Field(description="How long it still rings: here, or where the caller is sent")]
    also_rings: Annotated[list[str], Field(description="Who else is rung for this call")]
    brought: Annotated[Brought | None, Field(description="While it rings, if a colleague has it ring")] = None
    mode: Annotated[str, Field(description="Of `supervising`: listen (reads alone), whisper (notes to the operator) or "
                                           "barge (both read it); else empty")] = ""
    on_call: list[OnCall]
    number: Annotated[str, Field(description="As the caller's side shows it: a hint, never a proof")]
    name: str
    colleague: Annotated[str, Field(description="Of a call within the house: who calls, or is called")]
    direction: Literal["inbound", "internal", "outbound"]
    channel: Annotated[str, Field(description="`voice`, or that of a chat: `web` and others")] = "voice"
    line: str
    dialled: str
    queue: str
    subject: str
    language: str
    request: Annotated[str | None, Field(description="The request of this call")]
    since_s: Annotated[float, Field(description="Since the call began")]
    waited_s: Annotated[float, Field(description="In queues, until somebody answered")]
    talked_s: Annotated[float, Field(description="With people; goes on while `talks`")]
    talks: bool
    path: list[Step]
    told: list[TellsMenu]
    groups: Annotated[list[str], Field(description="Groups of callers that this one belongs to")]
    callback: Annotated[bool, Field(description="We call this caller back")]
    beside: Annotated[str, Field(description="Of a chat: the call beside it; of that call: the chat; else empty")] = ""
    recorded: bool
    may_record: Annotated[bool, Field(description="Whether I may begin and end a recording: `/api/calls/…/recording`")]


class WrapUp(BaseModel):
    """What the operator writes up."""

    call: str
    left_s: float
    until_saved: Annotated[bool, Field(description="Saving the request ends it; else it lasts its time")]


class LostCall(BaseModel):
    """The last call that rang here and was not answered here, for a minute."""

    call: str
    how: Annotated[str, Field(description="`no_answer`, `refused`, `answered_elsewhere`, `caller_left` and others")]
    by: Annotated[str, Field(description="Who has it now")]
    since_s: float


class MyDesk(BaseModel):
    """What the topic `me` of `/api/live` says too."""

    operator: Operator
    cards: Annotated[list[Card], Field(description="Those that ring first")]
    wrap_up: WrapUp | None
    lost: LostCall | None


class Settings(BaseModel):
    """What the house allows."""

    break_reasons: Annotated[list[str], Field(description="Empty: operators write what they like")]
    outbound: Annotated[bool, Field(description="Whether operators may call numbers outside at all")]
    chats: Annotated[bool, Field(description="Whether the web chat is open")] = False


class Invitation(BaseModel):
    """What the operator tells a caller."""

    code: str


class MissedCall(Row):
    """A call that rang here and was not answered here."""

    call_id: str
    at: datetime
    queue: str
    number: Annotated[str | None, Field(description="Null once erased")]
    name: str | None
    language: str
    answered_by: Annotated[str, Field(description="Who talked with the caller in the end; empty: nobody")]
    outcome: Annotated[Outcome | None, Field(description="Null while the call goes on")]


@router.get("", summary="My calls now, with the story of each caller", responses=problems(401, 403, 503))
async def my_desk(desk: DeskOf, who: Somebody) -> MyDesk:
    shown = await me(desk, _operator(desk, who))
    if shown is None:
        raise Refusal(404, "unknown_operator", f"There is no operator {who.name}.")
    return MyDesk.model_validate(shown)


@router.get("/settings", summary="What operators may choose from", responses=problems(401))
async def settings(desk: DeskOf, who: Somebody) -> Settings:
    return Settings(break_reasons=list(desk.config.break_reasons), outbound=bool(desk.config.outbound.allow),
                    chats=desk.config.channels.of("web") is not None)


@router.get("/missed", summary="Calls that rang at me and that I did not answer", responses=problems(401, 403, 503))
def my_missed(desk: DeskOf, who: Somebody,
              hours: Annotated[int, Query(ge=1, le=72, description="How far back")] = 12) -> list[MissedCall]:
    since = datetime.fromtimestamp(desk.wall_clock(), UTC) - timedelta(hours=hours)
    return [MissedCall.model_validate(each) for each in missed(desk.repository.engine, _operator(desk, who), since)]


@router.post("/calls/{call_id}/hang-up", status_code=204, summary="Hang up my part in a call",
             description="As my phone would: a survey follows, a caller is handed over to whom I asked, or the call "
                         "ends. What rings is not ended by it.", responses=problems(401, 403, 404, 409, 503))
async def hang_up(desk: DeskOf, who: Somebody, call_id: CallId) -> None:
    try:
        await desk.control.call("hang_up", operator=_operator(desk, who), call=call_id)
    except ControlRefused as refused:
        status = {"not_yours": 403, "unknown_call": 404}.get(refused.code, 409)
        raise Refusal(status, refused.code, refused.message) from None


@router.post("/calls/{call_id}/invite", summary="A code with which my caller may write to me beside the call",
             description="They open `/chat` and type it; it is good once, for 15 minutes.",
             responses=problems(401, 403, 409, 503))
async def invite(desk: DeskOf, who: Somebody, call_id: CallId) -> Invitation:
    try:
        made = await desk.control.call("desk_invite", account=_operator(desk, who), call=call_id)
    except ControlRefused as refused:
        raise Refusal(409, refused.code, refused.message) from None
    return Invitation(code=str(made["code"]))


def _operator(desk: DeskOf, who: Who) -> str:
    """The person's name as an operator. Refuses programs, and people who take no calls."""
    if who.session is None or who.name not in desk.config.operators:
        raise Refusal(403, "no_operator", "This is for people who take calls.")
    return who.name
