"""The headers of the subscription that a REFER makes: Event and Subscription-State (RFC 6665 §8.2, RFC 3515 §2.4)."""

from typing import NamedTuple

from ivr.base.errors import PeerError
from ivr.sip.message.grammar import WS, bad, find_parameter, is_token, parse_parameters
from ivr.sip.message.headers import parse_seconds
from ivr.sip.message.message import Request

REFER = "refer"
ALLOW_EVENTS = ("Allow-Events", REFER)


class SubscriptionState(NamedTuple):
    """`expires` in seconds, None if it isn't said."""

    is_terminated: bool
    expires: int | None


def event_id(request: Request) -> str:
    """The `id` of `Event: refer`, "" without one. Raises PeerError(489) for another event, or none (RFC 6665 §7.2)."""
    lines = request.headers.all("Event")
    package, semicolon, rest = (lines[0] if len(lines) == 1 else "").partition(";")
    if package.strip(WS).lower() != REFER:
        raise PeerError(489, "Only the event refer is known")
    return find_parameter(parse_parameters(semicolon + rest), "id") or ""


def print_event(identifier: int | None) -> str:
    """`identifier`: the CSeq number of the REFER, for all but the first in a dialog (RFC 3515 §2.4.6)."""
    return REFER if identifier is None else f"{REFER};id={identifier}"


def parse_subscription_state(lines: list[str]) -> SubscriptionState:
    """Read a Subscription-State; an unknown state counts as active (RFC 6665 §4.1.3). Raises PeerError(400)."""
    state, semicolon, rest = (lines[0] if len(lines) == 1 else "").partition(";")
    state = state.strip(WS).lower()
    if not is_token(state):
        raise bad("One Subscription-State expected")
    expires = parse_seconds(find_parameter(parse_parameters(semicolon + rest), "expires"))
    return SubscriptionState(state == "terminated", expires)
