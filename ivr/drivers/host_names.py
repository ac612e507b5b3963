"""Addresses of the hosts that menus ask, as this machine knows them. A name server that is silent holds up only those
who ask for its host."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

MOST = 64               # hosts that are looked up at one time, each in a thread of its own; one more fails at once
PATIENCE = 3.0          # s: whoever asks for a host that is looked up for longer is told at once
MAX_ADDRESSES = 4       # of one host are tried


class NotFound(Exception):
    """The host has no address now, for this reason."""


@dataclass(frozen=True)
class _Search:
    """One host, since when."""

    since: float
    found: asyncio.Future[list[str]]


class HostNames:
    """Looks each host up once at a time, however many ask for it. `resolve`: gives its addresses, or raises OSError."""

    def __init__(self, resolve: Callable[[str], list[str]] | None = None) -> None:
        self._resolve = resolve or system_addresses
        self._searches: dict[str, _Search] = {}

    async def addresses(self, host: str) -> list[str]:
        """One at least. Raises NotFound."""
        loop = asyncio.get_running_loop()
        search = self._searches.get(host)
        if search is None:
            search = self._begin(host, loop)
        elif loop.time() - search.since > PATIENCE:
            raise NotFound("its name server does not answer")
        # Who asked first may give up before the others do.
        found = await asyncio.shield(search.found)
        if not found:
            raise NotFound("the host has no address")
        return found

    def _begin(self, host: str, loop: asyncio.AbstractEventLoop) -> _Search:
        if len(self._searches) >= MOST:
            raise NotFound("too many names are looked up at once")
        search = self._searches[host] = _Search(loop.time(), loop.create_future())
        # No pool: its threads would all wait for one name server, and at the end the process would wait for them.
        Thread(target=self._look, args=(host, loop), name="look-up", daemon=True).start()
        return search

    def _look(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        try:
            found = self._resolve(host)
        except (OSError, UnicodeError):         # UnicodeError: a name that DNS can't hold
            found = []
        try:
            loop.call_soon_threadsafe(self._end, host, found)
        except RuntimeError:
            return                              # the loop is closed: nobody asks any more

    def _end(self, host: str, found: list[str]) -> None:
        self._searches.pop(host).found.set_result(found)


def system_addresses(host: str) -> list[str]:
    """By the machine's own list of hosts and its name servers; may take half a minute. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:MAX_ADDRESSES]
