"""The process is killed with -9 at any moment: what it had called durable is in the database after the next start."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.requests.conftest import Start
from tests.requests.visits import expected, locked, stored, visit

ROOT = Path(__file__).parent.parent.parent
Told = list[tuple[int, int]]     # (call, step) of each batch that was durable


def run_until_killed(url: str, folder: Path, first_call: int, tokens: int) -> Told:
    """Let a process write until it has told of `tokens` durable batches, kill it with -9, return all that it told."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.requests.doomed", url, str(folder / "spool"), str(first_call)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        lines = [process.stdout.readline() for _ in range(tokens)]
        process.kill()
        process.wait(10)
        lines += process.stdout.readlines()
    told = [tuple(map(int, line.split())) for line in lines if line.endswith("\n")]
    assert len(told) >= tokens, "the process ended by itself"
    return told    # type: ignore[return-value]


def settled(engine: Engine, start: Start, told: Told) -> None:
    """The next start writes what the spool holds: at least all that was told, and no call has a hole."""
    writer, notices = start(engine)
    writer.submit(visit(90_000)[0], "later")
    notices.wait("later")
    assert writer.close()
    assert list((writer.quarantine_path.parent).glob("*.spool")) == []
    assert not writer.quarantine_path.exists()
    rows = stored(engine)
    last = {call: max(step for number, step in told if number == call) for call, _ in told}
    steps = {call: _steps_stored(rows, call) for call in _calls_stored(rows)}
    assert all(steps[call] > step for call, step in last.items())
    everything = [batch for call, count in steps.items() for batch in visit(call)[:count]]
    assert rows == expected(everything)


def _calls_stored(rows: dict[str, list]) -> list[int]:
    return [int(row.sip_call_id.partition("@")[0]) for row in rows["calls"]]


def _steps_stored(rows: dict[str, list], call: int) -> int:
    """How many batches of a visit are in the tables, by the last entry."""
    key = visit(call)[0].calls[0].id
    last = max(entry.position for entry in rows["entries"] if entry.call_id == key)
    return {0: 1, 1: 2, 3: 3, 4: 4}[last]


def test_killed__with_entries_in_the_spool(engine: Engine, url: str, start: Start, tmp_path: Path) -> None:
    with locked(engine):
        told = run_until_killed(url, tmp_path, 0, tokens=60)
        told += run_until_killed(url, tmp_path, 10_000, tokens=20)
        assert list((tmp_path / "spool").glob("*.spool"))
    settled(engine, start, told)


@pytest.mark.parametrize("tokens", [1, 37, 150])
def test_killed__while_the_database_answers(engine: Engine, url: str, start: Start, tmp_path: Path,
                                            tokens: int) -> None:
    settled(engine, start, run_until_killed(url, tmp_path, 0, tokens))


def test_killed__while_the_spool_is_written_out(engine: Engine, url: str, start: Start, tmp_path: Path) -> None:
    with locked(engine):
        told = run_until_killed(url, tmp_path, 0, tokens=200)
    begin = time.monotonic()
    for first, tokens in ((10_000, 1), (20_000, 5), (30_000, 20)):
        told += run_until_killed(url, tmp_path, first, tokens)
    assert time.monotonic() - begin < 30
    settled(engine, start, told)
