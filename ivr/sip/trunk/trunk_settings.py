"""What an endpoint is told of a trunk: how its calls come in, how ours go out, and where we register."""

from dataclasses import dataclass, field
from typing import Literal

from ivr.sip.message.uri import Uri

DialledFrom = Literal["request_uri", "to", "p_called_party_id"]
CallerFrom = Literal["from", "p_asserted_identity", "remote_party_id"]
IdentityHeader = Literal["none", "p_asserted_identity", "p_preferred_identity"]


@dataclass(frozen=True)
class Registration:
    """How we register at a provider (RFC 3261 §10.2). `registrar` is the domain of our address there."""

    user: str
    registrar: Uri
    password: str = field(repr=False)
    auth_user: str = ""         # the name in the digest, where it is not `user`
    realm: str = ""             # of its challenges to our calls; else that of the registrar's, and its domain
    contact_user: str = ""      # what the provider's Request-URI then names us by; else `user`
    expires: int = 600          # asked for; the registrar decides

    @property
    def our_user(self) -> str:
        return self.contact_user or self.user


@dataclass(frozen=True)
class NumberFormat:
    """How a carrier wants dialled numbers: `+4930123`, `4930123`, or `030123` and `0033123` as people dial them."""

    kind: Literal["plus", "e164", "national"] = "plus"
    country_code: str = ""              # of the carrier's own country, for `national`
    national_prefix: str = "0"
    international_prefix: str = "00"
    dial_prefix: str = ""               # stands before everything: a tariff code, an outside line


@dataclass(frozen=True)
class Trunk:
    """A carrier, known by the addresses (CIDR) its requests come from, or by our registration with it."""

    name: str
    addresses: tuple[str, ...] = ()
    full_status: int = 486      # carriers put who says 503 on a blacklist

    tls_required: bool = False
    """Whether its calls must come over TLS: others get 403."""

    target: Uri | None = None
    """Where our calls to it go; without it to the registrar, and without that nowhere."""

    outbound_proxy: Uri | None = None
    """Where all that we send to it goes first."""

    registration: Registration | None = None
    priority: int = 100
    """For calls of ours: the trunk with the lowest number first."""

    dialled_from: DialledFrom = "request_uri"
    caller_from: CallerFrom = "p_asserted_identity"
    """Whose number it is; a field that is missing or faulty gives way to From."""

    max_calls: int | None = None
    calls_per_second: float | None = None
    """New calls in both directions; a second's worth may come at once."""

    ping: float = 0.0
    """Seconds between OPTIONS; 0: none is sent, and the trunk counts as up."""

    caller_id: str = ""
    """The number that our calls show; without it the user of the registration."""

    identity_header: IdentityHeader = "none"
    pass_caller: bool = False
    """Whether From shows the number of the caller for whom we dial; `caller_id` then stands in the identity header."""

    numbers: NumberFormat = NumberFormat()

    @property
    def place_of_calls(self) -> Uri | None:
        """The host in the Request-URI of our calls."""
        return self.target or (self.registration.registrar if self.registration else None)
