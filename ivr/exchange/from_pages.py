"""What phones in pages want and what they are told: SIP's events with the call they belong to, and where its caller is.
"""

from typing import Any

from ivr.base.values import frozen
from ivr.call.browser_leg import Address, PageTold
from ivr.call.state import CallState
from ivr.exchange import calling_beside
from ivr.exchange.calling_beside import OfferedBeside
from ivr.exchange.effects import ToPage
from ivr.exchange.house import House, OpenCall
from ivr.sip import events

WAITING = (CallState.QUEUED, CallState.CONNECTING, CallState.BRIEFING)
# Whom the caller has at the other end, beside menus and queues.
WITH: dict[Any, str] = {CallState.BRIDGED: "operator", CallState.CONFERENCE: "operator",
                         CallState.CONSULTING: "music",
                         CallState.REFERRED: "music", CallState.TRANSFERRING: "music"}


# --- what the web process says of its pages ---------------------------------------------------------------------------
@frozen
class PageOpened:
    """A page has a phone now, or again. `account`: whose it is, None for a stranger; `vouched`: somebody who is logged
    in, though the phone is nobody's; `remote`: where the web process takes its audio."""

    phone: str
    account: str | None
    tab: str
    remote: Address
    name: str = ""
    user_agent: str = ""
    vouched: bool = False
    take: bool = False


@frozen
class PageLost:
    """Its socket is closed; it may come back."""

    phone: str
    tab: str


@frozen
class PagesLost:
    """The web process is gone, with every socket."""


@frozen
class PageClosed:
    """It will not come back."""

    phone: str


@frozen
class PageDialled:
    """Somebody calls from a page."""

    phone: str
    number: str
    chat: str = ""          # the call of the visitor's chat, which this one is to be beside


@frozen
class PageDid:
    """PageAnswers, PageHangsUp or PageHolds."""

    phone: str
    event: Any


Asked = PageOpened | PageLost | PagesLost | PageClosed | PageDialled | PageDid


def asked(house: House, what: Asked, now: float) -> list[Any]:
    """Events and effects of it. A page that is not known does nothing."""
    pages = house.endpoint.pages
    match what:
        case PageOpened():
            return pages.open(what.phone, what.account, what.tab, what.remote, what.name, now,
                              user_agent=what.user_agent, vouched=what.vouched, take=what.take)
        case PageLost():
            return pages.lost(what.phone, what.tab, now)
        case PagesLost():
            return pages.all_lost(now)
        case PageClosed():
            return pages.close(what.phone, now)
        case PageDialled():
            return _dial(house, what, now)
        case PageDid():
            return pages.do(what.phone, what.event, now)


def _dial(house: House, what: PageDialled, now: float) -> list[Any]:
    """A stranger in a page is a stranger as any other."""
    page = house.endpoint.pages.get(what.phone)
    if page is None:
        return []
    if what.chat:
        offers = house.endpoint.pages.dial(what.phone, what.number, now)
        return [OfferedBeside(each, what.chat) if isinstance(each, events.LegOffered) else each for each in offers]
    if page.phone.account is None and not page.vouched and not house.config.sip.anonymous_calls:
        told = PageTold(what.phone, "", "ended", (("status", 403), ("reason", "anonymous_calls")))
        return [told, events.CallRefused(403, "anonymous_calls", "", "", page.phone.name, what.number)]
    return house.endpoint.pages.dial(what.phone, what.number, now)


# --- what pages are told ----------------------------------------------------------------------------------------------
def page_told(house: House, event: PageTold, now: float) -> list[Any]:
    leg = house.legs.get(event.leg)
    return [ToPage(event.phone, event.kind, {"call": leg.call if leg is not None else None, **dict(event.fields)})]


def shown(house: House, phone: str) -> dict[str, Any]:
    """How a phone stands, for a page that comes back."""
    page = house.endpoint.pages.get(phone)
    if page is None:
        return {"state": "idle", "call": None}
    leg = house.legs.get(page.phone.leg)
    return {"call": leg.call if leg is not None else None, **dict(page.phone.shown())}


def heard(house: House, leg: str, clips: tuple[str, ...], *, replace: bool, loop: bool = False) -> list[Any]:
    """What the plane plays to a page from now on, by the clips' names; none: silence."""
    phone = house.endpoint.pages.of_leg(leg)
    return [ToPage(phone, "heard", {"clips": list(clips), "replace": replace, "loop": loop})] if phone else []


def follow(house: House, opened: OpenCall, now: float) -> list[Any]:
    """After any event of a call that came from a page: where its caller is, if that is another place than before.
    Nothing more once the page has left it."""
    if house.endpoint.pages.of_leg(opened.call.caller_leg) != opened.page:
        return []           # somebody else has the caller's place, and the page may be in another call by now
    where = _where(house, opened)
    if where == opened.shown:
        return []
    opened.shown = where
    kind, *rest = where
    if kind == "menu":
        name, path, language, version = rest
        keys = list(opened.call.interpreter.menu.choices[name].options)
        return [ToPage(opened.page, "menu", {"name": name, "path": list(path), "language": language, "keys": keys,
                                             "version": version, "line": opened.call.settings.line})]
    if kind == "queue":
        left = house.dispatcher.estimate(opened.call.call, now)
        return [ToPage(opened.page, "queue", {"queue": rest[0], "place": rest[1],
                                              "wait": round(left.likely) if left is not None else None})]
    return [ToPage(opened.page, "with", {"whom": WITH.get(opened.call.state, "")})]


def _where(house: House, opened: OpenCall) -> tuple[Any, ...]:
    call = opened.call
    if call.state is CallState.IN_MENU and call.interpreter.memory.path:
        memory = call.interpreter.memory
        return "menu", memory.path[-1], tuple(memory.path), memory.language, call.interpreter.menu.version
    place = house.dispatcher.place(call.visit.call.queue, call.call) if call.state in WAITING else None
    return (call.state.name,) if place is None else ("queue", call.visit.call.queue, place)


ROUTES: dict[type, Any] = {PageTold: page_told, **calling_beside.ROUTES}
