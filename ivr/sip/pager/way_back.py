"""How somebody who has written is answered. Plain values: they outlive the process that met them."""

from ivr.base.values import frozen
from ivr.sip.message.uri import Uri
from ivr.sip.transport.flow import Flow


@frozen
class WayBack:
    """To the phones of an `account`, through a `trunk`, or to where it came from: `target` over `flow`, by the edge
    of ours that `routes` name. A From of a stranger is not asked where it leads: that could be anybody's place."""

    account: str | None
    trunk: str | None
    number: str                 # of the writer, as a trunk tells it
    to: str                     # their address, as it stands in a To
    target: Uri
    flow: Flow
    routes: tuple[str, ...] = ()
