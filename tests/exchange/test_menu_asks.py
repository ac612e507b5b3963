"""A menu that asks for values and another system, on a call in virtual time: what is heard, recorded and masked."""

from decimal import Decimal
from typing import Any

import pytest

from ivr.audio.spoken import clip_of, spoken
from ivr.base.hours.loader import load_hours
from ivr.call.record import Outcome
from ivr.exchange.virtual_phone import PhoneBehaviour
from ivr.menu.expressions.values import Money
from ivr.menu.requests import Request
from tests.support.virtual_house import Story, make_story

MENU = """
languages: [en, ru]
start: balance
defaults: {on_failure: {queue: general}}
menus:
  balance:
    do:
      - collect: {into: card, prompts: which_card, digits: 4}
      - collect: {into: code, prompts: which_code, as: pin, digits: 4}
      - http:
          url: https://core.bank.example/{card}
          body: {code: "{code}"}
          secret: yes
          meanwhile: one_moment
          into: balance
          answers: {amount: {kind: money, currency: RUB}}
          on_failure: [{say: not_now}, {queue: general}]
      - say: your_balance
      - switch: [{when: now >= 00:00 and today > 2026-01-01 and line.number == "100", do: hangup}]
      - {queue: cards, priority: 3}
prompts:
  which_card: {en: "Which card?", ru: "Какая карта?"}
  which_code: {en: "Which code?", ru: "Какой код?"}
  one_moment: {en: "One moment.", ru: "Минуту."}
  your_balance: {en: "You have {balance.amount}.", ru: "У вас {balance.amount}."}
  not_now: {en: "Not now.", ru: "Не сейчас."}
"""


def call(answer: Any, reason: str = "", menu: str = MENU) -> tuple[Story, list[Request]]:
    story = make_story(menu=menu)
    asked: list[Request] = []

    def other_systems(request: Request) -> tuple[Any, str]:
        asked.append(request)
        return answer, reason

    story.hotline.other_systems = other_systems
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    for digits in ("4111", "0042"):
        for digit in digits:
            story.caller.press(digit)
            story.world.run(0.4)
        story.world.run(0.2)
    story.world.run(20)
    return story, asked


def test_menu_asks__a_balance_is_told() -> None:
    story, asked = call({"amount": Decimal("21.50")})
    story.settle()
    story.assert_clean()
    (request,) = asked
    assert (request.method, request.url, request.body) == ("POST", "https://core.bank.example/4111", {"code": "0042"})
    assert story.row().outcome is Outcome.SELF_SERVED
    heard = story.clips_heard()
    words = spoken("en", "money", Money(Decimal("21.50"), "RUB"))
    assert heard[heard.index("en/your_balance.1.wav") + 1:] == [clip_of("en", word) for word in words]


def test_menu_asks__nothing_of_what_was_typed_is_in_any_record() -> None:
    story, _ = call({"amount": 1})
    story.settle()
    told = [repr(batch) for batch in story.hotline.stored] + [repr(report) for report in story.hotline.reports]
    assert not [text for text in told if "4111" in text or "0042" in text]
    kinds = [(entry.kind, dict(entry.details)) for entry in story.entries()]
    assert ("value_taken", {"menu": "balance", "name": "card"}) in kinds
    assert ("looked_up", {"menu": "balance", "host": "core.bank.example", "reason": ""}) in kinds


def test_menu_asks__the_secret_is_masked_while_it_is_asked() -> None:
    story = make_story(menu=MENU)
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    (opened,) = story.hotline.exchange.house.calls.values()
    masked = []
    for digit in "41110042":
        masked.append(opened.secret_until > story.world.now)
        story.caller.press(digit)
        story.world.run(0.4)
    assert masked == [False] * 4 + [True] * 4
    assert opened.secret_until <= story.world.now
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


def test_menu_asks__no_answer_leads_to_an_operator() -> None:
    story, _ = call(None, "no connection")
    assert story.phones["anna"].talking or story.phones["boris"].talking
    assert "en/not_now.wav" in story.clips_heard()
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().queue == "general"


def test_menu_asks__who_hangs_up_meanwhile_is_gone() -> None:
    story = make_story(menu=MENU.replace("      - collect: {into: code, prompts: which_code, as: pin, digits: 4}\n", "")
                       .replace('          body: {code: "{code}"}\n          secret: yes\n', ""))
    story.hotline.other_systems = lambda request: ({"amount": 5}, "")
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    for digit in "4111":
        story.caller.press(digit)
        story.world.run(0.2)
    story.caller.hang_up()
    story.settle()
    story.assert_clean()
    assert story.row().outcome is Outcome.ABANDONED


def test_menu_asks__a_queue_may_be_entered_before_others() -> None:
    story = make_story(menu=MENU.replace("now >= 00:00", "no and now >= 00:00"),
                       operators={"anna": PhoneBehaviour(delay=100)})
    story.hotline.other_systems = lambda request: ({"amount": 5}, "")
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(0.5)
    for digit in "41110042":
        story.caller.press(digit)
        story.world.run(0.4)
    story.world.run(12)
    waiting = [stay for queue in story.hotline.exchange.house.dispatcher.snapshot(story.world.now)["queues"]
               for stay in queue["calls"]]
    assert [stay["priority"] for stay in waiting] == [3]
    story.caller.hang_up()
    story.settle()
    story.assert_clean()


HOURS = """
zone: Europe/Moscow
schedules:
  office: {week: {monday-friday: "09:00-13:00"}}
"""
OFFICE = """
languages: [en, ru]
start: entrance
defaults: {on_failure: {queue: general}}
menus:
  entrance:
    do:
      - switch:
          - {when: open(office) and now < 13:00, do: {queue: cards}}
          - {when: now >= 13:00, do: {queue: loans}}
      - queue: general
prompts: {}
"""


@pytest.mark.parametrize(("passed", "queue"), [(0.0, "cards"), (3500.0, "cards"), (3700.0, "loans")])
def test_menu_asks__hours_count_where_the_line_is(passed: float, queue: str) -> None:
    """The story begins on a Monday at 12:00 in Moscow."""
    story = make_story(menu=OFFICE.replace("prompts: {}", "prompts: {hello: {en: Hello., ru: Привет.}}"),
                       config={"lines": [{"numbers": ["100"], "menu": "menus/bank.yaml", "hours": "office"}]})
    story.hotline.exchange.house.hours = load_hours(HOURS, "hours.yaml")
    story.world.run(passed)
    story.caller.call("sip:100@127.0.9.1")
    story.world.run(1)
    story.caller.hang_up()
    story.settle()
    assert story.row().queue == queue


def test_menu_asks__a_closed_line_is_an_outcome_of_its_own() -> None:
    menu = OFFICE.replace("prompts: {}", "prompts: {hello: {en: Closed., ru: Закрыто.}}")
    begin, end = menu.index("      - switch:"), menu.index("prompts:")
    story = make_story(menu=f"{menu[:begin]}      - say: hello\n      - hangup: closed\n{menu[end:]}")
    story.caller.call("sip:100@127.0.9.1")
    story.settle()
    story.assert_clean()
    assert (story.row().outcome, story.row().ended_by) == (Outcome.CLOSED, "hotline")
