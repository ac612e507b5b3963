"""What the media bench makes of its windows: medians, what is held, and what was wanted."""

from typing import Any

import pytest

from bench.media.__main__ import PAGE
from bench.media.measure import combine, is_the_last, not_held
from bench.media.table import AIMS, BEGIN, END, put_into, table
from bench.media.works import Ladder

LADDER = Ladder("menu", "uring", (1000,))


def row(**changed: Any) -> dict[str, Any]:
    return {"bench": "media", "work": "menu playing", "wire": "uring", "calls": 1000, "callers_up": 1000,
            "operators_up": 0, "cpu_ms_per_call_second": 0.35, "cpu_by_process": {"plane": 0.34, "control": 0.01},
            "loss_share": 0.0, "due_share": 1.0, "packets_lost": 0, "packets_received": 50_000, "gap_p50_ms": 20.0,
            "gap_p99_ms": 22.0, "gap_p999_ms": 24.0, "memory_kib_per_call": 30.0, "core_speed_ms": 12.0,
            "others_on_core": 0.01, "held": True, "not_held": [], "distrusted": [], **changed}


def test_rows__medians_by_name_and_sums_of_what_is_counted() -> None:
    windows = [row(gap_p99_ms=gap, packets_lost=gap, cpu_by_process={"plane": gap}) for gap in (1.0, 9.0, 2.0)]
    found = combine(windows)
    assert (found["gap_p99_ms"], found["packets_lost"], found["cpu_by_process"]) == (2.0, 12.0, {"plane": 2.0})
    assert isinstance(found["calls"], int)


def test_rows__what_is_not_held() -> None:
    assert not_held(LADDER, 1000, row()) == []
    assert not_held(LADDER, 1000, row(callers_up=999)) == ["999 of 1000 callers are there"]
    assert not_held(LADDER, 1000, row(due_share=0.98)) == ["98.0% of the packets that were due"]
    assert not_held(LADDER, 1000, row(packets_lost=100)) == ["0.20% lost"]
    assert not_held(LADDER, 1000, row(gap_p99_ms=40.0)) == ["p99 of the gap 40.0 ms"]
    assert len(not_held(Ladder("pairs", "plain", (10,)), 10, row(callers_up=10))) == 1


def test_rows__a_ladder_ends_where_nobody_else_is_to_blame() -> None:
    assert not is_the_last(row())
    assert is_the_last(row(held=False))
    assert not is_the_last(row(held=False, distrusted=["others took more than 3 % of the server's core"]))
    assert is_the_last(row(held=False, distrusted=["the generator was 9 ms late (p99)"], due_share=0.5))


def judged(rows: list[dict[str, Any]], what: str) -> str:
    line = next(line for line in table(rows).splitlines() if line.startswith(f"| {what}"))
    return line.split("|")[-2].strip()


def test_rows__what_was_wanted_is_met_or_missed_or_not_measured() -> None:
    rows = [row(), row(calls=2500, callers_up=2500), row(calls=3000, held=False),
            row(work="menu playing, in-band keys", cpu_ms_per_call_second=0.46)]
    assert judged(rows, "menu calls held, uring") == "met"
    assert judged(rows[:1], "menu calls held, uring") == "MISSED"
    assert judged(rows, "CPU per playing call and second, uring") == "met"
    assert judged(rows, "in-band detection per leg and second, uring") == "MISSED"
    assert judged(rows, "CPU per bridged pair and second, uring") == ""
    assert sum(line.count("not measured") for line in table(rows).splitlines()) == len(AIMS) - 4


def test_rows__a_part_that_is_not_there_says_so() -> None:
    missing = {"bench": "media", "work": "bridged pairs, recorded", "wire": "plain", "calls": 0,
               "not_there": "recordings are not there yet"}
    assert "| bridged pairs, recorded | plain |" in table([missing])
    assert "recordings are not there yet" in table([missing])


def test_rows__a_page_gets_its_tables_and_keeps_the_rest() -> None:
    page = f"# Page\n{BEGIN}\nold\n{END}\nthe rest\n"
    assert put_into(page, [row()]) == f"# Page\n{BEGIN}\n{table([row()])}\n{END}\nthe rest\n"
    assert BEGIN in PAGE.read_text()
    with pytest.raises(ValueError, match="lacks"):
        put_into("# Page", [])
