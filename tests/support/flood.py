"""INVITEs of strangers, as many a second as asked for: `python -m tests.support.flood HOST:PORT --rate 2000`.

The sources are addresses of this machine's loopback network, each packet from the next one, as if it were forged:
nobody answers there, and nothing is acknowledged. One JSON line at the end.
"""

import argparse
import json
import socket
import struct
import time
from collections.abc import Sequence

IP_PKTINFO = 8          # Linux; Python's socket has no name for it
LATE = 0.2              # s behind the rate; then the rest is left out: this machine can't send so fast
BATCH = 20              # packets between two looks at the clock
SDP = "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\n"


def address(number: int, network: int) -> str:
    """The `number`th of 65,000 addresses in 127.`network`."""
    return f"127.{network}.{number // 250 % 250}.{number % 250 + 1}"


def invite(number: int, source: str, target: str, dialled: str) -> bytes:
    body = SDP.format(host=source)
    return (f"INVITE sip:{dialled}@{target} SIP/2.0\r\nVia: SIP/2.0/UDP {source}:5060;branch=z9hG4bKflood{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:+7495{number:07d}@{source}>;tag=f{number}\r\n"
            f"To: <sip:{dialled}@{target}>\r\n"
            f"Call-ID: flood{number}@{source}\r\nCSeq: 1 INVITE\r\nContact: <sip:x@{source}:5060>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


def flood(target: str, rate: float, seconds: float, sources: int, network: int, dialled: str) -> dict[str, float]:
    """Send; what was sent. One socket sends from every address, as IP_PKTINFO lets it (ip(7))."""
    host, _, port = target.rpartition(":")
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((address(0, network) if sources == 1 else "0.0.0.0", 0))
    began_at, number, left_out = time.monotonic(), 0, 0
    while (at := time.monotonic() - began_at) < seconds:
        due = int(at * rate)
        if due - number > LATE * rate:
            left_out += due - number
            number = due
        for each in range(number, min(due, number + BATCH)):
            source = address(each % sources, network)
            information = struct.pack("=I4s4s", 0, socket.inet_aton(source), b"\0" * 4)
            sender.sendmsg([invite(each, source, target, dialled)], [(socket.IPPROTO_IP, IP_PKTINFO, information)]
                           if sources > 1 else [], 0, (host, int(port)))
        number = min(due, number + BATCH)
        if number == due:
            time.sleep(0.002)
    return {"sent": number - left_out, "left_out": left_out, "seconds": round(time.monotonic() - began_at, 2)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="flood", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--rate", type=float, default=2000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--sources", type=int, default=60_000)
    parser.add_argument("--network", type=int, default=100, help="the second number of the sources' addresses")
    parser.add_argument("--dialled", default="100")
    given = parser.parse_args(arguments)
    print(json.dumps(flood(given.target, given.rate, given.seconds, given.sources, given.network, given.dialled)))


if __name__ == "__main__":
    main()
