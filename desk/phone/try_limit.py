"""Who may call from the page `/try` without a login, which lines, and how often: a stranger costs what a call costs."""

from urllib.parse import urlsplit

from desk.bucket import Buckets
from desk.counted import Counted
from desk.subscriber import subscriber_of
from ivr.base.config import Config
from ivr.base.config_words import is_loopback
from ivr.exchange.browser_phones import GRACE

ADDRESSES = 10_000       # remembered; at the bound the one that was longest quiet is forgotten
SOCKETS = 8              # of strangers from one address at one time
ALL_SOCKETS = 200        # of all strangers: the others are left to people who are logged in


class TryLimit:
    """Counts strangers by their address; IPv6 by the network of a subscriber."""

    def __init__(self, config: Config) -> None:
        self._config, self._settings = config, config.web.try_page
        per_minute = self._settings.calls_per_minute
        self._calls = Buckets(per_minute / 60, per_minute, ADDRESSES)
        self._sockets = Counted(ALL_SOCKETS, SOCKETS)
        self._away: dict[str, float] = {}       # phones whose call goes on without a page, and until when

    def is_open(self, host_header: str) -> bool:
        """Whether anybody may call without a login, from a page of the host that they typed: one that is not of this
        machine is a proxy's, through which everybody comes."""
        if self._settings.open_to != "this_machine":
            return self._settings.open_to == "anybody"
        try:
            typed = urlsplit(f"//{host_header}").hostname or ""
        except ValueError:
            return False
        return is_loopback(self._config.web.listen.host) and not self._config.web.behind_proxy and (
            typed == "localhost" or is_loopback(typed))

    @property
    def lines(self) -> tuple[str, ...]:
        """The numbers that may be called from the page: the first of each line, or those of the configuration."""
        return self._settings.lines or tuple(line.numbers[0] for line in self._config.lines)

    def enter(self, host: str) -> bool:
        """One socket more from there; False if there are too many."""
        return self._sockets.enter(subscriber_of(host))

    def leave(self, host: str) -> None:
        self._sockets.leave(subscriber_of(host))

    def went(self, phone: str, now: float) -> None:
        """A page left in the middle of its call, which goes on until it is back, for GRACE at most."""
        self._away[phone] = now + GRACE

    def came(self, phone: str) -> None:
        """It is there, and its call is one of those that are counted."""
        self._away.pop(phone, None)

    def _left_alone(self, now: float) -> int:
        self._away = {phone: until for phone, until in self._away.items() if until > now}
        return len(self._away)

    def obstacle(self, host: str, number: str, calls: int, now: float) -> tuple[str, str] | None:
        """Why a stranger may not make this call (a code, and a sentence), with so many `calls` of pages of strangers
        that are there now."""
        if number not in self._settings.lines and (self._settings.lines or self._config.line_for(number) is None):
            return "not_a_line", "From this page the hotline's own numbers can be called, and no others."
        if calls + self._left_alone(now) >= self._settings.max_calls:
            return "too_many_calls", "Too many people call from this page just now; try again in a minute."
        if not self._calls.of(subscriber_of(host)).take(now):
            return "too_often", "There were many calls from here within a minute; wait a little."
        return None
