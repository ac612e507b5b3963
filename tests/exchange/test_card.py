"""What an operator's desk shows of their calls, moment by moment, and hanging up from there."""

from typing import Any

import pytest

from ivr.call.record import Outcome
from ivr.exchange import card
from ivr.exchange.story import label
from ivr.exchange.transferring import NotTransferred
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange import test_calling_back as calling_back
from tests.exchange.test_consulting import call_of, go_on, transfer
from tests.exchange.test_supervising import supervise
from tests.support.operators_phones import QUICK, finish, talking_with_anna
from tests.support.virtual_house import HOTLINE, Story, base_config, make_story

NEVER, SLOW = PhoneBehaviour(None), PhoneBehaviour(200, 3.0)


def desk(story: Story, operator: str = "anna") -> dict[str, Any]:
    return card.at_desk(story.hotline.exchange.house, operator, story.world.now)


def shown(story: Story, operator: str = "anna") -> dict[str, Any]:
    """The one card."""
    (one,) = desk(story, operator)["cards"]
    found: dict[str, Any] = one
    return found


def hang_up(story: Story, operator: str) -> Any:
    exchange, now = story.hotline.exchange, story.world.now
    done = exchange.hang_up(operator, call_of(story), now)
    if not isinstance(done, NotTransferred):
        story.hotline.carry_out(done)
        story.world.run(1)
    return done


def ringing(anna: PhoneBehaviour = NEVER, boris: PhoneBehaviour = NEVER, **queue: Any) -> Story:
    """English, cards, an operator: the queue's phones ring."""
    queues = base_config()["queues"] | {"cards": {"operators": ["anna", "boris"], "ring_time_s": 10, **queue}}
    story = make_story(config={"queues": queues}, operators={"anna": anna, "boris": boris}, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(5, lambda: bool(desk(story)["cards"] or desk(story, "boris")["cards"]))
    return story


def test_card__rings_with_the_story_and_counts_down() -> None:
    story = ringing(strategy="linear")
    one = shown(story)
    assert (one["state"], one["queue"], one["line"], one["language"], one["direction"]) == (
        "ringing", "cards", "100", "en", "inbound")
    assert [step["label"] for step in one["path"]] == ["main", "cards", "cards"]
    assert [step["keys"] for step in one["path"]] == ["1", "2", "0"]
    assert one["number"] == "caller"
    assert one["talks"] is False
    assert one["brought"] is None
    first = one["ends_in_s"]
    story.world.run(4)
    later = shown(story)
    assert 3.9 <= first - later["ends_in_s"] <= 4.1
    assert later["waited_s"] - one["waited_s"] == pytest.approx(4, abs=0.2)
    assert desk(story, "boris")["cards"] == []
    story.caller.hang_up()
    finish(story)


def test_card__all_who_are_rung_see_each_other_and_who_took_it() -> None:
    story = ringing(boris=SLOW, strategy="ring_all")
    assert (shown(story)["also_rings"], shown(story, "boris")["also_rings"]) == (["boris"], ["anna"])
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    assert desk(story)["cards"] == []
    lost = desk(story)["lost"]
    assert (lost["how"], lost["by"], lost["call"]) == ("answered_elsewhere", "boris", call_of(story))
    assert desk(story, "boris")["lost"] is None
    story.world.run(61)
    assert desk(story)["lost"] is None, "no news any more"
    story.caller.hang_up()
    finish(story)


def test_card__missed_and_given_up() -> None:
    story = ringing(strategy="linear")
    story.world.run(10.5)
    assert desk(story)["lost"]["how"] == "no_answer"
    assert desk(story)["lost"]["by"] == "", "boris is rung, and has not taken it"
    story.caller.hang_up()
    story.world.run(1)
    assert desk(story, "boris")["lost"]["how"] not in ("no_answer", "answered")
    finish(story)


def test_card__talks_holds_consults_and_confers() -> None:
    story = talking_with_anna({"operators": {"anna": {}, "boris": {}}})
    assert shown(story)["state"] == "talking"
    assert shown(story)["talks"] is True
    story.phones["anna"].hold()
    story.world.run(0.5)
    assert shown(story)["state"] == "held"
    story.phones["anna"].hold(False)
    story.world.run(0.5)
    assert shown(story)["state"] == "talking"
    transfer(story, "boris", attended=True)
    story.world.run(0.2)
    mine, his = shown(story), shown(story, "boris")
    assert (mine["state"], his["state"]) == ("consulting", "ringing")
    assert mine["on_call"] == [{"who": "boris", "part": "asked", "joined": False}]
    assert his["on_call"] == [{"who": "anna", "part": "operator", "joined": True}]
    assert his["ends_in_s"] > 0
    assert his["path"] == mine["path"], "who is asked sees the caller's story too"
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    assert shown(story)["on_call"] == [{"who": "boris", "part": "asked", "joined": True}]
    assert shown(story, "boris")["state"] == "consulted"
    go_on(story, "conference")
    assert (shown(story)["state"], shown(story, "boris")["state"]) == ("conference", "conference")
    go_on(story, "hand_over")
    assert desk(story)["cards"] == []
    assert shown(story, "boris")["state"] == "talking"
    story.caller.hang_up()
    finish(story)


def test_card__says_whether_a_colleague_asks_or_passes_on() -> None:
    story = talking_with_anna({"operators": {"anna": {}, "boris": {}}}, boris=NEVER, audio=False)
    transfer(story, "boris", attended=True)
    story.world.run(0.5)
    assert shown(story, "boris")["brought"] == {"who": "anna", "how": "asks"}
    assert shown(story)["brought"] is None
    go_on(story, "back")
    transfer(story, "boris")
    story.world.run(0.5)
    assert shown(story, "boris")["brought"] == {"who": "anna", "how": "passes_on"}
    story.phones["anna"].hang_up()
    story.world.run(0.5)
    assert shown(story, "boris")["brought"] == {"who": "anna", "how": "passes_on"}, "she is gone, as phones do"
    assert story.world.run(60, lambda: desk(story, "boris")["cards"] == [])
    assert story.world.run(5, lambda: desk(story)["cards"] != [])
    assert (shown(story)["state"], shown(story)["brought"]) == ("ringing", {"who": "anna", "how": "comes_back"})
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize("by_policy", [False, True])
def test_card__who_listens_is_not_shown_but_by_policy(by_policy: bool) -> None:
    story = talking_with_anna({"web": {"listeners_shown": by_policy}, "accounts": {"vera": {}}})
    from tests.support.operators_phones import add_phone
    from tests.support.virtual_house import register

    add_phone(story, "vera", "127.0.9.40")
    register(story, "vera")
    supervise(story, "vera", "listen")
    assert story.world.run(5, lambda: story.phones["vera"].talking)
    story.world.run(0.5)
    listens = [{"who": "vera", "part": "supervisor", "joined": True}]
    assert shown(story)["on_call"] == (listens if by_policy else [])
    supervise(story, "vera", "whisper")
    story.world.run(0.5)
    assert shown(story)["on_call"] == listens, "whom they hear they may see"
    story.caller.hang_up()
    finish(story)


def test_card__wrap_up_with_its_end() -> None:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "wrap_up_s": 20}}
    story = make_story(config={"queues": queues}, operators={"anna": QUICK}, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(1)
    call = shown(story)["call"]
    assert desk(story)["wrap_up"] is None
    story.caller.hang_up()
    story.world.run(5)
    wrap_up = desk(story)["wrap_up"]
    assert (wrap_up["call"], wrap_up["until_saved"]) == (call, False)
    assert 14 < wrap_up["left_s"] < 16
    story.world.run(20)
    assert desk(story)["wrap_up"] is None
    finish(story)


def test_hang_up__is_what_the_phone_would_do() -> None:
    story = talking_with_anna()
    assert not isinstance(hang_up(story, "anna"), NotTransferred)
    row = finish(story)
    assert (row.outcome, row.ended_by) == (Outcome.ANSWERED, "operator")


def test_hang_up__of_who_asked_somebody_hands_over() -> None:
    story = talking_with_anna({"operators": {"anna": {}, "boris": {}}})
    transfer(story, "boris", attended=True)
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    hang_up(story, "anna")
    assert shown(story, "boris")["state"] == "talking"
    hang_up(story, "boris")
    assert finish(story).operator == "boris"


def test_hang_up__refused_while_it_rings_and_to_others() -> None:
    story = ringing(strategy="linear")
    asked = hang_up(story, "anna")
    assert (asked.code, hang_up(story, "boris").code) == ("rings", "not_yours")
    assert desk(story)["cards"], "it rings on"
    story.caller.hang_up()
    finish(story)


MENU = """
languages: [en, ru]
start: card
defaults: {on_failure: {queue: general}}
menus:
  card:
    do:
      - collect: {into: account, prompts: which, digits: 4}
      - collect: {into: pin, prompts: which, digits: 4}
      - fill: {last_digits: account}
      - queue: lost_card
variables: {account: text, pin: {kind: text, secret: yes}, untouched: {kind: text, default: "0"}}
prompts:
  which: {en: "Four digits.", ru: "Четыре цифры."}
"""


def test_card__what_the_menu_was_told_but_no_secret() -> None:
    story = make_story(menu=MENU, operators={"anna": NEVER}, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(1)
    for key in "47119876":
        story.caller.press(key)
        story.world.run(0.4)
    assert story.world.run(10, lambda: bool(desk(story)["cards"]))
    assert shown(story)["told"] == [{"name": "last_digits", "value": "4711"}, {"name": "account", "value": "4711"}]
    assert "9876" not in str(desk(story))
    story.caller.hang_up()
    finish(story)


def test_card__a_colleague_calls() -> None:
    story = make_story(operators={"anna": QUICK, "boris": SLOW}, audio=False)
    story.phones["anna"].call(f"sip:boris@{HOTLINE}")
    story.world.run(1)
    mine, his = shown(story), shown(story, "boris")
    assert (mine["state"], mine["colleague"], mine["direction"]) == ("dialling", "boris", "internal")
    assert (his["state"], his["colleague"]) == ("ringing", "anna")
    assert his["ends_in_s"] > 0
    assert story.world.run(5, lambda: story.phones["boris"].talking)
    story.world.run(0.5)
    story.phones["boris"].hold()
    story.world.run(0.5)
    assert (shown(story)["state"], shown(story, "boris")["state"]) == ("talking", "held")
    assert [one["who"] for one in shown(story, "boris")["on_call"]] == ["anna"]
    story.phones["anna"].hang_up()
    story.settle()
    story.assert_clean()


def test_card__a_caller_is_called_back() -> None:
    story = calling_back.house(called=SLOW)
    calling_back.ask(story)
    assert story.world.run(5, lambda: story.phones["anna"].talking)
    story.world.run(0.5)
    one = shown(story)
    assert (one["state"], one["callback"], one["direction"], one["number"]) == (
        "calling_back", True, "outbound", calling_back.NUMBER)
    assert one["ends_in_s"] > 0
    assert story.world.run(10, lambda: story.phones["carrier"].talking)
    story.world.run(0.5)
    assert shown(story)["state"] == "talking"
    assert shown(story)["request"] == calling_back.asked(story).id
    story.phones["anna"].hang_up()
    story.settle(80)


@pytest.mark.parametrize(("record", "may"), [("on_demand", True), ("never", False), ("always", False)])
def test_card__who_may_record(record: str, may: bool) -> None:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "record": record}}
    story = make_story(config={"queues": queues}, operators={"anna": QUICK}, audio=False)
    story.caller.call(f"sip:100@{HOTLINE}")
    for key in "120":
        story.world.run(0.5)
        story.caller.press(key)
    assert story.world.run(10, lambda: story.phones["anna"].talking)
    story.world.run(0.5)
    one = shown(story)
    assert (one["may_record"], one["recorded"]) == (may, record == "always")
    story.caller.hang_up()
    finish(story)


def test_at_desk__of_nobody() -> None:
    story = make_story(operators={"anna": QUICK}, audio=False)
    assert desk(story, "nobody") == {"operator": "nobody", "cards": [], "wrap_up": None, "lost": None}


@pytest.mark.parametrize(("option", "said"), [
    ("language en, goto main", "main"), ("queue lost_card", "lost card"), ("goto cards", "cards"), ("repeat", "repeat"),
    ("", "")])
def test_label(option: str, said: str) -> None:
    assert label(option) == said
