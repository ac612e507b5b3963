"""How often a password may be tried, so that nobody can use up another's attempts (decision 65).

| who tries | counts against |
|---|---|
| a browser in which this person has logged in before | itself |
| anybody else | their address, and their network; and all strangers at this login together, |
| | unless this person has logged in from that address before |
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

from desk.bucket import Bucket, Buckets
from desk.subscriber import network_of, subscriber_of

BURST, REFILL = 5, 12.0             # wrong attempts at once of one browser or address, and seconds until one more
NETWORK_BURST, NETWORK_REFILL = 20, 3.0     # of one who was given many IPv6 networks
LOGIN_BURST, LOGIN_REFILL = 20, 30.0        # of all strangers at one login: 2,900 guesses a day from the whole world
BURST_TOLD, REFILL_TOLD = 100, 30.0 # refusals in the audit log, so that an attack does not fill it; the log has all
REMEMBERED = 10_000                 # of each kind; at the bound the one that was longest quiet is forgotten


@dataclass(frozen=True)
class Attempt:
    """One try. `wait`: seconds until it may be made, 0: now, and it is counted. `known`: they have logged in before,
    from there or with that browser. `key`: who it is that tries."""

    name: str
    host: str
    key: str
    known: bool
    wait: float
    buckets: tuple[Bucket, ...]

    def give_back(self) -> None:
        """It was no wrong one."""
        for bucket in self.buckets:
            bucket.give_back()


class LoginLimit:
    """Counts attempts before the password is looked at, so that many at once gain nothing. `now` is monotonic."""

    def __init__(self) -> None:
        self.own = Buckets(1 / REFILL, BURST, REMEMBERED)
        self.hosts = Buckets(1 / REFILL, BURST, REMEMBERED)
        self.networks = Buckets(1 / NETWORK_REFILL, NETWORK_BURST, REMEMBERED)
        self.logins = Buckets(1 / LOGIN_REFILL, LOGIN_BURST, REMEMBERED)
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()      # logins, with addresses they came from
        self._told = Bucket(1 / REFILL_TOLD, BURST_TOLD)

    def attempt(self, name: str, host: str, device: str, now: float) -> Attempt:
        """At a login, from an address. `device`: the browser's id if this person logged in there before, else ""."""
        address = subscriber_of(host)
        if device:
            key = f"{name} {device}"
            return _counted(Attempt(name, address, key, True, 0.0, (self.own.of(key),)), now)
        known = (name, address) in self._seen
        buckets = [self.hosts.of(address), *(self.networks.of(network) for network in network_of(host))]
        if not known:
            buckets.append(self.logins.of(name))
        return _counted(Attempt(name, address, address, known, 0.0, tuple(buckets)), now)

    def attempt_own(self, name: str, now: float) -> Attempt:
        """At the password of whoever is logged in."""
        return _counted(Attempt(name, "", name, True, 0.0, (self.own.of(name),)), now)

    def succeeded(self, attempt: Attempt) -> None:
        """The password was right. The wrong ones before it count on, or whoever has a password could try others' as
        often as they like, with their own in between."""
        attempt.give_back()
        self._seen[attempt.name, attempt.host] = None
        self._seen.move_to_end((attempt.name, attempt.host))
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def is_told(self, now: float) -> bool:
        """Whether this refusal is one for the audit log."""
        return self._told.take(now)


def _counted(attempt: Attempt, now: float) -> Attempt:
    wait = max(bucket.wait(now) for bucket in attempt.buckets)
    if not wait:
        for bucket in attempt.buckets:
            bucket.take(now)
    return replace(attempt, wait=wait)
