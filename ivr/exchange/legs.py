"""The legs of all calls: which call each belongs to, its stream in the plane, its SDP side and its ladder name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from ivr.base.config_sip import TrunkConfig
from ivr.base.ids import Ids
from ivr.base.values import frozen
from ivr.call.browser_leg import TRANSPORT
from ivr.call.sip_leg import SipLeg
from ivr.call.text_leg import NoMedia
from ivr.exchange.feature_codes import Typed
from ivr.exchange.key_source import KeySource
from ivr.exchange.planes import Planes
from ivr.exchange.texting import plane as text
from ivr.media.stream_numbers import worker_of
from ivr.sdp.address import check_remote
from ivr.sdp.crypto import Keys, Policy
from ivr.sdp.offer_answer import LocalMedia, Negotiated
from ivr.sip.message.uri import Uri
from ivr.sip.registrar.binding import Binding

Role = Literal["caller", "operator", "target", "supervisor"]


@frozen
class MediaPlace:
    """Our address for a peer's audio, and whether that peer may name loopback as its own.

    `other_address` is of the other family (IPv4, IPv6), if there is one. `srtp` is what the configuration says, `tls`
    whether the keys of SRTP can be sent to the peer without others reading them; of `codecs` we like the first best.
    """

    address: str
    loopback_allowed: bool
    other_address: str | None = None
    srtp: Policy = "offered"
    tls: bool = False
    codecs: tuple[str, ...] = ("PCMA", "PCMU")

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if self.other_address is None else (self.address, self.other_address)


NOWHERE = MediaPlace("", False, srtp="never")        # of a leg whose peer is not known yet


@dataclass
class Leg:
    """One leg. `party` names it in the ladder."""

    leg: str
    call: str
    role: Role
    party: str
    stream: int
    sip: SipLeg | NoMedia
    trunk: str = ""                      # that offered it, or carries the call which we dialled
    trusted_address: bool = False        # a trunk: audio goes to the SDP's address alone
    binding: Binding | None = None       # what to dial: a phone,
    target: Uri | None = None            # ... an address or a number
    headers: tuple[tuple[str, str], ...] = ()
    outbound: bool = False               # to an address or a number outside: it takes a place of outbound.max_calls
    account: str | None = None           # the phone that offered it
    streaming: bool = False              # the plane was told to open its stream
    keys: KeySource = field(default_factory=KeySource)
    typed: Typed = field(default_factory=Typed)          # codes of an operator's
    held: bool = False
    early: bool = False                  # it is heard, or hears somebody, before the answer
    lost: bool = False                   # we give it up as broken: its end is the network's doing

    @property
    def writes(self) -> bool:
        """It is a chat's: words instead of audio."""
        return text.is_text(self.stream)

    def is_of(self, trunk: TrunkConfig | None) -> None:
        """What the configuration says of the trunk holds for this leg."""
        if trunk is not None:
            self.trunk, self.trusted_address = trunk.name, not trunk.learn_media_address
            self.keys.policy = trunk.keys

    def is_of_page(self, transport: str) -> None:
        """The audio of a page is its web process's, which never moves without saying so."""
        self.trusted_address = self.trusted_address or transport == TRANSPORT


class LegTable:
    """Legs by id. Opening one leases a stream of a plane, where its call has others in theirs; closing gives it back
    after its rest."""

    def __init__(self, ids: Ids, workers: int = 1) -> None:
        self._ids = ids
        self._legs: dict[str, Leg] = {}
        self._of_call: dict[str, dict[str, Leg]] = {}
        self.planes = Planes(workers)
        self._closing: dict[str, Leg] = {}          # legs that are over, while their planes close their streams

    def __len__(self) -> int:
        return len(self._legs)

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def get(self, leg: str) -> Leg | None:
        return self._legs.get(leg)

    def of_call(self, call: str) -> tuple[Leg, ...]:
        """Every leg that this call has now."""
        return tuple(self._of_call.get(call, {}).values())

    def worker(self, call: str) -> int | None:
        """In which plane a call is; None without a leg."""
        legs = self._of_call.get(call)
        return _place(legs) if legs else None

    def calls_in(self, worker: int) -> set[str]:
        """The calls that are in a plane."""
        return {call for call, legs in self._of_call.items() if _place(legs) == worker}

    def open(self, leg: str, call: str, role: Role, party: str, place: MediaPlace | None, now: float,
             beside: Leg | None = None, *, writes: bool = False) -> Leg | None:
        """A new leg with a leased stream; None when no stream is free there. Without a `place` we have no description
        for its peer before `move`. The first leg of a call goes, if there is room, where the one `beside` it is; that
        of a chat `writes`, as all others of it do."""
        leased, worker = None, text.WORKER if writes else self.worker(call)
        if worker is None and beside is not None:
            leased = self.planes.lease(worker_of(beside.stream), leg, now)
        leased = leased or self.planes.lease(worker, leg, now)
        if leased is None:
            return None
        stream, port = leased
        place = place or NOWHERE
        sip = NoMedia() if text.is_text(stream) else SipLeg(leg, self._local(port, place), partial(self._check, place))
        opened = self._legs[leg] = Leg(leg, call, role, party, stream, sip)
        self._of_call.setdefault(call, {})[leg] = opened
        return opened

    def restore(self, leg: Leg, now: float) -> bool:
        """A leg of a chat that goes on in this process, with another stream; False if there is none."""
        leased = self.planes.lease(text.WORKER, leg.leg, now)
        if leased is None:
            return False
        leg.stream = leased[0]
        self._legs[leg.leg] = self._of_call.setdefault(leg.call, {})[leg.leg] = leg
        return True

    def give(self, leg: Leg, call: str) -> None:
        """It belongs to another call from now on, one in the same plane."""
        self._leave(leg)
        leg.call = call
        self._of_call.setdefault(call, {})[leg.leg] = leg

    def _leave(self, leg: Leg) -> None:
        legs = self._of_call[leg.call]
        del legs[leg.leg]
        if not legs:
            del self._of_call[leg.call]

    def move(self, leg: Leg, place: MediaPlace) -> None:
        """Describe our side anew, for a peer there: another session, with keys that nobody else was told."""
        if isinstance(leg.sip, NoMedia):
            return
        leg.sip.local, leg.sip.check = self._local(leg.sip.local.port, place), partial(self._check, place)

    def _local(self, port: int, place: MediaPlace) -> LocalMedia:
        ids = self._ids
        return LocalMedia(address=place.address, port=port, session_id=ids.uint32(), version=1, codecs=place.codecs,
                          other_address=place.other_address, srtp=place.srtp,
                          offer_srtp=place.srtp == "required" or (place.srtp == "offered" and place.tls),
                          keys=Keys(ids.srtp_key) if place.srtp != "never" else ())

    def _check(self, place: MediaPlace, agreed: Negotiated) -> None:
        """Raises PeerError where the peer's SDP points to an address that nothing may be sent to."""
        if agreed.direction in ("sendrecv", "sendonly"):         # a phone on hold may name 0.0.0.0
            check_remote(agreed.remote, place.loopback_allowed, self.planes, place.addresses)

    def close(self, leg: str) -> Leg | None:
        """Forget a leg; its stream stays leased until the plane says that it is closed."""
        closed = self._legs.pop(leg, None)
        if closed is not None:
            self._leave(closed)
            if closed.streaming and self.planes.holds(closed.stream, leg):
                self._closing[leg] = closed
        return closed

    def release(self, stream: int, leg: str, now: float) -> Leg | None:
        """The plane closed the stream of this leg; returns the leg, if it is over and had one."""
        self.planes.release(stream, leg, now)
        return self._closing.pop(leg, None)

    def lost(self, worker: int) -> None:
        """A plane is gone, and with it what it would have told of the legs that are over."""
        self.planes.lost(worker)
        self._closing = {name: leg for name, leg in self._closing.items() if worker_of(leg.stream) != worker}

    @property
    def closing(self) -> int:
        """Legs that are over, of which no plane has told yet how their audio was."""
        return len(self._closing)


def _place(legs: dict[str, Leg]) -> int:
    """The plane of a call's legs: that of any of them."""
    return worker_of(next(iter(legs.values())).stream)
