"""How often a password may be tried, so that nobody can use up another's attempts (decision 65).

| who tries | counts against |
|---|---|
| a browser in which this person has logged in before | itself |
| anybody else | their address, and their network; and all strangers at this login together, |
| | unless this person has logged in from that address before |
"""

from collections import OrderedDict
from collections.abc import Sequence
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
    from there or with that browser. `key`: who waits for a check; of those who are known that is the login, so that
    nobody gets more places by logging in from more addresses. `counts`: where it is counted."""

    name: str
    host: str
    key: str
    known: bool
    wait: float
    counts: Sequence[tuple[Buckets, str]]

    def give_back(self) -> None:
        """It was no wrong one."""
        for buckets, key in self.counts:
            buckets.give_back(key)


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
            return _counted(Attempt(name, address, name, True, 0.0, [(self.own, f"{name} {device}")]), now)
        counts = [(self.hosts, address), *((self.networks, network) for network in network_of(host))]
        if (name, address) in self._seen:
            return _counted(Attempt(name, address, f"{name} from there", True, 0.0, counts), now)
        return _counted(Attempt(name, address, address, False, 0.0, [*counts, (self.logins, name)]), now)

    def attempt_own(self, name: str, now: float) -> Attempt:
        """At the password of whoever is logged in."""
        return _counted(Attempt(name, "", name, True, 0.0, [(self.own, name)]), now)

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
    """Only what may be made is counted, and only what is counted is remembered: who is refused could else have the
    counts of others forgotten, by trying names that nobody has."""
    wait = max(buckets.wait(key, now) for buckets, key in attempt.counts)
    if not wait:
        for buckets, key in attempt.counts:
            buckets.of(key).take(now)
    return replace(attempt, wait=wait)
