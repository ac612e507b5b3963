"""The registrar: where the phones of our accounts are (RFC 3261 §10.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ivr.base.timers import Timers
from ivr.sip.access.screening import Refusal
from ivr.sip.effects import SendBytes
from ivr.sip.events import BindingsChanged
from ivr.sip.message.grammar import quote
from ivr.sip.message.headers import Address
from ivr.sip.message.message import Request
from ivr.sip.message.path import Way
from ivr.sip.message.uri import equivalent
from ivr.sip.registrar.binding import Binding as Binding
from ivr.sip.registrar.outbound import OPTION, instance_of, is_asked, reg_id_of
from ivr.sip.settings import EndpointSettings
from ivr.sip.transport.flow import Flow
from ivr.sip.transport.transports import port_of

Cause = Literal["unregistered", "expired", "connection_closed"]


@dataclass(frozen=True)
class BindingsDue:
    """Timer: a binding of this account expires."""

    account: str


@dataclass(frozen=True)
class KeepAliveDue:
    """Timer: a NAT on the way to this flow may forget it soon."""

    flow: Flow


@dataclass(frozen=True)
class Held:
    """A binding with what orders the REGISTERs for it: Call-ID and CSeq; and `age` among all: a later one is higher."""

    binding: Binding
    sip_call_id: str
    sequence: int
    age: int


@dataclass(frozen=True)
class Registered:
    """The 200: every binding of the account with the seconds it has left; Path and Require as they are due."""

    fields: tuple[tuple[str, str], ...]
    events: list[Any] = field(default_factory=list)


class Registrar:
    """Bindings by account, at most `contacts_per_account` each; accounts are bounded by the configuration."""

    def __init__(self, settings: EndpointSettings, timers: Timers) -> None:
        self._settings = settings
        self._timers = timers
        self._held: dict[str, list[Held]] = {}
        self._users_of_flow: dict[Flow, int] = {}
        self._homes: dict[str, int] = {}                # bindings by the address they came from
        self._kept_alive: set[Flow] = set()
        self._age = 0

    def counts(self) -> dict[str, int]:
        return {"bindings": sum(len(held) for held in self._held.values())}

    def bindings(self, account: str, now: float) -> tuple[Binding, ...]:
        """Those that live and can be called, by q, the one heard of last first."""
        return _usable(one for one in self._held.get(account, ()) if one.binding.expires_at > now)

    def flows(self, binding: Binding, now: float) -> tuple[Binding, ...]:
        """The binding and the other flows of the same phone, the newest first: it is called over one after the other
        and never over two at once (RFC 5626 §7)."""
        others = (one for one in self.bindings(binding.account, now) if _is_same_phone(one, binding) and one != binding)
        return (binding, *others)

    def phones(self, account: str, now: float) -> tuple[Binding, ...]:
        """One binding of each phone: that of its newest flow."""
        found: list[Binding] = []
        for binding in self.bindings(account, now):
            if not any(_is_same_phone(binding, one) for one in found):
                found.append(binding)
        return tuple(found)

    def is_home(self, address: str) -> bool:
        """Whether a phone is registered from there."""
        return address in self._homes

    def register(self, account: str, request: Request, way: Way, now: float) -> Registered | Refusal:
        """Apply a REGISTER that was let in, all of it or nothing (§10.3 step 7)."""
        held = [one for one in self._held.get(account, ()) if one.binding.expires_at > now]
        if any(one.sip_call_id == request.sip_call_id and one.sequence >= request.cseq.number
               for one in held if request.contacts):
            return Refusal(500)         # an older REGISTER that was overtaken on the way
        if any(contact.is_wildcard for contact in request.contacts):
            if len(request.contacts) > 1 or request.expires != 0:
                return Refusal(400)
            return self._registered(account, [], now)
        for contact in request.contacts:
            seconds = self._seconds(contact, request)
            if 0 < seconds < self._settings.expires_min:
                return Refusal(423, (("Min-Expires", str(self._settings.expires_min)),))
            before = [one for one in held if _is_replaced(one, contact, request)]
            held = [one for one in held if one not in before]
            if seconds:
                since = min((one.binding.since for one in before if one.binding.flow == way.flow), default=now)
                held.append(self._new(account, contact, request, way, now + seconds, since))
        held.sort(key=lambda one: one.binding.expires_at)
        registered = self._registered(account, held[-self._settings.contacts_per_account:], now)
        return replace(registered, fields=(*registered.fields, *_extensions(request, way)))

    def restore(self, bindings: Iterable[Binding], now: float) -> list[Any]:
        """Take up bindings that an earlier process had; a phone's next REGISTER replaces its own, whatever its CSeq."""
        found: dict[str, list[Held]] = {}
        for binding in bindings:
            if binding.expires_at > now:
                older = found.setdefault(binding.account, [])
                older.append(Held(binding, "", 0, -len(older)))
        return [event for account, held in found.items() for event in self._registered(account, held, now).events]

    def drop_connection(self, flow: Flow) -> list[Any]:
        """A TCP connection has closed: nobody is reached over it any more."""
        out: list[Any] = []
        for account, held in list(self._held.items()):
            kept = [one for one in held if one.binding.flow.connection != flow.connection or not flow.connection
                    or one.binding.path]        # an edge listens, and a new connection to it does as well
            if len(kept) < len(held):
                out += self._replace(account, kept, "connection_closed")
        return out

    def fire(self, event: BindingsDue | KeepAliveDue, now: float) -> list[Any]:
        if isinstance(event, BindingsDue):
            held = self._held.get(event.account, [])
            return self._replace(event.account, [one for one in held if one.binding.expires_at > now], "expired")
        self._start_keep_alive(event.flow, now)
        # RFC 5626 §4.4.1 asks for the double CRLF over streams; over UDP one datagram of any kind does
        return [SendBytes(event.flow, b"\r\n\r\n" if event.flow.reliable else b"\r\n")]

    def _seconds(self, contact: Address, request: Request) -> int:
        asked = contact.expires if contact.expires is not None else request.expires
        return min(self._settings.expires_default if asked is None else asked, self._settings.expires_max)

    def _new(self, account: str, contact: Address, request: Request, way: Way, expires_at: float,
             since: float) -> Held:
        self._age += 1
        binding = Binding(account, contact.uri._replace(headers=()), way.flow, contact.q, expires_at,
                          request.headers.get("User-Agent") or "", instance_of(contact), since, way.path,
                          reg_id_of(contact), way.source if way.source != way.flow.remote[0] else "")
        return Held(binding, request.sip_call_id, request.cseq.number, self._age)

    def _registered(self, account: str, held: list[Held], now: float) -> Registered:
        events = self._replace(account, held)
        for one in held:
            if _is_behind_nat(one.binding) and one.binding.flow not in self._kept_alive:
                self._start_keep_alive(one.binding.flow, now)
        return Registered(tuple(("Contact", _contact_text(one.binding, now)) for one in held), events)

    def _replace(self, account: str, held: list[Held], cause: Cause = "unregistered") -> list[Any]:
        """Let `held` be the account's bindings; tells the change if contacts or flows are others."""
        before = self._held.pop(account, [])
        if held:
            self._held[account] = held
            first = min(one.binding.expires_at for one in held)
            self._timers.start(("registrar", account), first, BindingsDue(account))
        else:
            self._timers.cancel(("registrar", account))
        self._count_flows(before, held)
        places_before, places = _places(before), _places(held)
        if places_before == places:
            return []
        came = tuple(one.binding for one in held if _place(one) in places - places_before)
        gone = tuple(one.binding for one in before if _place(one) in places_before - places)
        left = tuple(one for one in gone if not any(_has_moved(one, other) for other in came))
        return [BindingsChanged(account, _usable(held), came, left, cause)]

    def _count_flows(self, before: Iterable[Held], after: Iterable[Held]) -> None:
        for one in after:
            self._users_of_flow[one.binding.flow] = self._users_of_flow.get(one.binding.flow, 0) + 1
            self._homes[one.binding.address] = self._homes.get(one.binding.address, 0) + 1
        for one in before:
            flow, address = one.binding.flow, one.binding.address
            self._homes[address] -= 1
            if not self._homes[address]:
                del self._homes[address]
            self._users_of_flow[flow] -= 1
            if not self._users_of_flow[flow]:
                del self._users_of_flow[flow]
                self._kept_alive.discard(flow)
                self._timers.cancel(("registrar", flow))

    def _start_keep_alive(self, flow: Flow, now: float) -> None:
        self._kept_alive.add(flow)
        self._timers.start(("registrar", flow), now + self._settings.keep_alive, KeepAliveDue(flow))


def _is_replaced(held: Held, contact: Address, request: Request) -> bool:
    """The same contact again, or the same phone (RFC 5626 §6) with another address than before it was switched off."""
    binding, instance, reg_id = held.binding, instance_of(contact), reg_id_of(contact)
    if reg_id and binding.reg_id:       # flows of one phone may all have one address: it is the number that tells
        return (instance, reg_id) == (binding.instance, binding.reg_id)
    if equivalent(binding.contact, contact.uri._replace(headers=())):
        return True
    return (bool(instance) and instance == binding.instance and binding.reg_id == reg_id
            and (held.sip_call_id, held.sequence) != (request.sip_call_id, request.cseq.number))


def _usable(held: Iterable[Held]) -> tuple[Binding, ...]:
    """Without `mailto:` and its like, which a registrar keeps (RFC 3665 §2.2) and nobody can ring."""
    usable = [one for one in held if one.binding.contact.is_sip]
    return tuple(one.binding for one in sorted(usable, key=lambda one: (-one.binding.q, -one.age)))


def _is_same_phone(one: Binding, other: Binding) -> bool:
    return one == other or bool(one.instance and one.instance == other.instance)


def _is_behind_nat(binding: Binding) -> bool:
    """With a Path that is its edge's concern."""
    contact = binding.contact
    return contact.is_sip and not binding.path and (contact.host, port_of(contact)) != binding.flow.remote


def _place(one: Held) -> tuple[Any, ...]:
    return str(one.binding.contact), one.binding.flow, one.binding.path, one.binding.reg_id


def _places(held: Iterable[Held]) -> set[tuple[Any, ...]]:
    return {_place(one) for one in held if one.binding.contact.is_sip}


def _has_moved(before: Binding, after: Binding) -> bool:
    """Whether a phone, or one of its flows, is at another place now."""
    same = equivalent(before.contact, after.contact) or bool(before.instance and before.instance == after.instance)
    return same and before.reg_id == after.reg_id


def _contact_text(binding: Binding, now: float) -> str:
    q = "" if binding.q == 1 else f";q={binding.q:g}"
    flow = f";+sip.instance={quote(binding.instance)};reg-id={binding.reg_id}" if binding.reg_id else ""
    return f"<{binding.contact}>{q}{flow};expires={max(0, round(binding.expires_at - now))}"


def _extensions(request: Request, way: Way) -> list[tuple[str, str]]:
    """Path is shown to who knows what it is (RFC 3327 §5.3); Require says that the flow is kept (RFC 5626 §6)."""
    shown = way.path if "path" in request.supported or "path" in request.require else ()
    fields = [("Path", str(hop)) for hop in shown]
    return [*fields, ("Require", OPTION), ("Supported", OPTION)] if is_asked(request) else fields
