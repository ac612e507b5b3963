"""Where a trunk's host is reached: looked up at the start and again from time to time, so that no call waits for it."""

from dataclasses import dataclass
from typing import Any

from ivr.base.timers import Timers
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow, is_address
from ivr.sip.transport.locator import Locator

LOOK_UP_EVERY = 300.0       # s; carriers move addresses by hours, and announce it
LOOK_UP_AGAIN = 30.0        # s after a look-up that found nothing; what was found before stays


@dataclass(frozen=True)
class LookUpDue:
    """Timer: ask the name service again."""

    hop: str


class Hop:
    """`flows`: the one in use first. `name` tells it from others, as `carrier/calls`."""

    def __init__(self, name: str, uri: Uri, locator: Locator, timers: Timers) -> None:
        self.name = name
        self.uri = uri
        self.flows: tuple[Flow, ...] = ()
        self._locator = locator
        self._timers = timers
        self._found: tuple[Flow, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(flow.remote[0] for flow in self.flows)

    def look_up(self, now: float) -> list[Any]:
        if not is_address(self.uri.host):
            self._timers.start(self._key, now + LOOK_UP_EVERY, LookUpDue(self.name))
        return self._locator.locate(("trunk", self.name), self.uri, now)

    def found(self, flows: tuple[Flow, ...], now: float) -> None:
        """What the search brought. Where the answer is the old one, the order that we came to stays."""
        if not flows and not is_address(self.uri.host):
            self._timers.start(self._key, now + LOOK_UP_AGAIN, LookUpDue(self.name))
        elif flows and set(flows) != set(self._found):
            self.flows = self._found = flows

    def turn(self) -> None:
        """The address in use does not answer: the next one."""
        self.flows = (*self.flows[1:], *self.flows[:1])

    def stop(self) -> None:
        self._timers.cancel(self._key)
        self._locator.forget(("trunk", self.name))

    @property
    def _key(self) -> tuple[str, str, str]:
        return "trunk", self.name.partition("/")[0], self.name
