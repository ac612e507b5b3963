"""What happened in a call, as rows, and the ladder that draws them."""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

ROWS_PER_CALL = 400      # the oldest rows of a longer call are forgotten: the end of a call tells more than its middle
COLUMN = 36


class Row(NamedTuple):
    """One message (`source` to `target`) or one note (`source` == `target`) at `at` (s, from any beginning)."""

    at: float
    source: str
    target: str
    text: str


class Trace:
    """A bounded list of rows of one call, whose times begin at zero: monotonic time means nothing to who reads them
    later. Texts carry no digits of secret fields and no passwords."""

    def __init__(self, began_at: float = 0.0) -> None:
        self.began_at = began_at
        self.rows: deque[Row] = deque(maxlen=ROWS_PER_CALL)

    def arrow(self, at: float, source: str, target: str, text: str) -> None:
        self.rows.append(Row(round((at - self.began_at) * 1000) / 1000, source, target, text))

    def note(self, at: float, who: str, text: str) -> None:
        self.arrow(at, who, who, text)


def ladder(rows: Iterable[Row], parties: tuple[str, ...] = ()) -> str:
    """Draw rows as a ladder: one column per party, time in seconds since the first row at the left.

    Parties not named in `parties` get columns in order of appearance.
    """
    rows = list(rows)
    names = parties_of(rows, parties)
    begin = rows[0].at if rows else 0.0
    return "\n".join([header(names), *(line(row, names, begin) for row in rows)])


def parties_of(rows: Iterable[Row], known: Iterable[str] = ()) -> list[str]:
    """The columns of a ladder: `known`, and who else appears, in order of appearance."""
    return list(dict.fromkeys([*known, *(name for row in rows for name in (row.source, row.target))]))


def header(names: list[str]) -> str:
    """The line above a ladder."""
    return " " * 10 + "".join(name.center(COLUMN) for name in names).rstrip()


def line(row: Row, names: list[str], begin: float) -> str:
    """One row under the header of `names`; its time is that since `begin`."""
    return f"{row.at - begin:9.3f} {_draw(row, names)}".rstrip()


def _draw(row: Row, names: list[str]) -> str:
    post = [COLUMN * index + COLUMN // 2 for index in range(len(names))]
    line = [" "] * (COLUMN * len(names))
    for at in post:
        line[at] = "|"
    start, end = post[names.index(row.source)], post[names.index(row.target)]
    if start == end:
        text = f"* {row.text}"
        return "".join(line[:start]) + text + "".join(line[start + len(text):])
    left, right = min(start, end), max(start, end)
    body = f" {row.text} ".center(right - left - 1, "-")[: right - left - 1]
    line[left + 1:right] = body
    line[right - 1 if end > start else left + 1] = ">" if end > start else "<"
    return "".join(line)
