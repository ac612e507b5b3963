"""io_uring as numpy arrays: the queues between us and the kernel, and a ring of buffers that it fills with packets.

The layouts are those of include/uapi/linux/io_uring.h. Everything here belongs to the thread that made it. The kernel
does nothing by itself (DEFER_TASKRUN): what has arrived is looked at when we enter, so the arrays change only then.
Needed: Linux 6.1.

    submission entries:  sends | control        we write, and enter() hands a run of either to the kernel
    completions:         what was done, one entry each; sends that went well have none
    buffers:             free ones lie in a ring of addresses; the kernel takes one per packet, free() puts it back
"""

import ctypes
import errno
import mmap
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ivr.media.columns import Octets, Rows, every

Entries = NDArray[Any]          # of SUBMISSION or COMPLETION

SUBMISSION = np.dtype([
    ("opcode", "u1"), ("flags", "u1"), ("ioprio", "<u2"), ("fd", "<i4"), ("off", "<u8"), ("addr", "<u8"),
    ("len", "<u4"), ("op_flags", "<u4"), ("user_data", "<u8"), ("buf_group", "<u2"), ("personality", "<u2"),
    ("addr_len", "<u2"), ("pad", "<u2"), ("addr3", "<u8"), ("pad2", "<u8")])
COMPLETION = np.dtype([("user_data", "<u8"), ("result", "<u8")])        # result: 4 octets res, 4 octets flags
BUFFER = np.dtype([("addr", "<u8"), ("len", "<u4"), ("bid", "<u2"), ("resv", "<u2")])
# what stands in a buffer before the packet: struct io_uring_recvmsg_out, then the sender's address
RECEIVED = np.dtype([("namelen", "<u4"), ("controllen", "<u4"), ("payloadlen", "<u4"), ("flags", "<u4")])
NAME_BYTES = 28                 # struct sockaddr_in6, the longer one
NAME_AT = RECEIVED.itemsize
PACKET_AT = NAME_AT + NAME_BYTES
# struct msghdr: how much of the address is wanted; the kernel picks the buffer
MESSAGE = np.dtype([("name", "<u8"), ("namelen", "<u4"), ("pad", "<u4"), ("iov", "<u8"), ("iovlen", "<u8"),
                    ("control", "<u8"), ("controllen", "<u8"), ("flags", "<i4"), ("pad2", "<u4")])
# struct io_uring_getevents_arg: how long to wait
WAIT = np.dtype([("sigmask", "<u8"), ("sigmask_size", "<u4"), ("pad", "<u4"), ("timeout_at", "<u8")])

SETUP, ENTER, REGISTER = 425, 426, 427          # system calls: the same numbers on x86-64 and arm64
CQSIZE, SUBMIT_ALL, TASKRUN_FLAG, SINGLE_ISSUER, DEFER_TASKRUN = 1 << 3, 1 << 7, 1 << 9, 1 << 12, 1 << 13
GETEVENTS, EXT_ARG = 1, 1 << 3
CQ_OVERFLOW = 2                 # of the submission queue's flags: the kernel keeps completions that had no room
TASKRUN = 4                     # ... something has arrived that it has not looked at
FEWEST_A_LOOK = 20              # sockets that newer kernels look at in one call
REGISTER_FILES, UNREGISTER_FILES, REGISTER_PBUF_RING = 2, 3, 22
RECVMSG, ASYNC_CANCEL, SEND = 10, 14, 26
FIXED_FILE, BUFFER_SELECT, SKIP_SUCCESS = 1, 1 << 5, 1 << 6
RECV_MULTISHOT = 2
CANCEL_ALL, CANCEL_ANY = 1, 4
HAS_BUFFER, MORE = 1, 2         # flags of a completion: which buffer stands in its upper half; the request goes on
SUBMISSIONS_AT = 0x10000000     # where the entries are mapped
MOST_ENTRIES = 32_768           # of the kernel
WORD = 0xFFFFFFFF

_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.restype = ctypes.c_long
_syscall.argtypes = [ctypes.c_long, *[ctypes.c_long] * 4, ctypes.c_void_p, ctypes.c_long]      # variadic: the widest


def _call(number: int, *arguments: int) -> int:
    result = int(_syscall(number, *arguments, *[0] * (6 - len(arguments))))
    if result < 0:
        raise _last_error()
    return result


def _last_error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))


def address_of(array: NDArray[Any]) -> int:
    """Where the array lies in memory."""
    return int(array.__array_interface__["data"][0])


def power_of_two(least: int) -> int:
    """The first one that is not less."""
    return 1 << max(least - 1, 0).bit_length()


class Ring:
    """Both queues of one thread. Raises OSError where the kernel has no io_uring, or not this one, or forbids it.

    `sends` and `control` are the submission entries: whoever submits has written them. `completions`: room for what
    was done; beyond it the kernel keeps it for us, and ends receives that go on by themselves.
    """

    def __init__(self, sends: int, control: int, completions: int) -> None:
        params = np.zeros(30, np.uint32)
        params[1] = min(power_of_two(max(completions, 2 * (sends + control))), 2 * MOST_ENTRIES)
        params[2] = CQSIZE | SUBMIT_ALL | TASKRUN_FLAG | SINGLE_ISSUER | DEFER_TASKRUN
        self._timeout = np.zeros(2, np.int64)       # struct timespec
        self._wait = np.zeros(1, WAIT)
        self._wait["timeout_at"] = address_of(self._timeout)
        self._wait_at = address_of(self._wait)
        self._files = 0
        self.overflows = 0              # how often the kernel had to keep completions for us
        self._fd = _call(SETUP, power_of_two(sends + control), address_of(params))
        try:
            self._map(params, sends)
        except BaseException:
            os.close(self._fd)
            raise

    def _map(self, params: NDArray[np.uint32], sends: int) -> None:
        entries, completions = int(params[0]), int(params[1])
        queue, done = params[10:20].tolist(), params[20:30].tolist()    # places of head, tail, mask ... in the mapping
        size = max(queue[6] + 4 * entries, done[5] + COMPLETION.itemsize * completions)
        access = mmap.PROT_READ | mmap.PROT_WRITE
        rings = mmap.mmap(self._fd, size, mmap.MAP_SHARED, access)
        submissions = mmap.mmap(self._fd, SUBMISSION.itemsize * entries, mmap.MAP_SHARED, access, offset=SUBMISSIONS_AT)
        words = memoryview(rings)[:size // 4 * 4].cast("I")
        self._words = words
        self._head, self._tail, self._flags = queue[0] // 4, queue[1] // 4, queue[4] // 4
        self._done_head, self._done_tail = done[0] // 4, done[1] // 4
        self._order = np.frombuffer(rings, "<u4", entries, queue[6])
        self._numbers = np.arange(entries, dtype=np.uint32)
        self._mask, self._done_mask = entries - 1, completions - 1
        self._done = np.frombuffer(rings, COMPLETION, completions, done[5])
        every = np.frombuffer(submissions, SUBMISSION, entries)
        self.sends, self.control, self._control_at = every[:sends], every[sends:], sends

    def submit_sends(self, count: int) -> int:
        """Hand over the first of `sends`; how many the kernel took."""
        return self._submit(0, count, 0)

    def submit_control(self, count: int) -> int:
        """Hand over the first of `control`, and let the kernel look at what has arrived."""
        return self._submit(self._control_at, count, GETEVENTS)

    def wait(self, seconds: float) -> None:
        """Sleep, and at the end complete what has arrived meanwhile. What arrives wakes nobody."""
        if seconds <= 0:
            return
        whole = int(seconds)
        self._timeout[:] = whole, int((seconds - whole) * 1e9)
        try:
            self._enter(0, GETEVENTS | EXT_ARG, self._done_mask + 1, self._wait_at, WAIT.itemsize)
        except OSError as error:
            if error.errno not in (errno.ETIME, errno.EINTR, errno.EAGAIN, errno.EBUSY):
                raise

    def look(self, sockets: int) -> None:
        """Let the kernel complete what has arrived at so many sockets. It takes them in portions; what comes meanwhile
        waits for the next time, so that a flood can't keep us here."""
        for _ in range(1 + sockets // FEWEST_A_LOOK):
            if not self._words[self._flags] & (TASKRUN | CQ_OVERFLOW):
                return
            try:
                self._enter(0, GETEVENTS)
            except OSError as error:
                if error.errno not in (errno.EINTR, errno.EAGAIN, errno.EBUSY):
                    raise

    @property
    def has_completions(self) -> bool:
        """Whether completed() would give any, or the kernel keeps some for which there was no room."""
        words = self._words
        return words[self._done_head] != words[self._done_tail] or bool(words[self._flags] & CQ_OVERFLOW)

    def completed(self) -> Entries:
        """Completions since the last time, in order."""
        words = self._words
        head, tail = words[self._done_head], words[self._done_tail]
        count, at = (tail - head) & WORD, head & self._done_mask
        done = self._done[at:at + count].copy()
        if len(done) < count:
            done = np.concatenate((done, self._done[:count - len(done)]))
        words[self._done_head] = tail
        if words[self._flags] & CQ_OVERFLOW:
            self.overflows += 1
            self.look(0)
            return np.concatenate((done, self.completed()))
        return done

    def register_files(self, files: Sequence[int]) -> None:
        """From now on a file is named by its place here, which saves the kernel looking it up. It stays open."""
        numbers = np.array(files, np.int32)
        self._files = len(files)
        _call(REGISTER, self._fd, REGISTER_FILES, address_of(numbers), len(numbers))

    def register_buffers(self, slots: Entries) -> None:
        """A ring of BUFFER in page-aligned memory that must live as long as this."""
        wanted = np.array([address_of(slots), len(slots), 0, 0, 0], np.uint64)
        _call(REGISTER, self._fd, REGISTER_PBUF_RING, address_of(wanted), 1)

    def close(self) -> None:
        """End every request and let go of the files, so that their ports are free when the sockets are closed."""
        try:
            cancel = self.control[:1]
            cancel[:] = 0
            cancel["opcode"], cancel["flags"], cancel["op_flags"] = ASYNC_CANCEL, SKIP_SUCCESS, CANCEL_ALL | CANCEL_ANY
            self.submit_control(1)
            self.look(self._files)
            _call(REGISTER, self._fd, UNREGISTER_FILES)
        except OSError:
            pass            # there were none
        os.close(self._fd)

    def _submit(self, first: int, count: int, flags: int) -> int:
        words = self._words
        tail = words[self._tail]
        at = tail & self._mask
        here = min(count, self._mask + 1 - at)
        self._order[at:at + here] = self._numbers[first:first + here]
        self._order[:count - here] = self._numbers[first + here:first + count]
        words[self._tail] = (tail + count) & WORD
        taken = 0
        try:
            while taken < count:
                step = self._enter(count - taken, flags)
                taken += step
                if not step:
                    break
        except OSError as error:
            if error.errno not in (errno.EINTR, errno.EAGAIN, errno.EBUSY, errno.ENOMEM):
                raise
        words[self._tail] = words[self._head]      # what was not taken must not go out later, with other packets in it
        return taken

    def _enter(self, submit: int, flags: int, least: int = 0, argument: int = 0, size: int = 0) -> int:
        result = int(_syscall(ENTER, self._fd, submit, least, flags, argument, size))
        if result < 0:
            raise _last_error()
        return result


class Buffers:
    """`count` equal buffers (a power of two), from which the kernel takes one for each packet of `size` octets or less.

    `memory` has shape (count, at least PACKET_AT + size). Raises OSError if the kernel won't have them.
    """

    def __init__(self, ring: Ring, count: int, size: int) -> None:
        self.count = count
        self.width = PACKET_AT + size
        stride = -(-self.width // 64) * 64      # whole cache lines
        self.memory: Octets = np.zeros((count, stride), np.uint8)
        shared = mmap.mmap(-1, max(BUFFER.itemsize * count, mmap.PAGESIZE))
        self._slots = np.frombuffer(shared, BUFFER, count)
        self._numbers = self._slots["bid"]
        self._tail = memoryview(shared)[14:16].cast("H")
        self._addresses = address_of(self.memory) + np.arange(count, dtype=np.uint64) * np.uint64(stride)
        self._slots["len"] = self.width
        self._slots["addr"] = self._addresses
        self._numbers[:] = np.arange(count)
        self._next = 0
        self.free(np.arange(count))
        ring.register_buffers(self._slots)

    def free(self, numbers: Rows) -> None:
        """Give buffers back to the kernel. In the order in which it took them that costs least: a slot then has the
        buffer it had before."""
        at = np.arange(self._next, self._next + len(numbers)) & (self.count - 1)
        if not every(self._numbers[at] == numbers):
            # field by field: the tail lies in the first slot's reserved one
            self._slots["addr"][at] = self._addresses[numbers]
            self._numbers[at] = numbers
        self._next += len(numbers)
        self._tail[0] = self._next & 0xFFFF
