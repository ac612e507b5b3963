"""Operators whose desks are not back after a restart: for a while their chats wait for them, then somebody else has
them."""

from typing import Any

from ivr.base.values import frozen
from ivr.call import events as call_events
from ivr.call.state import CallState
from ivr.call.text_leg import TextLeaves
from ivr.exchange.house import House, Tell, report

WAIT = 90.0             # s; a web process that goes on says at once which desks are there, a new one needs their pages
REASON = "the desk did not come back"


@frozen
class DeskMissing:
    """Timer: nothing was heard of the desk that has this leg."""

    leg: str


def awaits(house: House, leg: str, account: str, now: float) -> None:
    """This leg of an operator went on without them."""
    house.endpoint.texts.awaited[leg] = account
    house.timers.start(("desk", leg), now + WAIT, DeskMissing(leg))


def heard_of(house: House, account: str = "", leg: str = "") -> None:
    """A page of this account is there, or somebody acts on this leg."""
    awaited = house.endpoint.texts.awaited
    for name in [name for name, whose in awaited.items() if account == whose or name == leg]:
        del awaited[name]
        house.timers.cancel(("desk", name))


def does(house: House, what: Any) -> None:
    """Something that people do; that a desk answers no longer says nothing of who has chats."""
    if house.endpoint.texts.awaited:
        heard_of(house, what.account if getattr(what, "answers", False) else "", getattr(what, "leg", ""))


def desk_missing(house: House, event: DeskMissing, now: float) -> list[Any]:
    """Who has the visitor gives them back to the front of the queue; who is only beside leaves."""
    house.endpoint.texts.awaited.pop(event.leg, None)
    leg = house.legs.get(event.leg)
    opened = house.calls.get(leg.call) if leg is not None else None
    if leg is None or opened is None:
        return []
    told = report("warning", "desk_missing", call=leg.call, operator=leg.party)
    if opened.call.state is CallState.BRIDGED and opened.call.partner_leg == leg.leg:
        return [told, Tell(leg.call, call_events.OperatorLost(REASON))]
    return [told, *house.endpoint.texts.do(leg.leg, TextLeaves(REASON, lost=True), now)]


ROUTES: dict[type, Any] = {DeskMissing: desk_missing}
