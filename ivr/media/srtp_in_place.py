"""libsrtp on packets where they lie. pylibsrtp's own methods copy each packet four times, which takes as long as the
cryptography; below them is a library that works in place, and that is called here, one call a packet.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from ivr.media.columns import Integers, Mask, Octets, Rows

Handle = Any                    # a context of the library; it lives as long as its Session
TRAILER = 16                    # octets: the longest tag of our suites


def handle(session: Session) -> Handle:
    """What the functions below take of a session."""
    return session._srtp[0]


def in_place(matrix: Octets) -> bool:
    """Whether packets can be worked on in this memory."""
    return bool(matrix.flags.writeable) and matrix.strides[1] == 1


def protect(rows: Rows, matrix: Octets, lengths: Rows, places: Rows, handles: Sequence[Handle]) -> Mask:
    """Encrypt matrix[places[i], :lengths[places[i]]] for rows[i]; lengths grow. Which could be."""
    fits = lengths[places] + TRAILER <= matrix.shape[1]
    if not fits.all():
        done = np.zeros(len(places), np.bool_)
        done[fits] = protect(rows[fits], matrix, lengths, places[fits], handles)
        return done
    return _each(lib.srtp_protect, rows, matrix, lengths, places, handles)


def unprotect(rows: Rows, matrix: Octets, lengths: Rows, places: Rows, handles: Sequence[Handle]) -> Mask:
    """Decrypt, as protect() encrypts; lengths shrink. Which are authentic and new: the others are spoilt."""
    return _each(lib.srtp_unprotect, rows, matrix, lengths, places, handles)


def _each(work: Any, rows: Rows, matrix: Octets, lengths: Rows, places: Rows, handles: Sequence[Handle]) -> Mask:
    sizes = lengths[places].astype(np.int32)
    first_size = ffi.cast("int *", sizes.ctypes.data)
    memory = ffi.cast("char *", matrix.ctypes.data)
    offsets: Integers = places * matrix.strides[0]
    done = [work(handles[row], memory + offset, first_size + place) == 0
            for place, (row, offset) in enumerate(zip(rows.tolist(), offsets.tolist(), strict=True))]
    there = np.array(done, np.bool_)
    lengths[places[there]] = sizes[there]
    return there
