"""The sections of config.yaml about SIP: the endpoint, trunks, and passwords for calls of ours."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import (
    Address,
    FilePath,
    ListenAt,
    ListOf,
    Name,
    Network,
    SipListen,
    StatusCode,
    VariableName,
)


class SipConfig(Section):
    """The SIP endpoint."""

    listen: Annotated[ListOf[ListenAt], Field(min_length=1, max_length=8)] = (
        SipListen("udp", "0.0.0.0", 5060), SipListen("tcp", "0.0.0.0", 5060))
    """Where SIP is heard: `udp:` or `tcp:`, address, port."""
    public_address: Address | None = None
    """Address of this server as the internet sees it, where a 1:1 NAT stands before it (most clouds)."""
    local_networks: Annotated[ListOf[Network], Field(max_length=64)] = (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "::1/128", "fc00::/7",
        "fe80::/10")
    """Networks that are told the server's own address and not `public_address`."""
    anonymous_calls: bool = True
    """Whether callers without an account or a trunk may call the lines. They reach nothing else."""
    max_calls: Annotated[int, Field(ge=1, le=5000)] = 400
    """Calls at one time; the next one is refused with 486, 480 or 503 as its trunk asks."""


class TrunkConfig(Section):
    """A carrier or a telephone exchange, known by its addresses."""

    name: Name
    """How the trunk is called in logs and records."""
    addresses: Annotated[ListOf[Network], Field(min_length=1, max_length=256)]
    """Networks (CIDR) or single addresses that its calls come from."""
    full_status: Annotated[Literal[486, 480, 503], StatusCode] = 486
    """What it is told when the service is full. Carriers put a server that says 503 on a blacklist."""
    learn_media_address: bool = False
    """Whether audio goes to where it comes from; else to the address in SDP alone."""


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
