"""How long a session lasts without a refresh, and who refreshes it: Session-Expires and Min-SE (RFC 4028 §4, §5)."""


from ivr.base.values import frozen
from ivr.sip.message.grammar import WS
from ivr.sip.message.headers import parse_seconds
from ivr.sip.message.message import Request, Response
from ivr.sip.settings import EndpointSettings

LEAST = 90          # seconds; RFC 4028 §5: no Min-SE is smaller, and who sends none means this
TIMER = "timer"
Fields = list[tuple[str, str]]


@frozen(slots=True)
class Terms:
    """`interval` in seconds. `alone`: the peer knows nothing of it, we ask from time to time for a sign of life."""

    interval: int
    we_refresh: bool
    alone: bool = False


def session_expires(message: Request | Response) -> int | None:
    """The interval a message asks for or grants; None if it says none or a faulty one."""
    return parse_seconds(message.headers.get("Session-Expires"))


def min_se(message: Request | Response) -> int:
    """The smallest interval the sender or a proxy on the way takes."""
    return max(parse_seconds(message.headers.get("Min-SE")) or 0, LEAST)


def is_too_small(request: Request, settings: EndpointSettings) -> bool:
    """Whether a request for a session gets 422. One whose sender doesn't know of timers got its interval from a proxy;
    it could not mend it (RFC 4028 §9)."""
    asked = session_expires(request)
    return asked is not None and asked < settings.min_se and _knows_timers(request)


def terms_as_server(request: Request, settings: EndpointSettings, current: Terms | None) -> Terms:
    """What our 2xx to an INVITE or UPDATE says. `current` are the terms of the session so far (RFC 4028 §9).

    Of a peer that asks for a timer and names nobody, the peer refreshes; of one that knows timers and doesn't ask, we.
    """
    asked = session_expires(request)
    interval = max(settings.session_expires, min_se(request))
    if asked is not None:
        interval = max(min(asked, interval), settings.min_se)
    if not _knows_timers(request):
        return Terms(interval, we_refresh=True, alone=asked is None)
    refresher = _refresher(request)
    if refresher is not None:
        return Terms(interval, refresher == "uas")
    if current is not None and not current.alone:
        return Terms(interval, current.we_refresh)
    return Terms(interval, we_refresh=asked is None)


def fields_as_server(request: Request, terms: Terms) -> Fields:
    """The header fields of that 2xx; none for a peer that would not understand them."""
    if terms.alone:
        return []
    fields = [("Session-Expires", f"{terms.interval};refresher={'uas' if terms.we_refresh else 'uac'}")]
    return [*fields, ("Require", TIMER)] if _knows_timers(request) else fields


def terms_as_client(request: Request, response: Response, settings: EndpointSettings) -> Terms:
    """What a 2xx to our INVITE or UPDATE means (RFC 4028 §7.2). One without Session-Expires leaves us alone."""
    granted = session_expires(response)
    if granted is None:
        return Terms(session_expires(request) or settings.session_expires, we_refresh=True, alone=True)
    return Terms(max(granted, LEAST), _refresher(response) != "uas")


def fields_as_client(interval: int, least: int, current: Terms | None = None) -> Fields:
    """The header fields of an INVITE or UPDATE of ours; inside a session they keep who refreshes (RFC 4028 §7.4)."""
    refresher = "" if current is None else f";refresher={'uac' if current.we_refresh else 'uas'}"
    fields = [("Session-Expires", f"{interval}{refresher}")]
    return [*fields, ("Min-SE", str(least))] if least > LEAST else fields


def lengthened(request: Request, refusal: Response) -> Fields:
    """The fields to set in `request` after a 422 (RFC 4028 §7.3); none if it asks for nothing we didn't offer."""
    least, asked = min_se(refusal), session_expires(request) or 0
    if least <= asked:
        return []
    _, semicolon, parameters = (request.headers.get("Session-Expires") or "").partition(";")
    return [("Session-Expires", f"{least}{semicolon}{parameters}"), ("Min-SE", str(least))]


def _knows_timers(request: Request) -> bool:
    return TIMER in request.supported or TIMER in request.require


def _refresher(message: Request | Response) -> str | None:
    for parameter in (message.headers.get("Session-Expires") or "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip(WS).lower() == "refresher" and value.strip(WS).lower() in ("uac", "uas"):
            return value.strip(WS).lower()
    return None
