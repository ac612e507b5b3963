"""What holds for every request before a route sees it, and for every answer: size, origin, headers."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.problems import Problem, problem_response

MAX_BODY = 64 * 1024        # no request of the API needs a tenth of it
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}


class _TooLarge(Exception):
    pass


class Guards:
    """ASGI middleware. A route that sets one of HEADERS itself keeps its own value."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, begun = Headers(scope=scope), False

        async def guarded_send(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        if scope["method"] in UNSAFE and not _same_origin(headers):
            problem = Problem(code="foreign_origin", message="Another site may not do this.")
            await problem_response(403, problem)(scope, receive, guarded_send)
            return
        try:
            _check_length(headers)
            await self._app(scope, _counting(receive), guarded_send)
        except _TooLarge:
            if not begun:
                problem = Problem(code="too_large", message=f"A body has at most {MAX_BYTES_TEXT}.")
                await problem_response(413, problem)(scope, receive, guarded_send)


MAX_BYTES_TEXT = f"{MAX_BODY // 1024} KiB"


def _same_origin(headers: Headers) -> bool:
    """Browsers say from which page a request comes; programs don't, and they bring no cookie that others could use."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _check_length(headers: Headers) -> None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY:
        raise _TooLarge


def _counting(receive: Receive) -> Receive:
    """Bodies without Content-Length are counted as they come."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise _TooLarge
        return message

    return counted
