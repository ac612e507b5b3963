"""REGISTER (RFC 3261 §10.3, RFC 3665 §2), digest, the flows of bindings."""

import hashlib
import re

import pytest

from ivr.sip.effects import SendBytes
from ivr.sip.events import BindingsChanged
from ivr.sip.message.message import Response
from ivr.sip.transport.flow import Flow
from tests.sip.rig import ACCOUNTS, OURS, UDP, Rig, authorization, request, with_settings

SETTINGS = with_settings(accounts=ACCOUNTS)


@pytest.fixture
def rig() -> Rig:
    return Rig(SETTINGS)


class Phone:
    """Registers `user` at the rig with digest; each REGISTER counts CSeq on."""

    def __init__(self, rig: Rig, user: str = "op1", password: str = "secret", flow: Flow = UDP,
                 call: str = "reg") -> None:
        self.rig, self.user, self.password, self.flow, self.call = rig, user, password, flow, call
        self.sequence = 0
        self.algorithm = "SHA-256"

    def text(self, contact: str, extra: str, to_user: str | None = None) -> str:
        self.sequence += 1
        made = request("REGISTER", call=self.call, sequence=self.sequence, uri="sip:hotline", user=self.user,
                       contact=contact, extra=extra, transport=self.flow.transport.upper(),
                       branch=f"{self.call}{self.user}{self.sequence}")
        return made.replace("To: <sip:100@", f"To: <sip:{to_user or self.user}@")

    def register(self, contact: str = "<sip:op1@192.0.2.9:5070>", extra: str = "",
                 to_user: str | None = None) -> Response:
        self.rig.receive(self.text(contact, extra, to_user), self.flow)
        refused = self.rig.responses("REGISTER")[-1]
        if refused.status != 401:
            return refused
        return self.again(refused, contact, extra, to_user)

    def again(self, refused: Response, contact: str, extra: str = "", to_user: str | None = None) -> Response:
        answer = authorization(refused, self.user, self.password, self.algorithm)
        self.rig.receive(self.text(contact, extra + answer, to_user), self.flow)
        return self.rig.responses("REGISTER")[-1]


def places(rig: Rig, user: str = "op1") -> list[str]:
    return [str(binding.contact) for binding in rig.endpoint.bindings(user, rig.now)]


class TestDigest:
    @pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
    def test_both_algorithms(self, rig: Rig, algorithm: str) -> None:
        phone = Phone(rig)
        phone.algorithm = algorithm
        assert phone.register().status == 200
        assert rig.statuses() == [401, 200]
        assert places(rig) == ["sip:op1@192.0.2.9:5070"]

    def test_the_stronger_is_offered_first(self, rig: Rig) -> None:
        rig.receive(Phone(rig).text("", ""))
        offered = rig.responses()[0].headers.all("WWW-Authenticate")
        assert ["SHA-256" in offered[0], "MD5" in offered[1]] == [True, True]
        assert all('realm="hotline"' in one and 'qop="auth"' in one for one in offered)

    def test_of_rfc_2069(self, rig: Rig) -> None:
        """pyVoIP and old adapters answer MD5 without qop."""
        phone = Phone(rig)
        rig.receive(phone.text("<sip:op1@192.0.2.9:5070>", ""))
        nonce = re.search(r'nonce="([^"]+)"', rig.responses()[0].headers.get("WWW-Authenticate") or "")[1]  # type: ignore[index]
        ha2 = hashlib.md5(b"REGISTER:sip:hotline").hexdigest()
        digest = hashlib.md5(f"{ACCOUNTS['op1'].ha1_md5}:{nonce}:{ha2}".encode()).hexdigest()
        extra = (f'Authorization: Digest username="op1",realm="hotline",nonce="{nonce}",uri="sip:hotline",'
                 f'response="{digest}",algorithm=MD5\r\n')
        rig.receive(phone.text("<sip:op1@192.0.2.9:5070>", extra))
        assert rig.statuses() == [401, 200]

    def test_wrong_password(self, rig: Rig) -> None:
        assert Phone(rig, password="wrong").register().status == 401
        assert places(rig) == []

    def test_unknown_name_looks_like_a_wrong_password(self, rig: Rig) -> None:
        assert Phone(rig, user="nobody").register().status == 401

    def test_old_nonce_is_stale_and_the_phone_need_not_ask(self, rig: Rig) -> None:
        phone = Phone(rig)
        rig.receive(phone.text("", ""))
        rig.run_until(120)
        refused = phone.again(rig.responses()[0], "<sip:op1@192.0.2.9:5070>")
        assert refused.status == 401
        assert all("stale=true" in one for one in refused.headers.all("WWW-Authenticate"))
        assert phone.again(refused, "<sip:op1@192.0.2.9:5070>").status == 200

    def test_a_replayed_register_is_no_good(self, rig: Rig) -> None:
        phone = Phone(rig)
        rig.receive(phone.text("", ""))
        refused = rig.responses()[0]
        assert phone.again(refused, "<sip:op1@192.0.2.9:5070>").status == 200
        assert phone.again(refused, "<sip:thief@192.0.2.66>").status == 401

    def test_of_another_scheme(self, rig: Rig) -> None:
        rig.receive(Phone(rig).text("", "Authorization: NoOneKnowsThisScheme opaque-data=here\r\n"))
        assert rig.statuses() == [401]

    def test_account_of_somebody_else(self, rig: Rig) -> None:
        assert Phone(rig, user="op2").register(to_user="op1").status == 403
        assert places(rig) == []

    def test_account_that_may_not_register(self, rig: Rig) -> None:
        assert Phone(rig, user="mute").register().status == 403


class TestGuessing:
    def test_20_wrong_passwords_a_minute__then_silence_for_a_minute(self, rig: Rig) -> None:
        phone = Phone(rig, password="wrong")
        for _ in range(20):
            phone.register()
        answered = len(rig.responses())
        assert answered == 40
        rig.receive(Phone(rig, call="good").text("", ""))
        assert len(rig.responses()) == answered
        rig.run_until(61)
        assert Phone(rig, call="good").register().status == 200

    def test_other_addresses_are_not_touched(self, rig: Rig) -> None:
        for _ in range(20):
            Phone(rig, password="wrong", call=f"x{len(rig.sent)}").register()
        other = Flow("udp", UDP.local, ("192.0.2.10", 5070))
        assert Phone(rig, flow=other, call="y").register().status == 200

    def test_19_a_minute_go_on_for_ever(self, rig: Rig) -> None:
        for minute in range(3):
            rig.run_until(minute * 60.0)
            for _ in range(19):
                assert Phone(rig, password="wrong", call=f"x{len(rig.sent)}").register().status == 401

    def test_the_table_is_bounded(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS, max_failure_addresses=5))
        for host in range(20):
            flow = Flow("udp", UDP.local, (f"192.0.2.{host}", 5070))
            Phone(rig, password="wrong", call=f"x{host}", flow=flow).register()
        assert rig.endpoint.counts()["failure_addresses"] == 5


class TestBindings:
    def test_new(self, rig: Rig) -> None:
        answer = Phone(rig).register()
        assert answer.headers.all("Contact") == ["<sip:op1@192.0.2.9:5070>;expires=3600"]
        [changed] = rig.of(BindingsChanged)
        [binding] = changed.bindings
        assert (changed.account, binding.flow, binding.q, binding.expires_at) == ("op1", UDP, 1.0, 3600)

    def test_refresh_says_nothing(self, rig: Rig) -> None:
        phone = Phone(rig)
        phone.register()
        rig.run_until(1800)
        phone.register()
        assert len(rig.of(BindingsChanged)) == 1
        rig.run_until(1800 + 3599)
        assert len(places(rig)) == 1
        rig.run_until(1800 + 3600)
        assert places(rig) == []
        assert rig.of(BindingsChanged)[-1].bindings == ()

    def test_several_contacts_by_q(self, rig: Rig) -> None:
        Phone(rig).register("<sip:a@192.0.2.9:5070>;q=0.2, <sip:b@192.0.2.9:5070>;q=0.9;expires=120")
        Phone(rig, call="other").register("<sip:c@192.0.2.9:5070>;q=0.5")
        assert places(rig) == ["sip:b@192.0.2.9:5070", "sip:c@192.0.2.9:5070", "sip:a@192.0.2.9:5070"]
        rig.run_until(121)
        assert places(rig) == ["sip:c@192.0.2.9:5070", "sip:a@192.0.2.9:5070"]

    def test_query(self, rig: Rig) -> None:
        phone = Phone(rig)
        phone.register()
        rig.run_until(600)
        assert phone.register("").headers.all("Contact") == ["<sip:op1@192.0.2.9:5070>;expires=3000"]

    def test_one_is_removed(self, rig: Rig) -> None:
        phone = Phone(rig)
        phone.register("<sip:a@192.0.2.9>, <sip:b@192.0.2.9>")
        answer = phone.register("<sip:a@192.0.2.9>;expires=0")
        assert answer.headers.all("Contact") == ["<sip:b@192.0.2.9>;expires=3600"]

    def test_all_are_removed(self, rig: Rig) -> None:
        phone = Phone(rig)
        phone.register("<sip:a@192.0.2.9>, <sip:b@192.0.2.9>")
        assert phone.register("*", "Expires: 0\r\n").status == 200
        assert places(rig) == []
        rig.run_out()
        assert rig.endpoint.counts()["bindings"] == 0

    @pytest.mark.parametrize(("contact", "extra", "status"), [
        ("*", "", 400),
        ("*", "Expires: 60\r\n", 400),
        ("<sip:a@192.0.2.9>", "Expires: 59\r\n", 423),
        ("<sip:a@192.0.2.9>;expires=1", "", 423),
    ])
    def test_refused(self, rig: Rig, contact: str, extra: str, status: int) -> None:
        phone = Phone(rig)
        phone.register("<sip:b@192.0.2.9>")
        answer = phone.register(contact, extra)
        assert answer.status == status
        assert answer.headers.get("Min-Expires") == ("60" if status == 423 else None)
        assert places(rig) == ["sip:b@192.0.2.9"]

    @pytest.mark.parametrize(("contact", "extra", "seconds"), [
        ("<sip:a@192.0.2.9>", "Expires: 60\r\n", 60),
        ("<sip:a@192.0.2.9>;expires=90", "Expires: 60\r\n", 90),
        ("<sip:a@192.0.2.9>;expires=999999", "", 7200),
        ("<sip:a@192.0.2.9>", "Expires: nonsense\r\n", 3600),
    ])
    def test_seconds(self, rig: Rig, contact: str, extra: str, seconds: int) -> None:
        answer = Phone(rig).register(contact, extra)
        assert answer.headers.get("Contact") == f"<sip:a@192.0.2.9>;expires={seconds}"

    def test_an_older_register_is_refused_as_a_whole(self, rig: Rig) -> None:
        phone = Phone(rig)
        phone.sequence = 100
        phone.register()
        phone.sequence = 50
        assert phone.register("<sip:x@192.0.2.9>, <sip:op1@192.0.2.9:5070>;expires=0").status == 500
        assert places(rig) == ["sip:op1@192.0.2.9:5070"]

    def test_the_same_phone_after_a_restart_replaces_itself(self, rig: Rig) -> None:
        extra = ';+sip.instance="<urn:uuid:1>"'
        Phone(rig).register(f"<sip:op1@192.0.2.9:5070>{extra}")
        Phone(rig, call="new").register(f"<sip:op1@192.0.2.9:6070>{extra}")
        assert places(rig) == ["sip:op1@192.0.2.9:6070"]
        assert rig.endpoint.bindings("op1", 0)[0].instance == "<urn:uuid:1>"

    def test_two_flows_of_one_phone(self, rig: Rig) -> None:
        for number in (1, 2):
            Phone(rig, call=f"f{number}").register(
                f'<sip:op1@192.0.2.9:{5070 + number}>;+sip.instance="<urn:uuid:1>";reg-id={number}')
        assert len(places(rig)) == 2

    def test_at_the_bound_the_one_that_expires_first_gives_way(self, rig: Rig) -> None:
        for number in range(12):
            rig.run_until(number)
            Phone(rig, call=f"f{number}").register(f"<sip:n{number}@192.0.2.9>")
        assert len(places(rig)) == 10
        assert "sip:n1@192.0.2.9" not in places(rig)

    def test_a_contact_that_can_not_be_called_is_kept_and_not_offered(self, rig: Rig) -> None:
        assert Phone(rig).register("<mailto:a@192.0.2.9>").headers.get("Contact") == "<mailto:a@192.0.2.9>;expires=3600"
        assert places(rig) == []
        assert rig.of(BindingsChanged) == []

    def test_uri_headers_in_a_contact_are_not_kept(self, rig: Rig) -> None:
        Phone(rig).register("<sip:op1@192.0.2.9?Route=%3Csip:evil%3E>")
        assert places(rig) == ["sip:op1@192.0.2.9"]


class TestFlows:
    nat = Flow("udp", UDP.local, ("203.0.113.9", 61000))
    stream = Flow("tcp", (OURS, 5060), ("203.0.113.9", 40000), 7)

    def test_the_source_is_kept_and_kept_alive(self, rig: Rig) -> None:
        Phone(rig, flow=self.nat).register("<sip:op1@10.0.0.7:5060>;expires=100")
        assert rig.endpoint.bindings("op1", 0)[0].flow == self.nat
        out = rig.run_until(99)
        assert [one for one in out if isinstance(one, SendBytes)] == [SendBytes(self.nat, b"\r\n")] * 3
        assert [one.at for one in rig.sent[-3:]] == [25, 50, 75]
        assert rig.run_until(500) == [BindingsChanged("op1", ())]

    def test_a_phone_without_nat_needs_no_keep_alive(self, rig: Rig) -> None:
        Phone(rig).register("<sip:op1@192.0.2.9:5070>;expires=100")
        assert not any(isinstance(one, SendBytes) for one in rig.run_until(200))

    def test_over_tcp__double_crlf__and_the_binding_goes_with_the_connection(self, rig: Rig) -> None:
        Phone(rig, flow=self.stream).register("<sip:op1@10.0.0.7:5060;transport=tcp>")
        assert rig.endpoint.bindings("op1", 0)[0].flow == self.stream
        assert SendBytes(self.stream, b"\r\n\r\n") in rig.run_until(26)
        rig.take(rig.endpoint.stream_closed(self.stream, rig.now))
        changed = rig.of(BindingsChanged)[-1]
        assert changed == BindingsChanged("op1", ())
        assert ([binding.flow for binding in changed.gone], changed.cause) == ([self.stream], "connection_closed")
        rig.run_out()
        assert rig.endpoint.counts()["timers"] == 0

    def test_a_refresh_from_elsewhere_moves_the_flow(self, rig: Rig) -> None:
        Phone(rig, flow=self.nat, call="a").register("<sip:op1@10.0.0.7:5060>")
        moved = Flow("udp", UDP.local, ("203.0.113.9", 61001))
        Phone(rig, flow=moved, call="b").register("<sip:op1@10.0.0.7:5060>")
        assert [binding.flow for binding in rig.endpoint.bindings("op1", 0)] == [moved]
        assert len(rig.of(BindingsChanged)) == 2
        changed = rig.of(BindingsChanged)[-1]
        assert ([binding.flow for binding in changed.came], changed.gone) == ([moved], ()), "it has moved, not left"
        out = rig.run_until(60)
        assert {one.flow for one in out if isinstance(one, SendBytes)} == {moved}

    def test_two_accounts_over_one_flow(self, rig: Rig) -> None:
        Phone(rig, flow=self.nat, call="a").register("<sip:op1@10.0.0.7:5060>")
        Phone(rig, user="op2", flow=self.nat, call="b").register("<sip:op2@10.0.0.7:5060>")
        Phone(rig, flow=self.nat, call="c").register("*", "Expires: 0\r\n")
        out = rig.run_until(60)
        assert [one for one in out if isinstance(one, SendBytes)] == [SendBytes(self.nat, b"\r\n")] * 2


def test_bindings_of_an_earlier_process_are_taken_up(rig: Rig) -> None:
    Phone(rig, flow=TestFlows.nat).register("<sip:op1@10.0.0.7:5060>;expires=100")
    kept = rig.endpoint.bindings("op1", 0)
    new = Rig(SETTINGS)
    new.take(new.endpoint.restore(kept, 10.0))
    assert new.endpoint.bindings("op1", 10.0) == kept
    assert new.of(BindingsChanged) == [BindingsChanged("op1", kept)]
    out = new.run_until(200)
    assert [one for one in out if isinstance(one, SendBytes)] == [SendBytes(TestFlows.nat, b"\r\n")] * 3
    assert places(new) == []


def test_retransmitted_register_is_answered_by_the_stored_response(rig: Rig) -> None:
    phone = Phone(rig)
    text = phone.text("<sip:op1@192.0.2.9:5070>", "")
    rig.receive(text)
    rig.receive(text)
    first, second = rig.responses()
    assert first.headers.all("WWW-Authenticate") == second.headers.all("WWW-Authenticate")
