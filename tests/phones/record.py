"""What the hotline wrote down about a phone's call, asked of its API, beside the phone's own log."""

import time
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tests.support.service import Service, wait_for

CLOSE = 0.1                  # seconds that the record may differ from the phone's own log


def call_of(service: Service, caller: str, timeout: float = 30.0) -> dict[str, Any]:
    """The one ended call of a caller's number, with `requests`, `entries` and `ladder`."""
    rows = wait_for(lambda: _ended(service, caller), timeout, f"the call of {caller} has no outcome in the record")
    assert len(rows) == 1, rows
    found: dict[str, Any] = wait_for(lambda: _drawn(service, rows[0]["id"]), timeout, "its ladder is not complete")
    assert [entry["kind"] for entry in found["entries"]].count("ended") == 1, found["ladder"]
    return found


def _drawn(service: Service, call: str) -> dict[str, Any] | None:
    """The call, once its ladder is written: a moment after its row."""
    found: dict[str, Any] = service.api(f"/api/calls/{call}")
    return found if found["trace_complete"] else None


def ladder_of(service: Service, caller: str) -> str:
    """Every call of this number as it was drawn."""
    rows = service.api(f"/api/calls?limit=500&caller_number={quote(caller)}")["items"]
    return "\n".join(f"{row['outcome']} {service.api('/api/calls/' + row['id'])['ladder']}" for row in rows)


def offers(call: dict[str, Any]) -> list[str]:
    """The operators who were rung, and why it came to nothing: `["anna: busy", "boris"]`."""
    found: list[str] = []
    for entry in call["entries"]:
        if entry["kind"] == "operator_offered":
            found.append(entry["details"]["operator"])
        elif entry["kind"] == "offer_failed":
            found[-1] += f": {entry['details']['reason']}"
    return found


def errors_of(service: Service) -> list[str]:
    """What the service wrote at level error."""
    return [line for line in service.log.splitlines() if line.split(" ")[1:2] == ["error"]]


def monotonic(text: str) -> float:
    """A time of the record on the clock of the phones' logs."""
    return datetime.fromisoformat(text).timestamp() - _offset()


def _offset() -> float:
    return time.time() - time.monotonic()


def _ended(service: Service, caller: str) -> list[dict[str, Any]]:
    rows = service.api(f"/api/calls?limit=500&caller_number={quote(caller)}")["items"]
    return rows if rows and all(row["outcome"] for row in rows) else []
