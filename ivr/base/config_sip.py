"""The sections of config.yaml about SIP: the endpoint, trunks, and passwords for calls of ours."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import (
    Address,
    CodecNames,
    Dialled,
    FilePath,
    ListenAt,
    ListOf,
    Name,
    NameServerAt,
    Network,
    SipHost,
    SipListen,
    SrtpPolicy,
    StatusCode,
    VariableName,
)


class TlsConfig(Section):
    """The certificate of this server, and whom it trusts. Files that change are taken up without a restart."""

    certificate: FilePath
    """The certificate with those between it and its root (PEM), as certbot's fullchain.pem."""
    key: FilePath
    """Its private key (PEM, without a passphrase)."""
    ca: FilePath | None = None
    """Roots (PEM) that may vouch for others; without it those that this machine trusts."""
    verify_peers: Literal["servers", "everybody", "nobody"] = "servers"
    """Who must show a certificate: `servers`, whoever we call; `everybody`, callers and phones too (needs `ca`);
    `nobody`, for a laboratory."""


class SipConfig(Section):
    """The SIP endpoint."""

    listen: Annotated[ListOf[ListenAt], Field(min_length=1, max_length=8)] = (
        SipListen("udp", "0.0.0.0", 5060), SipListen("tcp", "0.0.0.0", 5060))
    """Where SIP is heard: `udp:`, `tcp:` or `tls:`, address, port. One for each family where IPv6 is wanted too."""
    tls: TlsConfig | None = None
    """For `tls:` above."""
    public_address: Address | None = None
    """Address of this server as the internet sees it, where a 1:1 NAT stands before it (most clouds)."""
    local_networks: Annotated[ListOf[Network], Field(max_length=64)] = (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7",
        "fe80::/10")
    """Networks that are told the server's own address and not `public_address`."""
    nameserver: NameServerAt | None = None
    """The DNS server that is asked for the hosts of calls and trunks; without it those of this machine."""
    digests: Annotated[ListOf[Literal["SHA-256", "MD5"]], Field(min_length=1, max_length=2)] = ("SHA-256", "MD5")
    """What phones' passwords are proved with. Old phones that look at the first one alone need MD5 in front."""
    anonymous_calls: bool = True
    """Whether callers without an account or a trunk may call the lines. They reach nothing else."""
    edges: Annotated[ListOf[Network], Field(max_length=64)] = ()
    """Proxies of yours between callers and this server (Kamailio): what they say of a caller's address is believed, and
    phones may be reached through them (Path). Nobody else's word counts."""
    allow: Annotated[ListOf[Network], Field(max_length=1000)] = ()
    """Networks that may talk SIP to this server; none named: all."""
    deny: Annotated[ListOf[Network], Field(max_length=1000)] = ()
    """Networks that are never heard, whatever `allow` says."""
    stranger_requests_per_s: Annotated[float, Field(ge=1, le=100_000)] = 20.0
    """Requests of one address without trunk and registered phone; ten seconds' worth at once, more is dropped."""
    put_aside_s: Annotated[float, Field(ge=10, le=86_400)] = 300.0
    """How long an address is not heard that guesses passwords, looks for numbers or floods. Its calls go on."""
    phones_tls: bool = False
    """Whether phones with an account must register and call over TLS; otherwise they get 403."""
    session_expires_s: Annotated[int, Field(ge=90, le=86_400)] = 1800
    """A call is asked for a sign of life after half of this time and ends when none came in all of it (RFC 4028); who
    is on the other side may ask for less, down to 90."""
    max_calls: Annotated[int, Field(ge=1, le=5000)] = 400
    """Calls at one time; the next one is refused with 486, 480 or 503 as its trunk asks."""


class RegistrationConfig(Section):
    """How this service registers with a provider, so that calls come here."""

    user: Annotated[str, Field(min_length=1, max_length=128)]
    """The user of our address there, often the telephone number."""
    registrar: SipHost
    """The provider's domain, as sip.example.com; a port or `;transport=tcp` may follow."""
    auth_user: Annotated[str, Field(max_length=128)] = ""
    """The name that goes with the password, where it is not `user`."""
    realm: Annotated[str, Field(max_length=128)] = ""
    """The realm whose challenges to calls are answered; without it those that the registrar names, and its domain."""
    contact_user: Annotated[str, Field(max_length=128)] = ""
    """The name under which calls come here; without it `user`."""
    expires_s: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How long a registration shall last; the provider may say otherwise."""
    password_file: FilePath | None = None
    """A file with the password."""
    password_env: VariableName | None = None
    """The same from an environment variable."""


class TrunkConfig(Section):
    """A carrier or a telephone exchange, known by its addresses or by our registration with it."""

    name: Name
    """How the trunk is called in logs and records."""
    addresses: Annotated[ListOf[Network], Field(max_length=256)] = ()
    """Networks (CIDR) or single addresses that its calls come from. May be left out with `registration`: then its calls
    come to `contact_user` from where the registrar is."""
    registration: RegistrationConfig | None = None
    """Where the provider wants us to register; its password also serves when it challenges calls."""
    target: SipHost | None = None
    """Where our calls to it go; without it to the registrar."""
    outbound_proxy: SipHost | None = None
    """Where everything we send to it goes first."""
    priority: Annotated[int, Field(ge=0, le=1000)] = 100
    """Calls of ours take the trunk with the lowest number first, and one that does not answer last."""
    dialled_from: Literal["request_uri", "to", "p_called_party_id"] = "request_uri"
    """Which field of its calls says what was dialled."""
    caller_from: Literal["from", "p_asserted_identity", "remote_party_id"] = "p_asserted_identity"
    """Which field says who calls; From where it is missing. Withheld numbers stay withheld."""
    max_calls: Annotated[int, Field(ge=1, le=5000)] | None = None
    """Calls at one time in both directions; beyond, `full_status`, and calls of ours take the next trunk."""
    calls_per_s: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """New calls a second in both directions; beyond, the same."""
    ping_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Time between OPTIONS that ask whether it is there; 0: none is sent."""
    caller_id: Annotated[str, Field(max_length=64)] = ""
    """The number that our calls show, as +4930123456; without it the user of the registration."""
    pass_caller: bool = False
    """Whether our calls show the number of the caller they are made for, with `caller_id` in `identity_header`."""
    identity_header: Literal["none", "p_asserted_identity", "p_preferred_identity"] = "none"
    """The field in which the carrier wants our own number beside From."""
    number_format: Literal["plus", "e164", "national"] = "plus"
    """How it wants numbers: +4930123, 4930123, or 030123 and abroad 0033123."""
    country_code: Annotated[str, Field(pattern="^[0-9]{0,3}$")] = ""
    """Of the carrier's country, for `national`: 49."""
    national_prefix: Dialled = "0"
    """What `national` puts before numbers of that country."""
    international_prefix: Dialled = "00"
    """What `national` puts before all others."""
    dial_prefix: Dialled = ""
    """What stands before every number: an outside line, a tariff code."""
    full_status: Annotated[Literal[486, 480, 503], StatusCode] = 486
    """What it is told when the service is full. Carriers put a server that says 503 on a blacklist."""
    tls_required: bool = False
    """Whether its calls must come over TLS; others get 403."""
    learn_media_address: bool = False
    """Whether audio goes to where it comes from; else to the address in SDP alone."""
    srtp: SrtpPolicy | None = None
    """Whether its audio is encrypted; without it as `media.srtp` says."""
    codecs: CodecNames | None = None
    """What is spoken with it, the dearest first; without it as `media.codecs` says."""
    keys: Literal["auto", "event", "info", "in_band"] = "auto"
    """How keys come: as RTP events (RFC 4733), as INFO, or as tones in the audio. `auto` takes the best of them that
    shows itself, and listens to the audio where no RTP events are agreed on."""


class CredentialConfig(Section):
    """What this service answers when a carrier or an exchange asks it for a password (401, 407)."""

    realm: Annotated[str, Field(min_length=1, max_length=128)] = "*"
    """The realm that asks; "*" is every realm without one of its own."""
    user: Annotated[str, Field(min_length=1, max_length=128)]
    """The user name that the other side knows."""
    password_file: FilePath | None = None
    """A file with the password."""
    password_env: VariableName | None = None
    """The same from an environment variable."""
