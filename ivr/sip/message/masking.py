"""Takes the secrets out of a message's bytes before anything keeps them. Its length stays, so Content-Length holds.

Masked are: what digest proves a password with, other credentials, passwords of URIs, keys of SRTP, and, while a secret
is asked of the caller, every body that could carry a digit.
"""

import re

# With nonce and realm, which stay, the response is all that is needed to guess a password at leisure.
_CREDENTIALS = re.compile(rb"^((?:proxy-)?(?:authorization|authentication-info)[ \t]*:)([^\n]*(?:\n[ \t][^\n]*)*)",
                          re.IGNORECASE | re.MULTILINE)
_BY_DIGEST = re.compile(rb"\s*(?:digest\s|[a-z]+\s*=)", re.IGNORECASE)     # authentication-info names no scheme
_PROOF = re.compile(rb'(?:response|rspauth)\s*=\s*("(?:\\.|[^"\\])*"?|[^,\s]*)', re.IGNORECASE | re.DOTALL)
_URI = re.compile(rb"sips?:[^\s<>\"]*", re.IGNORECASE)
_CRYPTO = re.compile(rb"^a=(?:crypto|key-mgmt):(?:[^\r\n]*?inline:)?([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(rb"^k=([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SDP = re.compile(rb"^(?:content-type|c)[ \t]*:[ \t]*application/sdp[ \t]*(?:;[^\n]*)?\r?$",
                  re.IGNORECASE | re.MULTILINE)
_KEPT = frozenset(b'"\r\n')            # so that a masked value is still read as one


def masked(message: bytes, secret: bool = False) -> bytes:
    """The message without its secrets; with `secret` also without its body, unless that is SDP."""
    end = _HEAD_END.search(message)
    head, body = (message[:end.end()], message[end.end():]) if end is not None else (message, b"")
    head = _URI.sub(_without_password, _CREDENTIALS.sub(_without_credentials, head))
    if secret and not _SDP.search(head):
        return head + _blank(body)
    return head + _KEY.sub(_without_value, _CRYPTO.sub(_without_value, body)) if body else head


def _without_credentials(found: re.Match[bytes]) -> bytes:
    name, value = found[1], found[2]
    if _BY_DIGEST.match(value):
        return name + _PROOF.sub(_without_value, value)
    scheme, _, rest = value.strip().partition(b" ")
    kept = len(value) - len(value.lstrip()) + len(scheme) if rest else 0        # a word alone may be anything
    return name + value[:kept] + _blank(value[kept:])


def _without_password(found: re.Match[bytes]) -> bytes:
    """`sip:user:password@host`, deprecated and never needed (RFC 3261 §19.1.1)."""
    userinfo, at, place = found[0].rpartition(b"@")
    scheme, colon, user = userinfo.partition(b":")
    name, second, password = user.partition(b":")
    return scheme + colon + name + second + _blank(password) + at + place


def _without_value(found: re.Match[bytes]) -> bytes:
    whole, begin, end = found[0], found.start(1) - found.start(), found.end(1) - found.start()
    return whole[:begin] + _blank(whole[begin:end]) + whole[end:]


def _blank(octets: bytes) -> bytes:
    return bytes(octet if octet in _KEPT else 0x78 for octet in octets)
