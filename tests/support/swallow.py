"""Feed the parser anything and touch every view of what comes out: nothing but PeerError may escape."""

from ivr.base.errors import PeerError
from ivr.sip.message.message import MalformedRequest, Message, Request, Response, make_response
from ivr.sip.message.parser import parse
from ivr.sip.message.printer import to_bytes

VIEWS = [name for name, value in vars(Message).items() if isinstance(value, property)]


def look_at(message: Message) -> None:
    """Touch every view, and every view of what it gives; nothing but PeerError may come."""
    for name in VIEWS:
        try:
            found = getattr(message, name)
        except PeerError:
            assert name in ("contacts", "routes", "record_routes")
            continue
        for one in found if isinstance(found, list) else [found]:
            _ = str(one), repr(one)
            for inner in ("branch", "received", "rport", "asks_rport", "tag", "expires", "q", "is_wildcard"):
                getattr(one, inner, None)
    assert "" not in (message.from_.tag, message.to.tag, message.top_via.branch)


def received(data: bytes) -> Request | Response | PeerError:
    try:
        return parse(data)
    except PeerError as error:
        return error


def swallow(data: bytes) -> None:
    """Parse and, whatever comes, do with it what an endpoint does."""
    message = received(data)
    if isinstance(message, MalformedRequest):
        answer = to_bytes(make_response(message, message.status, message.reason, to_tag="t"))
        assert answer.startswith(b"SIP/2.0 %d " % message.status)
        assert message.status in (400, 505, 513)
    elif isinstance(message, PeerError):
        assert message.status == 0
    else:
        look_at(message)
        assert parse(to_bytes(message)) == message
    if isinstance(message, Request):
        look_at(parse(to_bytes(make_response(message, 200, to_tag="t"))))
