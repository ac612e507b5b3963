"""The audio of one page: mu-law frames of 20 ms on one side, RTP (RFC 3550) and keys (RFC 4733) on the other.

    page --frames, in bursts--> up queue --one each 20 ms--> RTP --> plane
    page <--frames-- down queue <--RTP-- plane

A page that was blocked sends what it could not send at once: nothing of it is thrown away, it is spread over the ticks
again. The delay that is left over then is taken out of silence. No socket, no clock: `tick` is called each 20 ms.
"""

from collections import deque

FRAME = 160                      # octets: 20 ms of G.711 (RFC 3551 §4.5.14)
PCMU, EVENT = 0, 101             # payload types of our descriptions (ivr.sdp.offer_answer)
UP_MOST = 120                    # frames of a page that waits: 2.4 s; beyond that the oldest go
DOWN_MOST = 50                   # frames of one turn: what came while we ourselves stood still is handed on, up to 1 s
STUCK_MOST, STUCK_KEPT = 6, 3    # frames for a page that does not read: beyond 120 ms the newest 60 ms are kept
KEYS_MOST = 32                   # keys that wait to be sent; further ones are refused
KEYS = "0123456789*#ABCD"        # events 0 to 15 (RFC 4733 §3.2)
KEY_TICKS, KEY_ENDS, KEY_GAP = 7, 3, 3      # 100 ms, its end told three times (§2.5.1.4); 60 ms to the next one
VOLUME = 10                      # dBm0 below zero (§2.3.4)
SURPLUS, LOOK = 1, 50            # frames that wait through a whole second are delay, and no burst
# Octets of mu-law that are louder than some -50 dBm0: what is without them may be left out unheard.
QUIET = bytes(range(0x68, 0x80)) + bytes(range(0xE8, 0x100))


class Stream:
    """One page's audio while its phone has a call. `plane` is where the plane takes it, None between calls."""

    def __init__(self, ssrc: int, sequence: int, timestamp: int) -> None:
        self.plane: tuple[str, int] | None = None
        self.down: deque[bytes] = deque()
        self.up: deque[bytes] = deque()
        self.lost = 0                    # frames, of both ways
        self._ssrc, self._sequence, self._timestamp = ssrc, sequence, timestamp
        self._marker = True              # the next packet begins a spurt of talk (RFC 3551 §4.1)
        self._keys: deque[int] = deque()
        self._key: tuple[int, int] | None = None       # the event that is being sent, and when it began
        self._key_tick = 0
        self._least, self._looked = 0, 0

    @property
    def late_ms(self) -> int:
        """How much of the page's audio waits here."""
        return 20 * len(self.up)

    def connect(self, plane: tuple[str, int] | None) -> None:
        """The call's audio is there from now on, or nowhere."""
        if plane != self.plane:
            self.plane, self._marker = plane, True
            self.up.clear()
            self.down.clear()
            self._keys.clear()
            self._key = None

    def take(self, frame: bytes) -> None:
        """A frame of the page's; without a call it goes nowhere."""
        if self.plane is None:
            return
        if len(self.up) >= UP_MOST:
            self.up.popleft()
            self.lost += 1
        self.up.append(frame)

    def press(self, key: str) -> bool:
        """Send a key, after those before; False if there are too many, no call, or no such key."""
        if self.plane is None or len(self._keys) >= KEYS_MOST or len(key) != 1 or key not in KEYS:
            return False
        self._keys.append(KEYS.index(key))
        return True

    def tick(self) -> bytes | None:
        """The packet of these 20 ms, if there is something to say."""
        self._timestamp = (self._timestamp + FRAME) & 0xFFFFFFFF
        if self._keys or self._key is not None:
            packet = self._key_packet()
            if packet is not None:
                if self.up:
                    self.up.popleft()            # what is said while a key is down is not heard, as on any phone
                return packet
        if not self.up:
            self._marker, self._least, self._looked = True, 0, 0
            return None
        frame = self.up.popleft()
        self._catch_up()
        return self._packet(PCMU, self._timestamp, frame)

    def _key_packet(self) -> bytes | None:
        """RFC 4733 §2.5: the timestamp of all packets of a key is that of its start, the duration grows."""
        if self._key is None:
            self._key, self._key_tick, self._marker = (self._keys.popleft(), self._timestamp), 0, True
        self._key_tick += 1
        event, began = self._key
        if self._key_tick > KEY_TICKS:
            if self._key_tick > KEY_TICKS + KEY_GAP:
                self._key = None
            return None
        end = 0x80 if self._key_tick > KEY_TICKS - KEY_ENDS else 0
        duration = FRAME * min(self._key_tick, KEY_TICKS - KEY_ENDS + 1)
        return self._packet(EVENT, began, bytes((event, end | VOLUME)) + duration.to_bytes(2, "big"))

    def _catch_up(self) -> None:
        """Frames that have waited for a whole second without the queue ever being shorter are delay: a quiet one of
        them is left out."""
        self._least = min(self._least, len(self.up)) if self._looked else len(self.up)
        self._looked += 1
        if self._looked < LOOK:
            return
        if self._least >= SURPLUS and self.up and not self.up[0].translate(None, QUIET):
            self.up.popleft()
            self._least -= 1
        else:
            self._looked = 0

    def _packet(self, payload_type: int, timestamp: int, payload: bytes) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        marker, self._marker = (0x80 if self._marker else 0), False
        return bytes((0x80, marker | payload_type)) + self._sequence.to_bytes(2, "big") \
            + timestamp.to_bytes(4, "big") + self._ssrc.to_bytes(4, "big") + payload

    # --- from the plane -----------------------------------------------------------------------------------------------
    def receive(self, packet: bytes) -> None:
        """A packet of the plane's. Keys of the other side say nothing to a page."""
        if len(packet) < 12 or packet[0] & 0xD0 != 0x80 or packet[1] & 0x7F != PCMU:     # no extension: ours has none
            return
        begin = 12 + 4 * (packet[0] & 0x0F)
        end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
        self.down += (packet[at:at + FRAME] for at in range(begin, end - FRAME + 1, FRAME))
        if len(self.down) > DOWN_MOST:
            self._keep(DOWN_MOST)

    def wait(self) -> None:
        """The page's network takes nothing now: what is old is of no use when it does."""
        if len(self.down) > STUCK_MOST:
            self._keep(STUCK_KEPT)

    def _keep(self, newest: int) -> None:
        self.lost += len(self.down) - newest
        self.down = deque(list(self.down)[-newest:])
