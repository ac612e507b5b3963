"""One message as one line of a ladder."""

from ivr.sip.message import Request, Response
from ivr.sip.uri import Uri


def line_of(message: Request | Response) -> str:
    """First line and CSeq. No password of a URI, no header, no body."""
    if isinstance(message, Response):
        return f"{message.status} {message.reason} ({message.cseq})"
    return f"{message.method} {_place(message.request_uri)} ({message.cseq})"


def _place(uri: Uri) -> str:
    if not uri.host:
        return str(uri)
    return f"{uri.user}@{uri.host}" if uri.user else uri.host
