"""Who sends a request: digest against our accounts (RFC 3261 §22.1), with a brake on guessing."""

from collections.abc import Mapping

from ivr.base.ids import Ids
from ivr.sip.access.failures import Failures
from ivr.sip.access.screening import Refusal
from ivr.sip.events import PasswordRefused
from ivr.sip.gate.gate import Gate
from ivr.sip.message.digest import DigestServer, Outcome
from ivr.sip.message.message import Request
from ivr.sip.settings import Account, EndpointSettings

GUESSABLE = frozenset(("REGISTER", "INVITE"))
USER_AGENT_LENGTH = 100     # what is told of what a guesser sends


class Authenticator:
    """Judges credentials. Unknown names and wrong passwords get the same 401: nobody learns which names exist."""

    def __init__(self, settings: EndpointSettings, ids: Ids, gate: Gate) -> None:
        self._gate = gate
        self._accounts: Mapping[str, Account] = settings.accounts
        self._algorithms = settings.digests
        self._digest = DigestServer(settings.realm, ids, settings.digests)
        self._failures = Failures(settings)

    def counts(self) -> dict[str, int]:
        return {"failure_addresses": len(self._failures)}

    def is_blocked(self, request: Request, address: str, now: float) -> bool:
        """True for a request with credentials, or any REGISTER, from an address that has guessed too often."""
        if request.method not in GUESSABLE or not self._failures.is_blocked(address, now):
            return False
        return request.method == "REGISTER" or bool(request.headers.get("Authorization")
                                                    or request.headers.get("Proxy-Authorization"))

    def names(self, request: Request) -> bool:
        """Whether the From is one of our accounts: such a caller must prove it."""
        return request.from_.uri.plain_user in self._accounts

    def authenticate(self, request: Request, address: str, now: float) -> Account | Refusal:
        """The account that the credentials prove, or the 401, which tells of a wrong password if the account is one of
        ours. Raises PeerError(400) if they can't be read."""
        verdict = self._digest.verify(request, self._ha1, now)
        if verdict.outcome is Outcome.GOOD:
            self._gate.forgive(address)
            return self._accounts[verdict.username]
        if verdict.outcome is Outcome.BAD:
            self._failures.add(address, now)
        if verdict.outcome is not Outcome.STALE:        # then the password was right
            self._gate.blame(address, "guess" if verdict.outcome is Outcome.BAD else "challenge", now)
        user_agent = request.headers.get("User-Agent") or ""
        challenges = self._digest.challenges(now, stale=verdict.outcome is Outcome.STALE, user_agent=user_agent)
        is_news = verdict.outcome is Outcome.BAD and verdict.username in self._accounts
        return Refusal(401, tuple(("WWW-Authenticate", challenge) for challenge in challenges),
                       (PasswordRefused(verdict.username, address, user_agent[:USER_AGENT_LENGTH]),) if is_news else ())

    def _ha1(self, name: str, algorithm: str) -> str | None:
        account = self._accounts.get(name)
        if account is None or algorithm not in self._algorithms:
            return None
        return (account.ha1_sha256 if algorithm == "SHA-256" else account.ha1_md5) or None
