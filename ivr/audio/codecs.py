"""The codecs of RTP that we speak. All have 80 octets for 10 ms here, so that clips of each are rows of one shape.

Two are G.711. G.722 has 64 kbit/s (RFC 3551 §4.5.2: 16,000 samples a second, on an RTP clock of 8,000). Opus is asked
for a constant 64 kbit/s in frames of 20 ms, CELT alone: 160 octets each, and little in a frame depends on the one
before, so that prompts can be cut and joined between frames.

Encoders and decoders of the last two keep a state: one for each stream and direction. Their libraries are imported when
the first one is made, so that whoever does not ask for a codec needs no library of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from ivr.audio.g711 import (
    ALAW_SILENCE,
    ULAW_SILENCE,
    Octets,
    Samples,
    decode_alaw,
    decode_ulaw,
    encode_alaw,
    encode_ulaw,
)

BLOCK_OCTETS = 80               # of 10 ms, in every codec
BLOCKS_PER_SECOND = 100
CLIP_BLOCKS = 2                 # clips of codecs with a file of their own are multiples of it: whole frames of all
BITS_PER_SECOND = 64_000
LONGEST_OPUS = 0.12             # seconds in one packet (RFC 6716 §3.2.5)
OPUS_COMPLEXITY = 5             # of 10: two thirds of the work for 0.1 dB
OPUS_PREDICTION_DISABLED = 4046     # its request; the binding has no name for it
# Of the constant octets the one that G.722 decoders make the least of: nothing from their beginning, 50 of 32,768 as a
# constant part, which is not heard, after a loud tone. What an encoder says of silence is 230 when it is repeated.
G722_SILENCE = 0xFD


class Encoder(Protocol):
    """Of one stream."""

    def encode(self, samples: Samples) -> Octets:
        """Samples of whole frames as octets."""


class Decoder(Protocol):
    """Of one stream."""

    def decode(self, octets: bytes) -> Samples:
        """The samples of a packet; ValueError for what is no packet of this codec."""


class CodecMissing(Exception):
    """A codec's library is not there. `remedy`: what to install."""

    def __init__(self, trouble: str, remedy: str) -> None:
        super().__init__(f"{trouble}: {remedy}")
        self.trouble, self.remedy = trouble, remedy


class _Table:
    """G.711, which has no state."""

    def __init__(self, encode: Callable[[Samples], Octets], decode: Callable[[Octets], Samples]) -> None:
        self._encode, self._decode = encode, decode

    def encode(self, samples: Samples) -> Octets:
        return self._encode(samples)

    def decode(self, octets: bytes) -> Samples:
        return self._decode(np.frombuffer(octets, np.uint8))


class _G722:
    """Encodes from, decodes to 8,000 or 16,000 samples a second."""

    def __init__(self, sample_rate: int) -> None:
        library = _library("G722", "the Python package G722 can't be loaded", "pip install 'G722>=1.2.8'")
        self._both = library.G722(sample_rate, BITS_PER_SECOND)

    def encode(self, samples: Samples) -> Octets:
        return np.frombuffer(self._both.encode(samples), np.uint8)

    def decode(self, octets: bytes) -> Samples:
        return np.asarray(self._both.decode(octets), np.int16)


class _OpusEncoder:
    """Frames of 20 ms, from any of Opus' rates: 8,000, 12,000, 16,000, 24,000 or 48,000 samples a second."""

    def __init__(self, sample_rate: int) -> None:
        library = _opus()
        self._encoder = library.Encoder(sample_rate, 1, "restricted_lowdelay")
        self._encoder.vbr, self._encoder.bitrate, self._encoder.complexity = 0, BITS_PER_SECOND, OPUS_COMPLEXITY
        library.api.ctl.ctl_set(OPUS_PREDICTION_DISABLED)(library.api.encoder.libopus_ctl,
                                                          self._encoder.encoder_state, 1)
        self._frame = sample_rate // 50

    def encode(self, samples: Samples) -> Octets:
        frames = samples.astype("<i2").reshape(-1, self._frame)
        return np.frombuffer(b"".join([self._encoder.encode(frame.tobytes(), self._frame) for frame in frames]),
                             np.uint8)


class _OpusDecoder:
    """Any packet of Opus, its two channels as one."""

    def __init__(self, sample_rate: int) -> None:
        self._fault = _opus().OpusError
        self._decoder = _opus().Decoder(sample_rate, 1)
        self._longest = int(sample_rate * LONGEST_OPUS)

    def decode(self, octets: bytes) -> Samples:
        try:
            return np.frombuffer(self._decoder.decode(octets, self._longest), np.int16)
        except self._fault as error:
            raise ValueError(str(error)) from None


@dataclass(frozen=True)
class Codec:
    """What must be known of a codec. `name` as in rtpmap, and in configuration; `law` numbers them, for columns.

    sample_rate: of the sound that it carries; clock_rate: of its RTP; frame_blocks: blocks of 10 ms in its shortest
    frame here; encoder, decoder: new ones, for samples at a rate. They raise CodecMissing.
    """

    name: str
    law: int
    sample_rate: int
    clock_rate: int
    frame_blocks: int
    encoder: Callable[[int], Encoder]
    decoder: Callable[[int], Decoder]
    quiet: int | None = None        # the octet that is silence, where there is one

    @property
    def wideband(self) -> bool:
        """Whether it carries more than the 8 kHz samples that all clips have."""
        return self.sample_rate > 8000

    def clip(self, samples: Samples, blocks: int) -> Octets:
        """A sound at this codec's own rate in so many blocks, whole frames; what is short of them is silence."""
        whole = np.zeros(self.sample_rate * blocks // BLOCKS_PER_SECOND, np.int16)
        kept = samples[:len(whole)]
        whole[:len(kept)] = kept
        return self.encoder(self.sample_rate).encode(whole)

    def silence(self, blocks: int) -> Octets:
        """Whole frames of silence: shape (blocks, 80)."""
        if self.quiet is not None:
            return np.full((blocks, BLOCK_OCTETS), self.quiet, np.uint8)
        return self.clip(np.zeros(0, np.int16), blocks).reshape(blocks, BLOCK_OCTETS)


_ULAW, _ALAW = _Table(encode_ulaw, decode_ulaw), _Table(encode_alaw, decode_alaw)
CODECS = {codec.name: codec for codec in (
    Codec("PCMU", 0, 8000, 8000, 1, lambda rate: _ULAW, lambda rate: _ULAW, ULAW_SILENCE),
    Codec("PCMA", 1, 8000, 8000, 1, lambda rate: _ALAW, lambda rate: _ALAW, ALAW_SILENCE),
    Codec("G722", 2, 16_000, 8000, 1, _G722, _G722, G722_SILENCE),
    Codec("opus", 3, 48_000, 48_000, 2, _OpusEncoder, _OpusDecoder),
)}
BY_LAW = tuple(sorted(CODECS.values(), key=lambda codec: codec.law))
G711_LAWS = 2                   # laws below are G.711, and turned into one another octet by octet


def _opus() -> Any:
    return _library("opus", "Opus can't be loaded",
                    "pip install 'hotline[opus]', and the library: apt-get install libopus0")


def _library(name: str, trouble: str, remedy: str) -> Any:
    try:
        if name == "opus":
            import_module("opuslib_next.api.ctl")
            return import_module("opuslib_next")
        return import_module(name)
    except Exception as error:          # opuslib-next raises Exception itself where the library is missing
        raise CodecMissing(f"{trouble}: {error}", remedy) from None
