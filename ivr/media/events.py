"""What the media plane tells control."""

from typing import Literal

from ivr.media.line import Line

KeySource = Literal["event", "in_band"]


class PlaneReady(Line, frozen=True):
    """The plane works. `ports`: the RTP port of each stream row (RTCP is the next); `wire`: which one carries;
    `worker`: which plane of several it is, as control counts them."""

    ports: tuple[int, ...]
    wire: str
    worker: int = 0


class ClipLoaded(Line, frozen=True):
    """A clip can be played. `duration` in seconds."""

    clip: str
    duration: float
    worker: int = 0


class ClipFailed(Line, frozen=True):
    """A clip could not be loaded, or was to be played and is not there."""

    clip: str
    reason: str
    worker: int = 0


class DigitPressed(Line, frozen=True):
    """A key went down. If it barged in, PlaybackFinished follows at once.

    held_at_start: by its duration it went down before what is playing began, and so it stopped nothing; source: it
    was an RTP event (RFC 4733), or its tones were heard in the audio.
    """

    stream: int
    leg: str
    digit: str
    held_at_start: bool = False
    source: KeySource = "event"


class DigitReleased(Line, frozen=True):
    """The key came up, or nothing was heard of it for 200 ms. Always after its DigitPressed."""

    stream: int
    leg: str
    digit: str
    duration_ms: int
    source: KeySource = "event"


class PlaybackFinished(Line, frozen=True):
    """The last frame of a Play has had its time, or (`stopped`) it was stopped, replaced, flushed or refused."""

    stream: int
    leg: str
    play_id: int
    stopped: bool


class MediaLatched(Line, frozen=True):
    """RTP goes to `remote` from now on, since the peer's comes from there."""

    stream: int
    leg: str
    remote: tuple[str, int]


class MediaLost(Line, frozen=True):
    """Neither RTP nor RTCP came for `silent_for` seconds though it should; told once until something comes."""

    stream: int
    leg: str
    silent_for: float


class StreamStatistics(Line, frozen=True):
    """A stream's life in figures. Losses and jitter are of what we received (RFC 3550 §6.4.1).

    `remote_` is what the peer last reported of what we sent, `round_trip_` the mean and the longest of what its reports
    gave; `mos_in` is what a listener to this leg heard, `mos_out` what the peer did (see `quality`). None: not known.
    """

    packets_sent: int = 0
    octets_sent: int = 0
    packets_received: int = 0
    octets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float = 0.0
    duplicates: int = 0
    reordered: int = 0
    malformed: int = 0          # no RTP, or of a payload type that was not negotiated
    refused: int = 0            # from an address that is not the peer's, or (SRTP) not authentic, or come before
    remote_lost: int | None = None
    remote_jitter_ms: float | None = None
    round_trip_ms: float | None = None
    round_trip_most_ms: float | None = None
    mos_in: float | None = None
    mos_out: float | None = None


class StreamClosed(Line, frozen=True):
    """The row is free. `statistics` is None only if control read so slowly that they had to be left out."""

    stream: int
    leg: str
    statistics: StreamStatistics | None


class PlaneFigures(Line, frozen=True):
    """Told every 5 s. By how much the turns since the last time came late (0 while nothing is to be done); and since
    the plane began: its turns, the phases that none was in, packets of RTP, and those that the kernel did not take."""

    late_p50_ms: float
    late_p99_ms: float
    late_max_ms: float
    turns: int
    missed: int
    packets_in: int
    packets_out: int
    failed: int
    clip_seconds_free: float
    worker: int = 0


class CaptureClosed(Line, frozen=True):
    """The file of a capture is closed; `packets` are in it. `reason`: what ended it before control did."""

    capture: int
    packets: int
    reason: str


class RecordingClosed(Line, frozen=True):
    """The file of a recording holds `seconds` and takes no more; `muted`: spans of them that are silent, since a secret
    was asked. `failed`: it ended though control wanted more of it. `spoken`: seconds in which something was heard of
    the peer, told of a `caller_only` recording."""

    recording: int
    seconds: float
    octets: int
    reason: str
    muted: tuple[tuple[float, float], ...] = ()
    failed: bool = False
    spoken: float = 0.0


Event = (PlaneReady | ClipLoaded | ClipFailed | DigitPressed | DigitReleased | PlaybackFinished | MediaLatched
         | MediaLost | StreamClosed | CaptureClosed | RecordingClosed | PlaneFigures)
