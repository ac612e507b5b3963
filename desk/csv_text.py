"""Tables as CSV that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

BEGINS = ("=", "+", "-", "@", "\t", "\r")      # what makes a cell a formula, in one spreadsheet or another


def csv_of(rows: Iterable[Sequence[object]]) -> str:
    """Lines end with CR LF (RFC 4180). None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return out.getvalue()


def cell(value: object) -> object:
    """A text that a caller or anybody else could set must not be run: an apostrophe before it says that it is text.
    Numbers stay what they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(BEGINS) else value
