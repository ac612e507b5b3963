"""Trunks in config.yaml: what must be given together, and what reaches the endpoint."""

from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.service.build_trunks import build_trunk
from ivr.sip.trunk.trunk_settings import NumberFormat

REGISTRATION = {"user": "4930123", "registrar": "sip.provider.example", "password_file": "secret"}


def findings(*trunks: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    config = made(*trunks)
    return [(found.path, found.remedy) for found in check(config) if found.path[0] == "trunks"]


def made(*trunks: dict[str, Any]) -> Config:
    return Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m.yaml"}], "trunks": list(trunks)})


@pytest.mark.parametrize(("given", "path", "remedy"), [
    ({}, (), "give addresses, or registration"),
    ({"addresses": ["192.0.2.1"], "target": "192.0.2.1"}, (), "give caller_id"),
    ({"addresses": ["192.0.2.1"], "ping_s": 30}, ("ping_s",), "give target"),
    ({"addresses": ["192.0.2.1"], "outbound_proxy": "192.0.2.1"}, ("outbound_proxy",), "give target"),
    ({"registration": REGISTRATION, "number_format": "national"}, ("number_format",), "give country_code"),
    ({"addresses": ["192.0.2.1"], "identity_header": "p_asserted_identity"}, ("identity_header",), "give caller_id"),
    ({"registration": {"user": "1", "registrar": "192.0.2.1"}}, ("registration",),
     "give password_file or password_env"),
])
def test_fault(given: dict[str, Any], path: tuple[str, ...], remedy: str) -> None:
    assert findings({"name": "carrier", **given}) == [(("trunks", 0, *path), remedy)]


@pytest.mark.parametrize("given", [
    {"addresses": ["192.0.2.1"]},
    {"registration": REGISTRATION},
    {"addresses": ["192.0.2.1"], "target": "sips:carrier.example", "caller_id": "+4930", "ping_s": 30},
])
def test_no_fault(given: dict[str, Any]) -> None:
    assert findings({"name": "carrier", **given}) == []


def test_two_trunks_with_one_registration() -> None:
    one = {"name": "one", "registration": REGISTRATION}
    assert findings(one, {**one, "name": "two"}) == [
        (("trunks", 1, "registration", "user"), "one registration is one trunk")]


@pytest.mark.parametrize(("key", "value"), [
    ("target", "sip:user@host"), ("target", "http://host"), ("priority", -1), ("max_calls", 0), ("calls_per_s", 0),
    ("dialled_from", "contact"), ("number_format", "e.164"), ("country_code", "+49"), ("dial_prefix", "a;b"),
])
def test_wrong_value(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key):
        made({"name": "carrier", "addresses": ["192.0.2.1"], key: value})


def test_built__everything_reaches_the_endpoint() -> None:
    trunk = build_trunk(made({
        "name": "carrier", "registration": {**REGISTRATION, "auth_user": "u", "realm": "r",
                                                     "contact_user": "c", "expires_s": 300},
        "target": "192.0.2.1:5070", "outbound_proxy": "sip:proxy.example;transport=tcp", "priority": 1,
        "dialled_from": "to", "caller_from": "remote_party_id", "max_calls": 3, "calls_per_s": 2, "ping_s": 30,
        "caller_id": "+4930", "pass_caller": True, "identity_header": "p_asserted_identity", "full_status": 503,
        "number_format": "national", "country_code": "49", "dial_prefix": "9"}).trunks[0], {"carrier": "hush"})
    registration = trunk.registration
    assert registration is not None
    assert (registration.user, str(registration.registrar), registration.password, registration.auth_user,
            registration.realm, registration.contact_user, registration.expires) == (
        "4930123", "sip:sip.provider.example", "hush", "u", "r", "c", 300)
    assert "hush" not in repr(trunk)
    assert (str(trunk.target), str(trunk.outbound_proxy)) == ("sip:192.0.2.1:5070", "sip:proxy.example;transport=tcp")
    assert (trunk.priority, trunk.dialled_from, trunk.caller_from, trunk.max_calls, trunk.calls_per_second, trunk.ping,
            trunk.caller_id, trunk.pass_caller, trunk.identity_header, trunk.full_status) == (
        1, "to", "remote_party_id", 3, 2, 30, "+4930", True, "p_asserted_identity", 503)
    assert trunk.numbers == NumberFormat("national", "49", "0", "00", "9")
