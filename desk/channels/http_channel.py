"""The channel for programs, outward: each message is one signed POST to the address of the configuration."""

import asyncio
import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from desk.channels.channel import Channel, Gone, NotTaken, Outgoing, TryLater
from desk.channels.signing import SIGNATURE, TIMESTAMP, Seen, signature

TIMEOUT = 10.0              # s for all of an answer
CONNECT = 5.0               # s
LONGEST_WAIT = 3600.0       # s that a receiver may have us wait
MOST_READ = 16_384          # octets of an answer that nobody looks at
HAS_IT = 409                # by its id the receiver knows it
LATER = frozenset({408, 425, 429, 503})
MISCONFIGURED = frozenset({401, 403, 404, 405, 501})


class HttpGateway(Channel):
    """One program. Redirects are not followed, no proxy of the environment is used, and nothing that a visitor writes
    has a part in where anything is sent."""

    def __init__(self, name: str, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.name, self.secret = f"http/{name}", secret
        self.seen: Seen[Any] = Seen()           # of what it hands in, but for messages: their ids do that
        self._program, self._url, self._clock = name, url, clock
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False,
                                         timeout=httpx.Timeout(TIMEOUT, connect=CONNECT),
                                         limits=httpx.Limits(max_connections=self.at_once + 2))

    async def send(self, visitor: str, message: Outgoing) -> None:
        status, wait = await self._post({
            "id": message.id, "type": "ended" if message.kind == "ended" else "message", "gateway": self._program,
            "visitor": visitor, "call": message.call, "position": message.position, "at": message.at.isoformat(),
            "from": message.sender, "name": message.name, "form": message.kind, "body": message.body,
            "options": [{"keys": keys, "label": label} for keys, label in message.options],
            "secret": message.secret, "language": message.language})
        if not (200 <= status < 300 or status == HAS_IT):
            raise _refused(status, wait)

    async def typing(self, visitor: str) -> None:
        await self._post({"type": "typing", "gateway": self._program, "visitor": visitor})

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, payload: dict[str, Any]) -> tuple[int, float | None]:
        """Status, and how long the receiver wants us to wait. Raises TryLater where there is no answer."""
        body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        timestamp = str(int(self._clock()))
        headers = {"Content-Type": "application/json", TIMESTAMP: timestamp,
                   SIGNATURE: signature(self.secret, timestamp, body), "User-Agent": "hotline"}
        if "id" in payload:
            headers["Idempotency-Key"] = payload["id"]
        try:
            async with asyncio.timeout(TIMEOUT), \
                    self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                read = 0
                async for part in answer.aiter_raw():
                    read += len(part)
                    if read > MOST_READ:
                        break
                return answer.status_code, _wait(answer.headers.get("Retry-After", ""), self._clock())
        except (TimeoutError, httpx.TimeoutException):
            raise TryLater("no answer in time", whole=True) from None
        except httpx.ConnectError:
            raise TryLater("can't be reached", whole=True) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise TryLater("the answer broke off", whole=True) from None


def _refused(status: int, wait: float | None) -> Exception:
    reason = f"answers {status}"
    if status == 410:
        return Gone(reason)
    if status in LATER:
        return TryLater(reason, wait, whole=wait is not None)
    if status in MISCONFIGURED or 300 <= status < 400:
        return TryLater(reason, whole=True, fault=True)
    return NotTaken(reason) if 400 <= status < 500 else TryLater(reason, wait)


def _wait(text: str, now: float) -> float | None:
    """Of `Retry-After`: seconds, or a time."""
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - now), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
