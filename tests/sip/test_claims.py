"""Which names exist is not to be seen from outside; TLS where it is asked for."""

from dataclasses import replace

import pytest

from ivr.sip.events import LegOffered
from ivr.sip.gate.news import InsecureRefused
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OURS, PEER, UDP, Rig, authorization, invite, request, with_settings

SECRET = "op1"
TLS = Flow("tls", (OURS, 5061), (PEER, 40000), 1)


def answers(text: str, flow: Flow = UDP) -> list[int]:
    rig = Rig(with_settings(accounts=ACCOUNTS))
    rig.receive(text, flow)
    return rig.statuses()


def named(text: str, name: str, host: str) -> str:
    """The request with a From of that name and host."""
    begin, end = text.index("From:"), text.index("\r\n", text.index("From:"))
    return f"{text[:begin]}From: <sip:{name}@{host}>;tag=a{text[end:]}"


@pytest.mark.parametrize("host", [OURS, PEER, "hotline", "elsewhere.example.com"])
@pytest.mark.parametrize(("method", "uri"), [
    ("REGISTER", "sip:198.51.100.1"), ("INVITE", "sip:100@198.51.100.1"), ("INVITE", f"sip:{SECRET}@198.51.100.1"),
    ("OPTIONS", "sip:100@198.51.100.1"), ("OPTIONS", f"sip:{SECRET}@198.51.100.1"),
    ("SUBSCRIBE", "sip:100@198.51.100.1")])
def test_a_name_that_exists_is_answered_as_one_that_does_not(method: str, uri: str, host: str) -> None:
    """As svwar asks: the name in From, in To, and in the Request-URI."""
    texts = [named(request(method, uri=uri.replace(SECRET, name)), name, host).replace("<sip:100@", f"<sip:{name}@", 1)
             for name in (SECRET, "nobody")]
    assert answers(texts[0]) == answers(texts[1])
    assert answers(texts[0])


def test_in_our_domain_nobody_calls_without_a_password() -> None:
    assert answers(named(invite(), "op1", OURS)) == [401]
    assert answers(named(invite(), "nobody", OURS)) == [401]
    assert answers(named(invite(), "nobody", "hotline")) == [401]


def test_from_elsewhere_a_name_of_ours_is_as_good_as_any() -> None:
    rig = Rig(with_settings(accounts=ACCOUNTS))
    rig.receive(named(invite(), "op1", PEER))
    assert rig.of(LegOffered)[0].account is None


def test_on_this_machine_only_names_of_ours_are_challenged() -> None:
    here = Flow("udp", (OURS, 5060), (OURS, 40000))
    assert answers(named(invite(), "op1", OURS), here) == [401]
    assert answers(named(invite(), "nobody", OURS), here) == [100]


def test_where_a_phone_is_registered_its_name_is_challenged_in_any_domain() -> None:
    rig = Rig(with_settings(accounts=ACCOUNTS))
    register = request("REGISTER", user="op1", uri="sip:198.51.100.1").replace("<sip:100@", "<sip:op1@")
    rig.receive(register)
    rig.receive(register.replace("CSeq: 1", "CSeq: 2").replace("c11REGISTER", "2").replace(
        "Content-Length", authorization(rig.responses()[-1], "op1", "secret") + "Content-Length"))
    assert rig.statuses() == [401, 200]
    rig.receive(named(invite(call="c2"), "op1", "nat.example.com"))
    assert rig.statuses("INVITE") == [401]


class TestTls:
    def test_phones__another_transport_is_refused_before_any_password(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS, phones_tls=True))
        rig.receive(request("REGISTER", user="op1"))
        rig.receive(invite(user="op1"))
        assert rig.statuses() == [403, 403]
        assert rig.endpoint.door.gate.news.take() == [InsecureRefused(PEER, "udp", "phone")] * 2

    def test_phones__over_tls_and_strangers_as_ever(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS, phones_tls=True))
        rig.take(rig.endpoint.receive(request("REGISTER", user="op1").encode(), TLS, 0))
        rig.receive(invite())
        assert rig.statuses() == [401, 100]

    @pytest.mark.parametrize(("flow", "status"), [(UDP, 403), (replace(UDP, transport="tcp"), 403), (TLS, 100)])
    def test_trunk(self, flow: Flow, status: int) -> None:
        rig = Rig(with_settings(trunks=(Trunk("carrier", (PEER,), tls_required=True),)))
        rig.take(rig.endpoint.receive(invite().encode(), flow, 0))
        assert rig.statuses() == [status]
        told = rig.endpoint.door.gate.news.take()
        assert told == ([] if status == 100 else [InsecureRefused(PEER, flow.transport, "carrier")])
