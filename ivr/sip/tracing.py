"""One message as one line of a ladder."""

from ivr.sip.message.message import Request, Response
from ivr.sip.message.uri import Uri


def line_of(message: Request | Response, dialled: bool = False) -> str:
    """First line and CSeq; no header, no body, and of the Request-URI the host alone, since what stands before it is
    the caller's number in every request of ours. `dialled`: the number that was called is told as well."""
    if isinstance(message, Response):
        return f"{message.status} {message.reason} ({message.cseq})"
    return f"{message.method} {_place(message.request_uri, dialled)} ({message.cseq})"


def _place(uri: Uri, dialled: bool) -> str:
    if not uri.host:
        return uri.scheme
    return f"{uri.plain_user}@{uri.host}" if dialled and uri.plain_user else uri.host
