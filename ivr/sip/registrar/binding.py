"""A phone's registration."""

from dataclasses import dataclass

from ivr.sip.message.headers import Address
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow


@dataclass(frozen=True)
class Binding:
    """Where an account's phone is reached: its Contact, and the flow its REGISTER came by (RFC 3261 §10).

    `path`: the proxies on the way to it (RFC 3327). `reg_id`: which of its flows this is (RFC 5626), 0 if it has one
    alone; `instance` is the phone itself. `source`: the phone's address as an edge of ours saw it. `since`: when the
    phone came to this place.
    """

    account: str
    contact: Uri
    flow: Flow
    q: float
    expires_at: float
    user_agent: str = ""
    instance: str = ""
    since: float = 0.0
    path: tuple[Address, ...] = ()
    reg_id: int = 0
    source: str = ""

    @property
    def address(self) -> str:
        """The phone's own address, or that of the NAT before it: where its audio comes from."""
        return self.source or self.flow.remote[0]
