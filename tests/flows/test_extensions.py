"""What the basic flows leave out, in a dozen lines each: forks, crossing messages, reliable 1xx, session timers. Our
endpoint is on both sides.
"""

from ivr.sip.commands import AnswerLeg, AnswerOffer, HangUpLeg, ProgressLeg, RejectLeg, ReofferLeg, RingLeg
from ivr.sip.events import LegAnswered, LegOffered, LegReanswered, LegReoffered
from tests.flows.calls import bob_answers, dial, endings, hang_up, talking
from tests.flows.golden import assert_golden
from tests.flows.proxy import Proxy
from tests.flows.stage import ALICE, ALICES_SDP, BOB, BOBS_SDP, CAROL, CAROLS_SDP, DELAY, PROXY_1, Stage


class TestForks:
    def test_one_answers__the_proxy_cancels_the_other(self) -> None:
        """RFC 3261 §16.7, RFC 5359 §2.12: a proxy rings Bob's two phones (Carol stands for the second)."""
        stage = Stage(ALICE, PROXY_1, BOB, CAROL)
        alice = stage.person(ALICE)
        stage.proxy(Proxy(PROXY_1, BOB, CAROL))
        bob = stage.person(BOB, {LegOffered: [(.1, RingLeg), *bob_answers(2)]})
        carol = stage.person(CAROL, {LegOffered: [(.2, RingLeg)]})
        stage.tell(alice, dial(PROXY_1))
        stage.run(5)
        hang_up(stage, alice, bob, carol)
        assert endings(stage, alice, bob, carol) == [("us", 200), ("peer", 200), ("peer", 487)]
        assert_golden("rfc3261_fork_one_answers", str(stage.lines))

    def test_both_answer__the_second_is_acknowledged_and_ended(self) -> None:
        """RFC 3261 §13.2.2.4: two phones answer before any CANCEL reaches them. Ours keeps the first, and says ACK and
        BYE to the second."""
        stage = Stage(ALICE, PROXY_1, BOB, CAROL)
        alice = stage.person(ALICE)
        stage.proxy(Proxy(PROXY_1, BOB, CAROL))
        bob = stage.person(BOB, {LegOffered: [(.1, RingLeg), *bob_answers(2)]})
        carol = stage.person(CAROL, {LegOffered: [(.2, RingLeg), (2.005, lambda leg: AnswerLeg(leg, CAROLS_SDP))]})
        stage.tell(alice, dial(PROXY_1))
        stage.run(5)
        assert [event.body for event in stage.of(alice, LegAnswered)] == [BOBS_SDP]
        assert endings(stage, carol) == [("peer", 200)]
        hang_up(stage, alice, bob, carol)
        assert_golden("rfc3261_fork_both_answer", str(stage.lines))

    def test_all_refuse(self) -> None:
        """RFC 3261 §16.7: the proxy waits for all branches and passes one refusal on."""
        stage = Stage(ALICE, PROXY_1, BOB, CAROL)
        alice = stage.person(ALICE)
        stage.proxy(Proxy(PROXY_1, BOB, CAROL))
        bob = stage.person(BOB, {LegOffered: [(.1, lambda leg: RejectLeg(leg, 486))]})
        carol = stage.person(CAROL, {LegOffered: [(.1, RingLeg), (3, lambda leg: RejectLeg(leg, 480))]})
        stage.tell(alice, dial(PROXY_1))
        stage.run(5)
        stage.ends(alice, bob, carol)
        assert endings(stage, alice) == [("peer", 480)]
        assert_golden("rfc3261_fork_all_refuse", str(stage.lines))


class TestCrossing:
    def test_cancel_and_200(self) -> None:
        """RFC 3261 §9.1, §15: Alice gives up while Bob's 200 is on its way. She acknowledges it and says BYE."""
        stage = Stage(ALICE, BOB)
        alice = stage.person(ALICE)
        bob = stage.person(BOB, {LegOffered: [(.1, RingLeg), *bob_answers(2)]})
        stage.tell(alice, dial(BOB))
        stage.tell(alice, HangUpLeg("call"), 2 + DELAY + DELAY / 2)
        stage.run(5)
        stage.ends(alice, bob)
        assert endings(stage, alice, bob) == [("us", 487), ("peer", 200)]
        assert_golden("rfc3261_cancel_and_200", str(stage.lines))

    def test_cancel_before_any_1xx(self) -> None:
        """RFC 3261 §9.1: a CANCEL must wait for a 1xx; until then it is owed."""
        stage = Stage(ALICE, BOB)
        alice = stage.person(ALICE)
        bob = stage.person(BOB)
        stage.tell(alice, dial(BOB))
        stage.tell(alice, HangUpLeg("call"), DELAY / 2)
        stage.run(5)
        stage.ends(alice, bob)
        assert endings(stage, alice, bob) == [("us", 487), ("peer", 487)]
        assert_golden("rfc3261_cancel_owed", str(stage.lines))

    def test_both_hang_up(self) -> None:
        """RFC 3261 §15.1.2: two BYEs cross; both are accepted."""
        stage = Stage(ALICE, BOB)
        alice, bob = talking(stage)
        stage.command(bob, HangUpLeg(stage.leg(bob)))
        hang_up(stage, alice, bob)
        assert endings(stage, alice, bob) == [("us", 200), ("us", 200)]
        assert_golden("rfc3261_bye_and_bye", str(stage.lines))

    def test_glare(self) -> None:
        """RFC 3261 §14.1: both offer at once, both get 491. Bob, who has not made the Call-ID, tries again within 2 s
        (drawn as 1 s); Alice would after 2.1 to 4 s. His offer comes first, so hers is given up: she is told 491 and
        may ask anew."""
        stage = Stage(ALICE, BOB)
        alice, bob = talking(stage)
        stage.people[ALICE].when[LegReoffered] = [(0, lambda leg: AnswerOffer(leg, ALICES_SDP))]
        begun = stage.now
        stage.command(alice, ReofferLeg("call", ALICES_SDP))
        stage.command(bob, ReofferLeg(stage.leg(bob), BOBS_SDP))
        stage.run(10)
        told = [event.status for node in (alice, bob) for event in stage.of(node, LegReanswered)]
        assert told == [491, 200]
        again = next(number for number, line in enumerate(stage.lines.kept) if line.text.startswith("INVITE 2, sdp")
                     and line.source == "Bob")
        assert 0 <= stage.lines.since(again, begun + 1) - begun <= 2 + 2 * DELAY
        hang_up(stage, alice, bob)
        assert_golden("rfc3261_glare", str(stage.lines))


class TestReliable:
    def test_early_media(self) -> None:
        """RFC 3262 §3: Bob answers in a reliable 183, and Alice acknowledges it by PRACK; his 200 says nothing
        anew."""
        stage = Stage(ALICE, BOB)
        alice = stage.person(ALICE)
        bob = stage.person(BOB, {LegOffered: [(.1, lambda leg: ProgressLeg(leg, BOBS_SDP)), *bob_answers(3)]})
        stage.tell(alice, dial(BOB))
        stage.run(5)
        assert [event.body for event in stage.of(alice, LegAnswered)] == [BOBS_SDP]
        hang_up(stage, alice, bob)
        assert_golden("rfc3262_early_media", str(stage.lines))

    def test_answered_before_the_prack(self) -> None:
        """RFC 3262 §3: a 200 waits for the PRACK of a 183 that carries a description."""
        stage = Stage(ALICE, BOB)
        alice = stage.person(ALICE)
        early = DELAY / 2
        bob = stage.person(BOB, {LegOffered: [(0, lambda leg: ProgressLeg(leg, BOBS_SDP)), *bob_answers(early)]})
        stage.tell(alice, dial(BOB))
        stage.run(5)
        hang_up(stage, alice, bob)
        assert_golden("rfc3262_answer_waits", str(stage.lines))


class TestSessionTimer:
    FIELDS = ("Session-Expires", "Min-SE")

    def test_refreshed_by_update(self) -> None:
        """RFC 4028 §7.2, §10: the caller refreshes after half of the interval, by an UPDATE without a description."""
        stage = Stage(ALICE, BOB, show=self.FIELDS)
        alice = stage.person(ALICE, session_expires=600)
        bob = stage.person(BOB, {LegOffered: bob_answers()})
        stage.tell(alice, dial(BOB))
        stage.run(700)
        hang_up(stage, alice, bob)
        assert_golden("rfc4028_refresh", str(stage.lines))

    def test_interval_too_small(self) -> None:
        """RFC 4028 §7.3, §9: Bob wants at least 900 s and says 422; Alice asks again for that."""
        stage = Stage(ALICE, BOB, show=self.FIELDS)
        alice = stage.person(ALICE, session_expires=600)
        bob = stage.person(BOB, {LegOffered: bob_answers()}, min_se=900)
        stage.tell(alice, dial(BOB))
        stage.run(5)
        hang_up(stage, alice, bob)
        assert_golden("rfc4028_too_small", str(stage.lines))

    def test_the_peer_vanishes(self) -> None:
        """RFC 4028 §10: Alice, who refreshes, is gone; Bob says BYE a third of the interval, at most 32 s, before its
        end."""
        stage = Stage(ALICE, BOB, show=self.FIELDS)
        alice = stage.person(ALICE, session_expires=300)
        bob = stage.person(BOB, {LegOffered: bob_answers()})
        stage.tell(alice, dial(BOB))
        stage.run(200)
        stage.vanish(alice)
        stage.run(600)
        stage.ends(bob)
        assert endings(stage, bob) == [("network", 408)]
        assert_golden("rfc4028_expired", str(stage.lines))
