"""What one SIP message costs: microseconds to parse with the views that an endpoint needs, and to print.

    python bench/bench_sip_parse.py

Prints one JSON line per case: the best of several runs, since anything else on the machine only makes it slower.
"""

import json
import timeit
from collections.abc import Callable
from functools import partial

from ivr.sip.message.message import Request, Response, make_response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes

SDP = """v=0
o=- 3894512345 3894512345 IN IP4 192.0.2.10
s=pjmedia
c=IN IP4 192.0.2.10
t=0 0
m=audio 4000 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=sendrecv
""".replace("\n", "\r\n")

HEAD = """{method} sip:100@192.0.2.1:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.10:5062;rport;branch=z9hG4bKPj3f0c1a9e7b{branch}
Max-Forwards: 70
From: "Anna Petrova" <sip:1001@192.0.2.1>;tag=8f2d1c7a90
To: <sip:100@192.0.2.1>{to_tag}
Call-ID: 5b1d0f6e9a3c4728b0aa
CSeq: {cseq} {method}
""".replace("\n", "\r\n")

INVITE_FIELDS = """Contact: <sip:1001@192.0.2.10:5062;ob>
Allow: PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS
Supported: replaces, 100rel, timer, norefersub
Session-Expires: 1800
Min-SE: 90
User-Agent: PJSUA v2.15 Linux-6.1/x86_64/glibc-2.36
Content-Type: application/sdp
""".replace("\n", "\r\n")


def message(method: str, cseq: int, fields: str = "", to_tag: str = "", body: str = "") -> bytes:
    head = HEAD.format(method=method, branch=cseq, cseq=cseq, to_tag=to_tag)
    return f"{head}{fields}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def read(data: bytes) -> Request | Response:
    """Parse and touch what every message's way through the endpoint touches."""
    parsed = parse(data)
    _ = parsed.top_via.branch, parsed.from_.tag, parsed.to.tag, parsed.sip_call_id, parsed.cseq.number
    return parsed


def report(case: str, size_bytes: int, run: Callable[[], object]) -> None:
    count = 2000
    best = min(timeit.repeat(run, number=count, repeat=9)) / count
    print(json.dumps({"bench": "sip", "case": case, "bytes": size_bytes, "microseconds": round(best * 1e6, 1)}))


def main() -> None:
    invite = message("INVITE", 1, INVITE_FIELDS, body=SDP)
    small_invite = message("INVITE", 1, INVITE_FIELDS.split("Allow")[0] + "Content-Type: application/sdp\r\n",
                           body=SDP[:170])
    for case, data in (("parse INVITE", small_invite), ("parse INVITE with many fields", invite),
                       ("parse ACK", message("ACK", 1, to_tag=";tag=41b0")),
                       ("parse BYE", message("BYE", 2, to_tag=";tag=41b0"))):
        report(case, len(data), partial(read, data))
    request = parse(invite)
    assert isinstance(request, Request)
    fields = [("Contact", "<sip:192.0.2.1:5060>"), ("Content-Type", "application/sdp"), ("Server", "hotline")]
    answer = make_response(request, 200, to_tag="41b0", headers=fields, body=SDP.encode())
    report("print 200 with SDP", len(to_bytes(answer)), lambda: to_bytes(answer))
    report("make 200 with SDP", len(to_bytes(answer)),
           lambda: make_response(request, 200, to_tag="41b0", headers=fields, body=SDP.encode()))


if __name__ == "__main__":
    main()
