"""When to refuse new calls because work waits too long: the rule of CoDel (RFC 8289), for requests.

A queue that is short now and then is a burst and no overload; one whose head has waited more than `TARGET` for all of
`INTERVAL` is. Then everything that has waited so long is refused, which costs a fiftieth of serving it, until the head
is fresh again. So those who are served have never waited much longer than `TARGET`, whatever the rate.
"""

TARGET = 0.1            # s; a caller does not notice, and it is far below T1, after which every INVITE comes again
INTERVAL = 0.3          # s; a crowd that dials at the same moment, or a pause of the machine, is not yet an overload
LIMIT = 0.35            # s; who has waited longer is refused in any case: soon the INVITE comes again


class Overload:
    """One queue's state: `refusing` while the service is overloaded."""

    def __init__(self) -> None:
        self.refusing = False
        self._late_since: float | None = None

    def refuses(self, waited: float, now: float) -> bool:
        """Whether the head of the queue, which has waited so long, is to be refused."""
        if waited <= TARGET:
            self._late_since = None
            self.refusing = self.refusing and waited > TARGET / 2
            return False
        if self._late_since is None:
            self._late_since = now
        if now - self._late_since >= INTERVAL:
            self.refusing = True
        return self.refusing or waited > LIMIT

    def emptied(self) -> None:
        """Nothing waits."""
        self.refusing = False
        self._late_since = None
