"""CPU of the SIP endpoint per incoming call: INVITE, 100, 180, 200, ACK, BYE, 200, and the timers that follow.

Prints one JSON line. Only the endpoint is timed, not the caller's side, which is made of prepared bytes.
"""

import gc
import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from ivr.base.ids import Ids
from ivr.sip.commands import AnswerLeg, RingLeg
from ivr.sip.effects import SendBytes
from ivr.sip.endpoint import Endpoint
from ivr.sip.events import LegEnded, LegOffered
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow

SDP = (b"v=0\r\no=- 3890 3890 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
       b"m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
       b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=sendrecv\r\na=ptime:20\r\n")
HEAD = ("{method} sip:{target} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;rport;branch=z9hG4bK{method}{call}\r\n"
        "Max-Forwards: 70\r\nFrom: \"Alice\" <sip:alice@192.0.2.9>;tag=a{call}\r\n"
        "To: <sip:100@198.51.100.1>{to_tag}\r\n"
        "Contact: <sip:alice@192.0.2.9:5070>\r\nCall-ID: {call}@192.0.2.9\r\nCSeq: {sequence} {method}\r\n"
        "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, INFO, OPTIONS\r\nSupported: replaces, 100rel, timer\r\n"
        "User-Agent: bench 1.0\r\n{kind}Content-Length: {length}\r\n\r\n")
FLOW = Flow("udp", ("198.51.100.1", 5060), ("192.0.2.9", 5070))
TAG = re.compile(rb"\r\nTo: [^\r]*;tag=([0-9a-f]+)")


def message(method: str, call: int, sequence: int, tag: str = "", body: bytes = b"") -> bytes:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    to_tag = f";tag={tag}" if tag else ""
    return HEAD.format(method=method, target="100@198.51.100.1", call=call, sequence=sequence, to_tag=to_tag, kind=kind,
                       length=len(body)).encode() + body


def run_call(endpoint: Endpoint, call: int, now: float, spent: list[float]) -> None:
    """One call; appends the seconds of each step to `spent`."""
    def timed(step: Callable[..., list[Any]], *arguments: Any) -> list[Any]:
        begin = time.thread_time()
        out = step(*arguments)
        spent.append(time.thread_time() - begin)
        return out

    invite, ack_sequence = message("INVITE", call, 1, body=SDP), 1
    out = timed(endpoint.receive, invite, FLOW, now)
    leg = next(event.leg for event in out if isinstance(event, LegOffered))
    timed(endpoint.handle, RingLeg(leg), now)
    out = timed(endpoint.handle, AnswerLeg(leg, SDP), now)
    answer = next(effect.payload for effect in out if isinstance(effect, SendBytes))
    found = TAG.search(answer)
    assert found is not None
    tag = found[1].decode()
    timed(endpoint.receive, message("ACK", call, ack_sequence, tag), FLOW, now)
    out = timed(endpoint.receive, message("BYE", call, 2, tag), FLOW, now)
    assert any(isinstance(event, LegEnded) for event in out)
    timed(endpoint.handle_timers, now)


def main(calls: int = 5000) -> None:
    endpoint = Endpoint(EndpointSettings(local_address="198.51.100.1"), Ids(random.Random(1).randbytes))
    now = 0.0
    spent: list[float] = []
    for call in range(calls // 5):      # warm: caches, and 32 s of transactions that linger
        run_call(endpoint, call, now, [])
        now += 0.01
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    for call in range(calls, 2 * calls):
        run_call(endpoint, call, now, spent)
        now += 0.01
    total = time.process_time() - begin
    print(json.dumps({
        "bench": "sip_endpoint", "calls": calls, "cpu_ms_per_call": round(sum(spent) / calls * 1000, 4),
        "cpu_ms_per_call_with_caller": round(total / calls * 1000, 4),
        "step_us": {name: round(sum(spent[index::6]) / calls * 1e6, 1) for index, name in
                    enumerate(("invite", "180", "200", "ack", "bye", "timers"))}}))


if __name__ == "__main__":
    main()
