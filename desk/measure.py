"""Counts and times every request by its route, and logs those that failed: never a query, which may carry numbers."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.metrics import WebMetrics
from ivr.drivers.log import Log

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = Log("desk")


class Measure:
    """ASGI middleware, outside all others."""

    def __init__(self, app: ASGIApp, metrics: WebMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in METHODS else "other"
            seconds = time.perf_counter() - began
            self._metrics.count(method, route, status, seconds)
            if status >= 500 and route != "/health":
                _log.warning("request_failed", method=method, route=route, status=status, seconds=seconds)
