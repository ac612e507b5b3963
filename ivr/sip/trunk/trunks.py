"""All trunks: whose a call is that comes, and which ones a call of ours may take."""

from collections.abc import Iterable
from typing import Any

from ivr.sip.message.message import Request
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import TrunkStatus
from ivr.sip.trunk.trunk_line import TrunkLine, TrunkTools


class Trunks:
    """Nothing is sent before `start`."""

    def __init__(self, trunks: Iterable[Trunk], tools: TrunkTools) -> None:
        self._lines = {trunk.name: TrunkLine(trunk, tools) for trunk in trunks}
        tools.locator.users["trunk"] = self._located

    def start(self, now: float) -> list[Any]:
        """Look up hosts, register, ping."""
        return [effect for line in self._lines.values() for effect in line.start(now)]

    def stop(self, now: float) -> list[Any]:
        """Unregister: no more calls shall come here. Those in progress are not touched."""
        return [effect for line in self._lines.values() for effect in line.stop(now)]

    @property
    def leaving(self) -> int:
        """Trunks whose registration is being ended."""
        return sum(line.leaving for line in self._lines.values())

    def get(self, name: str | None) -> TrunkLine | None:
        return self._lines.get(name) if name is not None else None

    def of(self, request: Request, flow: Flow) -> TrunkLine | None:
        """The trunk that a request from `flow` comes from."""
        address = flow.remote[0]
        return next((line for line in self._lines.values() if line.owns(request, address)), None)

    def is_provider(self, address: str) -> bool:
        """Whether a provider that we register with is there."""
        return any(line.registration is not None and line.is_at(address) for line in self._lines.values())

    def in_order(self) -> list[TrunkLine]:
        """Those that our calls can take: the good ones first, each group by priority."""
        usable = [line for line in self._lines.values() if line.flows]
        return sorted(usable, key=lambda line: (not line.is_good, line.trunk.priority))

    def stream_closed(self, flow: Flow, now: float) -> list[Any]:
        return [effect for line in self._lines.values() for effect in line.stream_closed(flow, now)]

    def fire(self, name: str, event: Any, now: float) -> list[Any]:
        return self._lines[name].fire(event, now)

    def statuses(self) -> tuple[TrunkStatus, ...]:
        return tuple(line.status() for line in self._lines.values())

    def _located(self, hop: str, flows: tuple[Flow, ...], now: float) -> list[Any]:
        return self._lines[hop.partition("/")[0]].located(hop, flows, now)
