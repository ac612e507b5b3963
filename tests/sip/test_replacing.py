"""An INVITE with Replaces (RFC 3891), and what an offered leg tells of how it came here."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg, RejectLeg, RingLeg
from ivr.sip.events import LegEnded, LegOffered
from ivr.sip.message.replaces import Replaces, replaces_header
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Trunk
from ivr.sip.transport.flow import Flow
from tests.sip.calls import made, received
from tests.sip.rig import (
    ACCOUNTS,
    OUR_SDP,
    PEER,
    UDP,
    Rig,
    authorization,
    invite,
    request,
    response,
    with_settings,
)

ELSEWHERE = replace(UDP, remote=("203.0.113.5", 5060))


def replacing(rig: Rig, extra: str = "", flow: Flow = UDP, **named: Any) -> int | None:
    """Send an INVITE with Replaces for the call of `received`; what it is refused with, None if it is offered."""
    fields = {"call": "c1@192.0.2.9", "to": rig.call_tag, "from_": "ac1", **named}
    rig.sent.clear()
    line = f"Replaces: {fields['call']};to-tag={fields['to']};from-tag={fields['from_']}{extra}\r\n"
    rig.receive(invite(call="new", extra=f"Require: replaces\r\nSupported: replaces\r\n{line}"), flow)
    return next((status for status in rig.statuses() if status >= 200), None)


class TestTaken:
    def test_the_user_hears_which_leg(self, rig: Rig) -> None:
        old = received(rig)
        assert replacing(rig) is None
        assert rig.of(LegOffered)[-1].replaces == old
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.receive(request("ACK", call="new", tag=rig.tag, branch="acknew"))
        rig.handle(HangUpLeg(old))
        assert [end.leg for end in rig.of(LegEnded)] == [old]
        rig.handle(HangUpLeg(rig.leg))
        assert rig.is_clean()

    def test_a_call_of_ours(self, rig: Rig) -> None:
        call_id = made(rig)
        tag = rig.endpoint._legs.get("ours").dialog.local.tag       # type: ignore[union-attr]
        assert replacing(rig, call=call_id, to=tag, from_="b1") is None
        assert rig.of(LegOffered)[-1].replaces == "ours"

    def test_a_call_of_ours_that_rings__pick_up(self, rig: Rig) -> None:
        rig.handle(DialLeg("ours", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
        sent = rig.requests("INVITE")[0]
        named = {"call": sent.sip_call_id, "to": sent.from_.tag, "from_": "b1"}
        assert replacing(rig, ";early-only", **named) == 481      # not before somebody rings
        rig.receive(response(sent, 180))
        line = f"Replaces: {named['call']};to-tag={named['to']};from-tag=b1;early-only\r\n"
        rig.receive(invite(call="other", extra=line))
        assert rig.of(LegOffered)[-1].replaces == "ours"

    def test_without_a_replaces(self, rig: Rig) -> None:
        rig.receive(invite())
        offered = rig.of(LegOffered)[-1]
        assert (offered.replaces, offered.referred_by, offered.diversion) == (None, "", ())

    def test_a_tag_of_0_stands_for_none(self, rig: Rig) -> None:
        rig.receive(invite().replace(";tag=ac1", ""))
        rig.handle(AnswerLeg(rig.leg, OUR_SDP))
        rig.call_tag, old = rig.tag, rig.leg
        assert replacing(rig, from_="0") is None
        assert rig.of(LegOffered)[-1].replaces == old

    def test_ours_sent(self, rig: Rig) -> None:
        header = replaces_header(Replaces("c@h", "1", "2"))
        headers = (header, ("Referred-By", "<sip:a@b>"))
        rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9"), OUR_SDP, "1", headers=headers))
        sent = rig.requests("INVITE")[0]
        assert sent.headers.get("Replaces") == "c@h;to-tag=1;from-tag=2"
        assert sent.headers.get("Referred-By") == "<sip:a@b>"
        assert "replaces" in sent.supported


class TestRefused:
    @pytest.mark.parametrize("wrong", [{"call": "c9"}, {"to": "x"}, {"from_": "x"}, {"to": "ac1", "from_": "x"}])
    def test_no_such_dialog(self, rig: Rig, wrong: dict[str, str]) -> None:
        received(rig)
        assert replacing(rig, **wrong) == 481
        assert len(rig.of(LegOffered)) == 1

    @pytest.mark.parametrize("line", [
        "Replaces: x\r\n", "Replaces: x;to-tag=1;from-tag=2\r\nReplaces: x;to-tag=1;from-tag=2\r\n",
        "Replaces: x;to-tag=1;from-tag=2, y;to-tag=1;from-tag=2\r\n", "Replaces: \r\n"])
    def test_bad_or_several(self, rig: Rig, line: str) -> None:
        rig.receive(invite(extra=line))
        assert rig.statuses() == [400]
        assert rig.events == []

    @pytest.mark.parametrize("method", ["OPTIONS", "BYE", "REGISTER", "INFO"])
    def test_in_another_request(self, rig: Rig, method: str) -> None:
        rig.receive(request(method, extra="Replaces: x;to-tag=1;from-tag=2\r\n"))
        assert rig.statuses() == [400]

    def test_it_has_ended(self, rig: Rig) -> None:
        old = received(rig)
        rig.handle(HangUpLeg(old))
        assert replacing(rig) == 603

    def test_only_if_early__and_it_is_answered(self, rig: Rig) -> None:
        received(rig)
        assert replacing(rig, ";early-only") == 486

    @pytest.mark.parametrize("command", [None, RingLeg])
    def test_an_early_dialog_that_we_did_not_begin(self, rig: Rig, command: Any) -> None:
        rig.receive(invite())
        if command is not None:
            rig.handle(command(rig.leg))
        tag = rig.endpoint._legs.get(rig.leg).dialog.local.tag       # type: ignore[union-attr]
        assert replacing(rig, to=tag) == 481
        rig.handle(RejectLeg(rig.leg, 486))


class TestWhoMay:
    def test_a_stranger_from_elsewhere(self, rig: Rig) -> None:
        received(rig)
        assert replacing(rig, flow=ELSEWHERE) == 403
        assert len(rig.of(LegOffered)) == 1

    def test_a_carrier(self) -> None:
        rig = Rig(with_settings(trunks=(Trunk("t", ("203.0.113.0/24",)),)))
        received(rig)
        assert replacing(rig, flow=ELSEWHERE) is None

    def test_a_phone_that_has_logged_in(self) -> None:
        rig = Rig(with_settings(accounts=ACCOUNTS))
        old = received(rig)
        line = f"Replaces: c1@192.0.2.9;to-tag={rig.call_tag};from-tag=ac1\r\n"
        rig.receive(invite(call="new", user="op1", extra=line), ELSEWHERE)
        challenge = rig.responses("INVITE")[-1]
        assert challenge.status in (401, 407)
        credentials = authorization(challenge, "op1", "secret")
        rig.receive(invite(call="new", sequence=2, user="op1", extra=line + credentials), ELSEWHERE)
        assert (rig.of(LegOffered)[-1].account, rig.of(LegOffered)[-1].replaces) == ("op1", old)


def test_how_it_came_here(rig: Rig) -> None:
    rig.receive(invite(extra="b: <sip:op@192.0.2.9>\r\nDiversion: <tel:+491>;reason=no-answer\r\n"
                             "History-Info: <sip:1@x>;index=1, <sip:2@x>;index=1.1\r\n"))
    offered = rig.of(LegOffered)[-1]
    assert offered.referred_by == "sip:op@192.0.2.9"
    assert offered.diversion == ("<tel:+491>;reason=no-answer", "<sip:1@x>;index=1", "<sip:2@x>;index=1.1")
    assert offered.flow.remote[0] == PEER
