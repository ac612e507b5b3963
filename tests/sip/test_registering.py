"""A trunk that registers: our endpoint against a registrar that is scripted, message by message."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.base.machine import Machine
from ivr.sip.effects import CloseStream
from ivr.sip.message.headers import parse_auth
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from ivr.sip.trunk import pinging, registering
from ivr.sip.trunk.trunk_events import TrunkChanged
from ivr.sip.trunk.trunk_settings import Registration
from tests.sip.rig import OURS, Rig, invite, response, with_settings

PROVIDER = "192.0.2.77"
FLOW = Flow("udp", (OURS, 5060), (PROVIDER, 5060))
REGISTRATION = Registration("4930123", parse_uri(f"sip:{PROVIDER}"), "secret", expires=600)
CHALLENGE = 'Digest realm="provider", nonce="n1", algorithm=MD5, qop="auth"'


def started(registration: Registration = REGISTRATION, **trunk: Any) -> Rig:
    made = Rig(with_settings(trunks=(Trunk("carrier", registration=registration, **trunk),)), FLOW)
    made.take(made.endpoint.start(0.0))
    return made


def last(rig: Rig, method: str = "REGISTER") -> Request:
    return rig.requests(method)[-1]


def answer(rig: Rig, status: int, extra: str = "", contact: str | None = None) -> None:
    """The registrar's answer to our last REGISTER; a 200 keeps our Contact for as long as we asked."""
    asked = last(rig)
    if contact is None:
        uri = asked.contacts[0].uri
        contact = f"<{uri}>;expires={asked.expires}" if status == 200 and asked.expires else ""
    rig.receive(response(asked, status, extra=extra, contact=contact))


def challenge(rig: Rig, text: str = CHALLENGE, status: int = 401) -> dict[str, str]:
    """Challenge our last REGISTER; the credentials of the next one."""
    name, answered = ("WWW", "Authorization") if status == 401 else ("Proxy", "Proxy-Authorization")
    answer(rig, status, "".join(f"{name}-Authenticate: {value}\r\n" for value in text.split("\n")))
    return parse_auth(last(rig).headers.get(answered) or "none")


def states(rig: Rig) -> list[str]:
    return [event.state for event in rig.of(TrunkChanged)]


def gap(rig: Rig, count: int) -> float:
    """Let time pass until the REGISTER number `count`; the seconds since the one before."""
    while len(rig.times("REGISTER")) < count:
        due = rig.endpoint.next_timer()
        assert due is not None
        assert due < 100_000
        rig.run_until(due)
    return rig.times("REGISTER")[count - 1] - rig.times("REGISTER")[count - 2]


def test_register__what_is_sent() -> None:
    rig = started()
    register = last(rig)
    assert str(register.request_uri) == f"sip:{PROVIDER}"
    assert str(register.to.uri) == str(register.from_.uri) == f"sip:4930123@{PROVIDER}"
    assert str(register.contacts[0].uri) == f"sip:4930123@{OURS}:5060"
    assert register.expires == 600
    assert register.headers.get("Authorization") is None
    assert rig.sent[-1].flow == FLOW


def test_register__other_names_for_contact_and_password() -> None:
    rig = started(replace(REGISTRATION, contact_user="line1", auth_user="u77"))
    assert str(last(rig).contacts[0].uri) == f"sip:line1@{OURS}:5060"
    assert challenge(rig)["username"] == "u77"


def test_register__through_an_outbound_proxy() -> None:
    rig = started(replace(REGISTRATION, registrar=parse_uri("sip:provider.example")),
                  outbound_proxy=parse_uri("sip:192.0.2.78:5070"))
    assert str(last(rig).request_uri) == "sip:provider.example"
    assert last(rig).headers.get("Route") == "<sip:192.0.2.78:5070;lr>"
    assert rig.sent[-1].flow.remote == ("192.0.2.78", 5070)


@pytest.mark.parametrize("status", [401, 407])
def test_challenge__answered_and_registered(status: int) -> None:
    rig = started()
    given = challenge(rig, status=status)
    assert (given["username"], given["realm"], given["uri"]) == ("4930123", "provider", f"sip:{PROVIDER}")
    assert [one.cseq.number for one in rig.requests("REGISTER")] == [1, 2]
    assert len({one.sip_call_id for one in rig.requests("REGISTER")}) == 1
    answer(rig, 200)
    assert states(rig) == ["registered"]
    found = rig.endpoint.trunks()[0]
    assert (found.registration, found.expires_at) == ("registered", 600)


def test_challenge__several__the_strongest_is_answered() -> None:
    rig = started()
    given = challenge(rig, "\n".join((
        'Digest realm="provider", nonce="n1", algorithm=MD5, qop="auth"',
        'Digest realm="provider", nonce="n1", algorithm=SHA-512-256, qop="auth"',
        'Digest realm="provider", nonce="n1", algorithm=SHA-256, qop="auth"',
        'Digest realm="provider", nonce="n1", algorithm=AKAv1-MD5, qop="auth"',
        'Bearer realm="provider"')))
    assert given["algorithm"] == "SHA-512-256"
    assert len(given["response"]) == 64
    assert len(last(rig).headers.all("Authorization")) == 1


def test_challenge__without_qop_as_of_rfc_2069() -> None:
    given = challenge(started(), 'Digest realm="provider", nonce="n1"')
    assert "qop" not in given
    assert len(given["response"]) == 32


def test_challenge__stale__answered_again() -> None:
    rig = started()
    challenge(rig)
    given = challenge(rig, 'Digest realm="provider", nonce="n2", algorithm=MD5, qop="auth", stale=true')
    assert given["nonce"] == "n2"
    answer(rig, 200)
    assert states(rig) == ["registered"]


def test_challenge__stale_for_ever__given_up() -> None:
    rig = started()
    for number in range(1, 5):
        challenge(rig, f'Digest realm="provider", nonce="n{number}", qop="auth", stale=true')
    assert len(rig.requests("REGISTER")) == 4
    assert states(rig) == ["refused"]


def test_wrong_password__asked_again_after_minutes_only() -> None:
    rig = started()
    challenge(rig)
    challenge(rig, 'Digest realm="provider", nonce="n2", algorithm=MD5, qop="auth"')
    assert rig.of(TrunkChanged) == [TrunkChanged("carrier", "refused", "401 user or password refused")]
    assert len(rig.requests("REGISTER")) == 2
    pauses = []
    for count in (3, 5, 7, 9, 11):
        pauses.append(gap(rig, count))
        challenge(rig)
        challenge(rig, 'Digest realm="provider", nonce="n2", algorithm=MD5, qop="auth"')
    assert all(pause >= 300 for pause in pauses)
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 3600 * 1.1 + 1
    assert states(rig) == ["refused"], "the same failure is told once"
    assert "secret" not in repr(rig.endpoint.trunks()) + repr(REGISTRATION)


@pytest.mark.parametrize("status", [403, 404])
def test_refused_at_once__long_pause(status: int) -> None:
    rig = started()
    answer(rig, status)
    assert states(rig) == ["refused"]
    assert gap(rig, 2) >= 300


def test_refresh__before_the_end_with_a_share_by_chance() -> None:
    gaps = set()
    for seed in range(5):
        rig = Rig(with_settings(trunks=(Trunk("carrier", registration=REGISTRATION),)), FLOW, seed)
        rig.take(rig.endpoint.start(0.0))
        answer(rig, 200, contact=f"<sip:4930123@{OURS}:5060>;expires=100")
        gaps.add(gap(rig, 2))
    assert len(gaps) == 5
    assert all(60 <= one <= 80 for one in gaps)


@pytest.mark.parametrize(("extra", "contact", "granted"), [
    ("Expires: 90\r\n", "", 90),
    ("", "<sip:4930123@198.51.100.1:5060>;expires=70, <sip:other@192.0.2.1>;expires=30", 70),
    ("", "<sip:4930123@10.0.0.9:40000>;expires=70", 70),
    ("Expires: 90\r\n", "<sip:a@192.0.2.1>;expires=20, <sip:b@192.0.2.2>;expires=30", 90),
    ("", "", 600),
    ("", "<sip:4930123@198.51.100.1:5060>;expires=4294967295", 86400),
])
def test_granted(extra: str, contact: str, granted: int) -> None:
    rig = started()
    answer(rig, 200, extra, contact)
    assert rig.endpoint.trunks()[0].expires_at == granted


def test_granted_nothing__is_a_failure() -> None:
    rig = started()
    answer(rig, 200, "Expires: 0\r\n", "")
    assert states(rig) == ["failing"]


def test_next_nonce__answered_in_advance() -> None:
    rig = started()
    challenge(rig)
    answer(rig, 200, 'Authentication-Info: qop=auth, nextnonce="n7"\r\n')
    gap(rig, 3)
    given = parse_auth(last(rig).headers.get("Authorization") or "")
    assert (given["nonce"], given["nc"], given["realm"]) == ("n7", "00000001", "provider")
    answer(rig, 200)
    gap(rig, 4)
    assert last(rig).headers.get("Authorization") is None, "no nonce was announced this time"


def test_next_nonce__refused_is_no_wrong_password() -> None:
    rig = started()
    challenge(rig)
    answer(rig, 200, 'Authentication-Info: nextnonce="n7"\r\n')
    gap(rig, 3)
    given = challenge(rig, 'Digest realm="provider", nonce="n8", algorithm=MD5, qop="auth"')
    assert given["nonce"] == "n8"
    assert len(last(rig).headers.all("Authorization")) == 1
    answer(rig, 200)
    assert states(rig) == ["registered"]


def test_too_brief__asks_for_what_the_registrar_wants() -> None:
    rig = started()
    answer(rig, 423, "Min-Expires: 1800\r\n")
    assert [one.expires for one in rig.requests("REGISTER")] == [600, 1800]
    answer(rig, 200)
    assert rig.endpoint.trunks()[0].expires_at == 1800


@pytest.mark.parametrize("least", ["10", "never", "100000000"])
def test_too_brief__nonsense_is_a_failure(least: str) -> None:
    rig = started()
    answer(rig, 423, f"Min-Expires: {least}\r\n")
    assert states(rig) == ["failing"]
    assert len(rig.requests("REGISTER")) == 1


@pytest.mark.parametrize("status", [503, 500, 486])
def test_retry_after__obeyed(status: int) -> None:
    rig = started()
    answer(rig, status, "Retry-After: 120 (maintenance)\r\n")
    assert rig.of(TrunkChanged)[0].state == "failing"
    assert 120 <= gap(rig, 2) <= 121


def test_retry_after__bounded() -> None:
    rig = started()
    answer(rig, 503, "Retry-After: 4000000\r\n")
    assert gap(rig, 2) <= 3601


def test_failures__pauses_double_within_bounds() -> None:
    rig = started()
    pauses = []
    for count in range(2, 12):
        answer(rig, 503)
        pauses.append(gap(rig, count))
    for index, pause in enumerate(pauses):
        whole = min(1800, 30 * 2 ** index)
        assert whole / 2 <= pause <= whole
    answer(rig, 200)
    gap(rig, 12)
    answer(rig, 503)
    assert gap(rig, 13) <= 30, "after a success it begins anew"


def test_silence__is_a_failure_after_32_s() -> None:
    rig = started()
    rig.run_until(31)
    assert states(rig) == []
    rig.run_until(33)
    assert rig.of(TrunkChanged) == [TrunkChanged("carrier", "failing", "408 no answer")]
    first = last(rig)
    rig.run_until(70)
    assert last(rig).sip_call_id == first.sip_call_id
    answer(rig, 200)
    assert states(rig)[-1] == "registered"


def test_refresh_fails__the_next_one_mends_it() -> None:
    rig = started()
    answer(rig, 200)
    gap(rig, 2)
    answer(rig, 500)
    assert states(rig) == ["registered", "failing"]
    gap(rig, 3)
    answer(rig, 200)
    assert states(rig) == ["registered", "failing", "registered"]


def test_two_addresses__the_second_is_tried_at_once_and_kept() -> None:
    rig = started(replace(REGISTRATION, registrar=parse_uri("sip:provider.example:5060")))
    assert rig.requests() == []
    look_up(rig, {"provider.example": ["192.0.2.1", "192.0.2.2"]})
    assert rig.sent[-1].flow.remote[0] == "192.0.2.1"
    answer(rig, 503)
    assert rig.sent[-1].flow.remote[0] == "192.0.2.2"
    answer(rig, 200)
    assert states(rig) == ["registered"]
    gap(rig, 3)
    assert rig.sent[-1].flow.remote[0] == "192.0.2.2"


def test_two_addresses__both_fail() -> None:
    rig = started(replace(REGISTRATION, registrar=parse_uri("sip:provider.example:5060")))
    look_up(rig, {"provider.example": ["192.0.2.1", "192.0.2.2"]})
    answer(rig, 503)
    answer(rig, 503)
    assert states(rig) == ["failing"]
    assert gap(rig, 3) >= 15


def test_no_address__asked_again_and_told_once() -> None:
    rig = started(replace(REGISTRATION, registrar=parse_uri("sip:provider.example:5060")))
    look_up(rig, {})
    assert states(rig) == ["failing"]
    rig.others.clear()
    rig.run_until(40)
    look_up(rig, {})
    assert states(rig) == ["failing"]
    rig.others.clear()
    rig.run_until(80)
    look_up(rig, {"provider.example": ["192.0.2.1"]})
    assert len(rig.requests("REGISTER")) == 1


def look_up(rig: Rig, addresses: dict[str, list[str]]) -> None:
    """Answer every question to the name service."""
    asked = [one.question for one in rig.others if not isinstance(one, CloseStream)]
    rig.others.clear()
    for question in asked:
        records = tuple(addresses.get(question.name, ())) if question.kind == "A" else ()
        rig.take(rig.endpoint.looked_up(question, records, rig.now))


# --- the way of calls to us


def test_call_from_the_registrar__is_the_trunks() -> None:
    rig = started(dialled_from="to")
    answer(rig, 200)
    rig.receive(invite(uri=f"sip:4930123@{OURS}:5060"))
    offered = rig.events[-1]
    assert (offered.trunk, offered.dialled) == ("carrier", "100")


def test_call_from_elsewhere_or_to_another_user__is_a_strangers() -> None:
    rig = started()
    answer(rig, 200)
    rig.receive(invite(uri=f"sip:4930123@{OURS}:5060", call="c1"), replace(FLOW, remote=("192.0.2.9", 5060)))
    rig.receive(invite(uri=f"sip:100@{OURS}:5060", call="c2"))
    assert [event.trunk for event in rig.events[-2:]] == [None, None]


# --- connections


TCP = Flow("tcp", (OURS, 5060), (PROVIDER, 5060), 7)
OVER_TCP = replace(REGISTRATION, registrar=parse_uri(f"sip:{PROVIDER};transport=tcp"))


def test_connection_closes__registered_again_within_a_second() -> None:
    rig = started(OVER_TCP)
    assert rig.sent[-1].flow == replace(TCP, connection=0)
    assert str(last(rig).contacts[0].uri) == f"sip:4930123@{OURS}:5060;transport=tcp"
    rig.flow = TCP
    answer(rig, 200)
    rig.run_until(100)
    rig.take(rig.endpoint.stream_closed(TCP, rig.now))
    assert states(rig) == ["registered", "failing"]
    rig.run_until(101)
    assert len(rig.requests("REGISTER")) == 2
    answer(rig, 200)
    assert states(rig)[-1] == "registered"


def test_connection_closes_after_each_answer__no_hammering() -> None:
    rig = started(OVER_TCP)
    for count in range(2, 6):
        rig.flow = replace(TCP, connection=count)
        answer(rig, 200)
        rig.take(rig.endpoint.stream_closed(rig.flow, rig.now))
        assert gap(rig, count) >= 15


def test_connection_refused() -> None:
    rig = started(OVER_TCP)
    rig.take(rig.endpoint.send_failed(replace(TCP, connection=0), rig.now))
    assert rig.of(TrunkChanged) == [TrunkChanged("carrier", "failing", "503 could not be sent")]


# --- leaving


def test_unregister__with_a_challenge() -> None:
    rig = started()
    answer(rig, 200)
    rig.take(rig.endpoint.unregister(rig.now))
    assert last(rig).expires == 0
    assert rig.endpoint.parting == 1
    challenge(rig)
    assert last(rig).expires == 0
    answer(rig, 200)
    assert states(rig) == ["registered", "unregistered"]
    assert rig.endpoint.parting == 0
    assert rig.is_clean()


def test_unregister__while_a_register_is_out() -> None:
    rig = started()
    rig.take(rig.endpoint.unregister(rig.now))
    assert len(rig.requests("REGISTER")) == 1
    answer(rig, 200)
    assert last(rig).expires == 0
    rig.run_until(40)
    assert states(rig) == ["unregistered"]
    assert rig.is_clean()


def test_unregister__never_registered() -> None:
    rig = started()
    answer(rig, 403)
    rig.take(rig.endpoint.unregister(rig.now))
    assert len(rig.requests("REGISTER")) == 1
    assert rig.is_clean()


# --- every state meets every event


@pytest.mark.parametrize("machine", [registering.Registering("t", 600, lambda: .5), pinging.Pinging("t", 30)])
def test_tables__late_events_have_rows(machine: Machine) -> None:
    """What the network may bring at any time must have a row in every state where it can come."""
    network = {registering.Registering: (registering.AddressesFound, registering.ConnectionLost, registering.Stop),
               pinging.Pinging: (pinging.PingDue, pinging.Doubted)}[type(machine)]     # type: ignore[index]
    for state in type(machine.state):
        for event in network:
            assert (state, event) in machine.table, (state, event)
