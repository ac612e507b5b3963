"""What a carrier wants to see in an INVITE of ours: the number in its form, and who we are (RFC 3261, RFC 3325)."""

from ivr.sip.composer import safe_user
from ivr.sip.message.grammar import quote
from ivr.sip.message.headers import Address
from ivr.sip.message.identity import ANONYMOUS_HOST, number_of
from ivr.sip.message.message import Request
from ivr.sip.message.uri import Uri
from ivr.sip.trunk.trunk_settings import NumberFormat, Trunk

IDENTITY_FIELDS = {"p_asserted_identity": "P-Asserted-Identity", "p_preferred_identity": "P-Preferred-Identity"}


def request_uri(trunk: Trunk, dialled: Uri) -> Uri:
    """The Request-URI for a `tel` URI: `sip:NUMBER@HOST;user=phone` in the trunk's form."""
    place = trunk.place_of_calls
    assert place is not None
    number = trunk.numbers.dial_prefix + written(number_of(dialled), trunk.numbers)
    kept = tuple(pair for pair in place.parameters if pair[0] != "user")
    return place._replace(user=safe_user(number), password=None, parameters=(*kept, ("user", "phone")), headers=())


def written(number: str, form: NumberFormat) -> str:
    """A number in a carrier's form; one that is not global (`+…`) stays as it is."""
    if not number.startswith("+") or form.kind == "plus":
        return number
    digits = number[1:]
    if form.kind == "e164":
        return digits
    if form.country_code and digits.startswith(form.country_code):
        return form.national_prefix + digits[len(form.country_code):]
    return form.international_prefix + digits


def dress(request: Request, trunk: Trunk, caller_number: str, caller_name: str) -> None:
    """Write into a fresh INVITE who calls, and the way through the trunk's outbound proxy."""
    passed = trunk.pass_caller and bool(caller_number)       # a caller who withholds the number shows ours
    _dress(request, trunk, *((caller_number, caller_name) if passed else (_ours(trunk), "")))
    if trunk.registration is not None:
        contact = request.contacts[0]
        request.headers.set("Contact", str(contact._replace(uri=contact.uri._replace(
            user=safe_user(trunk.registration.our_user)))))


def dress_message(request: Request, trunk: Trunk, number: str) -> None:
    """The same for a MESSAGE, from the number of ours that they wrote to: their answer has to find it."""
    _dress(request, trunk, number, "")


def _ours(trunk: Trunk) -> str:
    return trunk.caller_id or (trunk.registration.user if trunk.registration is not None else "")


def _dress(request: Request, trunk: Trunk, number: str, name: str) -> None:
    fields, ours = request.headers, _ours(trunk)
    host = trunk.registration.registrar.host if trunk.registration is not None else request.from_.uri.host
    fields.set("From", f"{_address(trunk, number, name, host)};tag={request.from_.tag}")
    field = IDENTITY_FIELDS.get(trunk.identity_header)
    if field is not None and ours:
        fields.set(field, _address(trunk, ours, "", host))
    if trunk.outbound_proxy is not None:
        fields.set("Route", route_to(trunk.outbound_proxy))


def route_to(proxy: Uri) -> str:
    """A Route value; with `lr`, or the proxy would be taken for one of RFC 2543."""
    if proxy.parameter("lr") is None:
        proxy = proxy._replace(parameters=(*proxy.parameters, ("lr", None)))
    return str(Address("", proxy))


def _address(trunk: Trunk, number: str, name: str, host: str) -> str:
    if not number:
        return f'"Anonymous" <sip:anonymous@{ANONYMOUS_HOST}>'
    shown = f"{quote(name)} " if name else ""
    uri = Uri("sip", user=safe_user(written(number, trunk.numbers)), host=host)
    return f"{shown}<{uri}>"
