"""Ladders one after the other, each kept when it is done, so that a run that was broken off goes on."""

import json
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.media.measure import Plan, climb, combine
from bench.media.table import table
from bench.media.works import SAMPLE, SHORT, WHOLE, Ladder, lacking
from bench.progress import Finished, say
from tests.support.service import ROOT

Figures = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """`ladders`, each climbed `times` times by `plan`; results in `file`, tables beside it."""

    file: Path
    ladders: tuple[Ladder, ...]
    plan: Plan
    times: int = 1
    only_once: tuple[str, ...] = field(default=("floor",))

    def climb(self, only: str | None = None) -> None:
        """All ladders that are not done, or those with the words `only` in their name, again."""
        _allow_files()
        finished = Finished(self.file)
        chosen = [each for each in self._units() if only is None or set(only.split()) <= set(each[1].name.split())]
        began_at = time.monotonic()
        for number, (key, ladder) in enumerate(chosen, 1):
            if key in finished.results and only is None:
                say(f"[{number}/{len(chosen)}] {key}: measured before")
                continue
            say(f"[{number}/{len(chosen)}] {key}, {time.monotonic() - began_at:.0f} s since the start")
            finished.add({"bench": key, "at": datetime.now(UTC).isoformat(timespec="seconds"),
                          "rows": _rows(ladder, self.plan)})
            self.file.with_suffix(".md").write_text(self.table() + "\n")

    def rows(self) -> list[Figures]:
        """The rows of all ladders that are done; medians where one was climbed several times."""
        finished, found = Finished(self.file).results, []
        for ladder in self.ladders:
            done = [finished[key]["rows"] for key, one in self._units() if one == ladder and key in finished]
            found += list(_medians(done))
        return found

    def table(self) -> str:
        return table(self.rows())

    def forget(self) -> None:
        Finished(self.file).forget()

    def _units(self) -> list[tuple[str, Ladder]]:
        return [(f"{ladder.name} #{time_}", ladder) for time_ in range(1, self.times + 1) for ladder in self.ladders
                if time_ == 1 or ladder.wire not in self.only_once]


def _rows(ladder: Ladder, plan: Plan) -> list[Figures]:
    """A ladder that can't be climbed is one row that says why; the others go on."""
    missing = lacking(ladder)
    if missing:
        return [_broken(ladder, missing)]
    rows: list[Figures] = []

    def tell(row: Figures) -> None:
        rows.append(row)
        print(json.dumps(row), flush=True)

    try:
        return climb(ladder, plan, tell)
    except Exception as error:
        say(f"  {ladder.name} broke off: {error}")
        return [*rows, _broken(ladder, f"broke off: {type(error).__name__}: {str(error)[:300]}")]


def _broken(ladder: Ladder, why: str) -> Figures:
    return {"bench": "media", "work": ladder.title, "wire": ladder.wire, "calls": 0, "not_there": why}


def _medians(climbs: Sequence[Sequence[Figures]]) -> Iterator[Figures]:
    sizes = dict.fromkeys(row["calls"] for rows in climbs for row in rows)
    for calls in sizes:
        same = [row for rows in climbs for row in rows if row["calls"] == calls]
        whole = [row for row in same if "cpu_by_process" in row]
        row = combine(whole) if whole else same[0]
        if whole:       # held is what was held each time
            row["not_held"] = sorted({reason for one in whole for reason in one["not_held"]})
            row["distrusted"] = sorted({reason for one in whole for reason in one["distrusted"]})
            row["held"] = not row["not_held"]
        yield row


def _allow_files() -> None:
    """The floor has a socket for each call."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


SAMPLE_RUN = Run(ROOT / "var/bench-media-sample.jsonl", SAMPLE, Plan())
SHORT_RUN = Run(ROOT / "var/bench-media.jsonl", SHORT, Plan())
MATRIX_RUN = Run(ROOT / "var/bench-media-matrix.jsonl", WHOLE, Plan())
WHOLE_RUN = Run(ROOT / "var/soak-media.jsonl", WHOLE, Plan(seconds=10.0, settle=5.0, keys=15.0), times=3)
