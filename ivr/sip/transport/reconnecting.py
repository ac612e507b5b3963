"""A request whose connection closed under it goes once more, over a new one (RFC 3261 §18.1.1, RFC 5923 §4)."""

from collections.abc import Callable

from ivr.sip.composer import Composer
from ivr.sip.leg.dialog import Dialog
from ivr.sip.leg.leg_effects import Ask
from ivr.sip.transaction.transactions import Outbound
from ivr.sip.transport.flow import Flow


def over_new_connection(sent: Outbound, dialog: Dialog, route: Callable[[Dialog], Flow],
                        composer: Composer) -> Ask | None:
    """`sent` again, or None where nothing leads to the peer but the connection that is gone.

    The branch stays: whoever got the request before the connection closed takes this one for the same. What a new
    connection can't carry either has failed.
    """
    flow = route(dialog)
    if not sent.flow.connection or flow.connection or not flow.reliable:
        return None
    return Ask(composer.over(sent.request, flow), flow, sent.purpose, sent.attempts)
