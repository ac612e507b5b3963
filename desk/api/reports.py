"""/api/reports: what happened in a period, by whatever it is parted; each figure with its formula and its calls."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from desk.api.calls import Call
from desk.asking import Asked, LocalTime, question_of
from desk.csv_text import csv_of
from desk.problems import Refusal, problems
from desk.state import Desk
from desk.who import DeskOf, Supervisor
from routing.reports.counted import COUNTS
from routing.reports.figure import Unit
from routing.reports.figures import Dimension
from routing.reports.questions import Question
from routing.reports.staffing import Demand
from routing.requests.views import CallFilter

router = APIRouter(prefix="/api/reports", tags=["reports"])
USUAL: tuple[Dimension, ...] = ("day", "hour", "queue", "operator", "topic", "language", "line", "menu", "channel")
Told = dict[str, float | int | None]


class FigureShown(BaseModel):
    name: str
    title: str
    unit: Unit
    formula: str
    opened: Annotated[list[str], Field(description="Counts whose calls stand behind it (`count` of "
                                                   "`/api/reports/calls`): the part and the whole of a share")]


class Numbers(BaseModel):
    values: Annotated[Told, Field(description="By name of figure; null: nothing to divide by")]
    counts: Annotated[dict[str, int], Field(description="By name of count; what is not there is 0")]


class Group(Numbers):
    key: str


class ReportBy(BaseModel):
    """`total` counts everybody once; of queues, operators and menus a visit may stand in several groups."""

    figures: list[str]
    groups: list[Group]
    left_out: Annotated[int, Field(description="Smaller groups that are not shown")]
    total: Numbers


class WaitBar(BaseModel):
    """Stays that lasted from `from_s`, included, to `to_s` (null: without an end), by how they ended."""

    from_s: float
    to_s: float | None
    answered: int
    abandoned: int
    other: int


class Reports(BaseModel):
    """Local times; `threshold_s` is T, `thresholds_s` that of single queues, `short_s` is S."""

    since: Annotated[str, Field(alias="from")]
    until: Annotated[str, Field(alias="to")]
    zone: str
    threshold_s: float
    thresholds_s: dict[str, float]
    short_s: float
    figures: list[FigureShown]
    reports: dict[Dimension, ReportBy]
    waits: list[WaitBar]


class Wanted(Asked):
    """Which report."""

    by: Annotated[list[Dimension], Field(max_length=len(get_args(Dimension)), description="None: by all")] = []     # noqa: RUF012  # pydantic copies it


class TableWanted(Asked):
    """Which table."""

    by: Dimension = "queue"


class CallsWanted(Asked):
    """Which count's calls, of which group. `wait_from`, `wait_to`: of stays of so many seconds alone."""

    count: Annotated[str, Field(max_length=40, description="One of `counts`")]
    by: Dimension = "queue"
    group: Annotated[str, Field(max_length=300, description="`key` of a group; empty: of all together")] = ""
    wait_from: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    wait_to: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
    offset: Annotated[int, Field(ge=0, le=5_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class StaffingWanted(BaseModel):
    """The traffic of which days, and what must be reached."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: Annotated[LocalTime, Field(alias="from")] = ""
    until: Annotated[LocalTime, Field(alias="to")] = ""
    queue: Annotated[str, Field(max_length=64, description="Of this one alone")] = ""
    level: Annotated[float, Field(ge=0.01, le=0.999, description="The service level, strict")] = 0.8
    threshold: Annotated[float, Field(ge=0, le=3600, description="Within so many seconds")] = 20.0
    shrinkage: Annotated[float, Field(ge=0, le=0.95, description="Share of paid time that goes on breaks, leave, "
                                                                 "training")] = 0.0


class Needed(BaseModel):
    """A half hour of a mean day; null where no number of operators is enough."""

    time: str
    calls: Annotated[float, Field(description="That came into queues, on the mean")]
    operators: Annotated[int | None, Field(description="At their places at one time")]
    rostered: Annotated[int | None, Field(description="operators / (1 - shrinkage)")]
    level: float | None
    speed_of_answer: float | None
    occupancy: float | None


class Staffing(BaseModel):
    """By Erlang A, where callers hung up; else C. Seconds; null: not known."""

    handle_time: Annotated[float | None, Field(description="Work a call; null: nobody was answered, and 180 s taken")]
    patience: Annotated[float | None, Field(description="All waits / callers who hung up; null: nobody did")]
    level: float
    threshold_s: float
    shrinkage: float
    formula: Annotated[str, Field(description="Of the service level")]
    words: Annotated[str, Field(description="What the letters of it mean")]
    intervals: list[Needed]


class CallCounted(Call):
    """`times`: how often this call was counted: who waited twice is two stays."""

    times: int = 1


class CallsCounted(BaseModel):
    """The newest first. `count` is the figure, `calls` how many calls that are."""

    count: int
    calls: int
    items: list[CallCounted]
    next_offset: Annotated[int | None, Field(description="Asks for the older ones; null at the end")]


@router.get("", summary="Figures of a period, each with its formula", responses=problems(400, 401, 403, 503),
            response_model_by_alias=True)
async def reports(desk: DeskOf, who: Supervisor, wanted: Annotated[Wanted, Query()]) -> Reports:
    question = await run_in_threadpool(question_of, desk, wanted, tuple(dict.fromkeys(wanted.by)) or USUAL)
    return Reports.model_validate(await desk.counting.ask(question))


@router.get("/table.csv", summary="One table of it, for spreadsheets", response_class=Response,
            responses={**problems(400, 401, 403, 503), 200: {"description": "The table",
                                                             "content": {"text/csv": {"schema": {"type": "string"}}}}})
async def table(desk: DeskOf, who: Supervisor, wanted: Annotated[TableWanted, Query()]) -> Response:
    question = await run_in_threadpool(question_of, desk, wanted, (wanted.by,))
    counted = await desk.counting.ask(question)
    name = f"hotline-{wanted.by}-{question.since:%Y-%m-%d}.csv"
    return Response("\ufeff" + csv_of(_rows(counted, wanted.by)), media_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/calls", summary="The calls behind a count of a report", responses=problems(400, 401, 403, 503),
            description="As many as the figure says: each visit is counted alone, by the same rules.")
async def calls(desk: DeskOf, who: Supervisor, wanted: Annotated[CallsWanted, Query()]) -> CallsCounted:
    counted = await desk.counting.ask(await run_in_threadpool(_question, desk, wanted))
    part = counted["cases"][wanted.offset:wanted.offset + wanted.limit]
    found = await run_in_threadpool(_calls, desk, [call for call, _ in part])
    items = [CallCounted.model_validate({**Call.model_validate(found[call]).model_dump(), "times": times})
             for call, times in part if call in found]
    following = wanted.offset + len(part)
    return CallsCounted(count=counted["count"], calls=counted["calls"], items=items,
                        next_offset=following if following < len(counted["cases"]) else None)


@router.get("/staffing", summary="How many operators that traffic takes, by half hours of a mean day",
            responses=problems(400, 401, 403, 503))
async def staffing(desk: DeskOf, who: Supervisor, wanted: Annotated[StaffingWanted, Query()]) -> Staffing:
    asked = Asked(since=wanted.since, until=wanted.until)
    question = await run_in_threadpool(question_of, desk, asked, ("queue",))
    demand = Demand(wanted.level, wanted.threshold, wanted.shrinkage, wanted.queue)
    return Staffing.model_validate(await desk.counting.ask(replace(question, demand=demand)))


def _question(desk: Desk, wanted: CallsWanted) -> Question:
    if wanted.count not in COUNTS:
        raise Refusal(400, "unknown_count", f"`count` is one of {', '.join(COUNTS)}.")
    waited = None if wanted.wait_from is None and wanted.wait_to is None else (wanted.wait_from or 0.0, wanted.wait_to)
    asked = question_of(desk, wanted, (wanted.by,))
    return replace(asked, count=wanted.count, group=wanted.group, waited=waited)


def _calls(desk: Desk, ids: list[str]) -> dict[str, Any]:
    page = desk.repository.calls(CallFilter(ids=tuple(ids)), None, max(len(ids), 1))
    return {call.id: call for call in page.items}


def _rows(counted: dict[str, Any], by: str) -> Iterator[list[object]]:
    report = counted["reports"][by]
    yield [by, *report["figures"]]
    for group in report["groups"]:
        yield [group["key"], *(group["values"][name] for name in report["figures"])]
    yield ["(all)", *(report["total"]["values"].get(name) for name in report["figures"])]
