"""/api/channels: how channels stand, and where programs hand in what visitors write."""

import hmac
import json
import math
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.channels.channel import Away, Refused
from desk.channels.gateway import Gateway
from desk.channels.http_channel import HttpGateway
from desk.channels.signing import SIGNATURE, TIMESTAMP, fault
from desk.channels.telegram import HEADER, Telegram
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import DeskOf, Supervisor

router = APIRouter(prefix="/api", tags=["channels"])
STATUS = {"too_many": 429, "too_long": 422, "over": 409}
SAID = ("message", "file")      # these have an id
NO_FILE = "[file: did not come, since this channel takes text only]"
LONGEST_BESIDE = 4000           # characters: so much fits beside NO_FILE
SIGNED = "Signed with the secret of the program (docs/channels.md), in place of a login."
Visitor = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@+=-]{1,48}$", description="As the program knows them")]


class ChannelNow(BaseModel):
    """One channel. `away`: nothing arrives, or nothing comes; `fault`: somebody must do something about it."""

    channel: str
    state: Literal["ok", "away", "fault"]
    reason: str
    since: Annotated[datetime | None, Field(description="Since when it is not well")]
    chats: Annotated[int, Field(description="That are not told to their end")]
    waiting: Annotated[int, Field(description="Messages that have not arrived yet")]
    last_error: Annotated[str, Field(description="The last thing that went wrong, whether or not it was mended")]


class ChannelsNow(BaseModel):
    """Those of messengers that are open."""

    channels: list[ChannelNow]


class ComesIn(BaseModel):
    """What a program hands in for a visitor."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[Literal["message", "file", "open", "typing", "leave"], Field(
        description="`open` begins a chat without a word; `file`: they sent one, which is not taken: the chat says so "
                    "to both, and `body` is what stood beside it, or its name")] = "message"
    visitor: Visitor
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="Of the message: under the same one it is "
                                                                             "the same message")] = "-"
    body: Annotated[str, Field(max_length=4096)] = ""
    name: Annotated[str, Field(max_length=80, description="What the visitor calls themselves")] = ""
    number: Annotated[str, Field(max_length=32, description="Their telephone number, if it is known for sure")] = ""


BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": ComesIn.model_json_schema()}}}}


class TakenIn(BaseModel):
    """It is safe. `again`: it had come before; `hidden`: it was a secret, and nothing of it is kept."""

    call: str | None = None
    position: int | None = None
    again: bool = False
    hidden: bool = False


@router.get("/channels", summary="How the channels of messengers stand", responses=problems(401, 403))
async def channels(desk: DeskOf, who: Supervisor) -> ChannelsNow:
    return ChannelsNow(channels=[ChannelNow.model_validate(vars(each)) for each in desk.channels.shown()])


@router.post("/channel/{name}/messages", summary="Hand in what a visitor writes", openapi_extra=BODY,
             description=f"{SIGNED} Answered when the message is safe; with 429 and 503 it is to be sent again, under "
                         "the same id.", responses=problems(401, 404, 409, 413, 429, 503))
async def come(request: Request, desk: DeskOf, name: Annotated[str, Path(max_length=32)]) -> TakenIn:
    gateway, program = _program(desk, name)
    body = await request.body()
    headers = request.headers
    if wrong := fault(program.secret, headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""), body, desk.wall_clock()):
        raise Refusal(401, "bad_signature", f"{wrong}.")
    if not desk.channels.paces.of(name).take(desk.clock()):
        raise Refusal(429, "too_many", "Too much at once.", {"Retry-After": "1"})
    given = _read(body)
    try:
        return await _once(gateway, program, given, headers[SIGNATURE], headers[TIMESTAMP], desk.wall_clock())
    except Away:
        raise Refusal(503, "away", "It is not safe: send it again, under the same id.", {"Retry-After": "2"}) from None
    except Refused as refused:
        wait = {} if refused.seconds is None else {"Retry-After": str(math.ceil(refused.seconds))}
        raise Refusal(STATUS.get(refused.code, 503), refused.code, f"{str(refused).capitalize()}.", wait) from None


@router.post("/channel/telegram/updates", status_code=204, summary="What Telegram brings to the webhook",
             description="With the secret that Telegram was given, in place of a login. With 503 it comes again.",
             responses=problems(401, 404, 503))
async def updates(request: Request, desk: DeskOf) -> None:
    gateway = desk.channels.gateways.get("telegram")
    channel = gateway.channel if gateway is not None else None
    if not isinstance(channel, Telegram) or not channel.config.webhook:
        raise Refusal(404, "unknown_gateway", "Nobody brings updates here.")
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), channel.webhook_secret.encode()):
        raise Refusal(401, "bad_secret", "The secret does not fit.")
    try:
        update = json.loads(await request.body())
    except (ValueError, RecursionError):
        return
    try:
        if channel.updates is None:
            raise Away
        if isinstance(update, dict):
            await channel.updates.take(update)
    except Away:
        raise Refusal(503, "away", "It is not safe: bring it again.", {"Retry-After": "2"}) from None


async def _once(gateway: Gateway, program: HttpGateway, given: ComesIn, signed: str, at: str, now: float) -> TakenIn:
    """A message has an id; of anything else the signature is looked at, which is good for minutes."""
    if given.type in SAID:
        return await _do(gateway, given)
    if (before := program.seen.before(signed, now)) is not None:
        return TakenIn.model_validate(before).model_copy(update={"again": True})
    program.seen.keep(signed, at, TakenIn())
    try:
        answer = await _do(gateway, given)
    except BaseException:
        program.seen.forget(signed)
        raise
    program.seen.keep(signed, at, answer)
    return answer


async def _do(gateway: Gateway, given: ComesIn) -> TakenIn:
    match given.type:
        case "typing":
            await gateway.typing(given.visitor)
        case "leave":
            await gateway.left(given.visitor)
        case _:
            kept = await gateway.came(given.visitor, given.id, given.body, name=given.name, number=given.number,
                                      lost=given.type == "file")
            return TakenIn(call=kept.call, position=kept.position if given.body else None, again=kept.again,
                           hidden=kept.hidden)
    return TakenIn()


def _read(body: bytes) -> ComesIn:
    try:
        given = ComesIn.model_validate(json.loads(body))
    except ValidationError as error:
        told = [f"{'.'.join(str(step) for step in each['loc'])}: {each['msg']}" for each in error.errors()[:5]]
        raise Refusal(422, "invalid", "; ".join(told)) from None
    except (ValueError, RecursionError):
        raise Refusal(422, "invalid", "The body is no JSON.") from None
    clean = given.body.encode(errors="replace").decode().replace("\0", "")
    if given.type == "file":
        clean = f"{NO_FILE} {clean[:LONGEST_BESIDE]}".strip()
    if given.type in SAID and (not clean.strip() or given.id == "-"):
        raise Refusal(422, "invalid", "A message has an id, and something in its body.")
    return given.model_copy(update={"body": clean if given.type in SAID else ""})


def _program(desk: Desk, name: str) -> tuple[Gateway, HttpGateway]:
    gateway = desk.channels.gateways.get(f"http/{name}")
    if gateway is None or not isinstance(gateway.channel, HttpGateway):
        raise Refusal(404, "unknown_gateway", "No program of this name may hand in messages.")
    return gateway, gateway.channel
