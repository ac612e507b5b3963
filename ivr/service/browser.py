"""What the web process asks of control for phones in pages. What they are told comes back as pushes of `ToPage`.

The web process knows who is logged in; every person who is may have a phone in a page, with a SIP account or without.
"""

import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

from ivr.call.browser_leg import PageAnswers, PageHangsUp, PageHolds
from ivr.drivers.control_link import ControlRefused
from ivr.exchange import from_pages as pages
from ivr.service.control_loop import Control

PHONE_LENGTH, NUMBER_LENGTH, AGENT_LENGTH = 80, 64, 120
STRANGER = "Browser"             # what phones show of a caller in a page who is not logged in


def browser_open(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """A page has a phone from now on, or again; with `known` only again. The answer is how it stands; `account` None:
    a stranger."""
    phone, tab = _text(arguments, "phone", PHONE_LENGTH), _text(arguments, "tab", PHONE_LENGTH)
    account, config = arguments.get("account"), control.config
    known = config.operators.get(str(account)) if account is not None else None
    if account not in (None, phone) or (account is None) != phone.startswith("~"):
        raise ControlRefused("bad_phone", "A phone is named after its account.")
    if arguments.get("known") is True and phone not in control.exchange.house.endpoint.pages:
        raise ControlRefused("unknown_phone", "This phone is not there any more.")
    refusal = control.exchange.house.endpoint.pages.obstacle(phone, tab, take=arguments.get("take") is True)
    if refusal is not None:
        raise ControlRefused(refusal.code, refusal.reason)
    name = (known.display_name if known is not None else "") or (str(account) if account is not None else STRANGER)
    _ask(control, pages.PageOpened(
        phone, account, tab, _remote(arguments), name, str(arguments.get("user_agent", ""))[:AGENT_LENGTH],
        vouched=arguments.get("vouched") is True, take=arguments.get("take") is True))
    return _shown(control, phone)


def browser_lost(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _asked(control, arguments, lambda phone: pages.PageLost(phone, _text(arguments, "tab", PHONE_LENGTH)))


def browser_close(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _asked(control, arguments, pages.PageClosed)


def browser_dial(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    number = _text(arguments, "number", NUMBER_LENGTH)
    return _asked(control, arguments, lambda phone: pages.PageDialled(phone, number))


def browser_answer(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _asked(control, arguments, lambda phone: pages.PageDid(phone, PageAnswers()))


def browser_hang_up(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    return _asked(control, arguments, lambda phone: pages.PageDid(phone, PageHangsUp()))


def browser_hold(control: Control, arguments: dict[str, Any]) -> Mapping[str, Any]:
    held = arguments.get("held") is True
    return _asked(control, arguments, lambda phone: pages.PageDid(phone, PageHolds(held)))


def listener_lost(control: Control) -> None:
    """The web process is gone: its pages have their grace to come back with another one."""
    _ask(control, pages.PagesLost())


def _asked(control: Control, arguments: dict[str, Any],
           what: Callable[[str], pages.Asked]) -> Mapping[str, Any]:
    """Do it for a phone that is there, and say how that stands then."""
    phone = _text(arguments, "phone", PHONE_LENGTH)
    if phone not in control.exchange.house.endpoint.pages:
        raise ControlRefused("unknown_phone", "This phone is not there any more.")
    _ask(control, what(phone))
    return _shown(control, phone)


def _ask(control: Control, what: pages.Asked) -> None:
    now = time.monotonic()
    control.carry_out(control.exchange.page(what, now), now)


def _shown(control: Control, phone: str) -> Mapping[str, Any]:
    return pages.shown(control.exchange.house, phone)


def _text(arguments: dict[str, Any], name: str, length: int) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value or len(value) > length or not value.isprintable():
        raise ControlRefused("bad_value", f"{name!r} is a text of 1 to {length} characters")
    return value


def _remote(arguments: dict[str, Any]) -> tuple[str, int]:
    host, port = str(arguments.get("host", "")), arguments.get("port")
    try:
        ip_address(host)
    except ValueError:
        raise ControlRefused("bad_value", "'host' is an IP address") from None
    if not isinstance(port, int) or not 0 < port <= 65535:
        raise ControlRefused("bad_value", "'port' is a port")
    return host, port


OPERATIONS: Mapping[str, Callable[[Control, dict[str, Any]], Mapping[str, Any]]] = {
    "browser_open": browser_open,
    "browser_lost": browser_lost,
    "browser_close": browser_close,
    "browser_dial": browser_dial,
    "browser_answer": browser_answer,
    "browser_hang_up": browser_hang_up,
    "browser_hold": browser_hold,
}
