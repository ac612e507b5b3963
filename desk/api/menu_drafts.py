"""/api/menus/drafts: texts that are not saved, checked, drawn, tested and walked."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from desk.api.menu_files import Text, normal
from desk.menu_editing import MOST_FILES, Editing
from desk.problems import problems
from desk.who import Supervisor

router = APIRouter(prefix="/api/menus/drafts", tags=["menus"])
ANSWERS = problems(401, 403, 404, 413, 429, 503)
Path = Annotated[str, Field(max_length=1000)]
Root = Annotated[Path, Field(description="The menu file of a line: it is read with all that it hands over to")]
Step = Annotated[str, Field(max_length=40, pattern=r"^[0-9a-z*#.]+$",
                            description="Keys, `listen`, `silence`, `3s`, `speaks5s` or `hangup`")]


class Drafts(BaseModel):
    """Texts by the path of their file; other files are as they stand."""

    model_config = ConfigDict(extra="forbid")

    drafts: Annotated[dict[Path, Text], Field(max_length=MOST_FILES)] = {}

    def texts(self) -> dict[str, str]:
        return {file: normal(text) for file, text in self.drafts.items()}


class ToCheck(Drafts):
    root: Annotated[Root, Field(description="Draw this one, too")] = ""


class ToDraw(Drafts):
    root: Root


class ToTest(Drafts):
    menu: Annotated[Path, Field(description="Whose dialogues; empty: all")] = ""


class ToWalk(Drafts):
    """A simulated call, told from its beginning each time."""

    root: Root
    steps: Annotated[list[Step], Field(max_length=300)] = []
    line: Annotated[str, Field(max_length=64)] = ""
    caller: Annotated[str, Field(max_length=31, pattern=r"^\+?[0-9]*$")] = ""
    at: Annotated[str, Field(max_length=16, description="By the clock of the line, as 2026-11-27 23:10; empty: a Monday"
                                                        " noon")] = ""
    language: Annotated[str, Field(max_length=3)] = ""
    groups: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []
    answers: Annotated[str, Field(max_length=20_000, description="What look-ups and registers answer: `lookups:` and "
                                                                 "`pins:` as in a dialogue")] = ""


class ToCompare(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: Text
    new: Text


class Finding(BaseModel):
    """As `hotline check --json` has it; lines and columns count from 1, 0: none."""

    code: str
    severity: Literal["error", "warning"]
    file: str
    line: int
    column: int
    message: str
    remedy: str


class Way(BaseModel):
    """A menu that a key may lead to; `back`: it lies no further from the beginning."""

    name: str
    back: bool


class Row(BaseModel):
    """What one key does; `keys` is empty for what needs none (`slot`: `on_failure`, `do`)."""

    slot: str
    keys: str
    does: str
    kind: str
    ends: list[str]
    line: int
    menus: list[Way]


class Card(BaseModel):
    """One menu. `local`: its name within its file; `column`: keys from the beginning; `says`: by language."""

    name: str
    local: str
    file: str
    column: int
    line: int
    reached: bool
    says: dict[str, str]
    rows: list[Row]


class Graph(BaseModel):
    """A menu file with all that it hands over to."""

    root: str
    version: str
    languages: list[str]
    start: str
    columns: int
    menus: list[Card]


class LedTo(BaseModel):
    """A file that lines would lead to, as the list of files has it."""

    file: str
    kind: Literal["menu", "dialogues", "announcements", "hours", "topics"]
    exists: Annotated[bool, Field(description="As a file, or as a draft")]
    lines: list[str]
    roots: list[str]
    menu: str


class Checked(BaseModel):
    """What `hotline check` would say. `blocking`: what forbids to publish these drafts; an error that another file had
    before does not."""

    findings: list[Finding]
    more: Annotated[int, Field(description="Findings that are not told")] = 0
    errors: int
    warnings: int
    blocking: list[Finding]
    files: Annotated[list[LedTo], Field(description="Those that drafts alone lead to among them")]
    versions: Annotated[dict[str, str], Field(description="By menu file of a line: the version that calls would have")]
    graph: Annotated[Graph | None, Field(description="Null where the text can't be read as a menu")] = None


class Drawn(BaseModel):
    graph: Graph | None


class Told(BaseModel):
    """A line of a simulated call: what was `heard` or `done`, at which second."""

    at: float
    kind: Literal["heard", "done"]
    text: str
    prompt: str = ""
    language: str = ""
    cut: bool = False


class Option(BaseModel):
    keys: str
    does: str


class Walked(BaseModel):
    """Where the caller is after all steps, and what they heard. `faults`: why the draft can't be called."""

    faults: list[Finding]
    story: list[Told] = []
    menu: str = ""
    path: list[str] = []
    over: bool = False
    seconds: float = 0
    where: str = ""
    outcome: str = ""
    recorded: bool = False
    options: list[Option] = []
    unanswered: Annotated[list[str], Field(description="Look-ups and registers that `answers` says nothing of: they "
                                                       "failed")] = []


class Tested(BaseModel):
    """As `hotline test --json` has it; stories of failed dialogues alone."""

    passed: int
    failed: int
    files: list[dict[str, Any]]
    faults: list[Finding]


class Line(BaseModel):
    kind: Literal["same", "in", "out", "gap"]
    old: int
    new: int
    text: str


class Compared(BaseModel):
    """What changed, with three lines around each change."""

    rows: list[Line]
    added: int
    removed: int


@router.post("/check", summary="Check drafts", responses=ANSWERS)
async def check(editing: Editing, who: Supervisor, asked: ToCheck) -> Checked:
    await _known(editing, asked.root)
    return Checked.model_validate(await editing.workshop.ask("check", drafts=asked.texts(), root=asked.root))


@router.post("/graph", summary="Draw drafts", responses=ANSWERS)
async def graph(editing: Editing, who: Supervisor, asked: ToDraw) -> Drawn:
    await _known(editing, asked.root)
    return Drawn.model_validate(await editing.workshop.ask("graph", drafts=asked.texts(), root=asked.root))


@router.post("/test", summary="Play the dialogues to drafts", responses=ANSWERS)
async def test(editing: Editing, who: Supervisor, asked: ToTest) -> Tested:
    return Tested.model_validate(await editing.workshop.ask("test", drafts=asked.texts(), menu=asked.menu))


@router.post("/walk", summary="A simulated call to drafts", responses=ANSWERS)
async def walk(editing: Editing, who: Supervisor, asked: ToWalk) -> Walked:
    await _known(editing, asked.root)
    return Walked.model_validate(await editing.workshop.ask("walk", **{**asked.model_dump(), "drafts": asked.texts()}))


@router.post("/compare", summary="What changed between two texts", responses=ANSWERS)
async def compare(editing: Editing, who: Supervisor, asked: ToCompare) -> Compared:
    return Compared.model_validate(await editing.workshop.ask("compare", old=normal(asked.old), new=normal(asked.new)))


async def _known(editing: Editing, root: str) -> None:
    """No other file of the server may be read by calling it a root."""
    if root:
        await editing.known(root)
