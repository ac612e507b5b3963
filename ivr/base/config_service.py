"""The parts of config.yaml about the service itself: its audio, its database, its pages and its log."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_people import PersonConfig
from ivr.base.config_section import Section
from ivr.base.config_try_page import TryPageConfig
from ivr.base.config_words import (
    Address,
    CodecNames,
    DatabaseUrl,
    FilePath,
    Language,
    ListOf,
    Name,
    PortRange,
    Ports,
    SrtpPolicy,
    TcpListen,
    VariableName,
    WebListenAt,
    Workers,
)


class MediaConfig(Section):
    """The audio (RTP)."""

    host: Annotated[ListOf[Address], Field(max_length=2)] = ()
    """Address written into SDP and bound; two: one of IPv4, one of IPv6. Without it: the address that faces the other
    side, per call."""
    ports: Ports = PortRange(16384, 17383)
    """UDP ports, RTP on the even and RTCP on the odd one; a call needs one pair, two while an operator talks."""
    wire: Literal["auto", "plain", "uring"] = "auto"
    """How packets reach the kernel. uring: by io_uring, for less CPU per call (Linux 6.1, where it is not forbidden);
    plain: one system call a packet, everywhere; auto: uring where it works, and the log says which and why."""
    workers: Workers = "auto"
    """Processes that carry the audio; each has its share of the ports and of the calls. auto: one for each core but
    one, which is for everything else."""
    allow_loopback: Literal["from_this_machine", "always", "never"] = "from_this_machine"
    """Whether a phone may ask for audio at 127.0.0.1: only one that calls from this machine, any, or none."""
    media_lost_after_s: Annotated[float, Field(ge=3, le=600)] = 20.0
    """Seconds of silence (no RTP, no RTCP) after which the dialog is probed. Silence alone ends no call."""
    srtp: SrtpPolicy = "offered"
    """Encrypted audio (SRTP). offered: who asks for it has it, and we ask for it where SIP itself runs over TLS, since
    else the keys could be read with the audio; who refuses it then is offered plain audio. required: a call
    without it is refused. never: one with it."""
    codecs: CodecNames = ("PCMA", "PCMU")
    """What is spoken, the dearest first: PCMA, PCMU, G722, opus. Our offers name them in this order; of what phones
    offer their first that is named here is taken. Prompts are prepared in each."""


class DatabaseConfig(Section):
    """Where calls and requests are kept."""

    url: DatabaseUrl = "sqlite:///var/hotline.db"
    """`sqlite:///file` (relative to this file) or `postgresql://user@host/name`."""
    password_file: FilePath | None = None
    """A file with the password of the database."""
    password_env: VariableName | None = None
    """The same from an environment variable."""
    spool_max_mb: Annotated[int, Field(ge=1, le=100_000)] = 256
    """How much the spool may hold while the database is away; when it is full, new calls are refused."""


class WebConfig(Section):
    """The pages and the web API."""

    listen: WebListenAt = TcpListen("127.0.0.1", 8080)
    """Address and port."""
    session_h: Annotated[float, Field(gt=0, le=168)] = 12.0
    """How long a login lasts."""
    behind_proxy: bool = False
    """Whether a proxy on this machine adds X-Forwarded-For and X-Forwarded-Proto."""
    open_metrics: bool = False
    """Whether /metrics may be read without a token."""
    admin_password_file: FilePath | None = None
    """A file with the password of `admin`. Without it the first start makes one."""
    admin_password_env: VariableName | None = None
    """The same from an environment variable."""
    listeners_shown: bool = False
    """Whether operators see on their desk who listens to their call. Who whispers or talks along they see always."""
    people: Annotated[Mapping[Name, PersonConfig], Field(max_length=1000)] = {}
    """Who logs in at the pages besides operators and `admin`, by login: supervisors and further administrators."""
    try_page: TryPageConfig = TryPageConfig()
    audit_keep_days: Annotated[int, Field(ge=1, le=3650)] = 400
    """How long the audit log is kept: who changed what."""


class LogConfig(Section):
    """What is written to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe line that is written."""
    full_numbers: bool = False
    """Whether callers' numbers are written in full; else only the last two digits."""


class PromptsConfig(Section):
    """What callers hear."""

    folder: FilePath = "audio_prompts"
    """`<folder>/<language>/<prompt>.wav` (mp3, ogg and flac too)."""
    announcements: FilePath = "menus/announcements.yaml"
    """What is said in queues: the place, nobody available, and the like."""
    engines: Annotated[Mapping[Language, str], Field(max_length=100)] = {}
    """What `hotline prompts build` speaks each language with: `hibari`, or `command: PROGRAM … {out}`."""
