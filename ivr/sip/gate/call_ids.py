"""The Call-IDs of the legs that live, and who may still send a call's first INVITE."""

from collections.abc import Sequence

from ivr.sip.leg.answering import AnsweringSession
from ivr.sip.leg.calling import CallingSession

Session = AnsweringSession | CallingSession


class CallIds:
    """Several legs may have the same Call-ID: a proxy forks, and both ends may be ours."""

    def __init__(self) -> None:
        self._sessions: dict[str, list[Session]] = {}

    def add(self, session: Session) -> None:
        self._sessions.setdefault(session.sip_call_id, []).append(session)

    def remove(self, session: Session) -> None:
        sessions = self._sessions[session.sip_call_id]
        sessions.remove(session)
        if not sessions:
            del self._sessions[session.sip_call_id]

    def sessions(self, sip_call_id: str) -> Sequence[Session]:
        """Those of all legs with this Call-ID."""
        return self._sessions.get(sip_call_id, ())

    def is_live(self, sip_call_id: str) -> bool:
        """Whether a leg has this Call-ID."""
        return sip_call_id in self._sessions

    def is_offered_by(self, sip_call_id: str, address: str) -> bool:
        """Whether the INVITE of such a leg came from this address, as our edge saw it if it came through one."""
        return any(isinstance(session, AnsweringSession) and session.inbound.source.remote[0] == address
                   for session in self.sessions(sip_call_id))
