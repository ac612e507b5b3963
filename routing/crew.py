"""The operators of one queue, as far as it needs them: their tiers, who is in service, and who is free."""

from routing.ordered import Key, Ordered
from routing.queue_settings import QueueSettings
from routing.skills import Profile

NOWHERE = 1 << 30       # the tier of somebody who does not serve the queue: never open


class Crew:
    """Free operators by tier and profile: a call that asks for skills looks at profiles, not at people."""

    def __init__(self, settings: QueueSettings, last_rung: dict[int, str]) -> None:
        tiers = (settings.operators, *(tier.operators for tier in settings.tiers))
        self._places: dict[str, tuple[int, int]] = {}
        for tier, names in enumerate(tiers):
            for name in names:
                self._places.setdefault(name, (tier, len(self._places)))
        self.weights = dict(settings.operator_weights)
        self.serving: dict[str, tuple[int, Profile]] = {}
        """Operators in service for the queue, busy or not (Operator.in_service)."""
        self.classes: dict[tuple[int, Profile], int] = {}
        """How many of them there are of each tier and profile."""
        self.free: list[dict[Profile, Ordered]] = [{} for _ in tiers]
        """By tier: operators who could take a call now, the strategy's first choice first."""
        self.idle = 0
        self.last_rung = last_rung
        """By tier, for `round_robin`; the queue's, which outlives the crew."""

    def tier_of(self, name: str) -> int:
        place = self._places.get(name)
        return place[0] if place is not None else NOWHERE

    def position(self, name: str) -> int:
        """Place among the operators of the queue; -1 for who is not one of them."""
        place = self._places.get(name)
        return place[1] if place is not None else -1

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def enter_service(self, name: str, profile: Profile) -> tuple[int, Profile]:
        where = self.serving[name] = (self._places[name][0], profile)
        self.classes[where] = self.classes.get(where, 0) + 1
        return where

    def leave_service(self, name: str) -> tuple[int, Profile]:
        where = self.serving.pop(name)
        self.classes[where] -= 1
        if not self.classes[where]:
            del self.classes[where]
        return where

    def add_free(self, name: str, profile: Profile, key: Key) -> None:
        self.free[self._places[name][0]].setdefault(profile, Ordered()).add(name, key)
        self.idle += 1

    def discard_free(self, name: str, profile: Profile) -> None:
        lines = self.free[self._places[name][0]]
        line = lines[profile]
        line.discard(name)
        if not line:
            del lines[profile]
        self.idle -= 1

    def is_free(self, name: str) -> bool:
        """Whether they could take a call of this queue now."""
        where = self.serving.get(name)
        line = self.free[where[0]].get(where[1]) if where is not None else None
        return line is not None and name in line
