"""Recordings of calls that are running: which call, which leg, and the row of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.call.record import RecordingRow


@dataclass(frozen=True)
class RecordingLate:
    """Timer: the call of this recording is over, and the plane should have closed the file long ago."""

    recording: int


@dataclass(eq=False)
class Recording:
    """`number` names it in the plane; `leg` is the caller's leg that it follows, on `stream`; `began` in monotonic
    time; `take` is the menu's number of it, 0 of one that no menu asked for."""

    number: int
    leg: str
    stream: int
    row: RecordingRow
    began: float
    stopping: bool = False
    take: int = 0


@dataclass(frozen=True)
class HeardBack:
    """A caller waits to hear what they said."""

    call: str
    leg: str
    play_id: int


class Recordings:
    """A call has at most one that is not stopping. `fault`: why the last one that failed did, "" once one that began
    later has ended well."""

    def __init__(self) -> None:
        self._running: dict[int, Recording] = {}
        self.fault, self.fault_at, self.told_at = "", 0.0, float("-inf")
        self.heard_back: dict[str, HeardBack] = {}       # by the clip that is read

    def __len__(self) -> int:
        return len(self._running)

    def __iter__(self) -> Iterator[Recording]:
        return iter(list(self._running.values()))

    def of_call(self, call: str) -> Recording | None:
        """The one that goes on."""
        if not self._running:
            return None
        return next((one for one in self._running.values() if one.row.call_id == call and not one.stopping), None)

    def add(self, recording: Recording) -> None:
        self._running[recording.number] = recording

    def pop(self, number: int) -> Recording | None:
        return self._running.pop(number, None)
