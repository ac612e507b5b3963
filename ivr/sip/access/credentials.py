"""Our answers to 401 and 407 (RFC 3261 §22.2, §22.3)."""

from collections.abc import Iterable

from ivr.base.errors import PeerError
from ivr.base.ids import Ids
from ivr.sip.message.digest import answer_challenge
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request, Response
from ivr.sip.settings import Credential

MAX_ATTEMPTS = 3        # two servers on the way may ask, and one of them may call the nonce stale
FIELDS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class Credentials:
    """What is configured, by realm."""

    def __init__(self, credentials: Iterable[Credential], ids: Ids) -> None:
        self._by_realm = {credential.realm: credential for credential in credentials}
        self._ids = ids

    def answer(self, request: Request, response: Response, attempts: int) -> list[tuple[str, str]]:
        """The fields to add to `request`; empty if nothing is configured for any realm that asks, or if our last answer
        was refused."""
        if attempts >= MAX_ATTEMPTS or not self._by_realm:
            return []
        asked, answered = FIELDS[response.status]
        added = []
        for realm, challenges in _by_realm(response.headers.all(asked)).items():
            credential = self._by_realm.get(realm) or self._by_realm.get("*")
            if credential is None or (_answers(request, answered, realm) and not _is_stale(challenges)):
                continue
            value = answer_challenge(challenges, request.method, str(request.request_uri), credential.user,
                                     credential.password, self._ids)
            if value is not None:
                added.append((answered, value))
        return added


def without_realms(request: Request, added: Iterable[tuple[str, str]]) -> Request:
    """`request` without earlier answers to the realms that are answered anew."""
    made = Request(request.method, request.request_uri, request.headers.copy(), request.body)
    for name, value in added:
        realm = parse_auth(value).get("realm")
        kept = [old for old in made.headers.all(name) if old == value or parse_auth(old).get("realm") != realm]
        made.headers.remove(name)
        for old in kept:
            made.headers.add(name, old)
    return made


def _by_realm(challenges: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for challenge in challenges:
        try:
            realm = parse_auth(challenge).get("realm")
        except PeerError:
            continue
        if realm is not None:
            found.setdefault(realm, []).append(challenge)
    return found


def _answers(request: Request, field: str, realm: str) -> bool:
    return any(parse_auth(value).get("realm") == realm for value in request.headers.all(field))


def _is_stale(challenges: Iterable[str]) -> bool:
    return any(parse_auth(challenge).get("stale", "").lower() == "true" for challenge in challenges)
