"""The house: a module imports only lower floors, rooms on one floor do not import one another, floors 0-2 do no I/O."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "ivr.base": 0,
    "ivr.audio.spoken": 0,      # tables of words: menus say values with them
    "ivr.sip": 1, "ivr.sdp": 1, "ivr.menu": 1, "ivr.audio": 1,
    "routing.queue": 1, "routing.operators": 1, "routing.strategy": 1, "routing.dispatcher": 1,
    "routing.ordered": 1, "routing.skills": 1, "routing.crew": 1, "routing.lines": 1,
    "routing.queue_settings": 1, "routing.staffing": 1, "routing.lasting": 1,
    "routing.estimate": 1, "routing.callback": 1, "routing.seats": 1,
    "ivr.media": 2, "ivr.call": 2,
    "ivr.exchange": 3,
    "ivr.drivers": 3, "routing.requests": 3,
    "routing.reports": 4,
    "desk": 5,
    "ivr.service": 6,
    "ivr.cli": 7,
}
# The pure half of routing is one room of several files; they may import one another.
ROOM = {name: "routing" if name.startswith("routing.") and floor == 1 else name for name, floor in FLOORS.items()}
IMPURE = {"asyncio", "socket", "select", "selectors", "threading", "multiprocessing", "subprocess", "time", "random",
          "secrets", "ssl", "os", "pathlib", "shutil", "tempfile", "sqlalchemy", "fastapi", "uvicorn", "httpx"}
PURE_ABOVE = {"ivr.exchange"}      # decides for the whole house, from machines of lower floors; no I/O either
LONGEST_FILE = 300                 # lines
FILES = sorted(path for room in ("ivr", "routing", "desk") for path in (ROOT / room).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def place_of(module: str) -> str | None:
    """The entry of FLOORS that a module belongs to, the longest match first."""
    parts = module.split(".")
    for size in range(len(parts), 0, -1):
        if (name := ".".join(parts[:size])) in FLOORS:
            return name
    return None


def is_pure(place: str) -> bool:
    return FLOORS[place] <= 2 or place in PURE_ABOVE


def imports_of(tree: ast.Module) -> list[str]:
    """Every module that is imported when the code runs; imports under `if TYPE_CHECKING` don't count."""
    names: list[str] = []
    skipped = {id(inner) for node in ast.walk(tree)
               if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def faults_in(module: str, tree: ast.Module) -> list[str]:
    here = place_of(module)
    if here is None:
        return [] if module in ("ivr", "routing") else [f"{module} stands in no room: give it a floor"]
    faults = []
    for name in imports_of(tree):
        top = name.split(".")[0]
        if is_pure(here) and top in IMPURE:
            faults.append(f"{module} (floor {FLOORS[here]}) imports {top}")
        there = place_of(name)
        if top in ("ivr", "routing", "desk") and there is None:
            faults.append(f"{module} imports {name}, which stands in no room")
        elif there is not None and ROOM[there] != ROOM[here] and FLOORS[there] >= FLOORS[here]:
            faults.append(f"{module} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})")
        if top == "numpy" and is_pure(here) and here not in ("ivr.audio", "ivr.media"):
            faults.append(f"{module} imports numpy, which lives in audio and media")
    if is_pure(here):
        faults += [f"{module}:{node.lineno} opens a file" for node in ast.walk(tree)
                   if isinstance(node, ast.Call) and ast.unparse(node.func) == "open"]
    return faults


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_floors(path: Path) -> None:
    assert faults_in(module_of(path), ast.parse(path.read_text())) == []


def test_files__no_longer_than_three_hundred_lines() -> None:
    """What has grown beyond that holds two things by now: part them where the seam is."""
    long = {str(path.relative_to(ROOT)): lines for path in FILES
            if (lines := path.read_text().count("\n")) > LONGEST_FILE}
    assert long == {}


@pytest.mark.parametrize(("module", "source"), [
    ("ivr.sip.message.parser", "import socket"),
    ("ivr.sip.message.parser", "from ivr.media import plane"),
    ("ivr.sip.message.parser", "from ivr.sdp import offer"),
    ("ivr.call.machine", "from ivr.media import commands"),
    ("ivr.call.machine", "import numpy"),
    ("routing.dispatcher", "import random"),
    ("routing.dispatcher", "open('x')"),
    ("ivr.drivers.udp", "from routing.requests import store"),
    ("ivr.somewhere", "x = 1"),
])
def test_floors__a_breach_is_found(module: str, source: str) -> None:
    assert faults_in(module, ast.parse(source))
