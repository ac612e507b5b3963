"""Calls that operators make, and the transfer of a caller to whom the operator consulted."""

import pytest

from ivr.call.record import CallRow, Outcome
from ivr.call.state import CallState
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.sip.transfer.transfer_sent import TransferOrdered
from ivr.sip.transport.flow import Flow
from tests.support.operators_phones import BRANCH, add_phone, entries, finish, state_of, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, make_story

BUSY, NEVER = PhoneBehaviour(486, 0.1), PhoneBehaviour(None)
COLLEAGUE = f"sip:boris@{HOTLINE}"


def own_row(story: Story) -> CallRow:
    return next(row for row in story.rows().values() if row.direction != "inbound")


def consulting(story: Story) -> None:
    """The caller hears music, anna talks with boris."""
    story.phones["anna"].consult(COLLEAGUE)
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(2)


def test_own_call__to_a_colleague() -> None:
    story = make_story()
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.call(COLLEAGUE)
    assert story.world.run(5, lambda: boris.talking)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "on_call")
    assert "hears ringing" in [text for _, text in anna.log]
    anna.tone = lambda frame: bytes(range(160))
    story.world.run(2)
    assert "other" in [name for name, _, _ in story.heard("boris")]
    boris.hang_up()
    story.settle()
    story.assert_clean()
    row = own_row(story)
    assert (row.direction, row.operator, row.dialled, row.outcome, row.ended_by) == \
        ("internal", "anna", "boris", Outcome.ANSWERED, "target")


@pytest.mark.parametrize(("behaviour", "status"), [(BUSY, 486), (NEVER, 480)])
def test_own_call__nobody_takes_it(behaviour: PhoneBehaviour, status: int) -> None:
    story = make_story(operators={"anna": PhoneBehaviour(), "boris": behaviour})
    story.phones["anna"].call(COLLEAGUE)
    story.settle(140)
    story.assert_clean()
    assert story.phones["anna"].log[-1][1] == f"ended by peer {status}"
    assert (own_row(story).outcome, own_row(story).ended_by) == (Outcome.REFUSED, "target")


def test_own_call__given_up() -> None:
    story = make_story(operators={"anna": PhoneBehaviour(), "boris": NEVER})
    story.phones["anna"].call(COLLEAGUE)
    story.world.run(2)
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()
    assert own_row(story).outcome is Outcome.ABANDONED


def test_own_call__a_busy_colleague_is_not_rung() -> None:
    story = talking_with_anna()
    story.phones["boris"].call(f"sip:anna@{HOTLINE}")
    story.world.run(1)
    assert story.phones["boris"].log[-1][1] == "ended by peer 486"
    story.caller.hang_up()
    finish(story)


def test_own_call__who_calls_is_not_rung_for_callers() -> None:
    """Nor whom they call."""
    story = make_story()
    story.phones["anna"].call(COLLEAGUE)
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    story.world.run(3)
    assert story.heard()[-1][0] == "music/hold.wav"
    story.phones["anna"].hang_up()
    assert story.world.run(10, lambda: bool(entries(story, "bridged")[1:]))
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ANSWERED


def test_own_call__to_nothing() -> None:
    story = make_story()
    story.phones["anna"].call(f"sip:nobody@{HOTLINE}")
    story.settle()
    story.assert_clean()
    assert story.phones["anna"].log[-1][1] == "ended by peer 404"
    assert story.rows() == {}


def test_attended__consulted_and_joined() -> None:
    story = talking_with_anna()
    anna, boris = story.phones["anna"], story.phones["boris"]
    consulting(story)
    assert story.heard()[-1][0] == "music/hold.wav"
    anna.join_calls(COLLEAGUE)
    story.world.run(2)
    assert anna.transfers[-1] == 200
    assert anna.legs_ended == 2
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    boris.tone = lambda frame: bytes(range(160))
    story.world.run(1)
    assert story.heard()[-1][0] == "other"
    story.caller.hang_up()
    row = finish(story)
    assert boris.legs_ended == 1
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]
    assert story.requests()[0].operator == "boris"
    own = own_row(story)
    assert (own.outcome, own.direction, own.operator) == (Outcome.TRANSFERRED, "internal", "anna")
    assert own.talk_time == pytest.approx(2, abs=0.3)


def test_attended__asked_on_the_other_call() -> None:
    """Some phones send the REFER to whom they consulted, naming the caller's dialog."""
    story = talking_with_anna()
    anna = story.phones["anna"]
    consulting(story)
    anna.leg, anna.held_leg = anna.held_leg, anna.leg
    anna.join_calls(f"sip:caller@{HOTLINE}")
    story.world.run(2)
    assert anna.transfers[-1] == 200
    story.caller.hang_up()
    assert finish(story).operator == "boris"


@pytest.mark.parametrize("who", ["caller", "boris"])
def test_attended__ends_while_they_consult(who: str) -> None:
    """The caller, or the colleague, is gone: there is nothing to join, the other call goes on."""
    story = talking_with_anna()
    anna = story.phones["anna"]
    consulting(story)
    story.phones[who].hang_up()
    story.world.run(1)
    anna.join_calls(COLLEAGUE)
    story.world.run(1)
    assert [status for status in anna.transfers if status < 300] == []
    story.phones["boris" if who == "caller" else "caller"].hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")


def test_attended__to_an_address_of_the_configuration() -> None:
    story = talking_with_anna()
    branch = add_phone(story, "branch", BRANCH)
    anna = story.phones["anna"]
    anna.consult(f"sip:branch@{HOTLINE}")
    assert story.world.run(5, lambda: branch.talking)
    story.world.run(1)
    anna.join_calls(f"sip:branch@{HOTLINE}")
    story.world.run(2)
    assert anna.legs_ended == 2
    branch.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "anna", "target")
    assert entries(story, "bridged")[-1] == {"target": "branch"}
    assert own_row(story).direction == "outbound"


def test_attended__of_two_own_calls() -> None:
    """Anna called the branch and then boris, and joins the two."""
    story = make_story()
    branch = add_phone(story, "branch", BRANCH)
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.call(f"sip:branch@{HOTLINE}")
    assert story.world.run(5, lambda: branch.talking)
    story.world.run(1)
    consulting(story)
    anna.join_calls(COLLEAGUE)
    story.world.run(2)
    assert anna.legs_ended == 2
    assert (branch.legs_ended, boris.legs_ended) == (0, 0)
    branch.hang_up()
    story.settle()
    story.assert_clean()
    assert boris.legs_ended == 1
    assert sorted(str(row.outcome) for row in story.rows().values()) == ["answered", "transferred"]


def test_blind__the_called_colleague_sends_the_calling_one_on() -> None:
    """In a call between operators both may transfer."""
    story = make_story()
    branch = add_phone(story, "branch", BRANCH)
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.call(COLLEAGUE)
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(1)
    boris.transfer(f"sip:branch@{HOTLINE}")
    assert story.world.run(5, lambda: branch.talking)
    story.world.run(1)
    assert (anna.legs_ended, boris.legs_ended) == (0, 1)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "idle")
    anna.hang_up()
    story.settle()
    story.assert_clean()
    assert branch.legs_ended == 1


def refer_by_header(story: Story, target: str, replaces: str) -> None:
    """Anna's phone refers the caller, whom she holds, to `target` with a Replaces that it wrote itself."""
    anna = story.phones["anna"]
    escaped = replaces.replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
    legs = anna.endpoint._legs
    leg = legs.get(anna.held_leg or anna.leg)
    assert leg is not None
    order = TransferOrdered((("Refer-To", f"<sip:{target}@{HOTLINE}?Replaces={escaped}>"),))
    anna.carry_out(legs.run(leg, legs.machines.transfer_sent(leg), order, story.world.now))


@pytest.mark.parametrize("answers", [True, False])
def test_attended__before_the_consulted_has_answered(answers: bool) -> None:
    story = talking_with_anna(boris=PhoneBehaviour(200 if answers else 486, 3.0))
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.consult(COLLEAGUE)
    story.world.run(1)
    house = story.hotline.exchange.house
    own = next(each.call for each in house.calls.values() if each.call.state is CallState.DIALLING)
    leg = house.endpoint._legs.get(own.caller_leg)
    assert leg is not None
    assert leg.dialog is not None
    refer_by_header(story, "boris", f"{leg.dialog.sip_call_id};to-tag={leg.dialog.local.tag}"
                                    f";from-tag={leg.dialog.remote.tag}")
    story.world.run(0.5)
    assert own_row(story).outcome is Outcome.TRANSFERRED
    assert story.heard()[-1][0] == "music/hold.wav"
    story.world.run(4)
    assert boris.talking is answers
    assert anna.transfers[-1] == (200 if answers else 486)
    assert anna.legs_ended == 1 + answers
    assert (state_of(story, "anna"), state_of(story, "boris")) == \
        (("idle", "on_call") if answers else ("on_call", "idle"))
    story.caller.hang_up()
    assert finish(story).operator == ("boris" if answers else "anna")


def test_attended__the_dialog_is_another_servers() -> None:
    """We dial the target with the Replaces: whoever has that dialog will know it."""
    story = talking_with_anna()
    branch = add_phone(story, "branch", BRANCH, PhoneBehaviour(None))
    received: list[bytes] = []
    take = branch.receive_sip

    def keep(payload: bytes, flow: Flow, now: float) -> None:
        received.append(payload)
        take(payload, flow, now)

    branch.receive_sip = keep       # type: ignore[method-assign]
    refer_by_header(story, "branch", "their-call@pbx;to-tag=a1;from-tag=b2")
    story.world.run(2)
    assert b"Replaces: their-call@pbx;to-tag=a1;from-tag=b2\r\n" in b"".join(received)
    story.caller.hang_up()
    finish(story)
