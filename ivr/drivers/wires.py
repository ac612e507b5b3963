"""Which wire carries the packets: the one that was asked for, or the better one that works here."""

import errno
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ivr.drivers.log import Log
from ivr.drivers.plain_wire import PlainWire
from ivr.drivers.rtp_sockets import Wire, bind, bind_one
from ivr.drivers.uring_wire import UringWire
from ivr.media.rtp.outgoing import WIDTH, Outgoing

TRIAL = b"is anybody there"
TRIAL_LOOKS, TRIAL_PAUSE = 50, 0.002        # a tenth of a second for a packet over loopback
DISABLED = Path("/proc/sys/kernel/io_uring_disabled")
CALLS = "io_uring_setup, io_uring_enter and io_uring_register"
REMEDIES = {
    errno.ENOSYS: f"this kernel has no io_uring, or a seccomp profile hides it: it takes Linux 6.1 and {CALLS}",
    errno.EINVAL: "this kernel's io_uring is older than Linux 6.1: update the kernel",
    errno.ENOMEM: "too little memory may be locked: raise `ulimit -l`, or LimitMEMLOCK of the systemd unit",
    errno.EMFILE: "too few files may be open: raise `ulimit -n`, or LimitNOFILE of the systemd unit",
}
FORBIDDEN = f"the system forbids io_uring, as seccomp profiles of containers do: let the profile allow {CALLS}"

log = Log("wire")


class UringRefused(Exception):
    """The uring wire was asked for and can't be had. Says why, and what to do."""


def open_wire(wanted: str, hosts: Sequence[str], ports: range, batch: int) -> Wire:
    """The wire `auto`, `plain` or `uring` for these ports. Raises OSError if none of them can be had, UringRefused."""
    sockets = bind(hosts, ports)
    if wanted == "plain":
        return PlainWire(sockets, batch)
    try:
        try_uring()
        wire = UringWire(sockets, batch)
    except OSError as error:
        reason = refusal(error)
        if wanted == "uring":
            sockets.close()
            raise UringRefused(reason) from error
        log.info("wire_chosen", wire=PlainWire.name, why_not_uring=reason)
        return PlainWire(sockets, batch)
    log.info("wire_chosen", wire=wire.name, why="a packet went through it over loopback")
    return wire


def try_uring() -> None:
    """Send a packet over loopback and receive it. Raises OSError where that does not work."""
    sockets = bind_one("127.0.0.1")
    try:
        wire = UringWire(sockets, batch=8)
    except OSError:
        sockets.close()
        raise
    try:
        if not _comes_back(wire):
            raise OSError(errno.EIO, "a packet over loopback did not come back")
    finally:
        wire.close()


def refusal(error: OSError) -> str:
    """Why io_uring can't be had, and what to do about it."""
    if error.errno in (errno.EPERM, errno.EACCES):
        disabled = DISABLED.read_text().strip() if DISABLED.exists() else "0"
        if disabled != "0":
            return f"kernel.io_uring_disabled is {disabled}: `sysctl kernel.io_uring_disabled=0` allows it"
        return FORBIDDEN
    return REMEDIES.get(error.errno or 0, error.strerror or str(error))


def _comes_back(wire: UringWire) -> bool:
    octets = np.zeros((1, WIDTH), np.uint8)
    octets[0, :len(TRIAL)] = np.frombuffer(TRIAL, np.uint8)
    here = np.array([wire.addresses.pack("127.0.0.1", wire.ports[0])], np.uint64)
    wire.follow(np.ones(1, np.bool_))
    wire.send(Outgoing(np.zeros(1, np.intp), octets, np.array([len(TRIAL)]), here))
    for _ in range(TRIAL_LOOKS):
        incoming = wire.receive()
        if incoming is not None:
            came = incoming.packets[0, :incoming.lengths[0]].tobytes()
            return came == TRIAL and bool(incoming.sources[0] == here[0])
        time.sleep(TRIAL_PAUSE)
    return False
