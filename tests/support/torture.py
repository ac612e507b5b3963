"""What must be replied to each torture message of RFC 4475 and RFC 5118, by their text, on any way in.

0: no reply. 100 stands for an INVITE that is let in (whoever knows the numbers then says 404). We are a registrar with
accounts: a REGISTER without credentials is challenged before its contacts are judged (RFC 3261 §10.3), so well-formed
ones end at 401. The files are not part of the project: HOTLINE_TESTDATA names the folder of `rfc4475` and `rfc5118`.
"""

import os
from pathlib import Path

import pytest

RFC4475 = {
    # 3.1.1 valid
    "wsinv": 481,           # its To has a tag and we know no such dialog (§12.2.2 of RFC 3261)
    "intmeth": 501, "esc01": 100, "escnull": 401,
    "esc02": 501,           # §3.1.1.5: `RE%47IST%45R` is not REGISTER
    "lwsdisp": 200, "longreq": 100,
    "dblreq": 401,          # the second request in the datagram is to be ignored
    "semiuri": 200, "transports": 200,
    "mpart01": 405,         # a MESSAGE
    "unreason": 0, "noreason": 0,       # responses to nothing we asked
    # 3.1.2 invalid
    "badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "scalarlg": 0, "quotbal": 400, "ltgtruri": 400,
    "lwsruri": 400, "lwsstart": 400, "trws": 200, "escruri": 400,
    "baddate": 100,         # §3.1.2.12: nothing here depends on the Date
    "regbadct": 400, "badaspec": 200, "baddn": 200, "badvers": 505, "mismatch01": 400, "mismatch02": 400, "bigcode": 0,
    # 3.2 transaction layer
    "badbranch": 400,       # §3.2.1: may be 400
    # 3.3 application layer
    "insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 400, "bext01": 420, "invut": 415, "regaut01": 401,
    "multi01": 400, "mcl01": 400, "bcast": 0,
    "zeromf": 200,          # §3.3.11: an endpoint answers as usual
    "cparam01": 401, "cparam02": 401, "regescrt": 401, "sdp01": 406,
    # 3.4 backward compatibility
    "inv2543": 100,
}
RFC5118 = {
    "ipv6-good": 401, "ipv6-bad": 400, "port-ambiguous": 401, "port-unambiguous": 401,
    "via-received-param-with-delim": 481,       # a BYE of a dialog that we don't know
    "via-received-param-no-delim": 200, "ipv6-in-sdp": 100, "mult-ip-in-header": 481, "mult-ip-in-sdp": 100,
    "ipv4-mapped-ipv6": 100, "ipv6-bug-abnf-3-colons": 200, "ipv6-correct-abnf-2-colons": 200,
}
FILES = [*((f"rfc4475/{name}.dat", status) for name, status in RFC4475.items()),
         *((f"rfc5118/{name}", status) for name, status in RFC5118.items())]
# On a stream nothing but Content-Length tells where a body ends (RFC 3261 §18.3), and only it can be wrong in these.
ON_A_STREAM = {"rfc4475/inv2543.dat": 400}
TOO_SHORT = ("rfc4475/clerr.dat",)      # a stream waits for the rest
CLOSED = ("rfc4475/inv2543.dat", "rfc4475/ncl.dat", "rfc4475/mcl01.dat")
# Their Content-Length is less than what follows: the rest is no SIP and costs the connection.
LEFT_OVER = ("rfc5118/ipv6-in-sdp", "rfc5118/mult-ip-in-sdp", "rfc5118/ipv4-mapped-ipv6")


def corpus(name: str) -> bytes:
    folder = os.environ.get("HOTLINE_TESTDATA")
    if folder:
        return (Path(folder) / name).read_bytes()
    if os.environ.get("CI"):
        pytest.fail("HOTLINE_TESTDATA is not set: CI must name the folder of the torture messages")
    pytest.skip("HOTLINE_TESTDATA is not set: it names the folder of the torture messages (RFC 4475, RFC 5118)")
