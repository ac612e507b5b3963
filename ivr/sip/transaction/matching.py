"""Which transaction a message belongs to (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2)."""

from collections.abc import Hashable

from ivr.sip.message.message import Request, Response

COOKIE = "z9hG4bK"


def server_key(request: Request, method: str | None = None) -> Hashable:
    """The key of the server transaction of a request; an ACK has that of its INVITE.

    `method` INVITE for a CANCEL finds what it cancels. The CSeq number, which ACK and CANCEL share with their INVITE,
    is compared as well: pyVoIP answers a challenge with a new INVITE under the old branch. Without the cookie in the
    branch (RFC 2543) the fields named in §17.2.3 are compared instead; the To tag is left out, since the INVITE's has
    none and the ACK's is ours.
    """
    via = request.top_via
    name = method or request.method
    if name == "ACK":
        name = "INVITE"
    branch = via.branch or ""
    # a branch of the cookie alone names nothing (RFC 4475 §3.2.1)
    if branch.startswith(COOKIE) and len(branch) > len(COOKIE):
        return branch, via.host, via.port, request.cseq.number, name
    return (str(request.request_uri), request.from_.tag, request.sip_call_id, request.cseq.number,
            branch, via.host, via.port, name)


def client_key(message: Request | Response) -> Hashable:
    """The key of the client transaction that a response, or our own request, belongs to."""
    return message.top_via.branch, message.cseq.method


def merged_key(request: Request) -> Hashable:
    """Equal for one request that reaches us over two ways: it has no To tag, and these three are the same."""
    return request.from_.tag, request.sip_call_id, request.cseq
