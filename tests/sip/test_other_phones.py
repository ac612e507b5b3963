"""A proxy has forked our INVITE and one phone was answered: what the others still say must not touch that call
(RFC 3261 §13.2.2.4, §15)."""

import pytest

from ivr.sip.commands import AnswerOffer, DialLeg, HangUpLeg, ReofferLeg
from ivr.sip.events import DigitByInfo, LegAnswered, LegEnded, LegReanswered, LegReoffered, TransferRequested
from ivr.sip.message.message import Request
from ivr.sip.message.uri import parse_uri
from tests.sip.rig import OUR_SDP, SDP, Rig, request, response

OTHER_SDP = SDP.replace("4000", "4002")
RELIABLE = "Require: 100rel\r\nRSeq: 1\r\nAllow: INVITE, UPDATE, PRACK\r\n"


def dial(rig: Rig) -> Request:
    rig.handle(DialLeg("L", parse_uri("sip:bob@192.0.2.9:5070"), OUR_SDP, "1"))
    return rig.requests("INVITE")[0]


def of_phone(sent: Request, method: str, tag: str, sequence: int = 1, **fields: str) -> str:
    """A request of the phone with this tag."""
    text = request(method, sequence=sequence, branch=f"{tag}{sequence}{method}", **fields)
    return text.replace("To: <sip:100@198.51.100.1>", f"To: {sent.headers.get('From')}").replace(
        "tag=ac1", f"tag={tag}").replace("c1@192.0.2.9", sent.sip_call_id)


def answered_by_one_of_two(rig: Rig) -> Request:
    """Both ring and have agreed on media; b2 is answered."""
    sent = dial(rig)
    for tag in ("b1", "b2"):
        rig.receive(response(sent, 183, tag=tag, body=SDP, extra=RELIABLE))
    for prack in rig.requests("PRACK"):
        rig.receive(response(prack, 200))
    rig.receive(response(sent, 200, tag="b2"))
    assert len(rig.of(LegAnswered)) == 1
    return sent


def end(rig: Rig) -> None:
    rig.handle(HangUpLeg("L"))
    for bye in rig.requests("BYE"):
        rig.receive(response(bye, 200))
    assert [(ended.by, ended.status) for ended in rig.of(LegEnded)] == [("us", 200)]
    assert rig.is_clean()


def test_a_late_phone_hangs_up_as_we_do(rig: Rig) -> None:
    """Its 2xx crossed the proxy's CANCEL; its BYE and ours cross too."""
    sent = answered_by_one_of_two(rig)
    rig.receive(response(sent, 200, tag="b1"))
    assert [bye.to.tag for bye in rig.requests("BYE")] == ["b1"]
    rig.receive(of_phone(sent, "BYE", "b1"))
    assert (rig.statuses("BYE"), rig.of(LegEnded)) == ([200], [])
    end(rig)


@pytest.mark.parametrize(("method", "fields"), [
    ("INFO", {"body": "5", "kind": "application/dtmf"}), ("UPDATE", {"body": OTHER_SDP}), ("UPDATE", {}),
    ("INVITE", {"body": OTHER_SDP}), ("REFER", {"extra": "Refer-To: <sip:200@198.51.100.1>\r\n"})])
def test_who_was_not_answered_has_no_say(rig: Rig, method: str, fields: dict[str, str]) -> None:
    sent = answered_by_one_of_two(rig)
    rig.receive(of_phone(sent, method, "b1", **fields))
    assert rig.statuses(method)[-1] == 481
    told = (DigitByInfo, LegReoffered, TransferRequested)
    assert [event for event in rig.events if isinstance(event, told)] == []
    end(rig)


def test_our_update_to_the_other_phone_is_refused(rig: Rig) -> None:
    """Its 481 speaks of a dialog that is over and not of the one that was answered."""
    sent = dial(rig)
    rig.receive(response(sent, 183, tag="b1", body=SDP, extra=RELIABLE))
    rig.receive(response(rig.requests("PRACK")[0], 200))
    rig.handle(ReofferLeg("L", OUR_SDP))
    rig.receive(response(sent, 200, tag="b2", body=SDP))
    rig.receive(response(rig.requests("UPDATE")[0], 481))
    rig.run_until(rig.now + 40)
    assert (rig.of(LegEnded), rig.of(LegReanswered)) == ([], [LegReanswered("L", 491, None)])
    end(rig)


def test_an_offer_of_the_other_phone_is_open(rig: Rig) -> None:
    """It has its answer at once, and ours goes to nobody any more."""
    sent = dial(rig)
    rig.receive(response(sent, 183, tag="b1", body=SDP, extra=RELIABLE))
    rig.receive(response(rig.requests("PRACK")[0], 200))
    rig.receive(of_phone(sent, "UPDATE", "b1", body=OTHER_SDP))
    assert len(rig.of(LegReoffered)) == 1
    rig.receive(response(sent, 200, tag="b2", body=SDP))
    assert rig.statuses("UPDATE") == [487]
    rig.handle(AnswerOffer("L", OUR_SDP))
    assert rig.statuses("UPDATE") == [487]
    end(rig)
