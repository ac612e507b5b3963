"""What a caller says into a recording, in a dialogue without audio: when they speak, and when they have been quiet."""

from dataclasses import dataclass, field

from ivr.menu.events import RecordingEnded
from ivr.menu.steps import RecordCaller


def said(number: int) -> str:
    """What a recording is called here."""
    return f"recording-{number}"


@dataclass
class Take:
    """A recording of the caller: when they spoke in it, and from when on they are quiet."""

    step: RecordCaller
    quiet_from: float
    speech: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ends_at(self) -> float | None:
        """When so much quiet ends it."""
        return self.quiet_from + self.step.silence if self.step.silence else None

    def over(self, now: float, reason: str) -> RecordingEnded:
        spoken = sum(max(0.0, min(until, now) - since) for since, until in self.speech)
        return RecordingEnded(self.step.number, said(self.step.number), round(spoken, 3), reason=reason)
