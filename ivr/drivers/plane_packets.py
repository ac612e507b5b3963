"""Packets of the link between control and plane, and the address of its socket."""

import contextlib
import itertools
import os
import socket
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from ivr.media.messages import LINE_END

PACKET_BYTES = 8192             # a packet takes no further message from here on: a hundred of a call's


def send_packet(connection: socket.socket, waiting: deque[bytes]) -> None:
    """Send the first of `waiting` and those behind it that a packet takes. Raises OSError; then all still wait."""
    count, size = 1, len(waiting[0])
    for line in itertools.islice(waiting, 1, None):
        size += len(line) + len(LINE_END)
        if size > PACKET_BYTES:
            break
        count += 1
    connection.send(LINE_END.join(itertools.islice(waiting, count)) if count > 1 else waiting[0])
    for _ in range(count):
        waiting.popleft()


@contextlib.contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address for a socket file: its path, or, where that is longer than the 107 octets of sun_path, one through
    a descriptor of its folder."""
    if len(os.fsencode(path)) <= 107:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
