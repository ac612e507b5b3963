"""SRTP for the generator, which has no ciphers: packets that are encrypted before it starts.

All legs have one key, one SSRC and one count of packets, so that packet n is the same for everybody; the service has a
context for each all the same.
"""

from base64 import b64encode
from pathlib import Path

import numpy as np
from pylibsrtp import Policy, Session

from ivr.media.rtp.packet import HEADER, PLAIN

KEY = bytes(range(30))
KEY_TEXT = b64encode(KEY).decode()
FRAME, A_SECOND = 160, 50
LONGEST = 1200.0                # seconds: below 65,536 packets, so that nobody has to guess how often they were counted


def write_frames(path: Path, seconds: float = LONGEST) -> None:
    """The packets of so many seconds, one after the other: 12 octets of header, 160 of noise, 10 of tag."""
    count = int(seconds * A_SECOND)
    packets = np.zeros(count, np.dtype([*((name, HEADER[name]) for name in HEADER.names or ()),
                                        ("payload", "u1", FRAME)]))
    packets["flags"], packets["ssrc"] = PLAIN, 0x5EC2
    packets["sequence_number"] = np.arange(count) & 0xFFFF
    packets["timestamp"] = (np.arange(count) * FRAME).astype(np.uint32)
    packets["payload"] = np.random.default_rng(1).integers(0x30, 0x70, (count, FRAME))
    session = Session(Policy(KEY, Policy.SSRC_ANY_OUTBOUND))
    with path.open("wb") as file:
        for packet in packets:
            file.write(session.protect(packet.tobytes()))
