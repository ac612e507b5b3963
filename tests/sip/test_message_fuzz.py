"""Whatever comes, nothing but PeerError: any bytes, good messages with pieces changed, and every view of the result."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.swallow import swallow

COMMON = (b"Via: SIP/2.0/UDP 192.0.2.10:5062;rport;branch=z9hG4bKtop, SIP/2.0/TCP [2001:db8::1];received=::2\r\n"
          b'From: "Anna \\"A\\"" <sip:1001:pw@example.com;user=phone?a=b>;tag=from1;x="y;z"\r\n'
          b"t : <sip:100@example.com>;\r\n tag=to1\r\ni: abc@192.0.2.10\r\n"
          b"Contact: <sip:1001@192.0.2.10:5062;ob>;q=0.5;expires=60, sip:x@h;expires=1\r\n"
          b"Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\nRoute: <sip:us;lr>\r\nExpires: 5\r\nSupported: timer\r\n"
          b"User-Agent: Phone/1 (a comment)\r\nMax-Forwards: 70\r\nRetry-After: 5 (soon);duration=6\r\n"
          b"c: application/sdp;charset=utf-8\r\nl: 5\r\n")
INVITE = b"INVITE sip:100@example.com;transport=udp SIP/2.0\r\n" + COMMON + b"CSeq: 7 INVITE\r\n\r\nv=0\r\n"
BYE = b"BYE tel:+49301234;phone-context=x SIP/2.0\r\n" + COMMON + b"CSeq: 8 BYE\r\n\r\nv=0\r\n"
OK = b"SIP/2.0 200 OK\r\n" + COMMON + b"CSeq: 7 INVITE\r\n\r\nv=0\r\n"


@given(st.binary(max_size=300))
@example(b"SIP/2.0 200 OK")
@example(b"A sip:x SIP/2.0\r\nVia:\r\n\r\n")
def test_fuzz__any_bytes(data: bytes) -> None:
    swallow(data)


PIECES = st.sampled_from([*(bytes([byte]) for byte in b"\r\n \t:;,=<>\"\\*@%()[]?\x00\x7f\xff"), b"\r\n", b"\xc2\x85",
                          b"\xe2\x80\xa8", b"SIP/2.0", b"sip:", b"tag=", b"4294967296", b"Via: SIP/2.0/UDP h\r\n",
                          b"l: 0\r\n", b"v:", "²".encode()])


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from([INVITE, BYE, OK]))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 40]))
        data = data[:at] + draw(st.one_of(st.just(b""), PIECES, st.binary(max_size=3))) + data[at + cut:]
    return data


@settings(max_examples=600)
@given(mutations())
def test_fuzz__mutations_of_good_messages(data: bytes) -> None:
    swallow(data)
