"""What must hold between `media`, the SRTP of trunks and phones, and the rest of config.yaml."""

from collections.abc import Iterator
from typing import Literal

from ivr.base.config import Config

FEWEST_PAIRS = 8         # ports of one of several workers: a call, an operator's phones, a transfer, all in one

# Path, message, remedy, severity, code.
Found = tuple[tuple[str | int, ...], str, str, Literal["error", "warning"], str]


def media_faults(config: Config) -> Iterator[Found]:
    """Addresses of one family each, of those that SIP is heard on; keys that travel unprotected."""
    hosts = config.media.host
    if len(hosts) == 2 and (":" in hosts[0]) == (":" in hosts[1]):
        yield (("media", "host"), f"{hosts[0]} and {hosts[1]} are of one family", "one of IPv4 and one of IPv6",
               "error", "media-hosts-alike")
    for kind, ipv6 in (("IPv4", False), ("IPv6", True)):
        heard = [listen for listen in config.sip.listen if (":" in listen.host) == ipv6]
        if hosts and heard and not any((":" in host) == ipv6 for host in hosts):
            yield (("media", "host"), f"SIP is heard on {heard[0]}, but audio has no {kind} address",
                   "add it: phones that have nothing else can't be heard", "warning", "media-host-missing")
    ports, workers = config.media.ports, config.media.workers
    if workers != "auto" and workers > 1 and ports.pairs // workers < FEWEST_PAIRS:
        yield (("media", "workers"), f"{ports} are {ports.pairs} pairs, too few to be divided by {workers}",
               f"{FEWEST_PAIRS} for each, or fewer workers", "error", "ports-too-few")
    if all(listen.transport != "tls" for listen in config.sip.listen):
        for path in _required(config):
            yield (path, "the keys of this audio travel in SIP, which is not encrypted: who sees it can decrypt the "
                   "audio", "listen on tls: as well, and let the phones use it", "warning", "srtp-keys-shown")


def _required(config: Config) -> Iterator[tuple[str | int, ...]]:
    if config.media.srtp == "required":
        yield "media", "srtp"
    for index, trunk in enumerate(config.trunks):
        if trunk.srtp == "required":
            yield "trunks", index, "srtp"
    for section, phones in (("operators", config.operators), ("accounts", config.accounts)):
        for name, phone in phones.items():
            if phone.srtp == "required":
                yield section, name, "srtp"
