"""Strangers who guess, scan or flood: counted per source address, then put aside for a while."""

from ivr.sip.gate.recent import Recent

WINDOW = 60.0           # s
LIMIT = 100             # points in one window; then the source is put aside


# What a stranger did, and its points: 100 in a minute are too many. A phone that is being set up may ask without a
# password, ping, or dial a wrong number some times; who does so a hundred times a minute looks for something. A
# password is judged more strictly, since each try is a guess.
POINTS = {
    "flood": 1,                 # a request beyond the source's budget
    "challenge": 2,             # asked without credentials: the first step of every log-in, and all that a scan does
    "ping": 2,                  # OPTIONS
    "refused": 2,               # something that is not for strangers, or not for anybody
    "malformed": 4,
    "unknown_number": 5,
    "guess": 5,                 # a wrong password
}


class Offences:
    """Points and pauses by source address."""

    def __init__(self, pause: float, bound: int) -> None:
        self._pause = pause
        self._counted: Recent[tuple[float, int]] = Recent(WINDOW, bound)    # begin of its minute, points in it
        self._aside: Recent[float] = Recent(pause, bound)

    def __len__(self) -> int:
        return len(self._counted) + len(self._aside)

    def add(self, address: str, offence: str, now: float) -> bool:
        """Count one more of `POINTS`; True if the source is put aside by this."""
        if self.is_aside(address, now):
            return False
        begun, points = self._counted.get(address, now) or (now, 0)
        if now - begun >= WINDOW:
            begun, points = now, 0
        if points + POINTS[offence] < LIMIT:
            self._counted.put(address, (begun, points + POINTS[offence]), now)
            return False
        self._counted.forget(address)
        return self._aside.put(address, now + self._pause, now)

    def is_aside(self, address: str, now: float) -> bool:
        until = self._aside.get(address, now)
        if until is None:
            return False
        if now < until:
            return True
        self._aside.forget(address)
        return False

    def forgive(self, address: str) -> None:
        """Somebody there has proved who they are."""
        self._counted.forget(address)
        self._aside.forget(address)
