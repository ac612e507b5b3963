"""Datagrams between the socket and the parser: sorted by whose they are, served or refused by how long they waited.

The socket is emptied at once, since the kernel's buffer is small and drops without looking. What belongs to calls is
served first, then what trunks and registered phones begin, then strangers.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ivr.sip.effects import SendBytes
from ivr.sip.gate.gate import Gate, Standing
from ivr.sip.gate.glance import is_invite, short_refusal
from ivr.sip.gate.overload import Overload
from ivr.sip.gate.turned_down import TurnedDown
from ivr.sip.transport.flow import Flow

# Bytes that may wait in one queue: 10,000 messages of usual length. What comes to a full queue is dropped: over UDP it
# is sent again.
WAITING_BYTES = 8 << 20
OVERHEAD = 200          # bytes of a message's own objects, so that many small ones count too


@dataclass(slots=True)
class Arrival:
    """A message with the time it came."""

    data: bytes
    flow: Flow
    at: float


class Queue:
    """One standing's messages."""

    def __init__(self) -> None:
        self.overload = Overload()
        self._waiting: deque[Arrival] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, arrival: Arrival) -> bool:
        """False if there is no room."""
        if self._bytes >= WAITING_BYTES:
            return False
        self._waiting.append(arrival)
        self._bytes += len(arrival.data) + OVERHEAD
        return True

    def pop(self) -> Arrival:
        arrival = self._waiting.popleft()
        self._bytes -= len(arrival.data) + OVERHEAD
        return arrival


class Arrivals:
    """`full_status` says what a refused INVITE gets, by its source: 503 but for carriers that take it amiss."""

    def __init__(self, gate: Gate, full_status: Callable[[str], int],
                 strangers_may_call: Callable[[float], bool]) -> None:
        self._gate = gate
        self._full_status = full_status
        self._strangers_may_call = strangers_may_call
        self._queues = {standing: Queue() for standing in Standing}
        self._turned_down = TurnedDown()
        self.counters = dict.fromkeys(("sip_shed", "sip_dropped"), 0)

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    @property
    def refusing(self) -> bool:
        """Whether new calls are refused just now."""
        return any(queue.overload.refusing for queue in self._queues.values())

    def put(self, data: bytes, flow: Flow, now: float) -> None:
        standing = self._gate.judge(data, flow, now)
        if standing is not None and not self._queues[standing].put(Arrival(data, flow, now)):
            self.counters["sip_dropped"] += 1

    def next(self, now: float) -> Arrival | SendBytes | None:
        """What is to be served next, or the refusal to send; None if nothing waits."""
        ongoing = self._queues[Standing.ONGOING]
        if ongoing:
            return ongoing.pop()
        for standing in (Standing.KNOWN, Standing.STRANGER):
            queue = self._queues[standing]
            while queue:
                arrival = queue.pop()
                if not self._is_refused(standing, queue, arrival, now):
                    return arrival
                refusal = self._refusal(arrival, now)
                if refusal is not None:
                    return refusal
            queue.overload.emptied()
        return None

    def _is_refused(self, standing: Standing, queue: Queue, arrival: Arrival, now: float) -> bool:
        """Where new calls are refused, strangers' other requests are dropped; a registered phone's are served. An
        INVITE that came twice before the first was served is one call: whatever the first got, the second gets too."""
        late = queue.overload.refuses(now - arrival.at, now)
        if is_invite(arrival.data):
            refused = late or (standing is Standing.STRANGER and not self._strangers_may_call(now))
            if refused:
                return not self._gate.has_begun(arrival.data, arrival.flow)
            return self._turned_down.has(arrival.data, now)
        return late and standing is Standing.STRANGER

    def _refusal(self, arrival: Arrival, now: float) -> SendBytes | None:
        self.counters["sip_shed"] += 1
        if not is_invite(arrival.data):
            return None
        self._turned_down.add(arrival.data, now)
        response = short_refusal(arrival.data, self._full_status(arrival.flow.remote[0]))
        return None if response is None else SendBytes(arrival.flow, response)
