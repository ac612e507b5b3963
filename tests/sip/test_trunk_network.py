"""Our endpoint as customer of another one of ours, over networks that lose, double, delay and reorder; and what faulty
registrars may write."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.events import BindingsChanged, LegAnswered, LegEnded, LegOffered
from ivr.sip.message.digest import ha1_md5, ha1_sha256
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Account, EndpointSettings, Listener, Trunk
from ivr.sip.trunk.trunk_events import TrunkChanged
from ivr.sip.trunk.trunk_settings import Registration
from tests.sip.network import Network, Node, Weather
from tests.sip.rig import OUR_SDP
from tests.sip.test_registering import answer, challenge, started, states

CUSTOMER, PROVIDER = "198.51.100.1", "198.51.100.2"
ACCOUNT = Account("line1", ha1_md5("line1", "provider", "secret"), ha1_sha256("line1", "provider", "secret"))


class Scene:
    """A customer that registers, and its provider."""

    def __init__(self, weather: Weather, seed: int, transport: str = "udp", password: str = "secret") -> None:
        self.network = Network(weather, seed)
        self.told: dict[str, list[Any]] = {CUSTOMER: [], PROVIDER: []}
        registration = Registration("line1", parse_uri(f"sip:{PROVIDER};transport={transport}"), password, expires=120)
        self.customer = self._add(CUSTOMER, trunks=(Trunk("carrier", registration=registration, ping=20),))
        self.provider = self._add(PROVIDER, realm="provider", accounts={"line1": ACCOUNT})
        self.network.take(self.customer, self.customer.endpoint.start(0.0))

    def _add(self, address: str, **changes: Any) -> Node:
        made = EndpointSettings(local_address=address, listen=(Listener("udp", address, 5060),
                                                               Listener("tcp", address, 5060)))
        return self.network.add(address, lambda event, now: self._told(address, event), replace(made, **changes))

    def _told(self, address: str, event: Any) -> list[tuple[float, Any]]:
        self.told[address].append(event)
        if isinstance(event, LegOffered):
            return [(.1, AnswerLeg(event.leg, OUR_SDP)), (20, HangUpLeg(event.leg))]
        return []

    def of(self, address: str, kind: type) -> list[Any]:
        return [event for event in self.told[address] if isinstance(event, kind)]


@pytest.mark.parametrize("seed", range(6))
def test_bad_network__registered_and_kept_for_an_hour(seed: int) -> None:
    scene = Scene(Weather(loss=.2, duplication=.1, delay=.4), seed)
    scene.network.run(3600)
    told = [event.state for event in scene.of(CUSTOMER, TrunkChanged)]
    assert "registered" in told
    assert "refused" not in told
    assert [event for event in scene.of(PROVIDER, BindingsChanged)
            if not event.bindings] == [], "the binding never lapsed"
    scene.network.take(scene.customer, scene.customer.endpoint.unregister(3600))
    scene.network.run(3800)
    assert scene.customer.endpoint.counts()["timers"] == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_called_by_the_provider__over_the_registration(transport: str) -> None:
    scene = Scene(Weather(), 1, transport)
    scene.network.run(10)
    binding = scene.provider.endpoint.bindings("line1", 10)[0]
    scene.network.command(scene.provider, DialLeg("L", binding, OUR_SDP, "+4930777"))
    scene.network.run(60)
    offered = scene.of(CUSTOMER, LegOffered)[0]
    assert (offered.trunk, offered.dialled, offered.caller_number) == ("carrier", "line1", "+4930777")
    assert scene.of(PROVIDER, LegAnswered)
    assert scene.customer.endpoint.trunks()[0].calls == 0


def test_connection_breaks__the_provider_has_us_back_in_a_second() -> None:
    scene = Scene(Weather(), 1, "tcp")
    scene.network.run(60)
    scene.network.close_all()
    assert scene.provider.endpoint.bindings("line1", 60) == ()
    scene.network.run(62)
    assert len(scene.provider.endpoint.bindings("line1", 62)) == 1


def test_wrong_password__the_provider_is_not_hammered() -> None:
    scene = Scene(Weather(), 1, password="guess")
    scene.network.run(3600)
    registers = [row for row in scene.network.rows if "REGISTER" in str(row)]
    assert scene.of(CUSTOMER, TrunkChanged)[0].state == "refused"
    assert len(registers) < 20


def test_dial_through_a_trunk__the_provider_sees_it() -> None:
    """A number that our own endpoint knows no binding for is offered to its user, as a line's would be."""
    scene = Scene(Weather(), 1)
    scene.network.run(5)
    scene.network.command(scene.customer, DialLeg("L", parse_uri("tel:+49-30-1"), OUR_SDP, "+1"))
    scene.network.run(60)
    offered = scene.of(PROVIDER, LegOffered)[0]
    assert (offered.dialled, offered.caller_number, offered.account) == ("+49301", "line1", "line1")
    assert scene.of(CUSTOMER, LegEnded)[0].status == 200


FIELDS = ("Expires", "Min-Expires", "Retry-After", "Authentication-Info", "WWW-Authenticate", "Proxy-Authenticate")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([200, 202, 301, 401, 403, 407, 423, 500, 503, 600]),
       st.dictionaries(st.sampled_from(FIELDS), st.text(st.characters(codec="ascii", exclude_characters="\r\n"),
                                                        max_size=60)),
       st.integers(0, 2**16))
def test_any_answer_of_a_registrar(status: int, fields: dict[str, str], seed: int) -> None:
    """Whatever it writes, the registration goes on some time, and only known states are told."""
    rig = started()
    if random.Random(seed).random() < .5:
        challenge(rig)
    count = len(rig.requests("REGISTER"))
    answer(rig, status, "".join(f"{name}: {value}\r\n" for name, value in fields.items()), contact="")
    assert set(states(rig)) <= {"registered", "failing", "refused"}
    for _ in range(200):
        if len(rig.requests("REGISTER")) > count:
            break
        due = rig.endpoint.next_timer()
        assert due is not None, "nothing is planned any more"
        rig.run_until(due)
    else:
        raise AssertionError("it never registers again")
