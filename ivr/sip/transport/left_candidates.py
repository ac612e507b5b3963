"""Candidates that were silent for too long and have been left for the next one (RFC 3263 §4.3).

Their transactions live on: only after a 1xx may they be cancelled (RFC 3261 §9.1), and a 2xx needs its ACK and BYE, or
a phone would go on ringing, or its owner be alone on the line.
"""

from ivr.sip.message.message import Request


class LeftCandidates:
    """At most as many as a search brings candidates."""

    def __init__(self) -> None:
        self._invites: dict[str, tuple[Request, bool]] = {}     # by branch; whether it is cancelled

    def __contains__(self, invite: Request) -> bool:
        return bool(self._invites) and _branch(invite) in self._invites

    def add(self, invite: Request) -> None:
        self._invites[_branch(invite)] = invite, False

    def cancel(self, invite: Request) -> bool:
        """Whether it is to be cancelled now: at its first 1xx."""
        known, cancelled = self._invites[_branch(invite)]
        self._invites[_branch(invite)] = known, True
        return not cancelled

    @property
    def cancelled(self) -> list[Request]:
        return [invite for invite, cancelled in self._invites.values() if cancelled]


def _branch(invite: Request) -> str:
    return invite.top_via.branch or ""
