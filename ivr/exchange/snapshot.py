"""The house as plain data at one moment: for screens, `/metrics` and `hotline operators`."""

from typing import Any

from ivr.exchange.house import House

SHOWN = 200              # calls listed; the counts are always exact


def snapshot(house: House, now: float) -> dict[str, Any]:
    """JSON-ready; nothing in it changes afterwards. Callers' numbers are not in it."""
    pool = house.legs.pool
    return {
        "node": house.config.node,
        "state": "draining" if house.draining else "running",
        "calls": [_call(opened, now) for opened in list(house.calls.values())[:SHOWN]],
        "calls_in_progress": len(house.calls),
        **house.dispatcher.snapshot(now),
        "plane": {"up": house.plane_up, "streams": len(pool.ports) if pool else 0,
                  "in_use": pool.in_use if pool else 0},
        "database": {"away": house.database_away, "spool_full": house.store_full},
        "sip": house.endpoint.counts(),
        "counters": dict(house.counters),
    }


def _call(opened: Any, now: float) -> dict[str, Any]:
    row = opened.call.visit.call
    return {"call": row.id, "line": row.line, "state": opened.call.state.name.lower(),
            "since_s": round(now - opened.began_at, 1), "queue": row.queue, "operator": opened.call.operator,
            "language": row.language}
