"""The house as plain data at one moment: for screens, `/metrics` and `hotline operators`."""

from typing import Any

from ivr.exchange.from_menus import menus_shown
from ivr.exchange.house import House
from ivr.exchange.phones import by_transport
from ivr.exchange.supervising import status
from ivr.media.ports import PortPool
from ivr.sip.trunk.trunk_events import TrunkStatus

SHOWN = 200              # calls listed; the counts are always exact


def snapshot(house: House, now: float) -> dict[str, Any]:
    """JSON-ready; nothing in it changes afterwards. Callers' numbers are not in it."""
    planes = house.legs.planes
    return {
        "node": house.config.node,
        "state": "draining" if house.draining else "running",
        "calls": [_call(opened, now) for opened in list(house.calls.values())[:SHOWN]],
        "calls_in_progress": len(house.calls),
        **_with_channels(house, house.dispatcher.snapshot(now)),
        "plane": {"up": house.plane_up, "streams": planes.streams, "in_use": planes.in_use,
                  "workers": [_worker(planes.pool(worker), worker) for worker in range(planes.workers)],
                  **house.media.snapshot(now)},
        "database": {"away": house.database_away, "spool_full": house.store_full},
        "recordings": {"running": len(house.recordings), "fault": house.recordings.fault},
        "menus": menus_shown(house),
        "boot_id": house.boot_id,
        "accounts": house.sums.shown(),
        "orders": [order.written() for order in house.orders.all(house.to_utc(now))],
        "sip": house.endpoint.counts(),
        "phones": by_transport(house, now),
        "trunks": [_trunk(status, now) for status in house.endpoint.trunks()],
        "counters": house.counters | house.endpoint.door.counters,
    }


def _with_channels(house: House, found: dict[str, Any]) -> dict[str, Any]:
    """Of each who waits, by which way they came; who is to be called back speaks."""
    for queue in found["queues"]:
        for waiting in queue["calls"]:
            opened = house.calls.get(waiting["call"])
            waiting["channel"] = opened.call.visit.call.channel if opened is not None else "voice"
    return found


def _worker(pool: PortPool | None, worker: int) -> dict[str, Any]:
    """One plane: how many of its streams are in use and not, while it is there."""
    streams, in_use = (len(pool.ports), pool.in_use) if pool is not None else (0, 0)
    return {"worker": worker, "ready": pool is not None, "streams": streams, "in_use": in_use, "free": streams - in_use}


def _trunk(status: TrunkStatus, now: float) -> dict[str, Any]:
    left = None if status.expires_at is None else max(0.0, round(status.expires_at - now, 1))
    return {"name": status.name, "registration": status.registration, "reason": status.registration_reason,
            "expires_in_s": left, "ping": status.ping, "ping_reason": status.ping_reason,
            "round_trip_s": status.round_trip, "calls": status.calls, "max_calls": status.max_calls,
            "last_error": status.last_error, "addresses": list(status.addresses)}


def _call(opened: Any, now: float) -> dict[str, Any]:
    row = opened.call.visit.call
    return {"call": row.id, "line": row.line, "state": opened.call.state.name.lower(),
            "since_s": round(now - opened.trace.began_at, 1), "queue": row.queue, "operator": opened.call.operator,
            "language": row.language, "channel": row.channel, "supervisors": status(opened)}
