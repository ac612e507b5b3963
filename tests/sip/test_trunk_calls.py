"""Calls through trunks: which one they take and how they look, and the limits of both directions."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.sip.commands import DialLeg, HangUpLeg, RejectLeg
from ivr.sip.events import LegAnswered, LegEnded, LegOffered
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Credential, Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_calls import written
from ivr.sip.trunk.trunk_events import LegRouted
from ivr.sip.trunk.trunk_settings import NumberFormat, Registration
from tests.sip.rig import OUR_SDP, OURS, SDP, Rig, invite, response, with_settings

A, B = "192.0.2.1", "192.0.2.2"
CHALLENGE = 'Proxy-Authenticate: Digest realm="{}", nonce="n", qop="auth"\r\n'


def trunk(name: str, host: str, **settings: Any) -> Trunk:
    return Trunk(name, (host,), **{"target": parse_uri(f"sip:{host}"), "caller_id": "+4930555", **settings})


def started(*trunks: Trunk, **settings: Any) -> Rig:
    made = Rig(with_settings(trunks=trunks or (trunk("one", A, priority=1), trunk("two", B, priority=2)), **settings))
    made.take(made.endpoint.start(0.0))
    return made


def dial(rig: Rig, number: str = "tel:+49-30-123", leg: str = "L", caller: str = "+33199") -> None:
    rig.handle(DialLeg(leg, parse_uri(number), OUR_SDP, caller, "Caller"))


def answer(rig: Rig, status: int, extra: str = "", body: str = "", tag: str = "b1") -> None:
    """The answer to our last INVITE."""
    last = rig.requests("INVITE")[-1]
    host = str(last.request_uri.host)
    rig.receive(response(last, status, tag=tag, body=body, extra=extra, contact=f"<sip:{host}>"),
                Flow("udp", (OURS, 5060), (host, 5060)))


def ways(rig: Rig) -> list[str]:
    """The trunks that were tried, in order."""
    return [event.trunk for event in rig.of(LegRouted)]


def calls(rig: Rig) -> list[int]:
    return [status.calls for status in rig.endpoint.trunks()]


# --- how an INVITE looks


def test_invite__number_and_caller() -> None:
    rig = started()
    dial(rig)
    request = rig.requests("INVITE")[0]
    assert str(request.request_uri) == f"sip:+4930123@{A};user=phone"
    assert str(request.from_.uri) == f"sip:+4930555@{OURS}"
    assert request.from_.display_name == ""
    assert request.headers.get("P-Asserted-Identity") is None
    assert rig.of(LegRouted) == [LegRouted("L", "one", Flow("udp", (OURS, 5060), (A, 5060)))]
    answer(rig, 200, body=SDP)
    assert rig.of(LegAnswered)
    rig.handle(HangUpLeg("L"))
    assert rig.requests("BYE")


def test_invite__pass_caller() -> None:
    rig = started(trunk("one", A, pass_caller=True, identity_header="p_asserted_identity"))
    dial(rig)
    request = rig.requests("INVITE")[0]
    assert (request.from_.uri.user, request.from_.display_name) == ("+33199", "Caller")
    assert request.headers.get("P-Asserted-Identity") == f"<sip:+4930555@{OURS}>"


def test_invite__pass_caller_who_withholds_the_number() -> None:
    rig = started(trunk("one", A, pass_caller=True, identity_header="p_preferred_identity"))
    dial(rig, caller="")
    request = rig.requests("INVITE")[0]
    assert (request.from_.uri.user, request.from_.display_name) == ("+4930555", "")
    assert request.headers.get("P-Preferred-Identity") == f"<sip:+4930555@{OURS}>"


def test_invite__of_a_registered_trunk_through_its_proxy() -> None:
    registration = Registration("4930123", parse_uri("sip:provider.example"), "secret", contact_user="us")
    rig = started(Trunk("one", registration=registration, outbound_proxy=parse_uri(f"sip:{A}")))
    dial(rig)
    request = rig.requests("INVITE")[0]
    assert str(request.request_uri) == "sip:+4930123@provider.example;user=phone"
    assert str(request.from_.uri) == "sip:4930123@provider.example"
    assert str(request.contacts[0].uri) == f"sip:us@{OURS}:5060"
    assert request.headers.get("Route") == f"<sip:{A};lr>"
    assert rig.sent[-1].flow.remote == (A, 5060)


@pytest.mark.parametrize(("form", "number", "expected"), [
    (NumberFormat("plus"), "+4930123", "+4930123"),
    (NumberFormat("e164"), "+4930123", "4930123"),
    (NumberFormat("national", "49"), "+4930123", "030123"),
    (NumberFormat("national", "49"), "+33199", "0033199"),
    (NumberFormat("national", "7", "8", "810"), "+74951234567", "84951234567"),
    (NumberFormat("national", "49"), "112", "112"),
])
def test_number_format(form: NumberFormat, number: str, expected: str) -> None:
    assert written(number, form) == expected


def test_dial_prefix_and_hostile_number() -> None:
    rig = started(trunk("one", A, numbers=NumberFormat("e164", dial_prefix="9")))
    dial(rig, "tel:+49@evil.example")
    assert rig.requests("INVITE")[0].request_uri.host == A
    assert rig.sent[-1].flow.remote == (A, 5060)


# --- which trunk


@pytest.mark.parametrize("status", [408, 430, 500, 502, 503, 504, 580])
def test_next_trunk__where_one_fails(status: int) -> None:
    rig = started()
    dial(rig)
    answer(rig, status)
    assert ways(rig) == ["one", "two"]
    first, second = rig.requests("INVITE")
    assert (first.from_.tag, first.cseq) != (second.from_.tag, second.cseq), "or a shared callee takes it for the same"
    answer(rig, 200, body=SDP)
    assert rig.of(LegAnswered)
    assert calls(rig) == [0, 1]
    rig.handle(HangUpLeg("L"))
    assert rig.requests("BYE")[0].from_.tag == second.from_.tag
    assert calls(rig) == [0, 0]


@pytest.mark.parametrize("status", [302, 403, 404, 410, 480, 484, 486, 487, 488, 600, 603, 604])
def test_no_next_trunk__where_the_callee_is_the_reason(status: int) -> None:
    rig = started()
    dial(rig)
    answer(rig, status)
    assert ways(rig) == ["one"]
    assert rig.of(LegEnded)[0].status == status


def test_next_trunk__silence() -> None:
    rig = started()
    dial(rig)
    assert ways(rig) == ["one"]
    rig.run_until(33)
    assert ways(rig) == ["one", "two"]
    rig.run_until(70)
    assert [(event.by, event.status) for event in rig.of(LegEnded)] == [("network", 408)]
    assert rig.is_clean()


def test_next_trunk__could_not_be_sent() -> None:
    rig = started(trunk("one", A, target=parse_uri(f"sip:{A};transport=tcp")), trunk("two", B))
    dial(rig)
    rig.take(rig.endpoint.send_failed(rig.sent[-1].flow, rig.now))
    assert ways(rig) == ["one", "two"]


def test_all_trunks_fail__the_last_answer_counts() -> None:
    rig = started()
    dial(rig)
    answer(rig, 500)
    answer(rig, 503)
    assert [(event.by, event.status) for event in rig.of(LegEnded)] == [("peer", 503)]
    assert calls(rig) == [0, 0]
    assert rig.is_clean()


def test_408_after_ringing__nobody_answered() -> None:
    rig = started()
    dial(rig)
    answer(rig, 180)
    answer(rig, 408)
    assert ways(rig) == ["one"]
    assert rig.of(LegEnded)[0].status == 408


def test_503_after_early_media__next_trunk() -> None:
    rig = started()
    dial(rig)
    answer(rig, 183, body=SDP)
    answer(rig, 503)
    answer(rig, 180, tag="b2")
    answer(rig, 200, body=SDP, tag="b2")
    assert ways(rig) == ["one", "two"]
    assert len(rig.of(LegAnswered)) == 1
    rig.handle(HangUpLeg("L"))
    rig.receive(response(rig.requests("BYE")[-1], 200, contact=""))
    assert rig.is_clean()


def test_hang_up_while_the_second_is_tried() -> None:
    rig = started()
    dial(rig)
    answer(rig, 503)
    answer(rig, 100)
    rig.handle(HangUpLeg("L"))
    assert rig.requests("CANCEL")[0].request_uri.host == B
    answer(rig, 487)
    assert rig.of(LegEnded)[0].status == 487
    assert calls(rig) == [0, 0]
    assert rig.is_clean()


def test_no_trunk() -> None:
    for rig in (Rig(), started(Trunk("in", (A,)))):
        dial(rig)
        assert rig.of(LegEnded) == [LegEnded("L", "network", 503, "no trunk")]
        assert rig.is_clean()


def test_down_trunk__is_tried_last() -> None:
    rig = started(trunk("one", A, priority=1, ping=30), trunk("two", B, priority=2))
    rig.run_until(60)
    assert rig.endpoint.trunks()[0].ping == "down"
    dial(rig)
    answer(rig, 503)
    assert ways(rig) == ["two", "one"]


def test_failed_registration__is_tried_last() -> None:
    registration = Registration("4930123", parse_uri(f"sip:{A}"), "secret")
    rig = started(Trunk("one", registration=registration, priority=1), trunk("two", B, priority=2))
    rig.receive(response(rig.requests("REGISTER")[0], 403, contact=""))
    dial(rig)
    assert ways(rig) == ["two"]


def test_doubt__a_trunk_that_fails_a_call_is_pinged_at_once() -> None:
    rig = started(trunk("one", A, priority=1, ping=600), trunk("two", B, priority=2))
    rig.run_until(1.1)
    rig.receive(response(rig.requests("OPTIONS")[-1], 200, contact=""))
    dial(rig)
    answer(rig, 503)
    rig.run_until(2)
    assert len({one.top_via.branch for one in rig.requests("OPTIONS")}) == 2


def test_challenge__each_trunk_gets_its_own_password() -> None:
    one = Registration("user1", parse_uri(f"sip:{A}"), "secret1")
    rig = started(Trunk("one", registration=one, priority=1), trunk("two", B, priority=2),
                  credentials=(Credential("*", "user2", "secret2"),))
    rig.receive(response(rig.requests("REGISTER")[-1], 407, extra=CHALLENGE.format("r"), contact=""))
    rig.receive(response(rig.requests("REGISTER")[-1], 200, contact=""))
    dial(rig)
    answer(rig, 407, CHALLENGE.format("r"))
    assert 'username="user1"' in (rig.requests("INVITE")[-1].headers.get("Proxy-Authorization") or "")
    answer(rig, 407, CHALLENGE.format("r"))
    assert ways(rig) == ["one", "two"], "a trunk that does not take our password is passed over"
    answer(rig, 407, CHALLENGE.format("r"))
    assert 'username="user2"' in (rig.requests("INVITE")[-1].headers.get("Proxy-Authorization") or "")


@pytest.mark.parametrize(("realm", "answered"), [("r", True), (A, True), ("mallory", False)])
def test_challenge__of_whoever_was_called__gets_nothing(realm: str, answered: bool) -> None:
    """Else a callee gets a digest of the provider's password by naming any realm."""
    rig = started(Trunk("one", registration=Registration("user1", parse_uri(f"sip:{A}"), "secret1")))
    rig.receive(response(rig.requests("REGISTER")[-1], 401, contact="",
                         extra=CHALLENGE.format("r").replace("Proxy", "WWW")))
    rig.receive(response(rig.requests("REGISTER")[-1], 200, contact=""))
    dial(rig)
    answer(rig, 407, CHALLENGE.format(realm))
    assert (rig.requests("INVITE")[-1].headers.get("Proxy-Authorization") is not None) is answered


def test_challenge__of_the_configured_realm_alone() -> None:
    registration = Registration("user1", parse_uri(f"sip:{A}"), "secret1", realm="calls")
    rig = started(Trunk("one", registration=registration))
    rig.receive(response(rig.requests("REGISTER")[-1], 200, contact=""))
    dial(rig)
    answer(rig, 407, CHALLENGE.format("calls"))
    assert 'realm="calls"' in (rig.requests("INVITE")[-1].headers.get("Proxy-Authorization") or "")


# --- limits


def test_max_calls__of_ours() -> None:
    rig = started(trunk("one", A, priority=1, max_calls=1), trunk("two", B, priority=2, max_calls=1))
    for leg in ("L1", "L2", "L3"):
        dial(rig, leg=leg)
    assert ways(rig) == ["one", "two"]
    assert rig.of(LegEnded) == [LegEnded("L3", "network", 503, "no trunk")]
    assert calls(rig) == [1, 1]
    rig.handle(HangUpLeg("L1"))
    dial(rig, leg="L4")
    assert ways(rig)[-1] == "one"


@pytest.mark.parametrize("full_status", [486, 480, 503])
def test_max_calls__of_theirs(full_status: int) -> None:
    rig = started(trunk("one", A, max_calls=1, full_status=full_status))
    theirs = Flow("udp", (OURS, 5060), (A, 5060))
    rig.receive(invite(call="c1"), theirs)
    assert rig.of(LegOffered)[0].trunk == "one"
    rig.receive(invite(call="c2"), theirs)
    assert rig.statuses("INVITE") == [100, full_status]
    assert (rig.responses("INVITE")[-1].retry_after is not None) == (full_status == 503)
    rig.handle(RejectLeg(rig.leg, 486))
    rig.receive(invite(call="c3"), theirs)
    assert len(rig.of(LegOffered)) == 2


def test_calls_per_second__both_directions() -> None:
    rig = started(trunk("one", A, calls_per_second=2.0))
    theirs = Flow("udp", (OURS, 5060), (A, 5060))
    dial(rig)
    for call in ("c1", "c2"):
        rig.receive(invite(call=call), theirs)
    assert rig.statuses("INVITE") == [100, 486]
    rig.run_until(.5)
    rig.receive(invite(call="c3"), theirs)
    rig.receive(invite(call="c4"), theirs)
    assert len(rig.of(LegOffered)) == 2
    rig.receive(invite(call="c5"))
    assert rig.of(LegOffered)[-1].trunk is None


def test_limits__others_are_not_concerned() -> None:
    rig = started(trunk("one", A, max_calls=1))
    rig.receive(invite(call="c1"), Flow("udp", (OURS, 5060), (A, 5060)))
    rig.receive(invite(call="c2"))
    assert rig.statuses("INVITE") == [100, 100]
    assert [event.trunk for event in rig.of(LegOffered)] == ["one", None]


def test_withheld_number__of_a_trunk() -> None:
    rig = started(replace(trunk("one", A), caller_from="from"))
    text = invite(call="c1").replace('"Alice" <sip:alice@192.0.2.9>', '"Anonymous" <sip:anonymous@anonymous.invalid>')
    rig.receive(text, Flow("udp", (OURS, 5060), (A, 5060)))
    assert (rig.of(LegOffered)[0].caller_number, rig.of(LegOffered)[0].caller_name) == ("", "")


def test_silent_trunk__left_after_seconds_and_cancelled_when_it_wakes() -> None:
    rig = started()
    dial(rig)
    first = rig.requests("INVITE")[0]
    rig.run_until(6)
    assert ways(rig) == ["one", "two"], "a caller does not wait 32 s for the second one"
    answer(rig, 200, body=SDP, tag="b2")
    rig.receive(response(first, 180, tag="late", contact=f"<sip:{A}>"), Flow("udp", (OURS, 5060), (A, 5060)))
    assert [one.request_uri.host for one in rig.requests("CANCEL")] == [A]
    assert len(rig.of(LegAnswered)) == 1
    assert calls(rig) == [0, 1]


def test_silent_trunk__is_waited_for_where_the_next_one_is_full() -> None:
    rig = started(trunk("one", A, priority=2), trunk("two", B, priority=1, max_calls=1))
    dial(rig, leg="L1")
    dial(rig, leg="L2")
    rig.run_until(10)
    assert ways(rig)[:2] == ["two", "one"]
    assert rig.of(LegEnded) == []
