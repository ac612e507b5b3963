"""Since when a phone is registered: a refresh changes nothing, another way to it begins anew."""

from dataclasses import replace

import pytest

from tests.sip.rig import ACCOUNTS, UDP, Rig, with_settings
from tests.sip.test_registrar import Phone


@pytest.fixture
def rig() -> Rig:
    return Rig(with_settings(accounts=ACCOUNTS))


def since(rig: Rig) -> float:
    (binding,) = rig.endpoint.bindings("op1", rig.now)
    return binding.since


def test_since__the_first_register(rig: Rig) -> None:
    phone = Phone(rig)
    assert phone.register().status == 200
    first = since(rig)
    assert first == rig.now
    rig.now += 20
    assert phone.register().status == 200
    assert since(rig) == first


def test_since__another_way_to_the_phone(rig: Rig) -> None:
    phone = Phone(rig)
    phone.register()
    rig.now += 20
    phone.flow = replace(UDP, remote=("192.0.2.9", 41_000))
    phone.register()
    assert since(rig) == rig.now
