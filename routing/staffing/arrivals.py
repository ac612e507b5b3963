"""How many calls come when: the profile of a day by half hours, as a table that a spreadsheet writes."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.base.errors import Fault, Place

HALF_HOUR = 1800.0      # s
MOST_ROWS = 48 * 7      # half hours of a week
MOST_CALLS = 1_000_000  # in one of them
COLUMNS = ("time", "calls")
_TIME = re.compile(r"[^,;\t]{1,40}")


@dataclass(frozen=True)
class Interval:
    """A half hour by its name, as "09:30", and the calls that are expected in it."""

    name: str
    calls: float

    @property
    def rate(self) -> float:
        """Calls per second."""
        return self.calls / HALF_HOUR


def read_arrivals(lines: Iterable[str], file: str, faults: list[Fault]) -> tuple[Interval, ...]:
    """The half hours of a CSV with the columns `time` and `calls`; what is wrong with it goes into `faults`."""
    rows = csv.reader(lines)
    head = [name.strip().lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in head]:
        faults.append(Fault(Place(file, 1, 1), f"the first line names no column `{missing[0]}`",
                            "it is: time,calls"))
        return ()
    found: list[Interval] = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(found) == MOST_ROWS:
            faults.append(Fault(Place(file, rows.line_num, 1), f"there are more than {MOST_ROWS} half hours",
                                "a week at most"))
            break
        interval = _interval(dict(zip(head, row, strict=False)), Place(file, rows.line_num, 1), faults)
        if interval is not None:
            found.append(interval)
    return tuple(found)


def _interval(cells: dict[str, str], place: Place, faults: list[Fault]) -> Interval | None:
    name, number = cells.get("time", "").strip(), cells.get("calls", "").strip()
    try:
        calls = float(number)
    except ValueError:
        calls = -1.0
    if not _TIME.fullmatch(name):
        faults.append(Fault(place, "there is no time", "begin the line with it: 09:30,120"))
    elif not 0 <= calls <= MOST_CALLS:
        faults.append(Fault(place, f"`{number}` is no number of calls", f"0 to {MOST_CALLS}"))
    else:
        return Interval(name, calls)
    return None
