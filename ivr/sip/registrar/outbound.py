"""Outbound (RFC 5626) on the registrar's side: a phone that keeps several flows open, each under its `reg-id`."""

from ivr.sip.access.screening import Refusal
from ivr.sip.message.headers import Address
from ivr.sip.message.message import Request
from ivr.sip.message.path import Path

OPTION = "outbound"
MAX_REG_ID = 2**31 - 1      # §4.2.1
FIRST_HOP_LACKS = 439


def instance_of(contact: Address) -> str:
    return contact.parameter("+sip.instance") or ""


def reg_id_of(contact: Address) -> int:
    """The number of the flow; 0 for none, which is no number of a flow. Without an instance it means nothing (§6)."""
    text = contact.parameter("reg-id") or ""
    if not instance_of(contact) or not (text.isascii() and text.isdigit()) or len(text) > 10:
        return 0
    number = int(text)
    return number if number <= MAX_REG_ID else 0


def is_asked(request: Request) -> bool:
    """Whether a REGISTER is one of a flow."""
    return (OPTION in request.supported or OPTION in request.require) and any(map(reg_id_of, request.contacts))


def screen_outbound(request: Request, path: Path) -> Refusal | None:
    """§6: one flow at a time, and the proxy that the phone speaks with must keep the flow: it says so by `ob`."""
    if not is_asked(request):
        return None
    if sum(bool(reg_id_of(contact)) for contact in request.contacts) > 1:
        return Refusal(400)
    direct = len(request.vias) == 1
    return None if direct or (path and path[-1].uri.parameter("ob") is not None) else Refusal(FIRST_HOP_LACKS)

