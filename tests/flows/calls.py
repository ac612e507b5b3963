"""Calls between Alice and Bob, for flows of what happens inside them."""

from ivr.sip.commands import AnswerLeg, DialLeg, HangUpLeg
from ivr.sip.events import LegEnded, LegOffered
from ivr.sip.message.uri import parse_uri
from tests.flows.stage import ALICE, ALICES_SDP, BOB, BOBS_SDP, Stage, Steps
from tests.sip.network import Node


def bob_answers(after: float = 0.0) -> Steps:
    return [(after, lambda leg: AnswerLeg(leg, BOBS_SDP))]


def dial(host: str) -> DialLeg:
    return DialLeg("call", parse_uri(f"sip:bob@{host}"), ALICES_SDP, "alice")


def talking(stage: Stage) -> tuple[Node, Node]:
    """Alice has called Bob, who has answered; the ladder begins behind that."""
    alice, bob = stage.person(ALICE), stage.person(BOB, {LegOffered: bob_answers()})
    stage.tell(alice, dial(BOB))
    stage.run(2)
    stage.lines.forget()
    return alice, bob


def hang_up(stage: Stage, alice: Node, *others: Node) -> None:
    stage.command(alice, HangUpLeg("call"))
    stage.run(stage.now + 1)
    stage.ends(alice, *others)


def endings(stage: Stage, *nodes: Node) -> list[tuple[str, int]]:
    return [(end.by, end.status) for node in nodes for end in stage.of(node, LegEnded)]
