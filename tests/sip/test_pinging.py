"""Whether a trunk answers OPTIONS: up and down with two in a row, in virtual time."""

from typing import Any

import pytest

from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk.trunk_events import TrunkChanged
from ivr.sip.trunk.trunk_settings import Registration
from tests.sip.rig import OURS, Rig, response, with_settings

HOST = "192.0.2.77"
FLOW = Flow("udp", (OURS, 5060), (HOST, 5060))


def started(**trunk: Any) -> Rig:
    target = trunk.pop("target", parse_uri(f"sip:{HOST}"))
    made = Rig(with_settings(trunks=(Trunk("carrier", (HOST,), target=target, ping=30, **trunk),)), FLOW)
    made.take(made.endpoint.start(0.0))
    return made


def pinged(rig: Rig, status: int | None, extra: str = "") -> float:
    """Let the next ping happen and answer it so (None: silence); when it was sent first."""
    known = {one.top_via.branch for one in rig.requests("OPTIONS")}
    while not (new := [one for one in rig.sent if one.message.top_via.branch not in known]):
        due = rig.endpoint.next_timer()
        assert due is not None
        rig.run_until(due)
    if status is None:
        rig.run_until(rig.now + 8.1)
    else:
        rig.run_until(rig.now + .1)
        rig.receive(response(new[0].message, status, extra=extra, contact=""))
    return new[0].at


def states(rig: Rig) -> list[str]:
    return [event.state for event in rig.of(TrunkChanged)]


def ping(rig: Rig) -> str:
    return rig.endpoint.trunks()[0].ping


def test_ping__what_is_sent() -> None:
    rig = started(caller_id="+49301")
    rig.run_until(1.1)
    options = rig.requests("OPTIONS")[0]
    assert str(options.request_uri) == f"sip:{HOST}"
    assert str(options.from_.uri) == f"sip:+49301@{OURS}"
    assert options.to.tag is None
    assert rig.sent[0].flow == FLOW


def test_up__with_its_round_trip() -> None:
    rig = started()
    assert ping(rig) == "unknown"
    first = pinged(rig, 200)
    assert states(rig) == ["up"]
    assert rig.endpoint.trunks()[0].round_trip == pytest.approx(.1)
    assert pinged(rig, 200) - first == pytest.approx(30.1)
    assert states(rig) == ["up"]


@pytest.mark.parametrize("status", [200, 403, 404, 405, 481, 483, 500, 501, 486, 603])
def test_any_answer_is_up(status: int) -> None:
    rig = started()
    pinged(rig, status)
    assert ping(rig) == "up"


@pytest.mark.parametrize("status", [408, 503, None])
def test_down__after_two_in_a_row(status: int | None) -> None:
    rig = started()
    pinged(rig, 200)
    first = pinged(rig, status)
    assert ping(rig) == "failing"
    second = pinged(rig, status)
    assert second - first < 14, "the second question comes soon"
    assert states(rig) == ["up", "down"]
    assert pinged(rig, status) - second > 29
    assert ping(rig) == "down"


def test_one_lost_ping__is_no_news() -> None:
    rig = started()
    pinged(rig, 200)
    pinged(rig, None)
    pinged(rig, 200)
    assert (states(rig), ping(rig)) == (["up"], "up")


def test_up_again__after_two_answers() -> None:
    rig = started()
    for status in (None, None, 200):
        pinged(rig, status)
    assert (states(rig), ping(rig)) == (["down"], "recovering")
    pinged(rig, None)
    assert ping(rig) == "down"
    for status in (200, 200):
        pinged(rig, status)
    assert states(rig) == ["down", "up"]


def test_late_answer__changes_nothing() -> None:
    rig = started()
    pinged(rig, None)
    late = rig.requests("OPTIONS")[0]
    rig.receive(response(late, 200, contact=""))
    assert ping(rig) == "failing"
    rig.run_until(rig.now + 40)
    assert states(rig) == ["down"]


def test_challenge__answered_with_the_password_of_the_registration() -> None:
    registration = Registration("4930123", parse_uri(f"sip:{HOST}"), "secret")
    rig = started(registration=registration)
    rig.run_until(1.1)
    options = rig.requests("OPTIONS")[-1]
    rig.receive(response(options, 407, extra='Proxy-Authenticate: Digest realm="p", nonce="n", qop="auth"\r\n',
                         contact=""))
    again = rig.requests("OPTIONS")[-1]
    assert 'username="4930123"' in (again.headers.get("Proxy-Authorization") or "")
    rig.receive(response(again, 407, extra='Proxy-Authenticate: Digest realm="p", nonce="m", qop="auth"\r\n',
                         contact=""))
    assert ping(rig) == "up", "whoever asks for a password is there"


def test_could_not_be_sent() -> None:
    rig = started(target=parse_uri(f"sip:{HOST};transport=tcp"))
    rig.run_until(1.1)
    rig.take(rig.endpoint.send_failed(rig.sent[-1].flow, rig.now))
    assert ping(rig) == "failing"


def test_second_address__is_asked_after_a_lost_ping() -> None:
    rig = started(target=parse_uri("sip:carrier.example:5060"))
    for question in [one.question for one in rig.others]:
        rig.take(rig.endpoint.looked_up(question, ("192.0.2.1", "192.0.2.2") if question.kind == "A" else (), 0.0))
    pinged(rig, None)
    assert rig.endpoint.trunks()[0].addresses == ("192.0.2.1", "192.0.2.2")
    pinged(rig, 200)
    assert rig.endpoint.trunks()[0].addresses == ("192.0.2.2", "192.0.2.1")
    assert ping(rig) == "up"


def test_stopped__no_ping_any_more() -> None:
    rig = started()
    pinged(rig, 200)
    rig.take(rig.endpoint.unregister(rig.now))
    count = len(rig.requests("OPTIONS"))
    rig.run_out()
    assert len(rig.requests("OPTIONS")) == count
    assert rig.is_clean()
