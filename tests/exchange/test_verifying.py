"""Customers with a PIN on calls in virtual time: what is asked, counted and locked, and what no record has."""

from typing import Any

from ivr.call.record import Outcome
from ivr.exchange.effects import ToPinRegister
from ivr.exchange.exchange import Exchange
from ivr.exchange.verifying import LOCKED
from ivr.menu.actions.verify import REFUSED
from tests.support.virtual_house import HOTLINE, Story, make_story

MENU = """
languages: [en, ru]
start: door
defaults: {on_failure: {queue: general}}
menus:
  door:
    do:
      - collect: {into: number, prompts: which_number, digits: 4}
      - collect: {into: pin, prompts: which_pin, as: pin, digits: 4}
      - verify: {register: customers, customer: number, pin: pin, into: who, attempts: 2,
                 on_failure: [{say: unknown}, hangup: closed]}
      - {queue: cards}
prompts:
  which_number: {en: "Your number?", ru: "Ваш номер?"}
  which_pin: {en: "Your PIN?", ru: "Ваш PIN?"}
  unknown: {en: "We don't know you.", ru: "Мы вас не знаем."}
"""
CONFIG = {"pins": {"customers": {"file": "customers.pins", "tries": 3}}}
NUMBER, PIN, WRONG = "4711", "2468", "9630"


def make(menu: str = MENU) -> Story:
    story = make_story(menu=menu, config=CONFIG)
    story.hotline.pins = lambda asked: ("Vera", "") if (asked.customer, asked.pin) == (NUMBER, PIN) else ("", REFUSED)
    return story


def call(story: Story, *pins: str) -> None:
    story.caller.call(f"sip:100@{HOTLINE}")
    story.world.run(0.5)
    for digit in "".join(NUMBER + pin for pin in pins):
        story.caller.press(digit)
        story.world.run(0.4)
    story.world.run(3)


def verdicts(story: Story) -> list[str]:
    return [entry.details["reason"] for entry in story.entries() if entry.kind == "verified"]


def refusals(story: Story) -> list[dict[str, Any]]:
    return [dict(report.fields) for report in story.hotline.reports if report.event.startswith("pin_")]


def test_verify__known_callers_go_on() -> None:
    story = make()
    call(story, WRONG, PIN)
    assert verdicts(story) == [REFUSED, ""]
    assert [request.queue for request in story.requests()] == ["cards"]
    (call_open,) = story.hotline.exchange.house.calls.values()
    assert call_open.known_to == {"customers": "Vera"}
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


def test_verify__wrong_over_several_calls_locks_the_right_pin_too() -> None:
    story = make()
    for pins in ((WRONG, WRONG), (WRONG, PIN), (PIN,)):
        call(story, *pins)
        story.settle()
    assert verdicts(story) == [REFUSED, REFUSED, REFUSED, LOCKED, LOCKED]
    assert {row.outcome for row in story.rows().values()} == {Outcome.CLOSED}
    assert [one.get("locks") for one in refusals(story)] == ["", "", "customer caller", None, None]
    story.world.run(900)
    call(story, PIN)
    assert verdicts(story)[-1] == ""


def test_verify__nothing_that_was_typed_is_kept_or_told() -> None:
    story = make()
    call(story, WRONG, PIN)
    story.caller.hang_up()
    story.settle()
    told = " ".join(map(repr, (*story.hotline.stored, *story.hotline.reports))) + story.ladder()
    for secret in (WRONG, PIN, NUMBER, "Vera"):
        assert f"'{secret}'" not in told
        assert f" {secret}" not in told
    assert PIN not in repr(ToPinRegister("call", 1, "customers", NUMBER, PIN))


def test_verify__who_hangs_up_before_the_verdict_has_tried() -> None:
    story = make()
    late: list[ToPinRegister] = []
    exchange = story.hotline.exchange
    story.hotline.pins = lambda asked: late.append(asked) or ("", "no answer yet")  # type: ignore[func-returns-value]
    for _ in range(3):
        story.caller.call(f"sip:100@{HOTLINE}")
        story.world.run(0.5)
        for digit in NUMBER + PIN[:3]:
            story.caller.press(digit)
            story.world.run(0.4)
        story.caller.press(PIN[3])
        story.world.run(0.2, until=lambda: any(opened.trying for opened in exchange.house.calls.values()))
        story.caller.hang_up()
        story.settle()
    assert all(exchange.verified(asked.call, asked.number, "Vera", "", story.world.now) == [] for asked in late)
    call(story, PIN)
    assert verdicts(story) == [LOCKED]
    story.settle()
    story.assert_clean()


def test_verify__a_register_that_the_configuration_does_not_name() -> None:
    story = make(MENU.replace("register: customers", "register: others"))
    call(story, PIN)
    assert verdicts(story) == ["there is no such register"]


def test_verified__of_a_call_that_is_over_changes_nothing() -> None:
    exchange: Exchange = make().hotline.exchange
    assert exchange.verified("nobody", 1, "Vera", "", 0.0) == []
