"""What the drivers of a trunk's machines share: timers, effects, and what a bug of ours may break."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from ivr.base.machine import IllegalEvent, Machine
from ivr.base.timers import Timers
from ivr.sip.leg.leg_effects import StartTimer, StopTimers
from ivr.sip.trunk.trunk_events import TrunkChanged


@dataclass(frozen=True)
class TrunkClock:
    """The timers of one trunk."""

    trunk: str
    timers: Timers

    def start(self, event: Any, at: float) -> None:
        self.timers.start(("trunk", self.trunk, type(event)), at, event)

    def cancel(self, kinds: tuple[type, ...]) -> None:
        for kind in kinds:
            self.timers.cancel(("trunk", self.trunk, kind))


Mishap = tuple[float, str]      # when, and what
NONE: Mishap = (float("-inf"), "")


class TrunkMachine(ABC):
    """Runs one machine."""

    def __init__(self, machine: Any, clock: TrunkClock) -> None:
        self.machine = machine
        self.last_error: Mishap = NONE
        self._clock = clock

    @abstractmethod
    def carry_out(self, effect: Any, now: float) -> list[Any]:
        """Send what the machine asks for."""

    @abstractmethod
    def mend(self, now: float) -> None:
        """Bring the machine into a state with a way on after a bug of ours."""

    def run(self, event: Any, now: float) -> list[Any]:
        machine: Machine = self.machine
        try:
            effects = machine.handle(event, now)
        except IllegalEvent as error:       # must not keep the trunk from being tried again
            self.mend(now)
            effects = [TrunkChanged(self._clock.trunk, "failing", f"bug: {error}")]
        out: list[Any] = []
        for effect in effects:
            if isinstance(effect, StartTimer):
                self._clock.start(effect.event, effect.at)
            elif isinstance(effect, StopTimers):
                self._clock.cancel(effect.kinds)
            elif isinstance(effect, TrunkChanged):
                self.last_error = (now, effect.reason) if effect.reason else self.last_error
                out.append(effect)
            else:
                out += self.carry_out(effect, now)
        return out

    def start_timer(self, event: Any, at: float) -> None:
        self._clock.start(event, at)
