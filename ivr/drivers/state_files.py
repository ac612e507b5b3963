"""What control knows that must survive it: statuses that people set, registered phones, calls to numbers of this day,
trials of menus, orders for lines.

A phone registers again only after its expiry, an hour perhaps: without the file its operator would be unreachable for
so long after a crash. Losing the file costs no call, so a broken one is read as empty.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError, PeerError
from ivr.drivers.log import Log
from ivr.drivers.private_files import read_private, write_private
from ivr.sip.message.headers import parse_address
from ivr.sip.message.uri import parse_uri
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow

log = Log("state_files")


class StateFiles:
    """Reads and writes `operators.json`, `phones.json`, `outbound.json`, `trials.json` and `orders.json` in the state
    folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._statuses = folder / "operators.json"
        self._phones = folder / "phones.json"
        self._outbound = folder / "outbound.json"
        self._trials = folder / "trials.json"
        self._orders = folder / "orders.json"

    def statuses(self) -> dict[str, tuple[str, str, str]]:
        """Operator -> (status, reason, who set it) as last set."""
        kept = _read(self._statuses)
        return {name: (str(value[0]), str(value[1]), str(value[2]) if len(value) == 3 else "")
                for name, value in kept.items() if isinstance(value, list) and len(value) in (2, 3)}

    def save_statuses(self, statuses: Mapping[str, tuple[str, str, str]]) -> None:
        _write(self._statuses, {name: list(value) for name, value in statuses.items()})

    def outbound(self) -> tuple[str, dict[str, int]]:
        """The local date and the calls to numbers on it, by operator, as last counted."""
        kept = _read(self._outbound)
        counts = kept.get("by_operator")
        return str(kept.get("day", "")), {str(name): count for name, count in counts.items()
                                          if isinstance(count, int) and count >= 0} if isinstance(counts, dict) else {}

    def save_outbound(self, day: str, by_operator: Mapping[str, int]) -> None:
        _write(self._outbound, {"day": day, "by_operator": dict(by_operator)})

    def trials(self) -> list[tuple[str, str, bool, str]]:
        """Trials of menus: (line, newer version, whether it was returned, text of the older)."""
        kept = _read(self._trials).get("trials")
        return [(str(one[0]), str(one[1]), bool(one[2]), str(one[3])) for one in kept
                if isinstance(one, list) and len(one) == 4] if isinstance(kept, list) else []

    def save_trials(self, trials: Iterable[tuple[str, str, bool, str]]) -> None:
        _write(self._trials, {"trials": [list(one) for one in trials]})

    def orders(self) -> list[dict[str, Any]]:
        """Orders for lines, as they were written."""
        kept = _read(self._orders).get("orders")
        return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []

    def save_orders(self, orders: Iterable[Mapping[str, Any]]) -> bool:
        """Whether they are on the disk."""
        return _write(self._orders, {"orders": list(orders)})

    def phones(self, now: float) -> list[Binding]:
        """Phones that are not expired. Only UDP, and those behind an edge: a phone's own TCP connection died with the
        process that held it, and the edge is called anew."""
        found = []
        phones = _read(self._phones).get("phones")
        for kept in phones if isinstance(phones, list) else ():
            try:
                binding = _binding(kept, now)
            except (PeerError, LookupError, TypeError, AttributeError, ValueError, OverflowError):
                continue
            if binding.expires_at > now:
                found.append(binding)
        return found

    def save_phones(self, bindings: Iterable[Binding], now: float) -> None:
        wall = time.time()
        _write(self._phones, {"phones": [_kept(binding, wall - now) for binding in bindings
                                         if binding.flow.transport == "udp" or binding.path]})


class LatestWriter:
    """Gives contents to `write` in a thread, one at a time. Of those that come meanwhile only the latest counts.

    Two threads would write the same file at once, and the older content might be the last.
    """

    def __init__(self, write: Callable[..., None]) -> None:
        self._write = write
        self._next: tuple[Any, ...] | None = None
        self._task: asyncio.Task[None] | None = None

    def put(self, *content: Any) -> None:
        """Have it written soon. Wants a running loop."""
        self._next = content
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def settled(self) -> None:
        """Until all is written."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        try:
            while self._next is not None:
                content, self._next = self._next, None
                await asyncio.to_thread(self._write, *content)
        finally:
            self._task = None


def _kept(binding: Binding, offset: float) -> dict[str, Any]:
    return {"account": binding.account, "contact": str(binding.contact), "local": list(binding.flow.local),
            "remote": list(binding.flow.remote), "q": binding.q, "expires": round(binding.expires_at + offset),
            "user_agent": binding.user_agent, "instance": binding.instance, "since": round(binding.since + offset),
            "transport": binding.flow.transport, "path": [str(hop) for hop in binding.path],
            "reg_id": binding.reg_id, "source": binding.source}


def _binding(kept: dict[str, Any], now: float) -> Binding:
    flow = Flow(str(kept.get("transport", "udp")), (str(kept["local"][0]), int(kept["local"][1])),
                (str(kept["remote"][0]), int(kept["remote"][1])))
    return Binding(str(kept["account"]), parse_uri(str(kept["contact"])), flow, float(kept["q"]),
                   float(kept["expires"]) - time.time() + now, str(kept["user_agent"]), str(kept["instance"]),
                   float(kept.get("since", time.time())) - time.time() + now,
                   tuple(parse_address(str(hop)) for hop in kept.get("path", ())), int(kept.get("reg_id", 0)),
                   str(kept.get("source", "")))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = read_private(path)
        kept = json.loads(text) if text else {}
    except (AdminError, ValueError, RecursionError) as error:
        log.warning("state_not_read", file=str(path), reason=str(error))
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(path: Path, content: dict[str, Any]) -> bool:
    try:
        write_private(path, json.dumps(content))
    except AdminError as error:
        log.warning("state_not_written", file=str(path), reason=str(error))
        return False
    return True
