"""libsrtp on packets where they lie. pylibsrtp's own methods copy each packet four times, which takes as long as the
cryptography; below them is a library that works in place, and that is called here, one call a packet.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from ivr.media.columns import Mask, Octets, Rows

Handle = Any                    # a context of the library; it lives as long as its Session
TRAILER = 16                    # octets: the longest tag of our suites
MOST = 256                      # packets of a batch before its room grows
MOST_MATRICES = 8               # whose pointers are kept


def handle(session: Session) -> Handle:
    """What the functions below take of a session."""
    return session._srtp[0]


def in_place(matrix: Octets) -> bool:
    """Whether packets can be worked on in this memory."""
    return bool(matrix.flags.writeable) and matrix.strides[1] == 1


class InPlace:
    """The loops over packets. Memory that comes again, as that of wires and planes does, has its pointers ready."""

    def __init__(self) -> None:
        self._sizes, self._size_pointers = _sizes(MOST)
        self._pointers: dict[tuple[int, int, int], list[Any]] = {}     # (address, stride, rows) -> one for each row

    def protect(self, handles: Sequence[Handle], matrix: Octets, lengths: Rows, places: Rows) -> Mask:
        """Encrypt matrix[places[i], :lengths[places[i]]] by handles[i]; lengths grow. Which could be."""
        fits = lengths[places] + TRAILER <= matrix.shape[1]
        if fits.all():
            return self._each(lib.srtp_protect, handles, matrix, lengths, places)
        done = np.zeros(len(places), np.bool_)
        which = np.flatnonzero(fits)
        done[which] = self.protect([handles[each] for each in which.tolist()], matrix, lengths, places[which])
        return done

    def unprotect(self, handles: Sequence[Handle], matrix: Octets, lengths: Rows, places: Rows) -> Mask:
        """Decrypt, as protect() encrypts; lengths shrink. Which are authentic and new: the others are spoilt."""
        return self._each(lib.srtp_unprotect, handles, matrix, lengths, places)

    def _each(self, work: Any, handles: Sequence[Handle], matrix: Octets, lengths: Rows, places: Rows) -> Mask:
        count = len(places)
        if count > len(self._sizes):
            self._sizes, self._size_pointers = _sizes(count)
        sizes = self._sizes[:count]
        sizes[:] = lengths[places]
        there: Mask = np.fromiter(map(work, handles, self._packets(matrix, places), self._size_pointers), np.int32,
                                  count) == 0
        lengths[places[there]] = sizes[there]
        return there

    def _packets(self, matrix: Octets, places: Rows) -> list[Any]:
        """Pointers to these rows of the matrix."""
        stride = matrix.strides[0]
        key = matrix.ctypes.data, stride, len(matrix)
        ready = self._pointers.get(key)
        if ready is None:
            if len(self._pointers) >= MOST_MATRICES:
                self._pointers.clear()
            first = ffi.cast("char *", key[0])
            ready = self._pointers[key] = [first + row * stride for row in range(len(matrix))]
        return [ready[place] for place in places.tolist()]


def _sizes(count: int) -> tuple[NDArray[np.int32], list[Any]]:
    """Lengths as the library wants them, and a pointer to each."""
    sizes = np.zeros(count, np.int32)
    first = ffi.cast("int *", sizes.ctypes.data)
    return sizes, [first + place for place in range(count)]
