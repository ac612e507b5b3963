"""The uring wire: the same sockets, and no Python operation per packet (Linux 6.1, where io_uring is not forbidden).

Each socket of an open row has one request that receives whatever comes (a multishot recvmsg): the packet, behind it who
sent it, lies in a buffer of our ring, and a completion names the socket and the buffer. A batch is gathered from there
into a matrix by one indexing, and the buffers go back at once. Packets are sent as a run of submission entries, one
system call for all; each has its address, and what it points to is read before that call returns.
"""

from errno import ENOBUFS
from secrets import token_bytes
from socket import AF_INET6
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.drivers import io_uring
from ivr.drivers.held_back import Batch, HeldBack
from ivr.drivers.io_uring import PACKET_AT, Buffers, Ring
from ivr.drivers.rtp_sockets import BURST, Incoming, RtpSockets, drain
from ivr.drivers.socket_names import IPV4_BYTES, Destinations, Sources
from ivr.media.columns import U64, Mask, Octets, Rows, every, largest, some
from ivr.media.rtp.addresses import NOWHERE, Addresses
from ivr.media.rtp.outgoing import WIDTH, Outgoing

CONTROL = 1024                  # submission entries for requests to receive, and their ends
FEWEST_BUFFERS, MOST_BUFFERS = 1024, 16_384
MOST_HELD = 8192                # packets that wait since their sockets brought more than their share
NARROWEST = 64                  # octets of a packet's row in the matrix: every field of its header has a place
DONTWAIT = 0x40                 # a packet for which the socket has no room is lost, and none points to memory later
SENT, CANCELLED = 1 << 63, 1 << 62      # user_data of sends and of ends; of receives: socket | time it was armed << 32
NOT_ARMED = 2 ** 64 - 1
SOCKET = np.uint64(0xFFFFFFFF)
# of a completion's result: an int of 32 bits, then its flags, then which buffer
LENGTH, BUFFER_SHIFT = np.uint64(0xFFFFFFFF), np.uint64(48)
HAS_BUFFER, MORE = np.uint64(io_uring.HAS_BUFFER << 32), np.uint64(io_uring.MORE << 32)
WHOLE = int(HAS_BUFFER | MORE)
NO_BUFFER = np.uint64(2 ** 32 - ENOBUFS)
ARMINGS = 1 << 29


class UringWire:
    """Carries packets over `sockets`, which are its own from now on; `batch`: how many one receive() gives at most.

    Raises OSError where the kernel has no io_uring or forbids it; the sockets are then as they were.
    """

    name = "uring"

    def __init__(self, sockets: RtpSockets, batch: int, buffers: int = 0) -> None:
        self.ports, self.busy, self.failed = sockets.ports, sockets.busy, 0
        self.exhausted = 0              # how often a socket found no free buffer: its packets then wait in the kernel
        self.addresses = Addresses(token_bytes(32))
        self._sockets = sockets
        self._rows, self._every = len(sockets.ports), list(sockets)
        count = len(self._every)
        buffers = buffers or min(max(io_uring.power_of_two(2 * self._rows), FEWEST_BUFFERS), MOST_BUFFERS)
        self._ring = Ring(max(self._rows, batch), CONTROL, buffers + 2 * count + max(self._rows, batch))
        try:
            self._ring.register_files([each.fileno() for each in self._every])
            self._buffers = Buffers(self._ring, buffers, WIDTH)
        except BaseException:
            self._ring.close()
            raise
        self._open = np.zeros(self._rows, np.bool_)
        self._armed: U64 = np.full(count, NOT_ARMED, np.uint64)
        self._armings = 0
        self._ended: list[Rows] = []    # sockets whose request is over, to be armed again
        self._held = HeldBack(count, BURST, batch, MOST_HELD)
        self._has_ipv6 = AF_INET6 in sockets.families
        self._sources = Sources(count, self.addresses, self._has_ipv6)
        self._prepare_sends()

    @property
    def overflows(self) -> int:
        """How often completions had no room in their queue: the kernel kept them."""
        return self._ring.overflows

    def follow(self, open_rows: Mask) -> None:
        """Listen on the rows that are open now, and no longer on those that are not."""
        changed = (open_rows != self._open).nonzero()[0]
        if not len(changed):
            return
        self._open[:] = open_rows
        closed, opened = changed[~open_rows[changed]], changed[open_rows[changed]]
        if len(closed):
            self._collect()
            numbers = self._numbers(closed)
            self._held.forget(numbers)
            self._cancel(self._armed[numbers])
            self._armed[numbers] = NOT_ARMED
        if len(opened):
            numbers = self._numbers(opened)
            for number in numbers.tolist():
                drain(self._every[number])
            self._arm(numbers)

    def wait(self, seconds: float) -> None:
        """Sleep. At the end the kernel hands over what has arrived, all at once."""
        self._ring.wait(seconds)

    def receive(self) -> Incoming | None:
        """What has arrived on open rows, at most BURST packets a socket; None for nothing."""
        for _ in range(BURST):          # an empty packet ends its socket's request: what is behind it has its turn too
            self._ring.look(len(self._every))
            self._collect()
            if not self._ended:
                break
            self._arm_again()
        batch = self._held.take()
        if self._held.late:
            self._calm()
        return self._incoming(*batch) if len(batch.sockets) else None

    def send(self, outgoing: Outgoing) -> None:
        """Send packets. What the kernel does not take is lost, as on any wire, and counted in `failed`."""
        if len(outgoing.rows):
            self._send(outgoing, self._destinations)

    def send_rtcp(self, outgoing: Outgoing) -> None:
        """Send RTCP packets, each from its row's RTCP port, be the row open or not."""
        if len(outgoing.rows):
            self._send(outgoing, self._control_destinations)

    def close(self) -> None:
        """Give the ports back."""
        self._ring.close()
        self._sockets.close()

    def _prepare_sends(self) -> None:
        """What is the same in all submission entries of sends, and columns for the rest."""
        rows = self._rows
        first_of = {int(family): 2 * rows * place for place, family in enumerate(self._sockets.families)}
        self._destinations = Destinations(rows, self.addresses, first_of, 0)
        self._control_destinations = Destinations(rows, self.addresses, first_of, rows)
        sends = self._ring.sends
        sends["opcode"], sends["flags"] = io_uring.SEND, io_uring.FIXED_FILE | io_uring.SKIP_SUCCESS
        sends["op_flags"], sends["user_data"], sends["addr_len"] = DONTWAIT, SENT, IPV4_BYTES
        self._mixed = False             # whether addr_len may be anything else
        self._slots = np.arange(len(sends), dtype=np.uint64)
        self._matrix: object = None     # of the packets that were sent last, which began at its beginning
        self._matrix_at = 0
        self._message = np.zeros(1, io_uring.MESSAGE)
        self._message["namelen"] = io_uring.NAME_BYTES

    def _send(self, outgoing: Outgoing, destinations: Destinations) -> None:
        destinations.set(outgoing.rows, outgoing.destinations)
        self._mixed = self._mixed or destinations.mixed
        if outgoing.packets.base is not self._matrix or self._matrix is None:
            self._matrix, self._matrix_at = outgoing.packets.base, io_uring.address_of(outgoing.packets)
        start, stride = self._matrix_at, np.uint64(outgoing.packets.strides[0])
        for first in range(0, len(outgoing.rows), len(self._slots)):
            rows = outgoing.rows[first:first + len(self._slots)]
            sends, slots = self._ring.sends[:len(rows)], self._slots[:len(rows)]
            sends["fd"], sends["off"] = destinations.sockets[rows], destinations.names_at[rows]
            sends["addr"] = slots * stride + np.uint64(start + first * int(stride))
            sends["len"] = outgoing.lengths[first:first + len(rows)]
            if self._mixed:
                sends["addr_len"] = destinations.sizes[rows]
            self.failed += len(rows) - self._ring.submit_sends(len(rows))
        if self._ring.has_completions:
            self._collect()

    def _collect(self) -> None:
        """Sort what the kernel has done."""
        done = self._ring.completed()
        if not len(done):
            return
        users, results = done["user_data"], done["result"]
        sockets = (users & SOCKET).astype(np.intp)
        ours = self._armed[sockets] == users
        buffers = (results >> BUFFER_SHIFT).astype(np.intp)
        if int(np.bitwise_and.reduce(results)) & WHOLE == WHOLE and every(ours):
            self._held.add(self._gathered(sockets, results, buffers))
        else:
            wanted = self._odd(users, results, sockets, ours)
            if some(wanted):
                self._held.add(self._gathered(sockets[wanted], results[wanted], buffers[wanted]))
            buffers = buffers[results & HAS_BUFFER != 0]
        self._buffers.free(buffers)

    def _gathered(self, sockets: Rows, results: U64, buffers: Rows) -> Batch:
        """The packets of these completions, copied out of their buffers."""
        lengths = (results & LENGTH).astype(np.intp) - PACKET_AT
        width = PACKET_AT + max(largest(lengths), NARROWEST)
        return Batch(sockets, lengths, self._buffers.memory[buffers, :width])

    def _odd(self, users: U64, results: U64, sockets: Rows, ours: Mask) -> Mask:
        """Some are no packets, or the last of a request. Returns which are packets that are wanted."""
        self.failed += int(np.count_nonzero(users == SENT))
        self.exhausted += int(np.count_nonzero(ours & (results & LENGTH == NO_BUFFER)))
        goes_on = results & MORE != 0
        over = sockets[ours & ~goes_on]
        self._armed[over] = NOT_ARMED
        self._ended.append(over)
        stray = ~ours & goes_on
        if some(stray):                 # of a request that we have ended; should it live on, it would eat packets
            self._cancel(np.unique(users[stray]))
        wanted: Mask = ours & (results & HAS_BUFFER != 0)
        return wanted

    def _incoming(self, sockets: Rows, lengths: Rows, records: Octets) -> Incoming:
        sources = self._sources.pack(sockets, records[:, io_uring.NAME_AT:PACKET_AT])
        packets = records[:, PACKET_AT:]
        if not self._has_ipv6 and largest(sockets) < self._rows:
            return Incoming(sockets, packets, lengths, sources, sockets[:0], sources[:0], [])
        rows, control = sockets % self._rows, sockets // self._rows & 1 == 1
        kept = ~control & (sources != NOWHERE)
        return Incoming(rows[kept], packets[kept], lengths[kept], sources[kept], rows[control], sources[control],
                        [_octets(packets[place], lengths[place]) for place in np.flatnonzero(control).tolist()])

    def _numbers(self, rows: Rows) -> Rows:
        """The sockets of rows."""
        kinds = np.arange(len(self._every) // self._rows) * self._rows
        numbers: Rows = (kinds[:, None] + rows).reshape(-1)
        return numbers

    def _arm(self, numbers: Rows) -> None:
        """Let sockets receive."""
        self._armings = self._armings % ARMINGS + 1
        self._armed[numbers] = numbers.astype(np.uint64) | np.uint64(self._armings << 32)
        for part in _parts(numbers):
            entries = self._ring.control[:len(part)]
            entries[:] = 0
            entries["opcode"], entries["ioprio"] = io_uring.RECVMSG, io_uring.RECV_MULTISHOT
            entries["flags"] = io_uring.FIXED_FILE | io_uring.BUFFER_SELECT
            entries["fd"], entries["user_data"] = part, self._armed[part]
            entries["addr"], entries["len"] = io_uring.address_of(self._message), 1
            taken = self._ring.submit_control(len(part))
            if taken < len(part):           # no memory now: next time
                self._armed[part[taken:]] = NOT_ARMED
                self._ended.append(part[taken:])

    def _arm_again(self) -> None:
        """Sockets whose request was over, if they are still wanted."""
        numbers = np.unique(np.concatenate(self._ended))
        self._ended.clear()
        wanted = self._open[numbers % self._rows] & ~self._held.paused[numbers] & (self._armed[numbers] == NOT_ARMED)
        self._arm(numbers[wanted])

    def _cancel(self, requests: U64) -> None:
        """End requests to receive. What they still bring is thrown away."""
        for part in _parts(requests[requests != NOT_ARMED]):
            entries = self._ring.control[:len(part)]
            entries[:] = 0
            entries["opcode"], entries["flags"] = io_uring.ASYNC_CANCEL, io_uring.SKIP_SUCCESS
            entries["addr"], entries["user_data"] = part, CANCELLED
            self._ring.submit_control(len(part))

    def _calm(self) -> None:
        """Sockets that get far more than they are due rest until we have worked off what they have brought."""
        flooded, calm = self._held.pause()
        self._cancel(self._armed[flooded])
        self._armed[flooded] = NOT_ARMED
        self._ended.append(calm)


def _parts(numbers: NDArray[Any]) -> list[NDArray[Any]]:
    return [numbers[first:first + CONTROL] for first in range(0, len(numbers), CONTROL)]


def _octets(packet: Octets, length: int) -> bytes:
    return packet[:length].tobytes()
