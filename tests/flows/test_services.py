"""RFC 5359, the services that a hotline gives, through the whole of it: the caller, the hotline and its operators'
phones.

The RFC's parties talk to one another; ours all talk to the hotline, which is a back-to-back user agent: each of them
has a call with it, and it joins their media. So an arrow between two of the RFC's parties is two of ours or none:
what changes on one side (a hold, a transfer) needs no re-INVITE on the other, as the hotline's address and port stay
what they were.

Not ours: instant messages (§2.6), conferences of three (§2.10, §2.11), screening by a proxy (§2.13, §2.14), call park
(§2.15), automatic redial (§2.17), click to dial (§2.18).
"""

from dataclasses import replace
from typing import Any

from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.sdp.offer_answer import make_offer
from ivr.sip.commands import ReofferLeg
from tests.flows.golden import assert_golden
from tests.flows.house import ANNA, BORIS, SECOND, House
from tests.support.operators_phones import BRANCH, take_place
from tests.support.virtual_house import CALLER, HOTLINE, base_config

BUSY, NEVER = PhoneBehaviour(486, 0.1), PhoneBehaviour(None)


def both_serve() -> dict[str, Any]:
    """Anna and boris have the queue of cards, and an operator's phone rings for 10 s."""
    return {"queues": base_config()["queues"]}


def test_2_1_and_2_3_call_hold_with_music() -> None:
    """§2.1 call hold, §2.3 music on hold. Bob is anna, Alice the caller. Anna's phone says sendonly and gets
    recvonly, and later sendrecv; the caller's side needs no message. The music is the hotline's own: no music server
    comes into the call, as it does in §2.3."""
    house = House(CALLER, HOTLINE, ANNA, silent=False)
    house.talks_with_anna()
    anna, held_at = house.phone("anna"), house.world.now
    anna.note("holds")
    anna.hold()
    house.world.run(3)
    house.hears("music/hold.wav", held_at)
    anna.note("takes the caller back")
    anna.hold(False)
    back_at = house.world.now
    house.world.run(3)
    assert house.story.heard()[-1][0] == "silence"      # what anna's phone sends
    house.hears("silence", back_at)
    house.story.caller.hang_up()
    assert house.finish().outcome is Outcome.ANSWERED
    assert_golden("rfc5359_2_1_hold", str(house.lines))


def test_2_1_call_hold__in_the_old_dialect() -> None:
    """§2.1 as phones did it before RFC 3264: anna's phone says that its address is 0.0.0.0."""
    house = House(CALLER, HOTLINE, ANNA, silent=False)
    house.talks_with_anna()
    anna, held_at = house.phone("anna"), house.world.now
    anna.note("holds")
    anna.local = replace(anna.local, version=anna.local.version + 1)
    offer = make_offer(anna.local).replace(f"c=IN IP4 {ANNA}".encode(), b"c=IN IP4 0.0.0.0")
    anna.carry_out(anna.endpoint.handle(ReofferLeg(anna.leg, offer), house.world.now))
    house.world.run(3)
    house.hears("music/hold.wav", held_at)
    anna.note("takes the caller back")
    anna.hold(False)
    back_at = house.world.now
    house.world.run(3)
    house.hears("silence", back_at)
    house.story.caller.hang_up()
    assert house.finish().outcome is Outcome.ANSWERED
    assert_golden("rfc5359_2_1_hold_old_dialect", str(house.lines))


def test_2_2_consultation_hold() -> None:
    """§2.2: Bob (anna) holds Alice (the caller), calls Carol (boris) through the hotline, hangs up on her, and takes
    Alice back."""
    house = House(CALLER, HOTLINE, ANNA, BORIS)
    house.talks_with_anna()
    anna = house.phone("anna")
    anna.consult(f"sip:boris@{HOTLINE}")
    assert house.world.run(5, lambda: house.phone("boris").talking)
    house.world.run(2)
    anna.hang_up()
    house.world.run(1)
    anna.leg, anna.held_leg = anna.held_leg, ""
    anna.note("takes the caller back")
    anna.hold(False)
    house.world.run(2)
    anna.hang_up()
    row = house.finish()
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "anna", "operator")
    assert_golden("rfc5359_2_2_consultation_hold", str(house.lines))


def test_2_4_unattended_transfer() -> None:
    """§2.4: Bob, the transferor, is anna's phone; Alice, the transferee, is the hotline in the caller's place; Carol,
    the target, is boris. REFER, 202, NOTIFY with 100; the INVITE to the target, NOTIFYs with 180 and 200, and BYE to
    the transferor. That BYE is the transferor's own in the RFC; a phone that says it first is in
    test_transfer_blind."""
    house = House(CALLER, HOTLINE, ANNA, BORIS)
    house.talks_with_anna()
    house.phone("anna").transfer(f"sip:boris@{HOTLINE}")
    assert house.world.run(5, lambda: house.phone("boris").talking)
    house.world.run(2)
    house.story.caller.hang_up()
    row = house.finish()
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert_golden("rfc5359_2_4_unattended_transfer", str(house.lines))


def test_2_4_unattended_transfer__out_of_the_house() -> None:
    """§2.4 with a target that is an address of the configuration: the caller's call goes on at the branch."""
    house = House(CALLER, HOTLINE, ANNA, BRANCH)
    house.talks_with_anna()
    house.phone("anna").transfer(f"sip:branch@{HOTLINE}")
    assert house.world.run(5, lambda: house.phone("branch").talking)
    house.world.run(2)
    house.phone("branch").hang_up()
    row = house.finish()
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "target")
    assert_golden("rfc5359_2_4_transfer_to_branch", str(house.lines))


def test_2_4_unattended_transfer__fails() -> None:
    """RFC 3515: the target is busy. The transferor hears 486 in the last NOTIFY and has the caller again."""
    house = House(CALLER, HOTLINE, ANNA, BORIS, boris=BUSY)
    house.talks_with_anna()
    house.phone("anna").transfer(f"sip:boris@{HOTLINE}")
    house.world.run(3)
    house.story.caller.hang_up()
    assert house.finish().operator == "anna"
    assert_golden("rfc3515_target_busy", str(house.lines))


def test_refer__refused() -> None:
    """RFC 3515 §2.4.2: a target that may not be dialled is refused on the REFER itself; no NOTIFY follows."""
    house = House(CALLER, HOTLINE, ANNA)
    house.talks_with_anna()
    house.phone("anna").transfer(f"sip:+74951234567@{HOTLINE}")
    house.world.run(2)
    house.story.caller.hang_up()
    assert house.finish().operator == "anna"
    assert_golden("rfc3515_refused", str(house.lines))


def test_2_5_attended_transfer() -> None:
    """§2.5: Bob (anna) holds Alice (the caller), consults Carol (boris), and sends Alice to her by a REFER whose
    Refer-To names Bob's call with Carol in a Replaces. That call is the hotline's own: it joins the two callers it
    has, where the RFC's Alice sends an INVITE with the Replaces to Carol. Then the hotline says BYE on both of anna's
    calls."""
    house = House(CALLER, HOTLINE, ANNA, BORIS)
    house.talks_with_anna()
    anna = house.phone("anna")
    anna.consult(f"sip:boris@{HOTLINE}")
    assert house.world.run(5, lambda: house.phone("boris").talking)
    house.world.run(2)
    anna.join_calls(f"sip:boris@{HOTLINE}")
    house.world.run(2)
    house.story.caller.hang_up()
    row = house.finish()
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert_golden("rfc5359_2_5_attended_transfer", str(house.lines))


def test_2_7_call_forwarding__is_not_followed() -> None:
    """§2.7 to §2.9, call forwarding by a redirect: a phone of ours answers 302. We don't follow it: where it points,
    nobody has allowed. The queue goes on as if the operator had declined: the next one's phone rings."""
    house = House(CALLER, HOTLINE, ANNA, BORIS, anna=PhoneBehaviour(302, 0.5), config=both_serve())
    house.rings_anna()
    assert house.world.run(5, lambda: house.phone("boris").talking)
    house.world.run(2)
    house.story.caller.hang_up()
    assert house.finish().operator == "boris"
    assert_golden("rfc5359_2_7_forwarding_not_followed", str(house.lines))


def test_2_12_find_me__one_after_the_other() -> None:
    """§2.12 find-me, and §2.9 without its redirect: anna's phone rings in vain, then boris's does. The RFC's proxy
    tries the places of one person; here the queue tries its operators."""
    house = House(CALLER, HOTLINE, ANNA, BORIS, anna=NEVER, config=both_serve())
    house.rings_anna()
    assert house.world.run(15, lambda: house.phone("boris").talking)
    house.world.run(2)
    house.story.caller.hang_up()
    assert house.finish().operator == "boris"
    assert_golden("rfc5359_2_12_one_after_the_other", str(house.lines))


def test_2_12_find_me__both_phones_of_an_operator_ring() -> None:
    """§2.12 find-me, at once instead of one after the other: the hotline rings every phone of anna; the first that
    answers has the call, the other one is cancelled. What is a proxy's fork in the RFC is two INVITEs of the hotline
    here."""
    house = House(CALLER, HOTLINE, ANNA, SECOND, anna=PhoneBehaviour(200, 3.0))
    second = house.phone("second")
    house.rings_anna()
    assert house.world.run(10, lambda: second.talking)
    house.world.run(2)
    house.story.caller.hang_up()
    row = house.finish()
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert_golden("rfc5359_2_12_two_phones_ring", str(house.lines))


def test_2_16_call_pickup() -> None:
    """§2.16: the call rings at anna's phone, and boris takes it by an INVITE with a Replaces that names anna's ringing
    dialog; anna's phone gets CANCEL. How boris has learnt of that dialog (SUBSCRIBE and NOTIFY in the RFC) is not
    part of it. The RFC's Replaces goes to the caller; ours to the hotline, which has the ringing dialog."""
    house = House(CALLER, HOTLINE, ANNA, BORIS, anna=NEVER)
    house.rings_anna()
    house.world.run(1)
    take_place(house.phone("boris"), house.phone("anna"))
    house.world.run(2)
    assert house.phone("boris").talking
    house.story.caller.hang_up()
    row = house.finish()
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert_golden("rfc5359_2_16_pickup", str(house.lines))


def test_take_over__of_an_answered_call() -> None:
    """RFC 3891 §1: as the pick-up, of a call that anna has answered; her phone gets BYE."""
    house = House(CALLER, HOTLINE, ANNA, BORIS)
    house.talks_with_anna()
    take_place(house.phone("boris"), house.phone("anna"))
    house.world.run(2)
    house.story.caller.hang_up()
    assert house.finish().operator == "boris"
    assert_golden("rfc3891_take_over", str(house.lines))
