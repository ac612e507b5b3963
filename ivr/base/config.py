"""The shape of config.yaml: every key with its type, its bounds and what it means.

Values come as strings out of located YAML. Quantities carry their unit in the key (`_s` `_h` `_mb`: seconds, hours,
megabytes). What holds between keys is in `config_checks`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_callers import GroupConfig
from ivr.base.config_check import CheckConfig
from ivr.base.config_dispatch import WITH_LEVELS, Level
from ivr.base.config_lines import LineConfig
from ivr.base.config_look_ups import LookUpsConfig
from ivr.base.config_outbound import OutboundConfig
from ivr.base.config_recordings import RecordingsConfig
from ivr.base.config_section import Section, StrictMapping
from ivr.base.config_sip import CredentialConfig, SipConfig, TrunkConfig
from ivr.base.config_waiting import WaitingConfig
from ivr.base.config_words import (
    Address,
    CodecNames,
    Country,
    DatabaseUrl,
    FilePath,
    Interval,
    Language,
    ListOf,
    Name,
    Number,
    PortRange,
    Ports,
    PromptName,
    Realm,
    SipUri,
    SrtpPolicy,
    Status,
    TcpListen,
    VariableName,
    WebListenAt,
    Workers,
    is_loopback,
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


class OverflowConfig(StrictMapping):
    """Where a call goes when nobody is logged in, the queue is full or the longest wait is over. One of three."""

    queue: Name | None = None
    """Another queue."""
    transfer: Name | None = None
    """A name in `transfers`."""
    message: PromptName | None = None
    """An announcement, `<language>/queue/<message>.wav`, that is said before the call is ended."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "OverflowConfig":
        if sum(value is not None for value in (self.queue, self.transfer, self.message)) != 1:
            raise PydanticCustomError("overflow", "an overflow names exactly one target",
                                      {"remedy": "one of `queue`, `transfer`, `message`"})
        return self


class QueueConfig(WaitingConfig):
    """Where callers of one direction wait for operators."""

    operators: Annotated[ListOf[Name], Field(max_length=1000)] = ()
    """Names of `operators` that are asked, as `strategy` says."""
    ring_time_s: Annotated[float, Field(ge=5, le=120)] = 20.0
    """How long one operator's phone rings before the next one is asked."""
    max_wait_s: Annotated[float, Field(ge=10, le=14400)] = 600.0
    """The longest wait; then the overflow."""
    max_waiting: Annotated[int, Field(ge=1, le=5000)] = 100
    """Callers that may wait at one time; the next one takes the overflow."""
    announce_first_after_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    """When the caller first hears the place in the queue; 0: at once, while the first phone begins to ring."""
    announce_every_s: Annotated[Interval, Field(le=3600)] = 30.0
    """From one announcement of the place to the next; 0 for none at all."""
    music: PromptName = "music/hold.wav"
    """What is heard while waiting: a file in the prompts' folder."""
    retry_after_s: Annotated[float, Field(ge=1, le=300)] = 5.0
    """How long an operator who did not answer is left alone."""
    empty_grace_s: Annotated[float, Field(ge=0, le=600)] = 15.0
    """How long a queue may be without anybody logged in before its callers take the overflow."""
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Time for notes after a call, before the next one."""
    record: Literal["never", "always", "on_demand"] = "never"
    """Whether talks of this queue are recorded, from the moment an operator answers to the end of the call. on_demand:
    while an operator or an administrator wants it. Callers must be told before: see `recording_notice`."""
    recording_notice: PromptName | None = None
    """What callers hear to its end before they come into this queue: that talks are recorded. A prompt of the
    announcements, or of the menu."""
    overflow: OverflowConfig = OverflowConfig(message="nobody_available")
    """Where a call goes that no operator takes."""


class OperatorConfig(Section):
    """A human who answers calls. The key is the name of the SIP account and of the web login."""

    display_name: Annotated[str, Field(max_length=80)] = ""
    """The name on screens and phones; without it the key."""
    languages: Annotated[ListOf[Language], Field(max_length=20)] = ()
    """Languages spoken; none named: all."""
    skills: Annotated[Mapping[Name, Level], WITH_LEVELS, Field(max_length=100)] = {}
    """What they can do, each with a level from 1 to 10: `{cards: 2, gold: 1}`, or `[cards, gold]` for level 1."""
    status: Status = "available"
    """The status at the first start; later the one that was set last."""
    srtp: SrtpPolicy | None = None
    """Whether the audio of this phone is encrypted; without it as `media.srtp` says."""
    phone_password_file: FilePath | None = None
    """A file with the password of the SIP account. Without it the first start makes one."""
    phone_password_env: VariableName | None = None
    """The same from an environment variable."""
    web_password_file: FilePath | None = None
    """A file with the password of the web login. Without it the first start makes one."""
    web_password_env: VariableName | None = None
    """The same from an environment variable."""


class AccountConfig(Section):
    """A SIP account that may call the hotline and nothing else. The key is its name."""

    display_name: Annotated[str, Field(max_length=80)] = ""
    """The name on the operator's phone."""
    srtp: SrtpPolicy | None = None
    """Whether the audio of this phone is encrypted; without it as `media.srtp` says."""
    password_file: FilePath | None = None
    """A file with the password. Without it the first start makes one."""
    password_env: VariableName | None = None
    """The same from an environment variable."""


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
    """The web API."""

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


class Config(Section):
    """The whole of config.yaml. Paths are absolute once a driver has loaded it."""

    node: Name = "hotline"
    """Name of this server in records and logs; each of several servers has its own."""
    country: Country = ""
    """The country (ISO 3166, as RU) whose national numbers are understood; without it international ones alone."""
    realm: Realm = "hotline"
    """The realm of SIP passwords. Changing it makes new passwords."""
    state_dir: FilePath = "var"
    """Folder of what the service writes: database, spool, secrets."""
    drain_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    """How long calls in progress may go on after SIGTERM."""
    sip: SipConfig = SipConfig()
    media: MediaConfig = MediaConfig()
    prompts: PromptsConfig = PromptsConfig()
    lines: Annotated[tuple[LineConfig, ...], Field(min_length=1, max_length=1000)]
    """The numbers that can be dialled."""
    hours: FilePath | None = None
    """The file of hours (YAML): schedules by name, for `lines` and menus."""
    groups: Annotated[Mapping[Name, GroupConfig], Field(max_length=500)] = {}
    """Groups of callers, by name: for `callers` of lines, for menus, and for priority in queues."""
    queues: Annotated[Mapping[Name, QueueConfig], Field(max_length=500)] = {}
    """Queues by name: one for each direction."""
    operators: Annotated[Mapping[Name, OperatorConfig], Field(max_length=5000)] = {}
    """Operators by name."""
    break_reasons: Annotated[ListOf[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=50)] = ()
    """Reasons that operators choose from when they go on a break; without it they write what they like."""
    auto_break_after_missed: Annotated[int, Field(ge=0, le=100)] = 0
    """After so many missed calls in a row an operator is set on a break ("missed calls"); 0: never."""
    accounts: Annotated[Mapping[Name, AccountConfig], Field(max_length=5000)] = {}
    """Other phones, by name: they may call the lines."""
    transfers: Annotated[Mapping[Name, SipUri], Field(max_length=500)] = {}
    """SIP addresses that menus and queues may transfer to, by name."""
    extensions: Annotated[Mapping[Number, Name], Field(max_length=5000)] = {}
    """What operators dial or transfer to, besides names: a number for an operator, a queue or a name of `transfers`."""
    outbound: OutboundConfig = OutboundConfig()
    trunks: Annotated[tuple[TrunkConfig, ...], Field(max_length=100)] = ()
    """Carriers and exchanges."""
    credentials: Annotated[tuple[CredentialConfig, ...], Field(max_length=100)] = ()
    """Passwords of ours for calls that this service makes."""
    recordings: RecordingsConfig = RecordingsConfig()
    look_ups: LookUpsConfig = LookUpsConfig()
    database: DatabaseConfig = DatabaseConfig()
    web: WebConfig = WebConfig()
    log: LogConfig = LogConfig()
    check: CheckConfig = CheckConfig()

    def line_for(self, dialled: str) -> LineConfig | None:
        """The line of a dialled number, or None."""
        return next((line for line in self.lines if dialled in line.numbers), None)

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """Where the sockets of the audio are bound: one address of each family that is served."""
        ipv6 = any(":" in listen.host for listen in self.sip.listen)
        return self.media.host or (("0.0.0.0", "::") if ipv6 else ("0.0.0.0",))

    @property
    def codecs(self) -> tuple[str, ...]:
        """Every codec that is spoken with anybody."""
        named = [*self.media.codecs, *(codec for trunk in self.trunks for codec in trunk.codecs or ())]
        return tuple(dict.fromkeys(named))

    def srtp_of(self, account: str | None) -> SrtpPolicy:
        """Whether the audio of this phone is encrypted."""
        phone = self.operators.get(account or "") or self.accounts.get(account or "")
        return phone.srtp if phone is not None and phone.srtp is not None else self.media.srtp

    def loopback_allowed(self, signalling_host: str) -> bool:
        """Whether SDP may point to loopback for a phone whose SIP comes from `signalling_host`."""
        if self.media.allow_loopback != "from_this_machine":
            return self.media.allow_loopback == "always"
        return is_loopback(signalling_host) or all(is_loopback(listen.host) for listen in self.sip.listen)
