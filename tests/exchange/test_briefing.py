"""What an operator hears who has picked up, before the caller is there: every ending, and what the caller hears."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.support.operators_phones import entries, finish, state_of
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: cards}}
menus:
  first: {do: [{language: ru}, {queue: cards}]}
prompts:
  of_cards: {en: "Cards.", ru: "Карты."}
"""
QUICK = PhoneBehaviour(200, 0.5)
MUSIC, TOLD = "music/hold.wav", "ru/of_cards.wav"


def ringing(anna: PhoneBehaviour = QUICK, boris: PhoneBehaviour = QUICK, **queue: Any) -> Story:
    """The caller is in the queue of cards, whose operators hear of it first; anna is rung."""
    settings = {"operators": ["anna", "boris"], "operator_hears": "of_cards", "ring_time_s": 6, "announce_every_s": 0,
                **queue}
    story = make_story(menu=MENU, operators={"anna": anna, "boris": boris},
                       config={"queues": base_config()["queues"] | {"cards": settings}})
    story.caller.call(f"sip:100@{HOTLINE}")
    return story


def briefed(**queue: Any) -> Story:
    """anna has picked up."""
    story = ringing(**queue)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(0.3)
    return story


def offers(story: Story) -> list[str]:
    return [entry["operator"] for entry in entries(story, "operator_offered")]


def test_briefing__the_operator_hears_it_the_caller_music_and_then_they_talk() -> None:
    story = briefed()
    assert (story.heard("anna")[-1][0], story.heard()[-1][0]) == (TOLD, MUSIC)
    assert entries(story, "bridged") == []
    assert state_of(story, "anna") == "ringing", "not yet theirs"
    story.world.run(2)
    assert (story.heard("anna")[-1][0], story.heard()[-1][0]) == ("silence", "silence")
    assert story.clips_heard("anna") == [TOLD]
    music = [(at, frames) for name, at, frames in story.heard() if name == MUSIC]
    assert len(music) == 1, "without a hole"
    assert state_of(story, "anna") == "on_call"
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "anna")
    assert row.talk_time == pytest.approx(1.3, abs=0.2), "the talk begins when they hear each other"
    assert entries(story, "operator_briefed") == [{"operator": "anna", "prompt": "of_cards"}]


def test_briefing__any_key_cuts_it_short() -> None:
    story = briefed()
    story.phones["anna"].press("5")
    story.world.run(0.3)
    assert len(entries(story, "bridged")) == 1
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ANSWERED


def test_briefing__the_caller_hangs_up_meanwhile() -> None:
    story = briefed()
    story.caller.hang_up()
    story.world.run(0.5)
    assert story.phones["anna"].legs_ended == 1, "no operator is left with nobody"
    row = finish(story)
    assert (row.outcome, row.operator, row.talk_time) == (Outcome.ABANDONED, "", None)


def test_briefing__the_operator_hangs_up_and_the_next_one_is_rung() -> None:
    story = briefed()
    story.phones["anna"].hang_up()
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(2)
    assert offers(story) == ["anna", "boris"]
    assert entries(story, "offer_failed") == [{"operator": "anna", "reason": "refused"}]
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator) == (Outcome.ANSWERED, "boris")


def test_briefing__phones_ring_no_longer_than_without_it() -> None:
    """The dispatcher gives the offer the time of the briefing too."""
    story = ringing(anna=PhoneBehaviour(None))
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    assert story.world.now == pytest.approx(6.6, abs=0.3)
    assert entries(story, "offer_failed") == [{"operator": "anna", "reason": "no_answer"}]
    story.caller.hang_up()
    finish(story)


def test_briefing__a_second_offer_has_the_whole_ring_time() -> None:
    """No timer of the first is left."""
    story = ringing(anna=PhoneBehaviour(486, 4.0), boris=PhoneBehaviour(200, 5.0))
    assert story.world.run(12, lambda: story.phones["boris"].talking)
    story.caller.hang_up()
    finish(story)
    assert offers(story) == ["anna", "boris"]


def test_accepting__a_mailbox_gets_no_caller() -> None:
    """It says what it has to say, and presses nothing."""
    story = briefed(operator_accepts=True, operator_accept_s=5)
    assert story.world.run(10, lambda: "boris" in offers(story))
    assert story.clips_heard("anna").count(TOLD) >= 1
    frames = sum(frames for name, _, frames in story.heard("anna") if name == TOLD)
    assert frames > 200, "it is said again as long as there is time"
    assert entries(story, "offer_failed") == [{"operator": "anna", "reason": "no_answer"}]
    assert story.world.run(10, lambda: story.phones["boris"].talking)
    story.world.run(0.3)
    assert entries(story, "bridged") == []
    assert story.heard()[-1][0] == MUSIC
    story.phones["boris"].press("21")
    story.world.run(0.6)
    assert [entry["operator"] for entry in entries(story, "bridged")] == ["boris"]
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_briefing__a_place_is_told_meanwhile_and_cuts_nothing() -> None:
    story = briefed(announce_every_s=30, announce_first_after_s=2, operator_accepts=True)
    story.world.run(3)
    assert any(clip.startswith("ru/queue/place") for clip in story.clips_heard())
    story.phones["anna"].press("1")
    story.world.run(1)
    assert len(entries(story, "bridged")) == 1
    story.caller.hang_up()
    finish(story)


def test_briefing__the_caller_waited_too_long_for_it() -> None:
    story = briefed(operator_accepts=True, operator_accept_s=30, max_wait_s=10, overflow={"queue": "general"})
    story.world.run(12)
    assert story.phones["anna"].legs_ended == 1
    assert entries(story, "overflowed") == [{"queue": "cards", "reason": "max_wait"}]
    story.caller.hang_up()
    finish(story)


def test_briefing__the_operator_holds_meanwhile_and_music_goes_on() -> None:
    story = briefed()
    story.phones["anna"].hold()
    story.world.run(2)
    assert story.heard()[-1][0] == MUSIC
    story.phones["anna"].hold(False)
    story.world.run(1)
    assert story.heard()[-1][0] == "silence"
    story.caller.hang_up()
    assert finish(story).outcome is Outcome.ANSWERED


# --- where several are rung for one call ------------------------------------------------------------------------------
def test_ring_all__who_is_told_first_has_it_once_they_press() -> None:
    """Others ring on until somebody has it; who picks up meanwhile is too late."""
    story = ringing(QUICK, PhoneBehaviour(200, 1.5), strategy="ring_all", operator_accepts=True)
    anna, boris = story.phones["anna"], story.phones["boris"]
    assert story.world.run(3, lambda: anna.talking)
    assert state_of(story, "boris") == "ringing"
    story.world.run(2)
    assert boris.legs_ended == 1
    assert {"operator": "boris", "reason": "busy"} in entries(story, "offer_failed")
    anna.press("1")
    story.world.run(0.6)
    assert [entry["operator"] for entry in entries(story, "bridged")] == ["anna"]
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_ring_all__another_one_has_it_if_the_first_declines() -> None:
    story = ringing(QUICK, PhoneBehaviour(200, 3.0), strategy="ring_all", operator_accepts=True)
    anna, boris = story.phones["anna"], story.phones["boris"]
    assert story.world.run(3, lambda: anna.talking)
    anna.hang_up()
    assert story.world.run(5, lambda: boris.talking)
    story.world.run(0.3)
    boris.press("1")
    story.world.run(0.6)
    assert [entry["operator"] for entry in entries(story, "bridged")] == ["boris"]
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_ring_all__all_phones_stop_once_somebody_has_it() -> None:
    story = ringing(QUICK, PhoneBehaviour(None), strategy="ring_all")
    assert story.world.run(3, lambda: story.phones["anna"].talking)
    story.world.run(2)
    assert story.phones["boris"].log[-1][1] == "ended by peer 487"
    assert state_of(story, "boris") == "idle"
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_ring_all__nobody_answers_in_time() -> None:
    story = ringing(PhoneBehaviour(None), PhoneBehaviour(None), strategy="ring_all")
    story.world.run(6.5)
    assert {(entry["operator"], entry["reason"]) for entry in entries(story, "offer_failed")} == {
        ("anna", "no_answer"), ("boris", "no_answer")}
    story.caller.hang_up()
    finish(story)
