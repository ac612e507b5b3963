"""An operator asks somebody before sending the caller on, by command or by keys: who hears whom, and every ending."""

from typing import Any

import pytest

from ivr.call.record import Outcome, RequestStatus
from ivr.exchange.feature_codes import PAUSE, Typed
from ivr.exchange.transferring import NotTransferred, Wish
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_supervising import TONES, hears, speak
from tests.support.operators_phones import BRANCH, QUICK, add_phone, entries, finish, state_of, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config

BUSY, NEVER, MUSIC = PhoneBehaviour(486, 0.1), PhoneBehaviour(None), "music/hold.wav"
KEYS = {"operators": {"anna": {"feature_keys": True}, "boris": {}}, "extensions": {"201": "boris", "301": "loans"}}


def talking(boris: PhoneBehaviour = QUICK, *, tones: bool = False, **config: Any) -> Story:
    """The caller talks with anna, who may use keys. Without sound where nobody answers: it would take long."""
    story = talking_with_anna({**KEYS, **config}, boris=boris, audio=boris is not NEVER)
    for name in ("caller", "anna", "boris") if tones else ():
        speak(story.phones[name], TONES[name])
    return story


def call_of(story: Story) -> str:
    return next(name for name, opened in story.hotline.exchange.house.calls.items()
                if opened.call.visit.call.direction == "inbound")


def transfer(story: Story, target: str, *, attended: bool = False) -> Any:
    exchange, now = story.hotline.exchange, story.world.now
    done = exchange.transfer(call_of(story), target, now, attended=attended)
    if not isinstance(done, NotTransferred):
        story.hotline.carry_out(done)
    return done


def go_on(story: Story, wish: Wish) -> Any:
    done = story.hotline.exchange.end_consultation(call_of(story), wish, story.world.now)
    if not isinstance(done, NotTransferred):
        story.hotline.carry_out(done)
    story.world.run(0.6)
    return done


def consulting(boris: PhoneBehaviour = QUICK, *, tones: bool = False, **config: Any) -> Story:
    """anna talks with boris, and the caller waits."""
    story = talking(boris, tones=tones, **config)
    transfer(story, "boris", attended=True)
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(1)
    return story


# --- by command -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", ["boris", "201"])
def test_transfer__to_an_operator(target: str) -> None:
    story = talking()
    transfer(story, target)
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(1)
    assert state_of(story, "anna") == "idle"
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]
    (request,) = story.requests()
    assert (request.operator, request.status) == ("boris", RequestStatus.ANSWERED)


def test_transfer__to_a_queue_an_address_and_back_to_a_line() -> None:
    queues = base_config()["queues"] | {"loans": {"operators": ["boris"]}}
    story = talking(queues=queues)
    transfer(story, "301")
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    branch = add_phone(story, "branch", BRANCH)
    transfer(story, "branch")
    assert story.world.run(5, lambda: branch.talking)
    story.world.run(0.5)
    assert isinstance(transfer(story, "boris"), NotTransferred), "no operator is on this call any more"
    branch.hang_up()
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "target")
    assert [entry["to"] for entry in entries(story, "transferred")] == ["loans", "branch"]
    assert len(story.requests()) == 1


@pytest.mark.parametrize(("target", "code"), [("nobody", "unknown_target"), ("anna", "busy"),
                                              ("+74951234567", "not_allowed")])
def test_transfer__refused(target: str, code: str) -> None:
    story = talking()
    done = transfer(story, target)
    assert isinstance(done, NotTransferred)
    assert done.code == code
    assert entries(story, "bridged") == [{"operator": "anna"}]
    story.caller.hang_up()
    finish(story)


def test_transfer__of_a_call_in_the_menu() -> None:
    story = talking()
    story.phones["anna"].hang_up()
    story.settle()
    assert isinstance(story.hotline.exchange.transfer("no call", "boris", 0.0, attended=True), NotTransferred)


@pytest.mark.parametrize("behaviour", [BUSY, NEVER])
def test_transfer__nobody_takes_it(behaviour: PhoneBehaviour) -> None:
    story = talking(behaviour)
    transfer(story, "boris")
    assert story.world.run(35, lambda: bool(entries(story, "transfer_failed")))
    story.world.run(0.5)
    assert state_of(story, "boris") == "idle"
    story.phones["anna"].hang_up()
    assert finish(story).operator == "anna"


# --- asking first ---------------------------------------------------------------------------------------------------
def test_consult__the_caller_hears_music_and_the_others_talk() -> None:
    story = consulting(tones=True)
    assert story.heard()[-1][0] == MUSIC
    assert (hears(story, "anna"), hears(story, "boris")) == ({"boris"}, {"anna"})
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "on_call")
    go_on(story, "back")
    assert (hears(story, "caller"), hears(story, "anna")) == ({"anna"}, {"caller"})
    assert (state_of(story, "boris"), story.phones["boris"].legs_ended) == ("idle", 1)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert entries(story, "consultation_began") == [{"by": "anna", "to": "boris"}]
    assert entries(story, "consultation_ended") == [{"by": "anna", "to": "boris", "reason": "ended_by_operator"}]
    assert row.talk_time == pytest.approx(2 + 0.6, abs=0.3), "the caller's talk, and not the operators'"


@pytest.mark.parametrize("how", ["by command", "by hanging up"])
def test_consult__handed_over(how: str) -> None:
    story = consulting(tones=True)
    if how == "by command":
        go_on(story, "hand_over")
    else:
        story.phones["anna"].hang_up()
        story.world.run(0.6)
    assert (hears(story, "caller"), hears(story, "boris")) == ({"boris"}, {"caller"})
    assert (state_of(story, "anna"), story.phones["anna"].legs_ended) == ("idle", 1)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]


def test_consult__handed_over_before_the_answer() -> None:
    """It is a transfer that rings from then on."""
    story = talking(PhoneBehaviour(200, 3.0))
    transfer(story, "boris", attended=True)
    story.world.run(1)
    assert story.heard("anna")[-1][0] == MUSIC, "no dead air for who asks"
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    assert state_of(story, "anna") == "idle"
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_consult__handed_over_before_an_answer_that_never_comes() -> None:
    story = talking(NEVER)
    transfer(story, "boris", attended=True)
    story.world.run(1)
    story.phones["anna"].hang_up()
    assert story.world.run(40, lambda: story.phones["anna"].talking)
    story.world.run(0.5)
    story.caller.hang_up()
    assert finish(story).operator == "anna"
    assert entries(story, "transfer_returned") == [{"to": "anna"}]


@pytest.mark.parametrize("behaviour", [BUSY, NEVER])
def test_consult__nobody_answers(behaviour: PhoneBehaviour) -> None:
    story = talking(behaviour, tones=True)
    transfer(story, "boris", attended=True)
    assert story.world.run(35, lambda: bool(entries(story, "consultation_ended")))
    story.world.run(0.6)
    if behaviour is BUSY:
        assert (hears(story, "caller"), hears(story, "anna")) == ({"anna"}, {"caller"})
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize("who", ["caller", "boris", "drain", "plane"])
def test_consult__somebody_leaves(who: str) -> None:
    story = consulting()
    hotline = story.hotline
    if who == "drain":
        hotline.carry_out(hotline.exchange.end_calls("the service stopped", story.world.now))
    elif who == "plane":
        hotline.carry_out(hotline.exchange.plane_lost(0, story.world.now))
    else:
        story.phones[who].hang_up()
    story.world.run(0.6)
    ended = [story.phones[name].legs_ended for name in ("caller", "anna", "boris")]
    assert ended == ([0, 0, 1] if who == "boris" else [1, 1, 1])
    if who == "boris":
        story.caller.hang_up()
    assert finish(story).outcome is (Outcome.FAILED if who == "plane" else Outcome.ANSWERED)


# --- all three ------------------------------------------------------------------------------------------------------
ALL = {"caller": {"anna", "boris"}, "anna": {"caller", "boris"}, "boris": {"caller", "anna"}}


def everybody(story: Story) -> dict[str, set[str]]:
    return {name: hears(story, name) for name in ALL}


@pytest.mark.parametrize("leaves", ["caller", "anna", "boris", "back", "hand_over"])
def test_conference__everybody_hears_everybody_until_one_leaves(leaves: Any) -> None:
    story = consulting(tones=True)
    go_on(story, "conference")
    assert everybody(story) == ALL
    if leaves in ALL:
        story.phones[leaves].hang_up()
        story.world.run(0.6)
    else:
        go_on(story, leaves)
    left = {"caller": [], "boris": ["caller", "anna"], "back": ["caller", "anna"]}.get(leaves, ["caller", "boris"])
    for first, second in ((left, left[::-1]) if left else ()):
        assert hears(story, first) == {second}
    if left:
        story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris" if "boris" in left else "anna")
    assert entries(story, "conference_began") == [{"by": "anna", "to": "boris"}]


def test_conference__not_while_the_other_one_rings() -> None:
    story = talking(NEVER)
    transfer(story, "boris", attended=True)
    story.world.run(0.5)
    done = go_on(story, "conference")
    assert isinstance(done, NotTransferred)
    assert done.code == "still_rings"
    story.caller.hang_up()
    finish(story)


def test_consultation__where_there_is_none() -> None:
    story = talking()
    done = go_on(story, "hand_over")
    assert isinstance(done, NotTransferred)
    assert done.code == "nobody_consulted"
    story.caller.hang_up()
    finish(story)


# --- by keys --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("keys", "code"), [
    ("*1", "*1"), ("*2", "*2"), ("12*3", "*3"), ("**2", "*2"), ("*7*2", "*2"), ("*4201#", "*4201#"), ("*5#*1", "*1"),
    ("*42*1#", "*42*1#"), ("*4", ""), ("2", ""), ("#", ""), ("*4" + "1" * 40 + "#", "")])
def test_codes(keys: str, code: str) -> None:
    typed = Typed()
    assert [typed.press(key, 0.1 * number) for number, key in enumerate(keys)][-1] == code
    assert len(typed.keys) < 30


def test_codes__a_pause_ends_one() -> None:
    typed = Typed()
    assert typed.press("*", 0.0) == ""
    assert typed.press("2", PAUSE + 0.1) == ""
    assert typed.press("*", 10.0) == ""
    assert typed.press("2", 10.0 + PAUSE) == "*2"


def test_keys__ask_join_and_hand_over() -> None:
    story = talking(tones=True)
    anna = story.phones["anna"]
    anna.press("*4201#")
    assert story.world.run(8, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    anna.press("*2")
    story.world.run(1)
    assert everybody(story) == ALL
    anna.press("*3")
    story.world.run(1)
    assert (hears(story, "caller"), hears(story, "boris")) == ({"boris"}, {"caller"})
    assert state_of(story, "anna") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_keys__send_the_caller_there() -> None:
    story = talking()
    story.phones["anna"].press("*5201#")
    assert story.world.run(8, lambda: story.phones["boris"].talking)
    story.caller.hang_up()
    finish(story)
    assert entries(story, "transferred") == [{"by": "anna", "to": "boris"}]


def test_keys__off_unless_somebody_turned_them_on() -> None:
    story = talking(operators={"anna": {}, "boris": {}})
    story.phones["anna"].press("*5201#")
    story.caller.press("*5201#")
    story.world.run(3)
    assert entries(story, "transfer_requested") == []
    story.caller.hang_up()
    finish(story)


def test_keys__of_a_caller_are_none() -> None:
    story = talking()
    story.caller.press("*5201#")
    story.world.run(3)
    assert entries(story, "transfer_requested") == []
    story.caller.hang_up()
    finish(story)


# --- with two calls of the phone's own ------------------------------------------------------------------------------
def two_calls(*, tones: bool = False) -> Story:
    """anna has called boris on a second line, while the caller is on hold."""
    story = talking(tones=tones)
    story.phones["anna"].consult(f"sip:boris@{HOTLINE}")
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(1)
    return story


def test_two_calls__joined_by_keys() -> None:
    story = two_calls(tones=True)
    assert story.heard()[-1][0] == MUSIC
    story.phones["anna"].press("*2")
    story.world.run(1.5)
    assert everybody(story) == ALL
    assert story.phones["anna"].legs_ended == 1, "the line that held the caller"
    rows = {row.direction: row for row in story.rows().values()}
    assert rows["internal"].outcome is Outcome.TRANSFERRED
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "on_call")
    story.phones["anna"].hang_up()
    story.world.run(0.6)
    assert (hears(story, "caller"), hears(story, "boris")) == ({"boris"}, {"caller"})
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")


def test_two_calls__handed_over_by_keys() -> None:
    story = two_calls(tones=True)
    story.phones["anna"].press("*3")
    story.world.run(1.5)
    assert (hears(story, "caller"), hears(story, "boris")) == ({"boris"}, {"caller"})
    assert state_of(story, "anna") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_two_calls__back_by_keys() -> None:
    story = two_calls()
    story.phones["anna"].press("*1")
    story.world.run(1)
    assert state_of(story, "boris") == "idle"
    assert state_of(story, "anna") == "on_call", "with the caller, who is still on hold"
    assert story.heard()[-1][0] == MUSIC
    story.caller.hang_up()
    assert finish(story).operator == "anna"


# --- asking in a queue ----------------------------------------------------------------------------------------------
LOANS = {"queues": base_config()["queues"] | {"loans": {"operators": ["boris"], "announce_every_s": 0}}}


@pytest.mark.parametrize("then", ["join", "*2", "back"])
def test_queue__asked_on_a_second_call(then: str) -> None:
    """anna calls the queue as she would call a colleague; whoever is free there answers."""
    story = talking(tones=True, **LOANS)
    anna, boris = story.phones["anna"], story.phones["boris"]
    anna.consult(f"sip:301@{HOTLINE}")
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(1)
    assert (hears(story, "anna"), hears(story, "boris"), story.heard()[-1][0]) == ({"boris"}, {"anna"}, MUSIC)
    if then == "join":
        anna.join_calls(f"sip:301@{HOTLINE}")
    elif then == "*2":
        anna.press("*2")
    else:
        anna.hang_up()
    story.world.run(1.5)
    if then == "*2":
        assert everybody(story) == ALL
    elif then == "join":
        assert (hears(story, "caller"), hears(story, "boris")) == ({"boris"}, {"caller"})
    else:
        assert state_of(story, "boris") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == ("boris" if then == "join" else "anna")
    assert len(story.requests()) == 1, "asking is no request"


def test_queue__the_caller_follows_into_it() -> None:
    """Nobody there is free yet, and anna does not wait: the caller waits in her place."""
    story = talking(PhoneBehaviour(200, 4.0), **LOANS)
    anna = story.phones["anna"]
    anna.consult(f"sip:loans@{HOTLINE}")
    story.world.run(1.5)
    anna.join_calls(f"sip:loans@{HOTLINE}")
    assert story.world.run(15, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.queue) == (Outcome.ANSWERED, "boris", "loans")
    assert state_of(story, "anna") == "idle"


def test_queue__nobody_serves_it() -> None:
    story = talking(queues=base_config()["queues"] | {"loans": {"operators": []}})
    anna = story.phones["anna"]
    anna.consult(f"sip:loans@{HOTLINE}")
    story.world.run(3)
    assert story.clips_heard("anna")[-1].endswith("queue/nobody_available.wav")
    story.caller.hang_up()
    finish(story)
