"""Outbound (RFC 5626) on the registrar's side: several flows of one phone, and falling over from one to the next."""

from typing import Any

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg
from ivr.sip.events import LegAnswered, LegEnded, LegRinging
from ivr.sip.message.message import Request
from ivr.sip.transport.flow import Flow
from tests.sip.edge_rig import (
    BY_OTHER,
    CONTACT,
    EDGE,
    HOME,
    INSTANCE,
    OTHER_EDGE,
    OTHER_PATH,
    OUTBOUND,
    PATH,
    EdgePhone,
    edge_rig,
)
from tests.sip.rig import OUR_SDP, SDP, UDP, Rig, response

DIRECT = Flow("udp", UDP.local, (HOME, 61000))
STREAM = Flow("tcp", UDP.local, (HOME, 40000), 7)


@pytest.fixture
def rig() -> Rig:
    return edge_rig()


@pytest.fixture
def two_flows(rig: Rig) -> Rig:
    """One phone through two edges, the second one newer."""
    EdgePhone(rig, call="f1").flow_number(1)
    rig.run_until(5)
    EdgePhone(rig, flow=BY_OTHER, call="f2").flow_number(2, OTHER_PATH)
    return rig


def dial(rig: Rig) -> None:
    rig.handle(DialLeg("out", rig.endpoint.phones("op1", rig.now)[0], OUR_SDP, "100"))


def fail(rig: Rig, invite: Request, status: int) -> None:
    rig.receive(response(invite, status))


class TestRegistering:
    def test_the_flow_is_promised(self, rig: Rig) -> None:
        answer = EdgePhone(rig).flow_number(1)
        assert answer.status == 200
        assert answer.headers.get("Require") == "outbound"
        assert answer.headers.get("Contact") == f"{CONTACT};{INSTANCE};reg-id=1;expires=3600"

    def test_a_phone_that_is_met_directly(self, rig: Rig) -> None:
        phone = EdgePhone(rig, flow=STREAM)
        answer = phone.register(f"{CONTACT};reg-id=1;{INSTANCE}", path="", direct=True)
        assert (answer.status, answer.headers.get("Require")) == (200, "outbound")

    @pytest.mark.parametrize("path", ["", f"<sip:token@{EDGE};lr>", f"{PATH}, <sip:inner@{OTHER_EDGE};lr>"])
    def test_439__the_phones_own_proxy_does_not_keep_flows(self, rig: Rig, path: str) -> None:
        assert EdgePhone(rig).flow_number(1, path).status == 439
        assert rig.endpoint.bindings("op1", 0) == ()

    def test_it_is_the_proxy_next_to_the_phone_that_counts(self, rig: Rig) -> None:
        assert EdgePhone(rig).flow_number(1, f"<sip:outer@{OTHER_EDGE};lr>, {PATH}").status == 200

    @pytest.mark.parametrize("contact", [
        f"{CONTACT};reg-id=1", f"{CONTACT};{INSTANCE}", f"{CONTACT};{INSTANCE};reg-id=0",
        f"{CONTACT};{INSTANCE};reg-id=99999999999", f"{CONTACT};{INSTANCE};reg-id=x"])
    def test_without_instance_and_number_it_is_none(self, rig: Rig, contact: str) -> None:
        answer = EdgePhone(rig).register(contact)
        assert (answer.status, answer.headers.get("Require")) == (200, None)

    def test_two_flows_in_one_register(self, rig: Rig) -> None:
        contact = f"{CONTACT};{INSTANCE};reg-id=1, <sip:b@10.0.0.7>;{INSTANCE};reg-id=2"
        assert EdgePhone(rig).register(contact).status == 400

    def test_two_flows_of_one_address_are_two_bindings(self, two_flows: Rig) -> None:
        bindings = two_flows.endpoint.bindings("op1", 5)
        assert [(binding.reg_id, str(binding.contact)) for binding in bindings] == [(2, CONTACT[1:-1]),
                                                                                    (1, CONTACT[1:-1])]
        assert two_flows.endpoint.phones("op1", 5) == bindings[:1]

    def test_the_phone_after_a_restart_replaces_its_flow(self, two_flows: Rig) -> None:
        phone = EdgePhone(two_flows, call="again")
        phone.register(f"<sip:op1@10.0.0.8;ob>;{INSTANCE};reg-id=1", f"<sip:new@{EDGE};lr;ob>")
        newest, older = two_flows.endpoint.bindings("op1", 5)
        assert (newest.reg_id, newest.contact.host, newest.path[0].uri.user) == (1, "10.0.0.8", "new")
        assert older.reg_id == 2

    def test_one_flow_is_removed(self, two_flows: Rig) -> None:
        EdgePhone(two_flows, call="end").register(f"{CONTACT};{INSTANCE};reg-id=2;expires=0", OTHER_PATH)
        assert [binding.reg_id for binding in two_flows.endpoint.bindings("op1", 5)] == [1]

    def test_restored__the_order_stays(self, two_flows: Rig) -> None:
        kept = two_flows.endpoint.bindings("op1", 5)
        new = edge_rig()
        new.take(new.endpoint.restore(kept, 5))
        assert new.endpoint.bindings("op1", 5) == kept
        EdgePhone(new, call="f1").flow_number(1)
        assert [binding.reg_id for binding in new.endpoint.bindings("op1", 5)] == [1, 2]


class TestFallingOver:
    def test_the_newest_flow_alone_is_called(self, two_flows: Rig) -> None:
        dial(two_flows)
        [invite] = two_flows.requests("INVITE")
        assert invite.headers.all("Route") == [OTHER_PATH]

    @pytest.mark.parametrize("status", [430, 408])
    def test_the_flow_has_failed(self, two_flows: Rig, status: int) -> None:
        dial(two_flows)
        first = two_flows.requests("INVITE")[0]
        two_flows.receive(response(first, 100, tag=""), BY_OTHER)
        fail(two_flows, first, status)
        first, second = two_flows.requests("INVITE")
        assert second.headers.all("Route") == [PATH]
        assert two_flows.sent[-1].flow.remote == (EDGE, 5060)
        assert (second.sip_call_id, second.from_.tag == first.from_.tag) == (first.sip_call_id, False)
        two_flows.receive(response(second, 200, body=SDP))
        assert two_flows.of(LegAnswered)
        assert not two_flows.of(LegEnded)

    def test_it_could_not_be_sent(self, two_flows: Rig) -> None:
        dial(two_flows)
        two_flows.take(two_flows.endpoint.send_failed(BY_OTHER.towards((OTHER_EDGE, 5080)), two_flows.now))
        assert two_flows.requests("INVITE")[-1].headers.all("Route") == [PATH]

    def test_silence(self, two_flows: Rig) -> None:
        """And what was silent is called off as soon as it speaks: the phone must not ring twice."""
        dial(two_flows)
        first = two_flows.requests("INVITE")[0]
        two_flows.run_until(two_flows.now + 5)
        assert two_flows.requests("INVITE")[-1].headers.all("Route") == [PATH]
        two_flows.receive(response(first, 180), BY_OTHER)
        assert two_flows.requests("CANCEL")[-1].headers.all("Route") == [OTHER_PATH]

    @pytest.mark.parametrize("status", [302, 403, 404, 480, 486, 488, 500, 503, 603])
    def test_any_other_answer_is_that_of_the_phone(self, two_flows: Rig, status: int) -> None:
        dial(two_flows)
        fail(two_flows, two_flows.requests("INVITE")[0], status)
        assert len(two_flows.requests("INVITE")) == 1
        assert two_flows.of(LegEnded)[0].status == status

    def test_408_after_it_rang__nobody_answered(self, two_flows: Rig) -> None:
        dial(two_flows)
        [invite] = two_flows.requests("INVITE")
        two_flows.receive(response(invite, 180), BY_OTHER)
        fail(two_flows, invite, 408)
        assert len(two_flows.requests("INVITE")) == 1
        assert two_flows.of(LegEnded)[0].status == 408

    def test_the_last_flow_fails(self, two_flows: Rig) -> None:
        dial(two_flows)
        for _ in range(2):
            fail(two_flows, two_flows.requests("INVITE")[-1], 430)
        assert len(two_flows.requests("INVITE")) == 2
        [ended] = two_flows.of(LegEnded)
        assert (ended.status, ended.by) == (430, "peer")
        assert two_flows.is_clean()

    def test_given_up_between(self, two_flows: Rig) -> None:
        dial(two_flows)
        first = two_flows.requests("INVITE")[0]
        fail(two_flows, first, 430)
        second = two_flows.requests("INVITE")[-1]
        two_flows.receive(response(second, 180))
        assert two_flows.of(LegRinging)
        two_flows.handle(HangUpLeg("out"))
        [cancel] = two_flows.requests("CANCEL")
        assert cancel.headers.all("Route") == [PATH]
        fail(two_flows, second, 487)
        assert two_flows.is_clean()

    def test_a_flow_without_edge__its_connection_closes_under_the_invite(self, rig: Rig) -> None:
        EdgePhone(rig, call="f1").flow_number(1)
        rig.run_until(5)
        phone = EdgePhone(rig, flow=STREAM, call="f2")
        phone.register(f"{CONTACT};reg-id=2;{INSTANCE}", path="", direct=True)
        dial(rig)
        assert rig.sent[-1].flow == STREAM
        assert rig.requests("INVITE")[0].headers.all("Route") == []
        rig.take(rig.endpoint.stream_closed(STREAM, rig.now))
        assert rig.requests("INVITE")[-1].headers.all("Route") == [PATH]
        assert [binding.reg_id for binding in rig.endpoint.bindings("op1", rig.now)] == [1]


def test_two_phones_are_two(rig: Rig) -> None:
    other = INSTANCE.replace("E128", "E129")
    EdgePhone(rig, call="a").flow_number(1)
    EdgePhone(rig, call="b").register(f"<sip:op1@10.0.0.8;ob>;{other};reg-id=1")
    EdgePhone(rig, flow=DIRECT, call="c").register("<sip:op1@10.0.0.9>", path="", extra="", direct=True)
    assert [binding.contact.host for binding in rig.endpoint.phones("op1", 0)] == ["10.0.0.9", "10.0.0.8", "10.0.0.7"]


@pytest.mark.parametrize("values", [{"extra": OUTBOUND, "path": PATH}, {"extra": "", "path": ""}])
def test_a_register_that_is_repeated_changes_nothing(rig: Rig, values: dict[str, Any]) -> None:
    phone = EdgePhone(rig)
    phone.register(f"{CONTACT};reg-id=1;{INSTANCE}", **values)
    before = rig.endpoint.bindings("op1", 0)
    phone.register(f"{CONTACT};reg-id=1;{INSTANCE}", **values)
    assert rig.endpoint.bindings("op1", 0) == before
