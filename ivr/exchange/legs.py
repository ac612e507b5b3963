"""The legs of all calls: which call each belongs to, its stream in the plane, its SDP side and its ladder name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from ivr.base.ids import Ids
from ivr.base.values import frozen
from ivr.call.sip_leg import SipLeg
from ivr.media.ports import PortPool
from ivr.sdp.address import check_remote
from ivr.sdp.crypto import Keys, Policy
from ivr.sdp.offer_answer import LocalMedia, Negotiated
from ivr.sip.message.uri import Uri
from ivr.sip.registrar.binding import Binding

Role = Literal["caller", "operator", "target"]


@frozen
class MediaPlace:
    """Our address for a peer's audio, and whether that peer may name loopback as its own.

    `other_address` is of the other family (IPv4, IPv6), if there is one. `srtp` is what the configuration says, `tls`
    whether the keys of SRTP can be sent to the peer without others reading them.
    """

    address: str
    loopback_allowed: bool
    other_address: str | None = None
    srtp: Policy = "offered"
    tls: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address,) if self.other_address is None else (self.address, self.other_address)


NOWHERE = MediaPlace("", False, srtp="never")        # of a leg whose peer is not known yet


@dataclass
class Leg:
    """One leg. `party` names it in the ladder; `key_source` is the first of "event" and "info" that told a key."""

    leg: str
    call: str
    role: Role
    party: str
    stream: int
    sip: SipLeg
    trunk: str = ""                      # that offered it, or carries the call which we dialled
    trusted_address: bool = False        # a trunk: audio goes to the SDP's address alone
    binding: Binding | None = None       # what to dial: a phone,
    target: Uri | None = None            # ... an address or a number
    headers: tuple[tuple[str, str], ...] = ()
    outbound: bool = False               # to an address or a number outside: it takes a place of outbound.max_calls
    account: str | None = None           # the phone that offered it
    streaming: bool = False              # the plane was told to open its stream
    key_source: str = ""
    held: bool = False
    lost: bool = False                   # we give it up as broken: its end is the network's doing


class LegTable:
    """Legs by id. Opening one leases a stream of the plane; closing gives it back after its rest."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._legs: dict[str, Leg] = {}
        self.pool: PortPool | None = None

    def __len__(self) -> int:
        return len(self._legs)

    def __iter__(self) -> Iterator[Leg]:
        return iter(list(self._legs.values()))

    def get(self, leg: str) -> Leg | None:
        return self._legs.get(leg)

    def open(self, leg: str, call: str, role: Role, party: str, place: MediaPlace | None, now: float) -> Leg | None:
        """A new leg with a leased stream; None when no stream is free. Without a `place` we have no description for its
        peer before `move`."""
        leased = self.pool.lease(now) if self.pool is not None else None
        if leased is None:
            return None
        stream, port = leased
        place = place or NOWHERE
        sip = SipLeg(leg, self._local(port, place), partial(self._check, place))
        opened = self._legs[leg] = Leg(leg, call, role, party, stream, sip)
        return opened

    def move(self, leg: Leg, place: MediaPlace) -> None:
        """Describe our side anew, for a peer there: another session, with keys that nobody else was told."""
        leg.sip.local, leg.sip.check = self._local(leg.sip.local.port, place), partial(self._check, place)

    def _local(self, port: int, place: MediaPlace) -> LocalMedia:
        ids = self._ids
        return LocalMedia(address=place.address, port=port, session_id=ids.uint32(), version=1,
                          other_address=place.other_address, srtp=place.srtp,
                          offer_srtp=place.srtp == "required" or (place.srtp == "offered" and place.tls),
                          keys=Keys(ids.srtp_key) if place.srtp != "never" else ())

    def _check(self, place: MediaPlace, agreed: Negotiated) -> None:
        """Raises PeerError where the peer's SDP points to an address that nothing may be sent to."""
        if agreed.direction in ("sendrecv", "sendonly"):         # a phone on hold may name 0.0.0.0
            check_remote(agreed.remote, place.loopback_allowed, self.pool or (), place.addresses)

    def close(self, leg: str) -> Leg | None:
        """Forget a leg; its stream stays leased until the plane says that it is closed."""
        return self._legs.pop(leg, None)

    def release(self, stream: int, now: float) -> None:
        """The plane closed the stream."""
        if self.pool is not None:
            self.pool.release(stream, now)
