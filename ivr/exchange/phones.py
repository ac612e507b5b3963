"""Every account's phones as plain data at one moment: for `hotline phones` and the API."""

from typing import Any

from ivr.call.browser_leg import TRANSPORT
from ivr.exchange.house import House
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import same_host
from ivr.sip.transport.transports import port_of


def phones(house: House, now: float) -> list[dict[str, Any]]:
    """JSON-ready: each operator and account in the order of the configuration, registered or not."""
    operators = list(house.config.operators)
    accounts = [*operators, *(account for account in house.config.accounts if account not in operators)]
    accounts += (account for account in house.endpoint.pages.accounts() if account not in accounts)
    return [{"account": account, "operator": account in operators,
             "contacts": [_contact(binding, now) for binding in house.endpoint.bindings(account, now)],
             "last_refusal": _last_refusal(house, account, now)}
            for account in accounts]


def by_transport(house: House, now: float) -> dict[str, int]:
    """How many contacts of operators and accounts are registered over each transport."""
    counts = {"udp": 0, "tcp": 0, "tls": 0}
    for account in (*house.config.operators, *house.config.accounts):
        for binding in house.endpoint.bindings(account, now):
            counts[binding.flow.transport] = counts.get(binding.flow.transport, 0) + 1
    return counts


def _last_refusal(house: House, account: str, now: float) -> dict[str, Any] | None:
    """The last wrong password, whether or not the phone has logged in since."""
    if account not in house.refusals.passwords:
        return None
    at, refused = house.refusals.passwords[account]
    return {"address": refused.address, "user_agent": refused.user_agent, "since_s": max(0.0, round(now - at, 1))}


def _contact(binding: Binding, now: float) -> dict[str, Any]:
    host, port = binding.flow.remote
    is_page = binding.flow.transport == TRANSPORT
    return {"contact": str(binding.contact), "transport": binding.flow.transport,
            "address": f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "user_agent": binding.user_agent,
            "expires_in_s": None if is_page else max(0.0, round(binding.expires_at - now, 1)),
            "since_s": max(0.0, round(now - binding.since, 1)),
            "q": binding.q, "nat": is_behind_nat(binding)}


def is_behind_nat(binding: Binding) -> bool:
    """Whether the phone names another address than its messages come from. Of a connection the port says nothing."""
    contact, (host, port) = binding.contact, binding.flow.remote
    return not same_host(contact.host, host) or (binding.flow.transport == "udp" and port_of(contact) != port)
