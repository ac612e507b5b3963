"""What holds for every request before a route sees it, and for every answer: size, origin, headers."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.body_limits import in_words, most_octets
from desk.cookies import COOKIES, is_secure
from desk.problems import Problem, problem_response

CSRF_HEADER = "X-Hotline"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(), camera=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}
NO_FRAMES = "frame-ancestors 'none'"
HSTS = "max-age=31536000"    # a year: where it was https once, browsers come by nothing else


class _TooLarge(HTTPException):
    """An HTTPException, since FastAPI takes any other that comes while it reads a body for a broken body."""

    def __init__(self, most: int) -> None:
        super().__init__(413, f"A body has at most {in_words(most)}.")


class Guards:
    """ASGI middleware. A route that sets one of HEADERS itself keeps its own value."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, secure = Headers(scope=scope), is_secure(HTTPConnection(scope))

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
                if NO_FRAMES not in answer["Content-Security-Policy"]:
                    del answer["X-Frame-Options"]           # it can't name who may: the route's policy does
                if secure:
                    answer.setdefault("Strict-Transport-Security", HSTS)
            await send(message)

        if scope["method"] in UNSAFE and not _meant(HTTPConnection(scope)):
            problem = Problem(code="foreign_origin", message="Another site may not do this.")
            await problem_response(403, problem)(scope, receive, guarded_send)
            return
        most = most_octets(scope["path"])
        if _is_too_large(headers, most):
            problem = Problem(code="too_large", message=_TooLarge(most).detail)
            await problem_response(413, problem)(scope, receive, guarded_send)
            return
        await self._app(scope, _counting(receive, most), guarded_send)


def _meant(connection: HTTPConnection) -> bool:
    """Whether no foreign page can have had a browser send this: its origin is ours, and where a cookie says who it is,
    it has a header that no form can send, and no script of elsewhere without being allowed to (CORS)."""
    headers = connection.headers
    if "authorization" in headers or not any(name in connection.cookies for name in COOKIES):
        return same_origin(connection)
    return "origin" in headers and same_origin(connection) and headers.get(CSRF_HEADER) == "1"


def same_origin(connection: HTTPConnection) -> bool:
    """Browsers say from which page a request or a WebSocket comes. Programs don't: they bring no cookie that others
    could use."""
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    try:
        page = urlsplit(origin)
    except ValueError:                  # `http://[`
        return False
    secure = is_secure(connection)      # a proxy that ends TLS may not say so
    return page.netloc == connection.headers.get("host") and (page.scheme == "https" or not secure)


def _is_too_large(headers: Headers, most: int) -> bool:
    length = headers.get("content-length", "0")
    return not length.isdecimal() or int(length) > most


def _counting(receive: Receive, most: int) -> Receive:
    """Bodies without Content-Length are counted as they come."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise _TooLarge(most)
        return message

    return counted
