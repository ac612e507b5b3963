"""Telegram's Bot API, called: https://core.telegram.org/bots/api. The token stands in every address, so no address and
no error of the HTTP client ever leaves this file.
"""

import asyncio
import logging
from typing import Any

import httpx

from desk.channels.channel import TryLater

TIMEOUT, CONNECT = 10.0, 5.0        # s for all of an answer
MOST_OCTETS = 8 << 20               # of an answer: a hundred updates
MOST_WAIT = 3600.0                  # s that Telegram may have us wait
REFUSED_WAIT = 60.0                 # s until a token that is refused is tried again
TOKEN_REFUSED = "the token is refused"
CONFLICT = "another program asks with the same token"


class ApiRefused(Exception):
    """Telegram answers that it does not. `description` is Telegram's own, for us to look at; it is not shown."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(f"answers {status}")
        self.status, self.description = status, description


class BotApi:
    """One bot at one server of the API."""

    def __init__(self, base: str, token: str) -> None:
        self._begin = f"{base.rstrip('/')}/bot{token}/"
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False,
                                         timeout=httpx.Timeout(TIMEOUT, connect=CONNECT))
        for library in ("httpx", "httpcore"):           # both tell addresses to whoever turns them up
            logging.getLogger(library).setLevel(logging.WARNING)

    async def call(self, method: str, *, within: float = TIMEOUT, **parameters: Any) -> Any:
        """The result. Raises ApiRefused, and TryLater with how long to wait: for a network or a server that is away,
        for a limit, and (`fault`) for a token that is refused."""
        try:
            async with asyncio.timeout(within):
                status, told = await self._ask(method, parameters, within)
        except (TimeoutError, httpx.TimeoutException):
            raise TryLater("no answer in time", whole=True) from None
        except httpx.ConnectError:
            raise TryLater("can't be reached", whole=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise TryLater("the answer is not understood", whole=True) from None
        if told.get("ok") is True:
            return told.get("result")
        raise _refused(int(told.get("error_code", status)), told)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, method: str, parameters: dict[str, Any], within: float) -> tuple[int, dict[str, Any]]:
        async with self._client.stream("POST", self._begin + method, json=parameters, timeout=within) as answer:
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > MOST_OCTETS:
                    raise ValueError
        if answer.status_code >= 500:
            return answer.status_code, {}
        told = httpx.Response(200, content=bytes(content)).json()
        if not isinstance(told, dict):
            raise ValueError
        return answer.status_code, told


def _refused(status: int, told: dict[str, Any]) -> Exception:
    if status in (401, 404):                # 404: no token of this form
        return TryLater(TOKEN_REFUSED, REFUSED_WAIT, whole=True, fault=True)
    if status == 429:
        return TryLater("answers 429", _wait(told))
    if status >= 500:
        return TryLater(f"answers {status}")
    return ApiRefused(status, str(told.get("description", "")))


def _wait(told: dict[str, Any]) -> float:
    parameters = told.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(float(wait), MOST_WAIT) if isinstance(wait, int | float) and wait >= 0 else 1.0
