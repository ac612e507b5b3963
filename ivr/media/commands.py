"""What control asks of the media plane.

`stream` is a row of the plane, `leg` the leg that control believes to hold it: a command whose leg is not the row's
is stale and does nothing.
"""

from typing import Literal

from ivr.media.line import Line

Latch = Literal["sdp", "learn"]


class Hello(Line, frozen=True):
    """A new control. Streams of older epochs are closed, their commands refused; PlaneReady answers.

    An epoch must be higher than every one before it; control takes a new one for each connection.
    """

    epoch: int


class StreamCommand(Line, frozen=True):
    """For an open stream: nothing happens unless `leg` holds it."""

    stream: int
    leg: str


class OpenStream(Line, frozen=True):
    """Take a row for a leg. `ssrc`, `sequence_number` and `timestamp` begin its outgoing RTP and last for its life.

    unconfirmed_limit: seconds of RTP that may be sent before ConfirmStream (a stranger's ACK); None: no limit.
    """

    stream: int
    leg: str
    ssrc: int
    sequence_number: int
    timestamp: int
    unconfirmed_limit: float | None = None


class ConfirmStream(StreamCommand, frozen=True):
    """The peer has shown that it wants this media (its ACK came): the limit of OpenStream is lifted."""


class SetStream(StreamCommand, frozen=True):
    """What was negotiated, at the first time or anew. Sending starts with the first of these.

    payload_type, event_payload_type: of what we send; event_payload_type_in: of what the peer sends, None if the same;
    direction: as seen by us; ptime_ms: a multiple of 10 in 10..60, of which Opus has 20 alone; latch: "sdp" sends to
    `remote` alone and hears its host alone, "learn" follows where the peer's RTP comes from. srtp_suite: None for plain
    RTP, else with the master key and salt of each direction in base64 (RFC 4568); those that stay the same go on as
    they are. rtcp: where RTCP goes before any was heard; None: to the port next to `remote`. event_clock_rate: what the
    durations of telephone-events count in, per second. in_band: the peer's keys are to be heard in its audio.
    """

    remote: tuple[str, int]
    codec: Literal["PCMU", "PCMA", "G722", "opus"]
    payload_type: int
    event_payload_type: int | None
    direction: Literal["sendrecv", "sendonly", "recvonly", "inactive"]
    ptime_ms: int
    latch: Latch
    event_payload_type_in: int | None = None
    srtp_suite: str | None = None
    srtp_key_out: str = ""
    srtp_key_in: str = ""
    rtcp: tuple[str, int] | None = None
    event_clock_rate: int = 8000
    in_band: bool = False

    def __repr__(self) -> str:
        """Without the keys, since this may be written down."""
        shown = (name for name in self.__struct_fields__ if not name.startswith("srtp_key"))
        return f"SetStream({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


class Play(StreamCommand, frozen=True):
    """Play clips one after the other, after what is queued already or, with `replace`, instead of it.

    Each play_id gets exactly one PlaybackFinished. `loop` repeats until stopped or replaced, so what is queued behind
    waits for ever. `barge_in`: the first packet of a key stops this and all that is queued. On a stream that hears
    others, by Bridge or Hear, the clips are heard instead of them, or with `under_db` beneath them, so much softer.
    """

    play_id: int
    clips: tuple[str, ...]
    loop: bool = False
    barge_in: bool = False
    replace: bool = False
    under_db: float | None = None


class StopPlayback(StreamCommand, frozen=True):
    """Stop what plays and forget what is queued; silence follows (or the peer, in a bridge)."""


class Bridge(StreamCommand, frozen=True):
    """Join two streams, both ways. What plays on either is stopped; an earlier bridge of either ends, and whom they
    heard by Hear."""

    peer: int
    peer_leg: str


class Hear(StreamCommand, frozen=True):
    """From now on the stream hears the sum of these (stream, leg), at most 32, with what plays; empty: nobody.

    Legs that are gone are left out. Whom it heard before and a bridge of this stream are over; who hears the stream is
    a matter of their own Hear.
    """

    heard: tuple[tuple[int, str], ...]


class Unbridge(StreamCommand, frozen=True):
    """Part the two streams; both hear silence until something plays."""


class SendDigit(StreamCommand, frozen=True):
    """Send one key instead of audio: RFC 4733 packets, or its tones if the peer takes none. Several queue up."""

    digit: str
    duration_ms: int = 160


class CloseStream(StreamCommand, frozen=True):
    """Give the row back; StreamClosed answers. The peer of a bridge hears silence."""


class LoadClip(Line, frozen=True):
    """Read a clip: raw signed 16-bit little-endian samples, 8 kHz, mono. ClipLoaded or ClipFailed answers.

    A clip of the same name is replaced; streams that play the old one play it to its end. `encoded`: codec and file for
    each codec but G.711 that the plane speaks, 80 octets for 10 ms, as long as the samples with whole frames.
    `recorded`: the file is a recording of ours (WAV), of which the left channel is read, and encoded here.
    """

    clip: str
    path: str
    encoded: tuple[tuple[str, str], ...] = ()
    recorded: bool = False


class DropClip(Line, frozen=True):
    """Forget a clip; its memory is free when the last stream that plays it is done."""

    clip: str


class OpenCapture(Line, frozen=True):
    """Make a file for the RTP of some streams. `wall_offset`: what is to be added to monotonic time for that since
    1970. CaptureClosed comes when the file is closed."""

    capture: int
    path: str
    wall_offset: float
    most_bytes: int


class CaptureStream(StreamCommand, frozen=True):
    """Put the RTP of a stream into a capture, from now to the stream's end; said again, when masking changes.

    Until `masked_until` (monotonic time) payloads are written as octets of 255: a secret is asked of the caller.
    `addresses`: ours in the stream's SDP, at most one of each family.
    """

    capture: int
    masked_until: float
    addresses: tuple[str, ...]


class CloseCapture(Line, frozen=True):
    """No more of this capture; CaptureClosed answers."""

    capture: int


class StartRecording(StreamCommand, frozen=True):
    """Record what this stream's peer says (left) and is sent (right) into a file that is made anew, to the stream's
    end; said of a recording that is running, it goes on in the same file with this stream. RecordingClosed comes when
    the file is closed. `min_free`: octets that stay free on the disk. `caller_only`: what the peer says stands on both
    channels, and what it is sent on none. `silence`: it ends by itself after so many seconds in which the peer said
    nothing; 0: never.
    """

    recording: int
    path: str
    format: Literal["wav", "ogg"] = "wav"
    min_free: int = 0
    caller_only: bool = False
    silence: float = 0.0


class MuteRecording(StreamCommand, frozen=True):
    """While `muted`, and until what was pressed meanwhile is surely over, both channels of the file are silent."""

    recording: int
    muted: bool


class StopRecording(Line, frozen=True):
    """No more of this recording. `cut`: seconds at its end that are left out, at most 0.2."""

    recording: int
    reason: str = ""
    cut: float = 0.0


Command = (Hello | OpenStream | ConfirmStream | SetStream | Play | StopPlayback | Bridge | Hear | Unbridge | SendDigit
           | CloseStream | LoadClip | DropClip | OpenCapture | CaptureStream | CloseCapture | StartRecording
           | MuteRecording | StopRecording)
