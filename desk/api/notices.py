"""What lines can be made to say (/api/line-prompts), texts that become such a prompt, and orders that wait for them."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from desk.api.lines import Lasting, order
from desk.api.pieces import PieceShown, shown
from desk.api.prompts import BODY, received
from desk.api.rules_said import RuleSaid, said
from desk.audit import audit
from desk.pieces import Told
from desk.problems import Refusal, problems
from desk.sent_sounds import SentSounds
from desk.state import Desk
from desk.who import Admin, DeskOf, Supervisor, Who

MOST_TEXT = 1000        # characters: two minutes of speech that nobody can skip
TAKEN_UP = 40.0         # s for the service to read a new notice and give its sounds to the planes; it looks every 2 s
ASK_EVERY = 0.5         # s
MADE_HERE = "said_"     # how the names of notices begin that were made of texts

router = APIRouter(tags=["lines"])


class Sayable(BaseModel):
    """A prompt in which no value is said."""

    texts: dict[str, str]
    clips: Annotated[dict[str, str], Field(description="Its sounds that are there, by language")]


class LineNow(BaseModel):
    """A line: whether it is open by its hours, and what it could say."""

    line: Annotated[str, Field(description="Its first number")]
    numbers: list[str]
    menu: str
    language: Annotated[str | None, Field(description="Of the first words; null: the menu's first")]
    hours: Annotated[str | None, Field(description="Its schedule; null: it never closes")]
    zone: Annotated[str | None, Field(description="Of that schedule")] = None
    open: bool
    rule: Annotated[str, Field(description="The rule that says so, as the file of hours words it")] = ""
    said: RuleSaid | None
    until: datetime | None = None
    prompts: dict[str, Sayable]


class LinesNow(BaseModel):
    """All lines in the order of config.yaml."""

    languages: list[str]
    engines: Annotated[dict[str, bool], Field(description="Whether an engine speaks the language")]
    lines: list[LineNow]


class NewNotice(BaseModel):
    """What callers are to hear, in every language of the menus."""

    model_config = ConfigDict(extra="forbid")

    texts: Annotated[dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=MOST_TEXT)]],
                     Field(max_length=20, description="By language")] = {}
    sounds: Annotated[dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(pattern="^[0-9a-f]{32}$")]],
                      Field(max_length=20, description="By language, in place of a text: what was sent before")] = {}

    @model_validator(mode="after")
    def _something(self) -> "NewNotice":
        if not (self.texts or self.sounds):
            raise PydanticCustomError("notice", "a text or a recording is needed")
        return self


class Sent(BaseModel):
    """A sound that was sent."""

    sound: Annotated[str, Field(description="Names it for an hour")]


class NewOrder(Lasting):
    """What a line is to say. An empty prompt of a closure is the usual one."""

    line: Annotated[str, Field(max_length=64, description="A number of the line; `all`: every line")]
    kind: Literal["announcement", "closure"]
    prompt: Annotated[str, Field(max_length=100)] = ""


@router.get("/api/line-prompts", summary="Every line, and what it could be made to say",
            responses=problems(400, 401, 403, 503))
async def line_prompts(desk: DeskOf, who: Supervisor) -> LinesNow:
    found = await desk.administration.line_prompts.get(desk.config)
    read = await run_in_threadpool(desk.administration.hours.get, desk.config)
    now = datetime.fromtimestamp(desk.wall_clock(), UTC)
    lines: list[LineNow] = []
    for line in desk.config.lines:
        schedule = read.hours.schedules.get(line.hours or "")
        verdict = schedule.at(now) if schedule is not None else None
        lines.append(LineNow(
            line=line.numbers[0], numbers=list(line.numbers), menu=str(line.menu), language=line.language,
            hours=line.hours, open=verdict is None or verdict.open, rule=verdict.rule if verdict else "",
            said=said(schedule, verdict.reason, now.astimezone(schedule.zone).date()) if schedule and verdict else None,
            zone=str(schedule.zone) if schedule else None, until=verdict.until if verdict else None,
            prompts=found["lines"].get(line.numbers[0], {})))
    return LinesNow(languages=found["languages"], engines=found["engines"], lines=lines)


@router.post("/api/notices", status_code=202, summary="Have a text spoken, for an announcement or a closure",
             description="Its result names the prompt and its sounds. It can be heard at once, and lines can be made "
                         "to say it as soon as the service has taken it up, a few seconds later.",
             responses=problems(400, 401, 403, 503))
async def notice(desk: DeskOf, who: Admin, new: NewNotice) -> PieceShown:
    store = SentSounds(desk.config.state_dir)
    found = {language: await run_in_threadpool(store.find, name) for language, name in new.sounds.items()}
    if gone := [language for language, path in found.items() if path is None]:
        raise Refusal(400, "sound_gone", f"The recording for {', '.join(gone)} is gone: send it again.")
    asked = {"texts": new.texts, "sounds": {language: str(path) for language, path in found.items()}}
    return shown(desk.administration.pieces.begin(who.name, "notice", lambda told: _made(desk, who, asked, told)))


@router.put("/api/notices/sound", summary="Send a recording for an announcement or a closure", openapi_extra=BODY,
            responses=problems(400, 401, 403, 413))
async def sound(desk: DeskOf, who: Admin, request: Request) -> Sent:
    place = await run_in_threadpool(SentSounds(desk.config.state_dir).place)
    if not await received(request, place):
        raise Refusal(400, "empty", "There is nothing in this file.")
    return Sent(sound=place.name)


@router.post("/api/line-orders", status_code=202, summary="Order what a line says, as soon as the service knows it",
             description="As `PUT /api/lines/{line}/announcement` and `…/closure`, for a notice that was made a moment "
                         "ago: the work is done once the order holds.",
             responses=problems(401, 403, 503))
async def line_order(desk: DeskOf, who: Admin, new: NewOrder) -> PieceShown:
    return shown(desk.administration.pieces.begin(who.name, "line_order", lambda told: _ordered(desk, who, new)))


async def _ordered(desk: Desk, who: Who, new: NewOrder) -> dict[str, Any]:
    end = desk.clock() + TAKEN_UP
    while True:
        try:
            return (await order(desk, who, new.line, new.kind, new, new.prompt)).model_dump(mode="json")
        except Refusal as refused:
            if refused.problem.code != "unknown_prompt" or not new.prompt.startswith(MADE_HERE):
                raise
            if desk.clock() > end:
                raise Refusal(409, "not_taken_up", "The service has not taken up the new sounds; its log says why "
                                                   "(menus_refused).") from None
        await asyncio.sleep(ASK_EVERY)


async def _made(desk: Desk, who: Who, asked: dict[str, Any], told: Told) -> dict[str, Any]:
    done = await desk.administration.apart.change("notice", desk.config, asked, told)
    audit(desk, who, "notices.make", str(done["prompt"]),
          after={**asked["texts"], **dict.fromkeys(asked["sounds"], "(a recording)")})
    return done
