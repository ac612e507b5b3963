"""Measures the media plane: CPU per playing call, gaps between packets, losses, memory. Prints a JSON line per size.

    python bench/bench_plane.py [CALLS ...] [--seconds 10] [--bridged] [--srtp] [--realtime]

The plane's process runs on the first core, the peers (this process) on the last. Every peer hears a clip in a loop and
sends G.711 itself, so each call is 50 packets a second each way, one UDP socket a call at either end; with --bridged
pairs of peers hear one another; with --srtp all of it is encrypted. CPU is the plane's user and system time, the
kernel's work for its packets included.
"""

import argparse
import asyncio
import json
import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pylibsrtp import Policy, Session

from ivr.drivers.plane_link import PlaneLink
from ivr.media import commands, events
from ivr.media.rtp.packet import HEADER, PLAIN

PLANE_PORT, PEER_PORT = 16_384, 40_000
PHASE, PHASES = 0.005, 4
FRAME = 160
KEY = bytes(range(30))
KEY_TEXT = b64encode(KEY).decode()
SETTLE = 2.0            # seconds before the measurement begins
PACKET = np.dtype([*((name, HEADER[name]) for name in HEADER.names or ()), ("payload", "u1", FRAME)])


class Peers:
    """The far ends of all calls."""

    def __init__(self, calls: int, seconds: float, srtp: bool) -> None:
        self.calls = calls
        self.srtp = [Session(Policy(KEY, Policy.SSRC_ANY_OUTBOUND)) for _ in range(calls if srtp else 0)]
        self.sockets = [_socket(PEER_PORT + 2 * row, PLANE_PORT + 2 * row) for row in range(calls)]
        self.outgoing = np.zeros(calls, PACKET)
        self.outgoing["flags"], self.outgoing["ssrc"] = PLAIN, np.arange(calls)
        self.outgoing["payload_type"], self.outgoing["payload"] = 8, 0xD5
        self.incoming = np.zeros((calls, 1500), np.uint8)
        most = int(50 * seconds * 1.2) + 100
        self.arrived_at, self.numbers = np.zeros((calls, most)), np.zeros((calls, most), np.int32)
        self.count = np.zeros(calls, np.int64)
        self.stop = threading.Event()

    def run(self) -> None:
        """Send and receive until `stop`."""
        poll, receivers = select.epoll(), {}
        for row, each in enumerate(self.sockets):
            poll.register(each.fileno(), select.EPOLLIN)
            receivers[each.fileno()] = each.recv_into, self.incoming[row].data, row
        senders = [(self._sender(row), self.outgoing[row:row + 1].view(np.uint8).data) for row in range(self.calls)]
        turn = int(time.monotonic() / PHASE)
        while not self.stop.is_set():
            turn += 1
            self._take(poll.poll(0), receivers)         # also when we are late, or we would never hear anything again
            while (left := turn * PHASE - time.monotonic()) > 0:
                time.sleep(min(0.001, left))
                self._take(poll.poll(0), receivers)
            phase = turn % PHASES
            packets = self.outgoing[phase::PHASES]
            packets["sequence_number"] += 1
            packets["timestamp"] += FRAME
            for send, packet in senders[phase::PHASES]:
                try:
                    send(packet)
                except OSError:
                    continue

    def _sender(self, row: int) -> Callable[[memoryview], object]:
        send = self.sockets[row].send
        if not self.srtp:
            return send
        protect = self.srtp[row].protect
        return lambda packet: send(protect(packet.tobytes()))

    def _take(self, ready: list[tuple[int, int]], receivers: dict[int, Any]) -> None:
        rows = []
        for fd, _ in ready:
            receive, memory, row = receivers[fd]
            try:
                receive(memory)
                rows.append(row)
            except OSError:
                continue
        if rows:
            got = np.array(rows)
            places = np.minimum(self.count[got], self.numbers.shape[1] - 1)
            self.arrived_at[got, places] = time.monotonic()
            self.numbers[got, places] = self.incoming[got, 2].astype(np.int32) << 8 | self.incoming[got, 3]
            self.count[got] += 1

    def figures(self, since: float, until: float) -> dict[str, Any]:
        """What the peers heard in the time given."""
        gaps: list[Any] = []
        lost = received = 0
        for row in range(self.calls):
            at = self.arrived_at[row, :self.count[row]]
            chosen = (at >= since) & (at <= until)
            steps = np.diff(self.numbers[row, :self.count[row]][chosen]) & 0xFFFF
            lost += int((steps - 1).sum())
            received += int(chosen.sum())
            gaps.append(np.diff(at[chosen]))
        every = np.concatenate(gaps) * 1000
        due = self.calls * 50 * (until - since)
        heard = {"received": received, "due_share": round(received / due, 4), "lost": lost}
        if not len(every):
            return heard
        return {**heard, "gap_p50_ms": round(float(np.percentile(every, 50)), 1),
                "gap_p99_ms": round(float(np.percentile(every, 99)), 1), "gap_max_ms": round(float(every.max()), 1)}

    def close(self) -> None:
        for each in self.sockets:
            each.close()


def _socket(local: int, remote: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("127.0.0.1", local))
    made.connect(("127.0.0.1", remote))
    return made


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


async def measure(calls: int, seconds: float, bridged: bool, srtp: bool, folder: Path) -> dict[str, Any]:
    """One size: start the plane, let all calls play, measure."""
    cores = sorted(os.sched_getaffinity(0))
    plane = subprocess.Popen(
        [sys.executable, "-m", "ivr.service.plane", "--socket", str(folder / "plane.sock"), "--host", "127.0.0.1",
         "--ports", f"{PLANE_PORT}-{PLANE_PORT + 2 * calls + 1}"],
        preexec_fn=lambda: os.sched_setaffinity(0, cores[:1]))
    ready, loaded = asyncio.Event(), asyncio.Event()

    def take(event: events.Event) -> None:
        if isinstance(event, events.PlaneReady | events.ClipLoaded):
            (ready if isinstance(event, events.PlaneReady) else loaded).set()

    link = PlaneLink(folder / "plane.sock", take, lambda: None)
    link.start()
    peers = Peers(calls, seconds + SETTLE + 3, srtp)
    keys: dict[str, Any] = {}
    if srtp:
        keys = {"srtp_suite": "AES_CM_128_HMAC_SHA1_80", "srtp_key_out": KEY_TEXT, "srtp_key_in": KEY_TEXT}
    thread = threading.Thread(target=peers.run)
    try:
        await ready.wait()
        before_kib = memory_kib(plane.pid)
        link.send(commands.LoadClip("clip", str(folder / "clip.raw")))
        await loaded.wait()
        os.sched_setaffinity(0, cores[-1:])
        for row in range(calls):
            link.send(commands.OpenStream(row, str(row), row, 0, 0))
            link.send(commands.SetStream(row, str(row), ("127.0.0.1", PEER_PORT + 2 * row), "PCMA", 8, 101, "sendrecv",
                                         20, "learn", **keys))
            if not bridged:
                link.send(commands.Play(row, str(row), 1, ("clip",), loop=True))
            elif row % 2:
                link.send(commands.Bridge(row, str(row), row - 1, str(row - 1)))
        thread.start()
        await asyncio.sleep(SETTLE)
        since, cpu = time.monotonic(), cpu_seconds(plane.pid)
        await asyncio.sleep(seconds)
        until, cpu = time.monotonic(), cpu_seconds(plane.pid) - cpu
        return {"calls": calls, "bridged": bridged, "srtp": srtp, "seconds": round(until - since, 2),
                "cpu_ms_per_call_second": round(1000 * cpu / calls / (until - since), 3),
                "core_share": round(cpu / (until - since), 3), **peers.figures(since, until),
                "memory_kib_per_call": round((memory_kib(plane.pid) - before_kib) / calls, 1)}
    finally:
        peers.stop.set()
        if thread.is_alive():
            thread.join()
        peers.close()
        link.close()
        plane.terminate()
        plane.wait()
        os.sched_setaffinity(0, cores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls", type=int, nargs="*", default=[100, 300, 1000])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--bridged", action="store_true")
    parser.add_argument("--srtp", action="store_true")
    parser.add_argument("--realtime", action="store_true",
                        help="run before all other work of the machine, so that it disturbs nothing (root)")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if arguments.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with tempfile.TemporaryDirectory() as folder:
        samples = np.random.default_rng(0).integers(-8000, 8000, 80_000).astype("<i2")
        (Path(folder) / "clip.raw").write_bytes(samples.tobytes())
        for calls in arguments.calls:
            figures = asyncio.run(measure(calls, arguments.seconds, arguments.bridged, arguments.srtp, Path(folder)))
            print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
