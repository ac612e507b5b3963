"""The whole matrix of the media bench."""

from typing import Any

from bench.media.runs import WHOLE_RUN
from bench.progress import say


def media_matrix(minutes: float) -> dict[str, Any]:
    """Menus and pairs of all sizes on both wires, with recording, in-band keys and SRTP (two hours and more)."""
    WHOLE_RUN.climb()
    say(WHOLE_RUN.table())
    rows = WHOLE_RUN.rows()
    broken = [row for row in rows if "broke off" in row.get("not_there", "") or row.get("log_errors")]
    return {"rows": len(rows), "held": sum(bool(row.get("held")) for row in rows), "findings": len(broken),
            "which": [f"{row['work']} {row['wire']} {row['calls']}" for row in broken]}
