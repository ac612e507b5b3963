"""The shape of config.yaml: every key with its type, its bounds and what it means.

Values come as strings out of located YAML. Quantities carry their unit in the key (`_s` `_h` `_mb`: seconds, hours,
megabytes). What holds between keys is in `config_checks`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_callers import GroupConfig
from ivr.base.config_channels import ChannelsConfig
from ivr.base.config_check import CheckConfig
from ivr.base.config_files import FilesConfig
from ivr.base.config_lines import LineConfig
from ivr.base.config_look_ups import LookUpsConfig
from ivr.base.config_outbound import OutboundConfig
from ivr.base.config_pins import PinsConfig
from ivr.base.config_recordings import RecordingsConfig
from ivr.base.config_requests import RequestsConfig, SlaConfig
from ivr.base.config_section import Section, StrictMapping
from ivr.base.config_service import DatabaseConfig, LogConfig, MediaConfig, PromptsConfig, WebConfig
from ivr.base.config_sip import CredentialConfig, SipConfig, TrunkConfig
from ivr.base.config_titles import AsTitles
from ivr.base.config_transfers import TransferConfig, with_own_queues
from ivr.base.config_waiting import WaitingConfig
from ivr.base.config_words import (
    Country,
    FilePath,
    Interval,
    Language,
    Level,
    Levels,
    ListOf,
    MenuName,
    Name,
    Number,
    PhoneNumber,
    PromptName,
    Realm,
    SrtpPolicy,
    Status,
    VariableName,
    is_loopback,
)

LONGEST_BRIEFING = 20.0      # s; what an operator hears is cut off after it: callers wait


class OverflowConfig(StrictMapping):
    """Where a call goes when nobody is logged in, the queue is full or the longest wait is over. One of four."""

    queue: Name | None = None
    """Another queue."""
    transfer: Name | None = None
    """A name in `transfers`."""
    message: PromptName | None = None
    """An announcement, `<language>/queue/<message>.wav`, that is said before the call is ended."""
    menu: MenuName | None = None
    """A menu of the line: it may take a callback or a message, or lead back into the queue, in the old place."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "OverflowConfig":
        if sum(value is not None for value in (self.queue, self.transfer, self.message, self.menu)) != 1:
            raise PydanticCustomError("overflow", "an overflow names exactly one target",
                                      {"remedy": "one of `queue`, `transfer`, `message`, `menu`"})
        return self


class QueueConfig(WaitingConfig):
    """Where callers of one direction wait for operators."""

    title: Annotated[Mapping[str, str], AsTitles] = {}
    """What pages call the queue: a text, or one for each language. Without it its name."""
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
    announce_wait: bool = False
    """Whether the expected wait is said after the place; once said it only falls, unless an operator leaves."""
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
    operator_hears: PromptName | None = None
    """What the operator who picks up hears before the caller is there, such as "Cards. Waited {wait}.": a prompt of the
    announcements (`notices`), or of the menu. In the caller's language; the caller hears music meanwhile."""
    operator_accepts: bool = False
    """Whether the operator has to press 1 to take a call. For phones that a voice mailbox answers: it never gets a
    caller."""
    operator_accept_s: Annotated[float, Field(ge=3, le=60)] = 15.0
    """How long we wait for that key; then the next operator is asked."""
    survey: MenuName | None = None
    """A menu of the line's file that callers come to once the operator's part is over, to be asked how it went. Without
    it the call ends with the talk."""
    sla: SlaConfig = SlaConfig()
    """What the house promises: when callers are answered in time, and when requests are overdue."""
    overflow: OverflowConfig = OverflowConfig(message="nobody_available")
    """Where a call goes that no operator takes."""


    @property
    def briefing_s(self) -> float:
        """How long an operator who has picked up may be without the caller."""
        if self.operator_accepts:
            return self.operator_accept_s
        return LONGEST_BRIEFING if self.operator_hears is not None else 0.0


class OperatorConfig(Section):
    """A human who answers calls. The key is the name of the SIP account and of the web login."""

    display_name: Annotated[str, Field(max_length=80)] = ""
    """The name on screens and phones; without it the key."""
    role: Literal["operator", "supervisor"] = "operator"
    """supervisor: answers calls, and may at the pages what a supervisor may."""
    languages: Annotated[ListOf[Language], Field(max_length=20)] = ()
    """Languages spoken; none named: all."""
    skills: Annotated[Mapping[Name, Level], Levels, Field(max_length=100)] = {}
    """What this operator knows: `[mortgage]`, or with levels from 1 to 10 `{mortgage: 3}`; menus and queues ask for
    them."""
    capacity: Annotated[int, Field(ge=1, le=10)] = 1
    """Calls of queues at one time, those that ring included. Above 1 the phone must take a second call while in one."""
    chats: Annotated[int, Field(ge=0, le=20)] | None = None
    """Chats at one time, beside these; 0: takes none; without it `chats_per_operator`."""
    chats_during_call: bool = True
    """Whether a chat is offered while this operator is on a call, is rung for one or wraps one up. Chats that they have
    go on in any case."""
    status: Status = "available"
    """The status at the first start; later the one that was set last."""
    feature_keys: bool = False
    """Whether `*` and a digit on this phone transfer and join calls during a talk (docs/talk.md), or set the status for
    after it. Off where operators press such keys for others, as to a bank's menu."""
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
    topics: FilePath | None = None
    """The file of topics (YAML): what requests are about, and what operators fill in; without it any text is one."""
    requests: RequestsConfig = RequestsConfig()
    groups: Annotated[Mapping[Name, GroupConfig], Field(max_length=500)] = {}
    """Groups of callers, by name: for `callers` of lines, for menus, and for priority in queues."""
    pins: Annotated[Mapping[Name, PinsConfig], Field(max_length=20)] = {}
    """Registers of PINs, by name: for `verify` in menus, and for `orders_by` of lines."""
    shared_numbers: Annotated[ListOf[PhoneNumber], Field(max_length=10_000)] = ()
    """Numbers behind which several people are, such as switchboards. Who drops out of a queue and rings again within a
    minute has the old place, unless from one of these."""
    queues: Annotated[Mapping[Name, QueueConfig], Field(max_length=500)] = {}
    """Queues by name: one for each direction."""
    operators: Annotated[Mapping[Name, OperatorConfig], Field(max_length=5000)] = {}
    """Operators by name."""
    chats_per_operator: Annotated[int, Field(ge=0, le=20)] = 3
    """Chats that an operator has at one time, beside calls, unless their own `chats` says otherwise."""
    break_reasons: Annotated[ListOf[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=50)] = ()
    """Reasons that operators choose from when they go on a break; without it they write what they like."""
    auto_break_after_missed: Annotated[int, Field(ge=0, le=100)] = 0
    """After so many missed calls in a row an operator is set on a break ("missed calls"); 0: never."""
    accounts: Annotated[Mapping[Name, AccountConfig], Field(max_length=5000)] = {}
    """Other phones, by name: they may call the lines."""
    transfers: Annotated[Mapping[Name, TransferConfig], Field(max_length=500)] = {}
    """Where menus and queues may transfer to, by name: a SIP address, `{queue: NAME}` or `{operator: NAME}`."""
    extensions: Annotated[Mapping[Number, Name], Field(max_length=5000)] = {}
    """What operators dial or transfer to, besides names: a number for an operator, a queue or a name of `transfers`."""
    outbound: OutboundConfig = OutboundConfig()
    trunks: Annotated[tuple[TrunkConfig, ...], Field(max_length=100)] = ()
    """Carriers and exchanges."""
    credentials: Annotated[tuple[CredentialConfig, ...], Field(max_length=100)] = ()
    """Passwords of ours for calls that this service makes."""
    recordings: RecordingsConfig = RecordingsConfig()
    chat_files: FilesConfig = FilesConfig()
    look_ups: LookUpsConfig = LookUpsConfig()
    database: DatabaseConfig = DatabaseConfig()
    web: WebConfig = WebConfig()
    channels: ChannelsConfig = ChannelsConfig()
    log: LogConfig = LogConfig()
    check: CheckConfig = CheckConfig()

    @model_validator(mode="before")
    @classmethod
    def _operators_who_are_transferred_to(cls, given: Any) -> Any:
        return with_own_queues(given)

    @property
    def addresses(self) -> Mapping[str, str]:
        """The `transfers` to SIP addresses."""
        return {name: str(to.address) for name, to in self.transfers.items() if to.address is not None}

    @property
    def departments(self) -> Mapping[str, str]:
        """The `transfers` within the house, each with its queue."""
        return {name: to.queue or name for name, to in self.transfers.items() if to.address is None}

    def chats_of(self, operator: str) -> int:
        """Chats that the operator may have at one time."""
        own = self.operators[operator].chats
        return self.chats_per_operator if own is None else own

    def line_for(self, dialled: str) -> LineConfig | None:
        """The line of a dialled number, or None."""
        return next((line for line in self.lines if dialled in line.numbers), None)

    @property
    def media_hosts(self) -> tuple[str, ...]:
        """Where the sockets of the audio are bound: one address of each family that is served."""
        ipv6 = any(":" in listen.host for listen in self.sip.listen)
        return self.media.host or (("0.0.0.0", "::") if ipv6 else ("0.0.0.0",))

    @property
    def page_host(self) -> str:
        """Our address for audio, as the web process beside us reaches it."""
        host = self.media_hosts[0]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

    @property
    def codecs(self) -> tuple[str, ...]:
        """Every codec that is spoken with anybody."""
        named = [*self.media.codecs, *(codec for trunk in self.trunks for codec in trunk.codecs or ())]
        return tuple(dict.fromkeys((*named, "PCMU")))        # which pages speak

    def srtp_of(self, account: str | None) -> SrtpPolicy:
        """Whether the audio of this phone is encrypted."""
        phone = self.operators.get(account or "") or self.accounts.get(account or "")
        return phone.srtp if phone is not None and phone.srtp is not None else self.media.srtp

    def loopback_allowed(self, signalling_host: str) -> bool:
        """Whether SDP may point to loopback for a phone whose SIP comes from `signalling_host`."""
        if self.media.allow_loopback != "from_this_machine":
            return self.media.allow_loopback == "always"
        return is_loopback(signalling_host) or all(is_loopback(listen.host) for listen in self.sip.listen)
