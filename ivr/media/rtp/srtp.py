"""SRTP (RFC 3711, 7714) of those rows whose leg agreed on keys: packets are opened before the plane looks at them, and
closed after it has made them. All other rows never come here.

A packet that does not authenticate, or came before, is not there: it counts as refused and changes nothing.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import pack
from typing import Any

import numpy as np
from pylibsrtp import Error, Policy, Session

from ivr.media.columns import NOBODY, Columns, Mask, Octets, Rows
from ivr.media.rtp.packet import HEADER_BYTES, PLAIN, RTCP_FIRST, RTCP_LAST, is_rtcp
from ivr.media.rtp.srtp_in_place import Handle, InPlace, handle, in_place

PROFILES = {"AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
            "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
            "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
            "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM}
SEQUENCE_MASK = 0x7FFF      # a first number below 2^15: the peer must hear of it before it rolls over (RFC 3711 §3.3.1)
MOST_ROLL_OVERS = 128       # 46 hours at 50 packets a second; beyond, the peer must begin at 0
WINDOW = 1024               # packets: what the bridge relays may come in any order that the peer's network made
ROLL_OVER, STEP = 1 << 16, 1 << 14      # sequence numbers: of a whole round, and of a leap that is no step back
MOST_TRAILER = 160      # octets that encryption may add, and a little
MAX_SOURCES = 16            # SSRCs of one key: the library remembers each, and a peer may make up as many as it likes


@dataclass(frozen=True)
class Keys:
    """What one SetStream says: the suite, and the master key with its salt in base64 for each direction."""

    suite: str
    key_out: str = field(repr=False)
    key_in: str = field(repr=False)


@dataclass
class Context:
    """One row's cryptographic contexts, alive as long as its keys; so the roll-over counters are.

    `incoming`: which are tried, in this order; one, but for the time from new keys to the first packet under them. The
    last of them is then `former`: packets under the old keys are still on their way.
    """

    keys: Keys
    outgoing: Any = field(repr=False)
    incoming: list[Any] = field(repr=False)
    former: Any = field(default=None, repr=False)
    sources: set[bytes] = field(default_factory=set)        # SSRCs that authenticated


class Srtp:
    """The contexts of all rows that have one."""

    def __init__(self, table: Columns) -> None:
        self._table = table
        self._contexts: dict[int, Context] = {}
        # of each row what the loop over packets needs: what closes, and what opens if there is but one
        self._closers: list[Handle] = [None] * table.rows
        self._openers: list[Handle] = [None] * table.rows
        self._in_place = InPlace()

    def __bool__(self) -> bool:
        """Whether any row is encrypted."""
        return bool(self._contexts)

    def set_keys(self, row: int, keys: Keys | None) -> None:
        """Encrypt a row, or (None) no longer. The same key goes on with its context. Raises ValueError for no key."""
        before = self._contexts.get(row)
        if keys is None:
            self.clear(row)
            return
        if before is not None and before.keys == keys:
            return
        outgoing, incoming = _outgoing(keys), [_incoming(keys)]
        former = None
        if before is not None:
            same_suite = before.keys.suite == keys.suite
            outgoing = before.outgoing if same_suite and before.keys.key_out == keys.key_out else outgoing
            former = before.former or before.incoming[0]
            incoming += [*self._continued(row, keys), former]
            if same_suite and before.keys.key_in == keys.key_in:
                incoming, former = before.incoming, before.former
        self._contexts[row] = Context(keys, outgoing, incoming, former)
        self._closers[row], self._openers[row] = handle(outgoing), handle(incoming[0])
        self._table.srtp_source[row] = NOBODY
        self._table.secure[row] = True
        if not self._table.sent[row]:
            self._table.sequence_number[row] &= np.uint16(SEQUENCE_MASK)

    def clear(self, row: int) -> None:
        """The row is plain again."""
        if self._contexts.pop(row, None) is not None:
            self._closers[row] = self._openers[row] = None
            self._table.secure[row] = False

    def _continued(self, row: int, keys: Keys) -> list[Any]:
        """The incoming context of a peer who goes on counting roll-overs under new keys, as RFC 3711 §3.3.1 says; some
        begin at 0, so it is one of two. None if there was no roll-over yet. The library has no way to set the counter,
        so it is led there by packets of our own."""
        newest, ssrc = int(self._table.newest[row]), int(self._table.heard_ssrc[row])
        if not self._table.heard[row] or not ROLL_OVER <= newest < MOST_ROLL_OVERS * ROLL_OVER:
            return []
        leading, continued = _outgoing(Keys(keys.suite, keys.key_in, keys.key_in)), _incoming(keys)
        for number in range(newest % STEP, newest + 1, STEP):
            header = pack(">BBHII", PLAIN, 0, number % ROLL_OVER, 0, ssrc)
            continued.unprotect(leading.protect(header))
        return [continued]

    def open(self, rows: Rows, matrix: Octets, lengths: Rows) -> tuple[Octets, Rows, Mask]:
        """The packets with those of encrypted rows decrypted, their lengths, and which are there.

        `matrix` is as it was unless it can be written to: then the packets are decrypted in their place.
        """
        there = np.ones(len(rows), np.bool_)
        secure = np.flatnonzero(self._table.secure[rows] & self._table.live[rows])
        if not len(secure):
            return matrix, lengths, there
        matrix, lengths = matrix if in_place(matrix) else matrix.copy(), lengths.copy()
        seconds, sources = matrix[secure, 1], np.ascontiguousarray(matrix[secure, 8:12]).view(">u4")[:, 0]
        known = sources == self._table.srtp_source[rows[secure]]
        usual = known & (lengths[secure] >= HEADER_BYTES) & ~is_rtcp(seconds)
        if not usual.all():
            self._open_others(rows, matrix, lengths, secure[~usual], there)
            secure = secure[usual]
        openers = [self._openers[row] for row in rows[secure].tolist()]
        there[secure] = self._in_place.unprotect(openers, matrix, lengths, secure)
        np.add.at(self._table.refused, rows[~there], 1)
        return matrix, lengths, there

    def _open_others(self, rows: Rows, matrix: Octets, lengths: Rows, places: Rows, there: Mask) -> None:
        """Packets of sources that are not known yet, under keys that may be new, and RTCP on the RTP port."""
        for place in places.tolist():
            row = int(rows[place])
            context, packet = self._contexts[row], matrix[place, :lengths[place]].tobytes()
            clear = _opened(context, packet)
            there[place] = clear is not None
            if clear is None:
                continue
            matrix[place, :len(clear)] = np.frombuffer(clear, np.uint8)
            lengths[place] = len(clear)
            if context.former is None and len(context.incoming) == 1 and not RTCP_FIRST <= clear[1] <= RTCP_LAST:
                self._openers[row] = handle(context.incoming[0])
                self._table.srtp_source[row] = int.from_bytes(clear[8:12], "big")

    def opened_rtcp(self, row: int, packet: bytes) -> bytes | None:
        """RTCP that may be believed: on a row that is encrypted only what authenticates."""
        context = self._contexts.get(row)
        return packet if context is None else _opened_rtcp(context, packet)

    def closed_rtcp(self, row: int, packet: bytes) -> bytes | None:
        """RTCP as it is to be sent; None if it can't be."""
        context = self._contexts.get(row)
        if context is None:
            return packet
        try:
            closed: bytes = context.outgoing.protect_rtcp(packet)
        except Error:
            return None
        return closed

    def close(self, rows: Rows, matrix: Octets, lengths: Rows) -> Mask:
        """Encrypt the packets of encrypted rows in their place; `lengths` grow. Which packets can be sent."""
        there = np.ones(len(rows), np.bool_)
        secure = np.flatnonzero(self._table.secure[rows])
        if len(secure):         # what is older than the library's window, or too long with its tag, can't
            closers = [self._closers[row] for row in rows[secure].tolist()]
            there[secure] = self._in_place.protect(closers, matrix, lengths, secure)
        return there


def _opened(context: Context, packet: bytes) -> bytes | None:
    if len(packet) < HEADER_BYTES or RTCP_FIRST <= packet[1] <= RTCP_LAST:
        return _opened_rtcp(context, packet)        # RTCP on the RTP port (RFC 5761)
    return _tried(context, packet, Session.unprotect, packet[8:12])


def _opened_rtcp(context: Context, packet: bytes) -> bytes | None:
    return _tried(context, packet, Session.unprotect_rtcp, packet[4:8])


def _tried(context: Context, packet: bytes, unprotect: Callable[[Any, bytes], bytes], source: bytes) -> bytes | None:
    """The packet by the first context that it authenticates under. Under new keys it settles that they are in use."""
    for incoming in context.incoming:
        try:
            clear = unprotect(incoming, packet)
        except (Error, ValueError):
            continue
        if context.former is not None and incoming is not context.former:
            context.incoming, context.former = [incoming], None
        return clear if _is_known(context, incoming, source) else None
    return None


def _is_known(context: Context, incoming: Any, source: bytes) -> bool:
    """Whether there is room for what the library remembers of this SSRC, which has just authenticated."""
    if source not in context.sources:
        if len(context.sources) >= MAX_SOURCES:
            incoming.remove_stream(int.from_bytes(source, "big"))
            return False
        context.sources.add(source)
    return True


def _outgoing(keys: Keys) -> Any:
    return _session(keys.suite, keys.key_out, Policy.SSRC_ANY_OUTBOUND)


def _incoming(keys: Keys) -> Any:
    return _session(keys.suite, keys.key_in, Policy.SSRC_ANY_INBOUND)


def _session(suite: str, key: str, ssrc_type: int) -> Any:
    if suite not in PROFILES:
        raise ValueError(f"{suite} is no suite of SRTP")
    policy = Policy(key=b64decode(key), srtp_profile=PROFILES[suite], ssrc_type=ssrc_type)
    policy.window_size = WINDOW
    return Session(policy)
