"""A response as the event that it is for the client transaction it belongs to."""

from typing import Any

from ivr.sip.message.message import Response
from ivr.sip.transaction.client_invite import InviteClientTransaction, Received1xx, Received2xx, Received3xxTo6xx
from ivr.sip.transaction.client_other import OtherClientTransaction, ReceivedFinal, ReceivedProvisional


def classified(machine: InviteClientTransaction | OtherClientTransaction, response: Response) -> Any:
    if isinstance(machine, OtherClientTransaction):
        return ReceivedProvisional(response) if response.status < 200 else ReceivedFinal(response)
    if response.status < 200:
        return Received1xx(response)
    return Received2xx(response) if response.status < 300 else Received3xxTo6xx(response)
