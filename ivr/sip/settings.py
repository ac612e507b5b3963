"""What an endpoint is told at its start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.trunk.trunk_settings import Trunk as Trunk


@dataclass(frozen=True)
class Timing:
    """The base values of RFC 3261 table 4, in seconds."""

    t1: float = 0.5     # estimate of the round trip
    t2: float = 4.0     # longest interval between retransmissions of non-INVITE requests and INVITE responses
    t4: float = 5.0     # longest time a message stays in the network

    @property
    def limit(self) -> float:
        """64 * T1: timers B, F, H, L, M, J, and D of at least 32 s."""
        return 64 * self.t1


@dataclass(frozen=True)
class Account:
    """A phone that may register or call; the secret is kept as HA1 = H(name:realm:password)."""

    name: str
    ha1_md5: str
    ha1_sha256: str
    may_register: bool = True
    may_call: bool = True


@dataclass(frozen=True)
class Credential:
    """What we answer a 401 or 407 with; realm "*" stands for every realm without one of its own."""

    realm: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Listener:
    """A socket the driver listens on; `port` stands in our Via and Contact."""

    transport: str
    host: str
    port: int


@dataclass(frozen=True)
class EndpointSettings:
    """Every bound of the endpoint has its default and its behaviour at the bound here."""

    realm: str = "hotline"
    user_agent: str = "hotline"
    listen: tuple[Listener, ...] = (Listener("udp", "127.0.0.1", 5060), Listener("tcp", "127.0.0.1", 5060))

    local_address: str = "127.0.0.1"
    """Our address in the local networks; stands in Via, Contact and SDP unless `public_address` does."""

    facing: Callable[[str], str] | None = None
    """Our address on the way to a given remote one, for a server with several; else `local_address` for all."""

    public_address: str | None = None
    """Our address as seen from outside `local_networks`, for a server behind 1:1 NAT."""

    local_networks: tuple[str, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    trunks: tuple[Trunk, ...] = ()
    credentials: tuple[Credential, ...] = ()

    digests: tuple[str, ...] = ("SHA-256", "MD5")
    """What phones are asked for, in this order (RFC 8760 §2.4)."""

    anonymous_calls: bool = True
    """Whether strangers may call; they reach lines alone. Otherwise 403."""

    messages: bool = False
    """Whether MESSAGE (RFC 3428) is taken outside dialogs; else 405."""

    phones_tls: bool = False
    """Whether accounts must come over TLS: their REGISTER and INVITE by another transport get 403."""

    edges: tuple[str, ...] = ()
    """Networks of proxies of ours in front: they say who is behind a request, and may set Path."""

    gate: GateSettings | None = None
    """What is asked of messages before they are read. None: those of streams are read as they come."""

    timing: Timing = Timing()
    ring_limit: float = 180.0
    """Our INVITE is cancelled if nobody has answered by then; RFC 3261 asks proxies for more than 3 minutes too."""

    ring_repeat: float = 60.0
    """A ringing INVITE gets its 1xx again, or proxies give it up (RFC 3261 §13.3.1.1)."""

    session_expires: int = 1800
    """Seconds that a session lasts without a refresh, where the peer asks for nothing shorter (RFC 4028 §4)."""

    min_se: int = 90
    """The shortest interval that we agree to, in seconds; 90 is the least the RFC allows."""

    trying_after: float = 0.0
    """How long an INVITE may go without any response before it gets 100; 0: at once. RFC 3261 §17.2.1 allows 0.2 s, in
    which a service that answers by itself has answered: that saves a message a call."""

    keep_alive: float = 25.0
    """Interval of CRLFs to a phone behind NAT; UDP mappings live 30 s and more."""

    expires_default: int = 3600
    expires_min: int = 60
    expires_max: int = 7200
    contacts_per_account: int = 10
    """At the bound the contact that expires first gives way: a phone that forgot its old one must get in."""

    max_calls: int = 1000
    """Legs in progress; at the bound a new INVITE gets the trunk's `full_status`, 486 by default."""

    max_transactions: int = 60_000
    """Server and client transactions together; at the bound new requests are dropped: UDP peers send them again. 800
    calls a second keep 51,200, as each leaves two behind for 32 s."""

    max_streams: int = 4_000
    """TCP connections; one more is closed at once."""

    failures_per_minute: int = 20
    """Wrong passwords from one address; then its REGISTERs are dropped without an answer for `failure_pause`."""

    failure_pause: float = 60.0
    max_failure_addresses: int = 10_000
    """Addresses that are watched; at the bound the one that was added first is forgotten."""
