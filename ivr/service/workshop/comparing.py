"""What changed between two texts, line by line."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

CONTEXT = 3              # lines around a change


def compare(bench: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """`rows` of what is the same, out or in, with the numbers of their lines (0: none); `gap` stands for the lines left
    out between changes."""
    old, new = str(arguments["old"]).splitlines(), str(arguments["new"]).splitlines()
    rows = list(_rows(old, new))
    return {"rows": rows, "added": sum(row["kind"] == "in" for row in rows),
            "removed": sum(row["kind"] == "out" for row in rows)}


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[dict[str, Any]]:
    at = 0
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT):
        if group[0][1] > at:
            yield {"kind": "gap", "old": at + 1, "new": 0, "text": ""}
        for kind, a, a_end, b, b_end in group:
            if kind == "equal":
                yield from (_row("same", a + n + 1, b + n + 1, old[a + n]) for n in range(a_end - a))
                continue
            yield from (_row("out", line + 1, 0, old[line]) for line in range(a, a_end))
            yield from (_row("in", 0, line + 1, new[line]) for line in range(b, b_end))
        at = group[-1][2]
    if 0 < at < len(old):
        yield {"kind": "gap", "old": at + 1, "new": 0, "text": ""}


def _row(kind: str, old: int, new: int, text: str) -> dict[str, Any]:
    return {"kind": kind, "old": old, "new": new, "text": text}
