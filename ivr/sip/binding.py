"""A phone's registration."""

from dataclasses import dataclass

from ivr.sip.flow import Flow
from ivr.sip.uri import Uri


@dataclass(frozen=True)
class Binding:
    """Where an account's phone is reached: its Contact, and the flow its REGISTER came by (RFC 3261 §10)."""

    account: str
    contact: Uri
    flow: Flow
    q: float
    expires_at: float
    user_agent: str = ""
    instance: str = ""
