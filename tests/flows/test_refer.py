"""Transfers between endpoints of ours (RFC 3515, RFC 5359 §2.4, §2.5): Alice is the transferor, Bob the transferee,
Carol the target. What the hotline does in Bob's place is in test_services.
"""

from ivr.sip.commands import (
    AcceptTransfer,
    AnswerLeg,
    AnswerOffer,
    DialLeg,
    HangUpLeg,
    RejectLeg,
    RejectTransfer,
    ReofferLeg,
    ReportTransfer,
    RingLeg,
    TransferLeg,
)
from ivr.sip.events import (
    LegAnswered,
    LegConfirmed,
    LegEnded,
    LegOffered,
    LegReoffered,
    TransferProgressed,
    TransferRequested,
)
from ivr.sip.message.replaces import replaces_header
from ivr.sip.message.uri import parse_uri
from ivr.sip.settings import Trunk
from tests.flows.calls import hang_up, talking
from tests.flows.golden import assert_golden
from tests.flows.stage import ALICE, ALICES_SDP, BOB, BOBS_SDP, CAROL, CAROLS_SDP, Stage
from tests.sip.network import Node


def parties(stage: Stage) -> tuple[Node, Node, Node]:
    alice, bob = talking(stage)
    carol = stage.person(CAROL)
    return alice, bob, carol


def transfers(stage: Stage, bob: Node, with_replaces: bool = False) -> None:
    """Bob does what he is asked, and tells how it goes."""
    leg, when = stage.leg(bob), stage.people[BOB].when

    def headers() -> tuple[tuple[str, str], ...]:
        return (replaces_header(stage.of(bob, TransferRequested)[-1].replaces),) if with_replaces else ()

    when[TransferRequested] = [
        (0, AcceptTransfer), (0, lambda _: DialLeg(
            "to Carol", parse_uri(f"sip:carol@{CAROL}"), BOBS_SDP, "bob", headers=headers()))]
    when[LegAnswered] = [(0, lambda _: ReportTransfer(leg, 200))]
    when[LegEnded] = [(0, lambda _: ReportTransfer(leg, stage.of(bob, LegEnded)[-1].status))]


def test_unattended() -> None:
    """RFC 5359 §2.4: Alice hangs up once she hears that Bob has reached Carol."""
    stage = Stage(ALICE, BOB, CAROL)
    alice, bob, carol = parties(stage)
    transfers(stage, bob)
    stage.people[CAROL].when[LegOffered] = [(.1, RingLeg), (1, lambda leg: AnswerLeg(leg, CAROLS_SDP))]
    stage.people[CAROL].when[LegConfirmed] = [(5, HangUpLeg)]
    stage.command(alice, TransferLeg("call", parse_uri(f"sip:carol@{CAROL}")))
    stage.run(4)
    assert stage.of(alice, TransferProgressed)[-1].status == 200
    stage.people[BOB].when.clear()
    stage.command(alice, HangUpLeg("call"))
    stage.run(15)
    stage.ends(alice, bob, carol)
    assert_golden("rfc5359_2_4_between_endpoints", str(stage.lines))


def test_attended() -> None:
    """RFC 5359 §2.5, RFC 3891: Alice has calls with Bob and Carol and sends Bob to Carol, in the place of her own
    call. Carol takes Bob's INVITE with its Replaces at once and says BYE to Alice."""
    stage = Stage(ALICE, BOB, CAROL)
    alice, bob = talking(stage)
    # Carol lets Bob take a call of somebody else's, as she would let a carrier
    carol = stage.person(CAROL, {LegOffered: [(1, lambda leg: AnswerLeg(leg, CAROLS_SDP))]},
                         trunks=(Trunk("bob", (BOB,)),))
    stage.command(alice, ReofferLeg("call", ALICES_SDP + b"a=sendonly\r\n"))
    stage.people[BOB].when[LegReoffered] = [(0, lambda leg: AnswerOffer(leg, BOBS_SDP + b"a=recvonly\r\n"))]
    stage.command(alice, DialLeg("consultation", parse_uri(f"sip:carol@{CAROL}"), ALICES_SDP, "alice"))
    stage.run(4)
    transfers(stage, bob, with_replaces=True)
    consulted = stage.leg(carol)
    stage.people[CAROL].when[LegOffered] = [(0, lambda leg: AnswerLeg(leg, CAROLS_SDP)),
                                            (0, lambda _: HangUpLeg(consulted))]
    stage.command(alice, TransferLeg("call", parse_uri(f"sip:carol@{CAROL}"), "consultation"))
    stage.run(8)
    assert stage.of(alice, TransferProgressed)[-1].status == 200
    assert stage.of(carol, LegOffered)[-1].replaces == consulted
    stage.people[BOB].when.clear()
    stage.command(alice, HangUpLeg("call"))
    stage.command(bob, HangUpLeg("to Carol"))
    stage.run(10)
    stage.ends(alice, bob, carol)
    assert_golden("rfc5359_2_5_between_endpoints", str(stage.lines))


def test_target_busy() -> None:
    """RFC 3515 §2.4.5: the last NOTIFY says 486; Alice and Bob talk on."""
    stage = Stage(ALICE, BOB, CAROL)
    alice, bob, carol = parties(stage)
    transfers(stage, bob)
    stage.people[CAROL].when[LegOffered] = [(.1, lambda leg: RejectLeg(leg, 486))]
    stage.command(alice, TransferLeg("call", parse_uri(f"sip:carol@{CAROL}")))
    stage.run(4)
    assert [(event.status, event.final) for event in stage.of(alice, TransferProgressed)][-1] == (486, True)
    stage.people[BOB].when.clear()
    hang_up(stage, alice, bob, carol)
    assert_golden("rfc3515_busy_between_endpoints", str(stage.lines))


def test_declined() -> None:
    """RFC 3515 §2.4.2: Bob does not want to; no subscription begins."""
    stage = Stage(ALICE, BOB, CAROL)
    alice, bob, carol = parties(stage)
    stage.people[BOB].when[TransferRequested] = [(0, lambda leg: RejectTransfer(leg, 603))]
    stage.command(alice, TransferLeg("call", parse_uri(f"sip:carol@{CAROL}")))
    stage.run(4)
    assert [(event.status, event.final) for event in stage.of(alice, TransferProgressed)] == [(603, True)]
    hang_up(stage, alice, bob, carol)
    assert_golden("rfc3515_declined", str(stage.lines))
