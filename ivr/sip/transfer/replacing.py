"""An INVITE that takes the place of a dialog of ours (RFC 3891 §3): which one, and whether it may."""

from ivr.sip.access.admission import Caller
from ivr.sip.access.screening import Refusal
from ivr.sip.leg.invite_session import State
from ivr.sip.leg.legs import Leg, Legs
from ivr.sip.message.message import Request
from ivr.sip.message.replaces import only_replaces
from ivr.sip.transport.flow import Flow

RINGING_OURS = (State.CALLING, State.PROCEEDING)        # an INVITE of ours that has no 2xx yet
OFFERED = (State.OFFERED,)


def leg_to_replace(request: Request, caller: Caller, source: Flow, legs: Legs) -> str | Refusal | None:
    """The leg whose place an INVITE takes, None if it asks for none. Raises PeerError(400) for a bad Replaces."""
    replaces = only_replaces(request.headers.all("Replaces"))
    if replaces is None:
        return None
    leg = legs.of_replaces(replaces)
    if leg is None:
        return Refusal(481)
    if leg.session.ended:
        return Refusal(603)
    if leg.session.state in OFFERED:
        return Refusal(481)         # an early dialog that we did not begin
    if replaces.early_only and leg.session.state not in RINGING_OURS:
        return Refusal(486)
    return leg.name if may_replace(leg, caller.account, caller.trunk, source) else Refusal(403)


def may_replace(leg: Leg, account: str | None, trunk: str | None, source: Flow) -> bool:
    """A phone that has logged in may, a carrier may, and else only who sits where the replaced peer sits: whoever has
    read the tags of a stranger's call must not get into it."""
    if account is not None or trunk is not None:
        return True
    return leg.peer_address == source.remote[0]
