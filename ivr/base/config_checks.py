"""What must hold between the keys of config.yaml: names that exist, no circles, no collisions, enough ports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from ivr.base import suggestions
from ivr.base.access_checks import caller_faults, tls_faults
from ivr.base.channel_checks import channel_faults, channel_secrets, closed_channels
from ivr.base.config import Config, QueueConfig
from ivr.base.config_sip import TrunkConfig
from ivr.base.department_checks import department_faults, has_own_transfer, overflow_circles
from ivr.base.edge_checks import edge_faults
from ivr.base.media_checks import media_faults
from ivr.base.people_checks import people_faults
from ivr.base.pin_checks import pin_faults
from ivr.base.queue_checks import dispatch_faults, everybody
from ivr.base.try_page_checks import try_page_faults

LINUX_EPHEMERAL = (32768, 60999)    # net.ipv4.ip_local_port_range as Linux ships it
WEB_LOGINS = ("admin",)             # logins that are not operators

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A fault at a path of keys and indexes, such as ("queues", "cards", "operators", 0)."""

    path: Path
    message: str
    remedy: str = ""
    severity: Literal["error", "warning"] = "error"
    code: str = ""


def check(config: Config, ephemeral: tuple[int, int] = LINUX_EPHEMERAL) -> list[Finding]:
    """Every fault that no single key shows. `ephemeral`: first and last port that the system gives away by itself."""
    return [
        *_lines(config), *_queues(config), *_extensions(config),
        *_names(config), *_passwords(config), *_credentials(config), *_trunks(config), *_ports(config, ephemeral),
        *_listens(config), *_tls(config), *_callers(config), *_media(config), *_database(config),
    ]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for an unknown word: the nearest known one, and what there is."""
    names = sorted(known)
    if not names:
        return "none is defined"
    if word.translate(suggestions.LOOKALIKES) in names:
        return suggestions.guess(word, names).rstrip(";")
    near = get_close_matches(word, names, n=1)
    there_is = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"did you mean {near[0]}? there is {there_is}" if near else f"there is {there_is}"


def _lines(config: Config) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, line in enumerate(config.lines):
        for position, number in enumerate(line.numbers):
            if number in seen:
                yield Finding(("lines", index, "numbers", position), f"{number} already belongs to line "
                              f"{seen[number] + 1} of this list", "a number has one menu", code="line-number-twice")
            elif number in config.operators or number in config.accounts:
                yield Finding(("lines", index, "numbers", position), f"{number} is also the name of a phone",
                              "rename one of the two", code="number-is-phone")
            seen.setdefault(number, index)
        if line.hours is not None and config.hours is None:
            yield Finding(("lines", index, "hours"), f"no file says when {line.hours} is open",
                          "add `hours: menus/hours.yaml` at the left margin of this file", code="hours-file-missing")


def _queues(config: Config) -> Iterator[Finding]:
    for name, queue in config.queues.items():
        path: Path = ("queues", name)
        if not has_own_transfer(config, name):
            yield from _queue_operators(config, path, queue)
        if queue.operator_accepts and queue.operator_hears is None:
            yield Finding((*path, "operator_accepts"), f"nothing tells operators of {name} that they have to press 1",
                          "name a prompt in `operator_hears` that says so", code="accept-untold")
        overflow = queue.overflow
        if overflow.queue is not None and overflow.queue not in config.queues:
            yield _unknown((*path, "overflow", "queue"), "queue", overflow.queue, config.queues)
        if overflow.transfer is not None and overflow.transfer not in config.transfers:
            yield _unknown((*path, "overflow", "transfer"), "transfer", overflow.transfer, config.transfers)


def _queue_operators(config: Config, path: Path, queue: QueueConfig) -> Iterator[Finding]:
    if not queue.operators and not queue.tiers:
        yield Finding(path, f"nobody answers the queue {path[-1]}", "name `operators`; until then every caller takes "
                      "the overflow", "warning", code="queue-without-operators")
    for position, operator in enumerate(queue.operators):
        at = (*path, "operators", position)
        if operator not in config.operators:
            yield _unknown(at, "operator", operator, config.operators)
        elif operator in queue.operators[:position]:
            yield Finding(at, f"{operator} is named twice in this queue", "once is enough", code="queue-operator-twice")


def _unknown(path: Path, kind: str, name: str, known: Iterable[str], code: str = "") -> Finding:
    return Finding(path, f"there is no {kind} {name}", did_you_mean(name, known), code=code or f"{kind}-unknown")


def _extensions(config: Config) -> Iterator[Finding]:
    named = {*config.operators, *config.queues, *config.transfers}
    for number, name in config.extensions.items():
        path: Path = ("extensions", number)
        if name not in named:
            yield _unknown(path, "operator, queue or transfer", name, named, code="extension-unknown")
        if config.line_for(number) is not None:
            yield Finding(path, f"{number} is a number of `lines`", "choose another one", code="extension-is-line")
        elif number in named or number in config.accounts:
            yield Finding(path, f"{number} is a name already", "choose another one", code="extension-is-name")


def _names(config: Config) -> Iterator[Finding]:
    for name in config.accounts:
        if name in config.operators:
            yield Finding(("accounts", name), f"{name} is also an operator", "a SIP account has one owner: rename it",
                          code="account-is-operator")
    for name in WEB_LOGINS:
        if name in config.operators:
            yield Finding(("operators", name), f"{name} is the login of the administrator", "choose another name",
                          code="operator-is-admin")
    used = {name for queue in config.queues.values() for name in everybody(queue)}
    for name in config.operators:
        if name not in used:
            yield Finding(("operators", name), f"{name} answers no queue", "name the operator in a queue", "warning",
                          code="operator-without-queue")


def password_keys(config: Config) -> Iterator[tuple[Path, Any, str]]:
    """Every place where a password may be given: path of the section, the section, the key without _file or _env."""
    yield ("web",), config.web, "admin_password"
    yield ("database",), config.database, "password"
    for name, operator in config.operators.items():
        yield ("operators", name), operator, "phone_password"
        yield ("operators", name), operator, "web_password"
    for name, account in config.accounts.items():
        yield ("accounts", name), account, "password"
    for name, person in config.web.people.items():
        yield ("web", "people", name), person, "password"
    for index, credential in enumerate(config.credentials):
        yield ("credentials", index), credential, "password"
    for index, trunk in enumerate(config.trunks):
        if trunk.registration is not None:
            yield ("trunks", index, "registration"), trunk.registration, "password"
    yield from channel_secrets(config)


def _passwords(config: Config) -> Iterator[Finding]:
    for path, section, key in password_keys(config):
        given = [ending for ending in ("file", "env") if getattr(section, f"{key}_{ending}") is not None]
        if len(given) == 2:
            yield Finding((*path, f"{key}_env"), f"both {key}_file and {key}_env are given", "keep one of the two",
                          code="password-twice")
        elif not given and path[0] in ("credentials", "trunks"):
            yield Finding(path, "this entry has no password", "give password_file or password_env",
                          code="password-missing")


def _credentials(config: Config) -> Iterator[Finding]:
    realms = [credential.realm for credential in config.credentials]
    for index, realm in enumerate(realms):
        if realm in realms[:index]:
            yield Finding(("credentials", index, "realm"), f'there are two passwords for the realm "{realm}"',
                          "keep one of the two", code="credential-twice")


def _trunks(config: Config) -> Iterator[Finding]:
    names: set[str] = set()
    networks: list[tuple[str, str]] = []
    for index, trunk in enumerate(config.trunks):
        if trunk.name in names:
            yield Finding(("trunks", index, "name"), f"there are two trunks {trunk.name}", "rename one of them",
                          code="trunk-twice")
        names.add(trunk.name)
        yield from _trunk(("trunks", index), trunk, config.trunks[:index])
        for position, address in enumerate(trunk.addresses):
            for other, owner in networks:
                if _overlap(address, other):
                    yield Finding(("trunks", index, "addresses", position), f"{address} overlaps with {other} of the "
                                  f"trunk {owner}", "an address belongs to one trunk", code="trunk-addresses-shared")
            networks.append((address, trunk.name))


def _trunk(path: Path, trunk: TrunkConfig, above: tuple[TrunkConfig, ...]) -> Iterator[Finding]:
    known = trunk.registration
    if not trunk.addresses and known is None:
        yield Finding(path, f"nobody can tell which calls come from the trunk {trunk.name}",
                      "give addresses, or registration", code="trunk-unrecognised")
    if known is not None and any(_account(other) == _account(trunk) for other in above):
        yield Finding((*path, "registration", "user"), f"another trunk registers as {known.user} at {known.registrar}",
                      "one registration is one trunk", code="trunk-registration-twice")
    calls = trunk.target is not None or known is not None
    if calls and known is None and not trunk.caller_id and not trunk.pass_caller:
        yield Finding(path, f"calls through {trunk.name} would show no number", "give caller_id",
                      code="trunk-without-number")
    if trunk.identity_header != "none" and known is None and not trunk.caller_id:
        yield Finding((*path, "identity_header"), "there is no number to put into it", "give caller_id",
                      code="trunk-identity-without-number")
    if trunk.number_format == "national" and not trunk.country_code:
        yield Finding((*path, "number_format"), "national numbers need the country they are of", "give country_code",
                      code="trunk-country-missing")
    if trunk.ping_s and not calls:
        yield Finding((*path, "ping_s"), "there is nowhere to send a ping", "give target",
                      code="trunk-ping-without-target")
    if trunk.outbound_proxy is not None and not calls:
        yield Finding((*path, "outbound_proxy"), "nothing goes there without a target", "give target",
                      code="trunk-proxy-without-target")


def _account(trunk: TrunkConfig) -> tuple[str, str] | None:
    known = trunk.registration
    return None if known is None else (known.registrar, known.contact_user or known.user)


def _overlap(one: str, other: str) -> bool:
    first, second = ip_network(one), ip_network(other)
    return first.version == second.version and first.overlaps(second)


def _ports(config: Config, ephemeral: tuple[int, int]) -> Iterator[Finding]:
    ports = config.media.ports
    # Every call holds a stream, and every operator may hold one more; a pair rests 2 s after a call and is then free.
    need = config.sip.max_calls + len(config.operators)
    if ports.pairs < need:
        yield Finding(("media", "ports"), f"{ports} are {ports.pairs} pairs, but {config.sip.max_calls} calls and "
                      f"{len(config.operators)} operators may need {need}", "widen the range or lower sip.max_calls",
                      code="ports-too-few")
    if ports.first <= ephemeral[1] and ephemeral[0] <= ports.last:
        yield Finding(("media", "ports"), f"{ports} overlaps with the ports {ephemeral[0]}-{ephemeral[1]} that the "
                      "system gives to any program", "choose others, or reserve them in "
                      "net.ipv4.ip_local_reserved_ports", "warning", code="ports-ephemeral")
    for index, listen in enumerate(config.sip.listen):
        if listen.transport == "udp" and ports.first <= listen.port <= ports.last:
            yield Finding(("media", "ports"), f"{ports} contains the SIP port {listen.port} (sip.listen, entry "
                          f"{index + 1})", "choose others", code="ports-collide")


def _listens(config: Config) -> Iterator[Finding]:
    taken: list[tuple[str, str, int]] = []
    for index, listen in enumerate(config.sip.listen):
        kind = "udp" if listen.transport == "udp" else "tcp"       # TLS stands on TCP
        if any(_collide(listen.host, listen.port, *other[1:]) for other in taken if other[0] == kind):
            yield Finding(("sip", "listen", index), f"{listen} is already listened on by an entry above",
                          "remove one of the two", code="listen-twice")
        taken.append((kind, listen.host, listen.port))
    web = config.web.listen
    if any(_collide(web.host, web.port, *other[1:]) for other in taken if other[0] == "tcp"):
        yield Finding(("web", "listen"), f"SIP already listens on {web}", "choose another port", code="listen-collides")


def _media(config: Config) -> Iterator[Finding]:
    for path, message, remedy, severity, code in (*media_faults(config), *edge_faults(config),
                                                  *dispatch_faults(config)):
        yield Finding(path, message, remedy, severity, code=code)


def _callers(config: Config) -> Iterator[Finding]:
    for path, message, remedy, code in (*caller_faults(config), *pin_faults(config), *tls_faults(config),
                                         *department_faults(config), *overflow_circles(config),
                                         *people_faults(config), *try_page_faults(config),
                                         *channel_faults(config)):
        yield Finding(path, message, remedy, code=code)
    for path, message, remedy, code in closed_channels(config):
        yield Finding(path, message, remedy, "warning", code=code)


def _tls(config: Config) -> Iterator[Finding]:
    tls, listens = config.sip.tls, [listen for listen in config.sip.listen if listen.transport == "tls"]
    if listens and tls is None:
        yield Finding(("sip",), f"{listens[0]} needs a certificate", "give sip.tls with certificate and key",
                      code="tls-without-certificate")
    if tls is not None and not listens:
        yield Finding(("sip", "tls"), "no entry of sip.listen uses this", "add tls:0.0.0.0:5061 there", "warning",
                      code="tls-unused")
    if tls is not None and tls.verify_peers == "everybody" and tls.ca is None:
        yield Finding(("sip", "tls"), "callers must show a certificate, but any authority of the world may have "
                      "signed it", "give sip.tls.ca with your own", code="tls-any-authority")


def _collide(host: str, port: int, other_host: str, other_port: int) -> bool:
    """Whether two listening sockets can't stand together: the wildcard takes every address of its family."""
    one, other = ip_address(host), ip_address(other_host)
    same = one == other or (one.version == other.version and (one.is_unspecified or other.is_unspecified))
    return same and port == other_port


def _database(config: Config) -> Iterator[Finding]:
    credentials = config.database.url.partition("://")[2].rpartition("@")[0]
    if ":" in credentials:
        yield Finding(("database", "url"), "a password stands in this file", "write it into a file of its own, and "
                      "its path into database.password_file", "warning", code="database-password-shown")
    if config.database.url.startswith("sqlite") and (config.database.password_file or config.database.password_env):
        yield Finding(("database",), "an SQLite database has no password", "remove password_file and password_env",
                      code="database-password-unused")
