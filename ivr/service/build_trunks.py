"""Builds the trunks of the endpoint from their configuration."""

from collections.abc import Mapping

from ivr.base.config_sip import RegistrationConfig, TrunkConfig
from ivr.sip.message.uri import Uri, parse_uri
from ivr.sip.settings import Trunk
from ivr.sip.trunk.trunk_settings import NumberFormat, Registration


def build_trunk(trunk: TrunkConfig, passwords: Mapping[str, str]) -> Trunk:
    """`passwords` of registrations, by the name of the trunk."""
    known = trunk.registration
    return Trunk(
        name=trunk.name,
        addresses=tuple(str(network) for network in trunk.addresses),
        full_status=trunk.full_status,
        tls_required=trunk.tls_required,
        target=_host(trunk.target),
        outbound_proxy=_host(trunk.outbound_proxy),
        registration=None if known is None else _registration(known, passwords[trunk.name]),
        priority=trunk.priority,
        dialled_from=trunk.dialled_from,
        caller_from=trunk.caller_from,
        max_calls=trunk.max_calls,
        calls_per_second=trunk.calls_per_s,
        ping=trunk.ping_s,
        caller_id=trunk.caller_id,
        identity_header=trunk.identity_header,
        pass_caller=trunk.pass_caller,
        numbers=NumberFormat(trunk.number_format, trunk.country_code, trunk.national_prefix,
                             trunk.international_prefix, trunk.dial_prefix))


def _registration(known: RegistrationConfig, password: str) -> Registration:
    registrar = _host(known.registrar)
    assert registrar is not None
    return Registration(known.user, registrar, password, known.auth_user, known.realm, known.contact_user,
                        known.expires_s)


def _host(text: str | None) -> Uri | None:
    """A host may be written without its scheme."""
    if text is None:
        return None
    return parse_uri(text if text.startswith(("sip:", "sips:")) else f"sip:{text}")
