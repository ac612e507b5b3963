"""The name service: NAPTR, SRV, A and AAAA records by DNS, and the machine's own list of hosts."""

from ipaddress import ip_address
from pathlib import Path

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from ivr.base.config_words import TcpListen
from ivr.drivers.log import Log
from ivr.sip.transport.locating import NaptrRecord, Question, Record, SrvRecord

ATTEMPT = 1.0            # s for one DNS server; then the next one, or the same again
LIFETIME = 3.5           # s for one question; a search has three steps, and the caller waits
MAX_REMEMBERED = 2000    # answers, each until its TTL is over; the one not used for longest gives way
HOSTS = Path("/etc/hosts")
MAX_HOSTS_BYTES = 1 << 18        # a longer list is somebody's block list; what is beyond is not read

log = Log("names")


class NameService:
    """Answers a Question; whatever goes wrong is an empty answer, since a call can't do more with it than go on."""

    def __init__(self, nameserver: TcpListen | None = None, hosts: Path = HOSTS) -> None:
        self._nameserver = nameserver
        self._hosts = HostsFile(hosts)
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def look_up(self, question: Question) -> tuple[Record, ...]:
        """Records as they are; addresses in the order the server gave. A server that is silent is logged."""
        known = self._hosts.addresses(question.name)
        if known:                                # as everywhere on this machine, the list comes before DNS
            return tuple(one for one in known if (":" in one) == (question.kind == "AAAA")
                         and question.kind in ("A", "AAAA"))
        try:
            answer = await self._system().resolve(question.name, question.kind, search=True)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, ValueError) as error:     # ValueError: a name that DNS can't hold
            log.warning("name_not_looked_up", name=question.name, kind=question.kind, reason=_first_line(error))
            return ()
        return tuple(record for one in answer if (record := _record(one)) is not None)

    def _system(self) -> dns.asyncresolver.Resolver:
        """The resolver; made at the first question, since a machine may have no network configuration before."""
        if self._resolver is None:
            resolver = dns.asyncresolver.Resolver(configure=self._nameserver is None)
            if self._nameserver is not None:
                resolver.nameservers = [self._nameserver.host]
                resolver.port = self._nameserver.port
            resolver.timeout, resolver.lifetime = ATTEMPT, LIFETIME
            resolver.cache = dns.resolver.LRUCache(MAX_REMEMBERED)
            self._resolver = resolver
        return self._resolver


class HostsFile:
    """Addresses by name from a file as /etc/hosts; read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = 0
        self._known: dict[str, tuple[str, ...]] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        try:
            changed_at = self._path.stat().st_mtime_ns
            if changed_at != self._read_at:
                with self._path.open(encoding="utf-8", errors="replace") as lines:
                    self._known = _read_hosts(lines.read(MAX_HOSTS_BYTES))
                self._read_at = changed_at
        except OSError:
            return ()
        return self._known.get(name.lower(), ())


def _read_hosts(text: str) -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            ip_address(address)
        except ValueError:
            continue
        for name in names:
            known[name.lower()] = (*known.get(name.lower(), ()), address)
    return known


def _record(found: object) -> Record | None:
    """A record of dnspython as ours."""
    match found:
        case A() | AAAA():
            return str(found.address)
        case SRV():
            return SrvRecord(found.priority, found.weight, found.port, found.target.to_text())
        case NAPTR():
            return NaptrRecord(found.order, found.preference, found.flags.decode("ascii", "replace"),
                               found.service.decode("ascii", "replace"), found.replacement.to_text())
    return None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
