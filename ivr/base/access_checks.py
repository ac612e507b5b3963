"""What must hold in config.yaml between those who may call, and what they are asked for."""

from collections.abc import Iterator

from ivr.base import suggestions
from ivr.base.config import Config
from ivr.base.config_callers import Callers, CallersConfig
from ivr.base.numbers import e164

Found = tuple[tuple[str | int, ...], str, str, str]      # path, message, remedy, code


def caller_faults(config: Config) -> Iterator[Found]:
    """Names that don't exist, and numbers that are none."""
    trunks = {trunk.name for trunk in config.trunks}
    phones = {*config.operators, *config.accounts}
    for path, callers in callers_of(config):
        for position, name in enumerate(callers.trunks):
            if name not in trunks:
                yield (*path, "trunks", position), f"there is no trunk {name}", _known(trunks), "trunk-unknown"
        for position, name in enumerate(callers.accounts):
            if name not in phones:
                yield (*path, "accounts", position), f"there is no account {name}", _known(phones), "account-unknown"
        for position, number in enumerate(callers.numbers):
            if not e164(number, config.country):
                yield ((*path, "numbers", position), f"{number} is no telephone number",
                       "write it as +74951234567, or set `country`", "caller-number-invalid")
        if not isinstance(callers, CallersConfig):
            continue
        for position, name in enumerate(callers.groups):
            if name not in config.groups:
                yield ((*path, "groups", position), f"there is no group {name}",
                       suggestions.did_you_mean(name, config.groups), "group-unknown")
        if not trunks and not callers.accounts and not any(
                config.groups[name].accounts for name in callers.groups if name in config.groups):
            yield (path, "nobody can call this line: there is no trunk, and numbers count on calls of trunks alone",
                   "add a trunk, or name accounts", "line-without-callers")


def callers_of(config: Config) -> Iterator[tuple[tuple[str | int, ...], Callers]]:
    """Whoever lines and groups name, each with its path."""
    for index, line in enumerate(config.lines):
        if line.callers is not None:
            yield ("lines", index, "callers"), line.callers
    for name, group in config.groups.items():
        yield ("groups", name), group


def tls_faults(config: Config) -> Iterator[Found]:
    """TLS that is asked for where nobody hears it."""
    if any(listen.transport == "tls" for listen in config.sip.listen):
        return
    remedy = "add tls:0.0.0.0:5061 to sip.listen, and sip.tls"
    if config.sip.phones_tls:
        yield ("sip", "phones_tls"), "no phone could register: nothing listens for TLS", remedy, "tls-not-heard"
    for index, trunk in enumerate(config.trunks):
        if trunk.tls_required:
            yield (("trunks", index, "tls_required"),
                   f"no call of {trunk.name} could come: nothing listens for TLS", remedy, "tls-not-heard")


def _known(names: set[str]) -> str:
    return "there is " + ", ".join(sorted(names)[:20]) if names else "none is defined"
