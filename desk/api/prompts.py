"""/api/prompts: every sound that callers hear, what is wrong with it, and another take of it: sent, spoken, restored.

What people send is taken by its content alone and opened by a process of its own, within bounds; the only name that
counts is that of a prompt which some menu has.
"""

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from desk.api.pieces import PieceShown, shown
from desk.audit import audit
from desk.pieces import Told
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import Admin, DeskOf, Supervisor, Who

MEDIA_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".flac": "audio/flac"}
AUDIO: dict[int | str, dict[str, Any]] = {200: {"content": {
    kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {
    "schema": {"type": "string", "format": "binary", "description": "WAV, MP3, Ogg or FLAC, at most 32 MiB"}}}}}
# A name below the folder: no part of it is empty, hidden, or leads upwards.
CLIP = re.compile(r"[^/\\.\x00-\x1f][^/\\\x00-\x1f]*(/[^/\\.\x00-\x1f][^/\\\x00-\x1f]*){0,7}")
MOST_CLIPS = 500        # of one piece of work,
AT_ONCE = 10            # spoken so many at a time: an emergency announcement waits no longer than they take

Clip = Annotated[str, Query(min_length=1, max_length=200, description="As it lies in the folder: en/welcome.wav")]
Take = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d{1,4})?$",
                            description="When the take was replaced, as the list has it")]

router = APIRouter(prefix="/api/prompts", tags=["prompts"])


class PromptFinding(BaseModel):
    """Something that is wrong with a sound, as `hotline prompts audit` says it."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    remedy: str


class Use(BaseModel):
    """A place that plays it."""

    file: str
    path: Annotated[str, Field(description="The whole path on the server")]
    line: Annotated[int, Field(description="From 1; 0: unknown")]
    menu: Annotated[str, Field(description="Empty: an announcement")]


class Prompt(BaseModel):
    """One sound. Figures are null where there is no file that can be read."""

    clip: str
    language: Annotated[str, Field(description="Empty: music")]
    text: Annotated[str, Field(description="What it should say")]
    prompt: Annotated[str, Field(description="Its name in the menu")]
    used: bool
    there: Annotated[bool, Field(description="Whether there is a file")]
    made_by: Annotated[str, Field(description="engine, person or unknown; empty where there is no file")]
    uses: list[Use]
    seconds: float | None
    rate: float | None
    channels: int | None
    level_dbov: float | None
    peak_db: float | None
    form: str
    takes: Annotated[list[str], Field(description="Earlier ones, the newest first")]
    findings: list[PromptFinding]


class Prompts(BaseModel):
    """All sounds, by name."""

    languages: list[str]
    engines: Annotated[dict[str, bool], Field(description="Whether an engine speaks the language")]
    clips: list[Prompt]


class Brought(BaseModel):
    """What became of a recording."""

    clip: str
    warnings: Annotated[list[dict[str, str]], Field(description="What is poor about it, and what would be better")] = []


class Wanted(BaseModel):
    """Prompts that are to be spoken by the engines of the configuration."""

    model_config = ConfigDict(extra="forbid")

    clips: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=MOST_CLIPS)]
    over: Annotated[bool, Field(description="Also what a person recorded; the recording is kept as a take")] = False


class Chosen(BaseModel):
    """One prompt."""

    model_config = ConfigDict(extra="forbid")

    clip: Annotated[str, Field(max_length=200)]


class ChosenTake(Chosen):
    """One take of it."""

    take: Take


@router.get("", summary="Every prompt, with what is wrong with it", responses=problems(400, 401, 403, 503))
async def prompts(desk: DeskOf, who: Supervisor) -> Prompts:
    return Prompts.model_validate(await desk.administration.prompts.get(desk.config))


@router.get("/audio", summary="The sound of a prompt, or parts of it (Range)", response_class=FileResponse,
            responses=problems(401, 403, 404) | AUDIO)
def audio(desk: DeskOf, who: Supervisor, clip: Clip,
          take: Annotated[str, Query(pattern=r"^(|\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d{1,4})?)$",
                                     description="An earlier one")] = "") -> FileResponse:
    folder = Path(f"{desk.config.prompts.folder}.replaced") / take if take else Path(desk.config.prompts.folder)
    path = _below(folder, clip)
    if path is None:
        raise Refusal(404, "not_found", "There is no such sound.")
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix.lower()], filename=path.name,
                        content_disposition_type="inline")


@router.put("/audio", summary="Send a recording for a prompt", openapi_extra=BODY,
            description="The body is the sound file. It is evened, trimmed and written in the form that the menu "
                        "names; what it replaces is kept as an earlier take.",
            responses=problems(400, 401, 403, 404, 413, 503))
async def bring(desk: DeskOf, who: Admin, request: Request, clip: Clip) -> Brought:
    _named(clip)
    with tempfile.TemporaryDirectory(prefix="hotline-sent-") as folder:
        file = Path(folder) / "sent"
        octets = await received(request, file)
        if not octets:
            raise Refusal(400, "empty", "There is nothing in this file.")
        done = await desk.administration.apart.change("bring_prompt", desk.config, {"clip": clip, "file": str(file)})
    audit(desk, who, "prompts.bring", clip, after={"octets": octets})
    return Brought.model_validate(done)


@router.post("/render", status_code=202, summary="Have prompts spoken by the engines of the configuration",
             responses=problems(400, 401, 403, 503))
async def render(desk: DeskOf, who: Admin, wanted: Wanted) -> PieceShown:
    for clip in wanted.clips:
        _named(clip)
    asked = {"clips": list(dict.fromkeys(wanted.clips)), "over": wanted.over}
    return shown(desk.administration.pieces.begin(
        who.name, "render_prompts", lambda told: _rendered(desk, who, asked, told)))


@router.post("/keep", summary="Write down that a file says its text", responses=problems(400, 401, 403, 404, 503))
async def keep(desk: DeskOf, who: Admin, chosen: Chosen) -> Brought:
    return await _changed(desk, who, "keep_prompt", clip=_named(chosen.clip))


@router.post("/restore", summary="Go back to an earlier take; the present one is kept",
             responses=problems(400, 401, 403, 404, 503))
async def restore(desk: DeskOf, who: Admin, chosen: ChosenTake) -> Brought:
    return await _changed(desk, who, "restore_prompt", clip=_named(chosen.clip), take=chosen.take)


@router.delete("", summary="Take a sound away that nothing plays; it is kept as a take",
               responses=problems(400, 401, 403, 404, 409, 503))
async def remove(desk: DeskOf, who: Admin, clip: Clip) -> Brought:
    if _below(Path(desk.config.prompts.folder), _named(clip)) is None:
        raise Refusal(404, "not_found", "There is no such sound.")
    return await _changed(desk, who, "remove_prompt", clip=clip)


async def _changed(desk: Desk, who: Who, work: str, **arguments: str) -> Brought:
    done = await desk.administration.apart.change(work, desk.config, arguments)
    audit(desk, who, f"prompts.{work.partition('_')[0]}", arguments["clip"],
          after={"take": arguments["take"]} if "take" in arguments else None)
    return Brought.model_validate(done)


async def _rendered(desk: Desk, who: Who, asked: dict[str, Any], told: Told) -> dict[str, Any]:
    """What is done stays done, and is written down, whatever becomes of the rest."""
    clips = asked["clips"]
    for first in range(0, len(clips), AT_ONCE):

        def step(done: int, total: int, clip: str, before: int = first) -> None:
            audit(desk, who, "prompts.render", clip)
            told(before + done, len(clips), clip)

        part = asked | {"clips": clips[first:first + AT_ONCE]}
        await desk.administration.apart.change("render_prompts", desk.config, part, step)
    return {"clips": clips}


async def received(request: Request, file: Path) -> int:
    """Write the body into a file as it comes; its octets. The guards bound them."""
    octets = 0
    with await run_in_threadpool(file.open, "wb") as to:
        async for piece in request.stream():
            octets += len(piece)
            await asyncio.to_thread(to.write, piece)
    return octets


def _named(clip: str) -> str:
    """What can be the name of a prompt; whether it is one, the menus say."""
    if CLIP.fullmatch(clip) is None or Path(clip).suffix.lower() not in MEDIA_TYPES:
        raise Refusal(400, "bad_name", "A prompt is named as it lies in its folder: en/welcome.wav.")
    return clip


def _below(folder: Path, clip: str) -> Path | None:
    """The file of a sound; None for what is none, or lies elsewhere."""
    if CLIP.fullmatch(clip) is None or Path(clip).suffix.lower() not in MEDIA_TYPES:
        return None
    path = folder / clip
    try:
        return path if path.is_file() else None
    except (OSError, ValueError):       # a name that no file can have
        return None
