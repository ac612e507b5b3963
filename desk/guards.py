"""What holds for every request before a route sees it, and for every answer: size, origin, headers."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
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


class _TooLarge(HTTPException):
    """An HTTPException, since FastAPI takes any other that comes while it reads a body for a broken body."""

    def __init__(self) -> None:
        super().__init__(413, f"A body has at most {MAX_BODY // 1024} KiB.")


class Guards:
    """ASGI middleware. A route that sets one of HEADERS itself keeps its own value."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        if scope["method"] in UNSAFE and not _same_origin(headers):
            problem = Problem(code="foreign_origin", message="Another site may not do this.")
            await problem_response(403, problem)(scope, receive, guarded_send)
            return
        if _is_too_large(headers):
            problem = Problem(code="too_large", message=_TooLarge().detail)
            await problem_response(413, problem)(scope, receive, guarded_send)
            return
        await self._app(scope, _counting(receive), guarded_send)


def _same_origin(headers: Headers) -> bool:
    """Browsers say from which page a request comes; programs don't, and they bring no cookie that others could use."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _is_too_large(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > MAX_BODY


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
