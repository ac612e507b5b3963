"""No secret is left in a message that a capture keeps, and it can still be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.sip.message.masking import masked
from ivr.sip.message.parser import parse

SECRET = b"6629fae49393a05397450978507c4ef1"
HEAD = (b"%s sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        b"To: <sip:100@192.0.2.1>\r\nCall-ID: 1\r\nCSeq: 1 %s\r\n")


def message(method: bytes = b"INVITE", fields: bytes = b"", body: bytes = b"") -> bytes:
    return HEAD % (method, method) + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("field", [
    b'Authorization: Digest username="a", realm="r", nonce="n", uri="sip:b", response="%s", algorithm=MD5\r\n',
    b'Proxy-Authorization: Digest response="%s",username="a"\r\n',
    b"proxy-authorization:digest response=%s, nc=1\r\n",
    b'AUTHORIZATION : DIGEST username="a",\r\n  RESPONSE = "%s",\r\n\tnc=00000001\r\n',
    b'Authorization: Digest response="unfinished %s\r\n',
    b"Authorization: Basic %s\r\n",
    b"Authorization: %s\r\n",
    b'Authentication-Info: qop=auth, rspauth="%s", cnonce="c"\r\n',
    b"Contact: <sip:anna:%s@192.0.2.9>\r\n",
])
def test_masked__what_proves_a_password(field: bytes) -> None:
    whole = message(fields=field % SECRET)
    shown = masked(whole)
    assert SECRET not in shown
    assert len(shown) == len(whole)
    assert parse(shown).sip_call_id == "1"


def test_masked__the_rest_of_a_digest_stays() -> None:
    shown = masked(message(fields=b'Authorization: Digest username="anna", realm="hotline", nonce="42", uri="sip:b", '
                                  b'response="' + SECRET + b'"\r\n'))
    assert b'username="anna", realm="hotline", nonce="42", uri="sip:b", response="' + b"x" * 32 + b'"' in shown


@pytest.mark.parametrize("line", [
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s|2^20|1:32\r\n",
    b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s;inline:%s\r\n",
    b"A=CRYPTO:2 OTHER other:%s\r\n",
    b"a=key-mgmt:mikey %s\r\n",
    b"k=clear:%s\n",
])
def test_masked__keys_of_srtp(line: bytes) -> None:
    body = b"v=0\r\nm=audio 4000 RTP/SAVP 8\r\n" + line.replace(b"%s", SECRET) + b"a=sendrecv\r\n"
    whole = message(fields=b"Content-Type: application/sdp\r\n", body=body)
    shown = masked(whole)
    assert SECRET not in shown
    assert len(shown) == len(whole)
    assert b"m=audio 4000 RTP/SAVP 8" in shown
    assert b"a=sendrecv" in shown


@pytest.mark.parametrize("fields", [b"Content-Type: application/dtmf-relay\r\n", b"Content-Type: text/plain\r\n", b"",
                                    b"Content-Type: application/sdp-not\r\n"])
@pytest.mark.parametrize("method", [b"INFO", b"NOTIFY", b"MESSAGE"])
def test_masked__bodies_while_a_secret_is_asked(method: bytes, fields: bytes) -> None:
    whole = message(method, fields, b"Signal=7\r\nDuration=160\r\n")
    shown = masked(whole, secret=True)
    assert shown.endswith(b"xxxxxxxx\r\nxxxxxxxxxxxx\r\n")
    assert len(shown) == len(whole)
    assert masked(whole) == whole


def test_masked__sdp_is_read_while_a_secret_is_asked() -> None:
    whole = message(fields=b"c: application/sdp;charset=utf-8\r\n", body=b"v=0\r\nm=audio 4000 RTP/AVP 8\r\n")
    assert masked(whole, secret=True) == whole


@given(st.binary(max_size=400), st.booleans())
def test_masked__whatever_the_octets(octets: bytes, secret: bool) -> None:
    assert len(masked(octets, secret)) == len(octets)
    assert len(masked(message(fields=b"Authorization:" + octets, body=octets), secret)) == len(
        message(fields=b"Authorization:" + octets, body=octets))


@pytest.mark.parametrize("crowd", [b"sip:a:" * 10_000, b"Authorization: Digest " * 3_000, b"response=" * 7_000,
                                   b'Authorization: Digest response="' + b"\\" * 60_000, b"a=crypto:" * 7_000])
def test_masked__hostile_crowds_take_no_time(crowd: bytes) -> None:
    """Each would take minutes with an expression that goes back over what it has seen."""
    assert len(masked(crowd)) == len(crowd)
    assert len(masked(b"\r\n\r\n" + crowd)) == len(crowd) + 4
