"""What all parts of the exchange share: configuration, machines, tables and switches."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from ivr.base.config import Config
from ivr.base.config_lines import LineConfig
from ivr.base.config_sip import TrunkConfig
from ivr.base.customers import Customers
from ivr.base.hours.schedule import Hours
from ivr.base.ids import Ids
from ivr.base.numbers import e164
from ivr.base.timers import Timers
from ivr.base.trace import Trace
from ivr.call import text_leg
from ivr.call.browser_leg import CODEC, TRANSPORT
from ivr.call.machine import Call
from ivr.call.settings import CallSettings
from ivr.call.supervising import Supervision
from ivr.exchange.accounts import Sums
from ivr.exchange.all_phones import AllPhones
from ivr.exchange.calls_by_caller import CallsByCaller
from ivr.exchange.capturing import NEVER, Captures
from ivr.exchange.editions import Edition, Editions
from ivr.exchange.effects import Report, StatusChosen
from ivr.exchange.invites import Invites
from ivr.exchange.legs import NOWHERE, LegTable, MediaPlace
from ivr.exchange.line_settings import settings_of
from ivr.exchange.lost_offers import LostOffers
from ivr.exchange.media_figures import MediaFigures
from ivr.exchange.old_places import OldPlaces
from ivr.exchange.operator_log import OperatorLog
from ivr.exchange.orders import LineOrders
from ivr.exchange.outbound import Outbound
from ivr.exchange.pin_tries import PinTries, PinTry
from ivr.exchange.recording import Recordings
from ivr.exchange.refusals import Refusals
from ivr.exchange.texting import plane as text
from ivr.exchange.texting.by_sip.messages import Messages
from ivr.exchange.texting.talk import Talk
from ivr.sdp.address import same_family
from ivr.sdp.crypto import Policy
from ivr.sip.registrar.binding import Binding
from ivr.sip.transport.flow import Flow
from routing.callback import Callbacks
from routing.dispatcher import CALL, CHAT, Medium, Status, StatusSet
from routing.seats import Seats

FULL = 486               # what a caller hears of a full service unless their trunk asks for something else


class Tell(NamedTuple):
    """An event for a call (or for nobody, when that call is over)."""

    call: str
    event: Any


@dataclass
class OpenCall:
    """A call in progress with its ladder, which knows when it began. `tokens` counts the durable writes it asked for;
    `secret_until` as in `Capture`; `recordings` counts those that were begun."""

    call: Call
    trace: Trace
    tokens: int = 0
    secret_until: float = NEVER
    recordings: int = 0
    takes: dict[int, str] = field(default_factory=dict)     # what its menu recorded: files by number
    unrecorded: bool = False                                # somebody ended one, and none begins by itself any more
    supervisions: dict[str, Supervision] = field(default_factory=dict)      # by who supervises
    wait: Any = None                                        # in a queue: see waiting
    offers: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)      # that ended: see stays
    caller: str | None = None                               # by what they are known again: see waiting; None: not yet
    vouched: bool = False                                   # the same: a carrier shows the number, or a phone of ours
    joined: tuple[str, ...] | None = None                   # who talk with each other: two legs, or three
    bridged: tuple[str, str] | None = None                  # what the plane was told of it: see hearing
    hears: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Who is known by a PIN: the caller's leg and the register → the name. A leg that takes its place may be anybody's.
    known_to: dict[tuple[str, str], str] = field(default_factory=dict)
    trying: PinTry | None = None                            # the PIN that is being looked at
    page: str = ""                                          # the caller's phone, if that is one in a page
    shown: Any = None                                       # what it was told last: see from_pages
    talk: Talk | None = None                                # the messages of a chat
    beside: str = ""                                        # the voice of a chat, or the chat of a voice: see beside
    asked_before: bool = False                              # the survey of that chat was over before the voice began
    told_chat: str = ""                                     # how the voice stands, as the chat was told last
    brought: bool = False                                   # the chat was brought to the voice's operator


@dataclass
class Parting:
    """Legs of a call that are over for it while their BYE or CANCEL is not answered: by leg, their names in the ladder.
    `over` is the call once that is over too: then its ladder alone is still waited for."""

    legs: dict[str, str] = field(default_factory=dict)
    over: OpenCall | None = None


@dataclass
class House:
    """Plain state; the parts of the exchange are functions over it."""

    config: Config
    boot_id: str
    ids: Ids
    to_utc: Callable[[float], datetime]
    endpoint: AllPhones
    dispatcher: Seats
    editions: Editions                           # the menus of the lines, with what they need
    legs: LegTable
    outbound: Outbound
    customers: dict[str, Customers] = field(default_factory=dict)     # by file: the numbers that may call a line
    hours: Hours = field(default_factory=Hours)
    orders: LineOrders = field(default_factory=LineOrders)
    pin_tries: PinTries = field(default_factory=PinTries)
    calls: dict[str, OpenCall] = field(default_factory=dict)
    by_caller: CallsByCaller = field(default_factory=CallsByCaller)
    last_operators: dict[str, str] = field(default_factory=dict)      # by caller's number: who talked with them last
    partings: dict[str, Parting] = field(default_factory=dict)        # by call
    parting_legs: dict[str, str] = field(default_factory=dict)        # leg -> call
    callbacks: Callbacks = field(default_factory=Callbacks)
    captures: Captures = field(default_factory=Captures)
    recordings: Recordings = field(default_factory=Recordings)
    refusals: Refusals = field(default_factory=Refusals)
    old_places: OldPlaces = field(init=False)
    shared_numbers: frozenset[str] = field(init=False)
    last_words: dict[str, Talk] = field(default_factory=dict)         # by chat that is over: not yet safe
    messages: Messages = field(default_factory=Messages)
    invites: Invites = field(default_factory=Invites)
    text_plane: text.TextPlane = field(default_factory=text.TextPlane)
    taking_up: bool = False             # chats of earlier processes are being looked for: nobody begins another before
    taken_up: set[str] = field(default_factory=set)                   # chats of earlier processes that went on here
    chat_key: bytes = field(default=bytes(32), repr=False)            # seals what is kept of chats: see texting.sealing
    timers: Timers = field(default_factory=Timers)
    media: MediaFigures = field(default_factory=MediaFigures)
    counters: dict[str, int] = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)
    operator_log: OperatorLog = field(default_factory=OperatorLog)
    lost_offers: LostOffers = field(default_factory=LostOffers)
    # by number and edition: made at the first call
    lines: dict[tuple[str, int], CallSettings] = field(default_factory=dict)
    hosts: dict[str, tuple[str, str | None]] = field(default_factory=dict)    # by our address: where audio is sent
    draining: bool = False
    store_full: bool = False
    database_away: bool = False

    def __post_init__(self) -> None:
        self.old_places = OldPlaces(self._key)
        country = self.config.country
        self.shared_numbers = frozenset(e164(number, country) or number for number in self.config.shared_numbers)

    def _key(self) -> bytes:
        return bytes.fromhex(self.ids.token(16))

    @property
    def plane_up(self) -> bool:
        return bool(self.legs.planes)

    def forget(self, opened: OpenCall) -> None:
        """A call is over; no error if it was forgotten before."""
        self.calls.pop(opened.call.call, None)
        self.by_caller.gone(opened.call.call, opened.caller)

    def count(self, name: str) -> None:
        """Add one to a counter that never goes back; `/metrics` shows them."""
        self.counters[name] = self.counters.get(name, 0) + 1

    def trunk(self, name: str | None) -> TrunkConfig | None:
        return None if name is None else next((trunk for trunk in self.config.trunks if trunk.name == name), None)

    def refusal(self, trunk: TrunkConfig | None, by_edge: bool, *, writes: bool = False) -> tuple[int, str] | None:
        """Status and reason when a new call, or one of who `writes`, can't be let in now, else None."""
        full = full_status(trunk, by_edge)
        if self.draining:
            return 503, "draining"
        if not self.plane_up and not writes:
            return full, "no_media_plane"
        if self.store_full:
            return full, "spool_full"
        if writes and self.taking_up:
            return full, "taking_up"
        # Chats have bounds of their own (`max_chats`): a crowd that writes keeps nobody from calling, nor the reverse.
        if not writes and len(self.calls) - self.endpoint.texts.chats >= self.config.sip.max_calls:
            return full, "max_calls"
        return None

    def set_status(self, operator: str, status: Status, reason: str, now: float, by: str = "") -> list[Any]:
        """A person chose it, themselves or `by` a supervisor."""
        return [StatusChosen(operator, str(status), reason, by),
                *self.dispatcher.handle(StatusSet(operator, status, reason, by), now)]

    def local_day(self, now: float) -> str:
        """The date on the wall: the caps of a day are people's."""
        return self.to_utc(now).astimezone().date().isoformat()

    def calls_waiting_first(self, ended: Collection[str] | None = None) -> list[str]:
        """Calls of which all, or those `ended`, are to be ended: else each operator who becomes free is rung for a
        caller who is ended next."""
        calls = self.calls if ended is None else [call for call in self.calls if call in ended]
        return sorted(calls, key=lambda call: not self.calls[call].call.in_queue)

    def media_place(self, remote: str, *, tls: bool = False, srtp: Policy | None = None,
                    trunk: TrunkConfig | None = None) -> MediaPlace:
        """Where a peer whose SIP comes from `remote` sends its audio, and what it may name itself.

        `tls`: its SIP is encrypted; `srtp`: whether its audio is, None for what holds for all; `trunk`: whose it is.
        """
        config, advertised = self.config, self.endpoint.advertised_address(remote)
        if advertised not in self.hosts:
            self.hosts[advertised] = self._media_hosts(advertised)
        address, other_address = self.hosts[advertised]
        codecs = trunk.codecs if trunk is not None else None
        return MediaPlace(address, config.loopback_allowed(remote), other_address, srtp or config.media.srtp, tls,
                          codecs or config.media.codecs)

    def place_of(self, flow: Flow, srtp: Policy | None, trunk: TrunkConfig | None = None,
                 address: str = "") -> MediaPlace:
        """The same for a peer's flow; `address` is its own where the flow is a proxy's. A page's audio comes from the
        web process beside us, and nothing of it leaves the machine."""
        if flow.transport == text_leg.TRANSPORT:
            return NOWHERE
        if flow.transport == TRANSPORT:
            return MediaPlace(self.config.page_host, True, srtp="never", codecs=(CODEC,))
        return self.media_place(address or flow.remote[0], tls=flow.transport == "tls", srtp=srtp, trunk=trunk)

    def writes(self, call: str) -> bool:
        """Whether this call is a chat."""
        return self.legs.worker(call) == text.WORKER

    def medium(self, call: str) -> Medium:
        """Which seats of operators it is for."""
        return CHAT if self.writes(call) else CALL

    def phones_for(self, call: str, account: str, now: float) -> tuple[Binding, ...]:
        """Where somebody can be reached for this call: at their phones, or for a chat at their desk."""
        if self.writes(call):
            return self.endpoint.texts.bindings(account)
        return self.endpoint.phones(account, now)

    def _media_hosts(self, advertised: str) -> tuple[str, str | None]:
        """Our address for audio where SIP has the `advertised` one, and that of the other family."""
        hosts = self.config.media.host
        facing = [host for host in hosts if same_family(host, advertised)]
        others = [host for host in hosts if not same_family(host, advertised)]
        if advertised == self.config.sip.public_address or not hosts:
            facing = [advertised]
        address, *rest = facing + others
        return address, rest[0] if rest else None

    def call_settings(self, line: LineConfig, call: str = "", *, writes: bool = False) -> CallSettings:
        """What a call on this line needs to know. `call`: the id of a new one, which may try a newer menu. Who `writes`
        hears no ringing."""
        return self.settings_with(line, self.editions.lines[line.numbers[0]].of(call), writes=writes)

    def settings_with(self, line: LineConfig, edition: Edition, *, writes: bool) -> CallSettings:
        """The same with a version of its menu that is given."""
        key = f"{line.numbers[0]}{' in words' if writes else ''}", edition.number
        if key not in self.lines:
            self.lines[key] = settings_of(self.config, line, edition, self.boot_id,
                                          0.0 if writes else line.ring_s)
        return self.lines[key]

    def trace_of(self, call: str) -> Trace | None:
        """The ladder of a call in progress."""
        opened = self.calls.get(call)
        return opened.trace if opened is not None else None


def full_status(trunk: TrunkConfig | None, by_edge: bool) -> int:
    """What a call gets for which there is no room: from an edge of ours 503, so that it tries another node."""
    if by_edge:
        return 503
    return trunk.full_status if trunk is not None else FULL


def no_room(house: "House", call: str, now: float) -> list[Report]:
    """For the log, now and then: why a call could have no further leg."""
    house.count("legs_without_port")
    worker = house.legs.worker(call)
    pool = house.legs.planes.pool(worker) if worker is not None else None
    if worker is None or pool is None or not house.legs.planes.full_is_news(worker, now):
        return []
    return [report("warning", "no_free_port", call=call, worker=worker, in_use=pool.in_use, streams=len(pool.ports))]


def report(level: str, event: str, **fields: Any) -> Report:
    return Report(level, event, tuple(fields.items()))
