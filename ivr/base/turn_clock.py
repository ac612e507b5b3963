"""The wall clock as an input: it is read once a turn, and all of the turn goes by that."""

from datetime import UTC, datetime


class TurnClock:
    """Turns monotonic time into aware UTC. `offset`: seconds from the one to seconds since 1970, as of this turn."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def __call__(self, at: float) -> datetime:
        return datetime.fromtimestamp(at + self.offset, UTC)
