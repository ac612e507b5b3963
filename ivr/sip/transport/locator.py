"""Every search for the place of a host that is under way, by the token of who asked."""

from collections.abc import Callable
from typing import Any

from ivr.base.ids import Ids
from ivr.sip.effects import LookUp
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.locating import Locating, Question, Record
from ivr.sip.transport.networks import OwnAddresses

Token = tuple[str, str]      # who asked, and for what: ("leg", its name), ("trunk", its name)
# (name of the token, flows with the best first, now) -> effects. No flows: the host is nowhere, or we have no way.
Located = Callable[[str, tuple[Flow, ...], float], list[Any]]


class Locator:
    """Asks the driver by LookUp and tells the asker of each token the flows that were found.

    `users` is filled at the start: the callback for the first half of its tokens. Searches are as many as their
    askers: legs and trunks, which have bounds of their own. The same question of two searches is asked once.
    """

    def __init__(self, own: OwnAddresses, ids: Ids) -> None:
        self.users: dict[str, Located] = {}
        self._own = own
        self._ids = ids
        self._searches: dict[Token, tuple[str, Locating]] = {}
        self._asked: dict[Question, list[Token]] = {}

    def __len__(self) -> int:
        return len(self._searches)

    def locate(self, token: Token, uri: Uri, now: float) -> list[Any]:
        """Find where `uri` is reached. A numeric host is told at once; a search under this token is replaced."""
        self.forget(token)
        search = Locating(uri, self._own.transports, self._ids)
        self._searches[token] = (uri.host, search)
        return self._go_on(token, now)

    def forget(self, token: Token) -> None:
        """The asker is gone; answers that still come are for others, or nobody."""
        self._searches.pop(token, None)

    def looked_up(self, question: Question, records: tuple[Record, ...], now: float) -> list[Any]:
        """The driver's answer to a LookUp."""
        out: list[Any] = []
        for token in self._asked.pop(question, ()):
            found = self._searches.get(token)
            if found is not None and question in found[1].questions:
                found[1].answer(question, records)
                out += self._go_on(token, now)
        return out

    def _go_on(self, token: Token, now: float) -> list[Any]:
        host, search = self._searches[token]
        if search.finished:
            del self._searches[token]
            return self.users[token[0]](token[1], self._flows(host, search), now)
        out: list[Any] = []
        for question in sorted(search.questions):
            askers = self._asked.setdefault(question, [])
            if not askers:
                out.append(LookUp(question))
            if token not in askers:
                askers.append(token)
        return out

    def _flows(self, host: str, search: Locating) -> tuple[Flow, ...]:
        found = (self._own.flow(one.transport, (one.address, one.port), host) for one in search.candidates)
        return tuple(flow for flow in found if flow is not None)
