"""`http`: another system is asked while the caller hears that; its answer, its silence, and what of it is kept."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ivr.base.errors import AdminError
from ivr.menu.dialogue import Dialogue
from ivr.menu.events import LookUpAnswered
from ivr.menu.expressions.values import Kind, Money, Value
from ivr.menu.interpreter import Interpreter
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.requests import Request, Wanted, filled, found_in, plain
from ivr.menu.steps import EnterQueue, LookedUp, LookUp, SetTimer
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    prompts: ask
    options:
      "1":
        - collect: {into: card, prompts: hello, digits: 4}
        - http:
            url: "https://core.bank.example/cards/{card}?l={language}"
            timeout_s: 4
            retries: 1
            meanwhile: notice
            into: balance
            answers: {amount: {kind: money, currency: RUB, at: account.0.sum}, name: text}
            on_failure: [{say: more}]
        - switch: [{when: balance.amount > 100 RUB, do: {queue: cards}}]
        - queue: general
      "2":
        - http: {url: "https://core.bank.example/ping"}
        - queue: loans
      "3":
        - http: {url: "https://core.bank.example/{caller.number}", on_failure: {queue: deposits}}
        - queue: loans
"""
RIGHT = {"account": [{"sum": Decimal("250.50")}], "name": "A. B."}


@pytest.fixture
def menu(menu_of: Callable[[str], Menu]) -> Menu:
    return menu_of(MENUS)


@pytest.fixture
def dialogue(menu: Menu, lengths: dict[str, float]) -> Dialogue:
    return Dialogue(menu, lengths).listen()


@pytest.fixture
def asked(dialogue: Dialogue) -> Dialogue:
    """The question is out, at 2.8 s."""
    return dialogue.press("1").press("4111")


def answer(dialogue: Dialogue, content: Any = None, reason: str = "", number: int = 1) -> Dialogue:
    return dialogue.tell(LookUpAnswered(number, content, reason))


def last(dialogue: Dialogue, kind: type) -> Any:
    return [step for _, step in dialogue.taken if isinstance(step, kind)][-1]


def test_http__the_question_has_its_values(asked: Dialogue) -> None:
    request = Request("GET", "https://core.bank.example/cards/4111?l=en", (), None, 4.0, 1)
    assert last(asked, LookUp) == LookUp(1, request)
    assert "4111" not in repr(asked.taken)


def test_http__what_is_said_meanwhile_is_said_again_until_the_answer(asked: Dialogue) -> None:
    asked.wait(5)
    assert asked.clips[-2:] == ["en/notice.wav"] * 2
    answer(asked, RIGHT)
    assert asked.end == EnterQueue("cards", "cards")
    assert asked.heard[-1].cut, "the third time it is not heard to its end"
    assert asked.interpreter.memory.variables["balance.amount"] == Money(Decimal("250.50"), "RUB")
    assert asked.interpreter.memory.variables["balance.name"] == "A. B."
    assert last(asked, LookedUp) == LookedUp("first", "core.bank.example")


def test_http__keys_meanwhile_do_nothing(asked: Dialogue) -> None:
    asked.press("123").wait(1)
    answer(asked, {})
    assert asked.end == EnterQueue("general", "general")


@pytest.mark.parametrize("fails", [
    lambda dialogue: answer(dialogue, reason="status 500"),
    lambda dialogue: dialogue.wait(10.01),
])
def test_http__a_failure_does_its_own_block_and_then_what_follows(
        asked: Dialogue, fails: Callable[[Dialogue], Dialogue]) -> None:
    fails(asked).listen()
    assert asked.clips[-1] == "en/more.wav"
    assert asked.end == EnterQueue("general", "general"), "the amount is not known"
    assert not asked.interpreter.served


def test_http__nobody_waits_longer_than_all_attempts(asked: Dialogue) -> None:
    timers = [(at, step.at) for at, step in asked.taken if isinstance(step, SetTimer) and step.at is not None]
    assert timers[-1] == (pytest.approx(2.8), pytest.approx(2.8 + 2 * 4 + 2))


def test_http__who_listens_hears_what_is_said_meanwhile_until_the_answer_is_given_up(asked: Dialogue) -> None:
    asked.listen()
    assert asked.now == pytest.approx(2.8 + 10 + 2)
    assert asked.clips[-6:] == ["en/notice.wav"] * 5 + ["en/more.wav"]


def test_http__a_late_answer_changes_nothing(asked: Dialogue) -> None:
    asked.wait(10.01).listen()
    before = len(asked.taken)
    answer(asked, RIGHT)
    assert len(asked.taken) == before
    assert "balance.amount" not in asked.interpreter.memory.variables


def test_http__without_a_block_of_its_own_the_menus_is_done(dialogue: Dialogue) -> None:
    dialogue.press("2")
    answer(dialogue, reason="no connection")
    assert dialogue.end == EnterQueue("general", "general")


def test_http__silence_meanwhile_where_nothing_is_said(dialogue: Dialogue) -> None:
    dialogue.press("2").press("12").wait(3)
    assert dialogue.interpreter.state is Phase.LOOKING_UP
    answer(dialogue, {})
    assert dialogue.end == EnterQueue("loans", "loans")


def test_http__a_value_that_is_missing_fails_it_unasked(dialogue: Dialogue) -> None:
    dialogue.press("3")
    assert dialogue.end == EnterQueue("deposits", "deposits")
    assert not [step for _, step in dialogue.taken if isinstance(step, LookUp)]
    assert last(dialogue, LookedUp).reason == "a value is missing"


def test_http__a_prompt_without_length_is_said_once(menu: Menu) -> None:
    dialogue = Dialogue(menu, dict.fromkeys(menu.clips(), 0.0)).press("1").press("4111").wait(1)
    assert len([step for _, step in dialogue.taken if type(step).__name__ == "Play"]) < 6
    answer(dialogue, RIGHT)
    assert dialogue.end == EnterQueue("cards", "cards")


def test_http__a_state_of_each_moment_can_be_written_and_read_back(menu: Menu, asked: Dialogue) -> None:
    asked.wait(3)
    asked.interpreter = rewritten(asked.interpreter)
    answer(asked, RIGHT)
    assert asked.end == EnterQueue("cards", "cards")


# --- what is kept of an answer --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "content", "value"), [
    (Kind.NUMBER, 5, Decimal(5)), (Kind.NUMBER, Decimal("1.5"), Decimal("1.5")), (Kind.NUMBER, "12.5", Decimal("12.5")),
    (Kind.NUMBER, True, None), (Kind.NUMBER, "many", None), (Kind.NUMBER, [5], None), (Kind.NUMBER, 10 ** 20, None),
    (Kind.TEXT, "x" * 600, "x" * 500), (Kind.TEXT, 42, "42"), (Kind.TEXT, {}, None), (Kind.TEXT, None, None),
    (Kind.FLAG, True, True), (Kind.FLAG, False, False), (Kind.FLAG, "yes", None), (Kind.FLAG, 1, None),
    (Kind.MONEY, Decimal("9.99"), Money(Decimal("9.99"), "RUB")),
    (Kind.MONEY, "9.99 USD", Money(Decimal("9.99"), "USD")),
    (Kind.MONEY, "NaN", None), (Kind.DATE, "2026-12-31", date(2026, 12, 31)), (Kind.DATE, "31.12.2026", None),
    (Kind.TIME, "09:30", time(9, 30)), (Kind.DURATION, 90, timedelta(seconds=90)),
    (Kind.DURATION, "90", timedelta(seconds=90)),
    (Kind.DATE, 20261231, None), (Kind.NUMBER, "9" * 50, None),
    # What would fill the memory once written out, or can't be compared or written down.
    (Kind.NUMBER, Decimal("1e999999999"), None), (Kind.NUMBER, Decimal("1e-999999999"), Decimal("0E-126")),
    (Kind.NUMBER, "1e9999999", None), (Kind.MONEY, "1e9999999 RUB", None), (Kind.DURATION, Decimal("1e9999999"), None),
    (Kind.TIME, "09:30Z", None), (Kind.TIME, "09:30+03:00", None), (Kind.TEXT, "a\ud800b", "a?b"),
])
def test_http__values_of_an_answer(kind: Kind, content: object, value: Value | None) -> None:
    got = found_in({"a": [{"b": content}]}, Wanted("x.b", kind, ("a", "0", "b"), "RUB"))
    assert (got, type(got)) == (value, type(value))


def test_http__a_place_in_a_list_that_no_list_has() -> None:
    assert found_in([1], Wanted("x.b", Kind.NUMBER, ("9" * 5000,))) is None


@pytest.mark.parametrize(("number", "asked"), [
    ("..", None), (".", None), ("...", "https://h.example/cards/.../x?y=..")])
def test_http__a_value_does_not_climb_in_an_address(number: str, asked: str | None) -> None:
    """A caller may call from any number, `..` too."""
    assert filled("https://h.example/cards/{caller.number}/x?y=..", {"caller.number": number}, in_url=True) == asked


@pytest.mark.parametrize("content", [None, {}, {"a": []}, {"a": {"b": 1}}, [], "a", {"a": [1]}])
def test_http__a_way_that_leads_nowhere_has_no_value(content: object) -> None:
    assert found_in(content, Wanted("x.b", Kind.NUMBER, ("a", "0", "b"))) is None


@pytest.mark.parametrize(("value", "text"), [
    (Decimal("1E+3"), "1000"), (True, "true"), (Money(Decimal("12.50"), "RUB"), "12.50"),
    (date(2026, 1, 2), "2026-01-02"),
    (time(9, 30), "09:30:00"), (timedelta(minutes=2), "120"), (("a", "b"), "a,b"), ("x", "x")])
def test_http__values_as_other_systems_read_them(value: Value, text: str) -> None:
    assert plain(value) == text


def test_http__values_in_an_address_can_not_change_it(menu_of: Callable[[str], Menu]) -> None:
    menu = menu_of('  first: {do: [{http: {url: "https://h.example/{word}"}}, {queue: cards}]}\n'
                   'variables: {word: {kind: text, default: "../a?b=c&d#e/ю"}}\n')
    (_, step, _) = Interpreter(menu).start(0)
    assert isinstance(step, LookUp)
    assert step.request.url == "https://h.example/..%2Fa%3Fb%3Dc%26d%23e%2F%D1%8E"


# --- faults ---------------------------------------------------------------------------------------------------------
WHOLE = """\
languages: [en]
start: main
variables: {note: text, code: {kind: text, secret: yes}}
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: ask
    options:
      "1":
        - http:
            url: "https://core.bank.example/{note}"
        - queue: cards
prompts:
  ask: {en: "What?"}
"""
URL = '            url: "https://core.bank.example/{note}"\n'


def line(text: str) -> tuple[str, str]:
    return URL, f"{URL}            {text}\n"


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("{note}", "{nota}", "11:45: error: there is no variable `nota` (did you mean `note`? "),
    ("{note}", "{code}", "11:45: error: `code` is secret, and would be told (put it into the `body`: addresses"),
    ("https://core.bank.example/{note}", "core.bank.example", "11:18: error: `url` is no address (write it like h"),
    ("https://core.bank.example/{note}", "https://[core/x", "11:18: error: `url` is no address (write it like h"),
    ("https://core.bank.example/{note}", "https://core:99999/x", "11:18: error: `url` is no address (write it like h"),
    ("https://core.bank.example/{note}", "https://:443/x", "11:18: error: `url` is no address (write it like h"),
    ("https://core.bank.example/{note}", "https://{note}.example/", "11:18: error: the host of `url` must be fixed"),
    ("https://core.bank.example/{note}", "https://a@core/", "11:18: error: the host of `url` must be fixed (values"),
    ("https://", "http://", "11:18: error: whoever is on the way can read and change what goes by http:// (write http"),
    (URL, "            method: get\n", "11:13: error: `http` lacks `url` (add a line `url:`)"),
    (*line("method: fetch"), "12:21: error: there is no method `fetch` (did you mean `patch`? allowed: delete"),
    (*line('body: {pin: "{code}"}'), "12:26: error: `code` is secret, and would be told (add `secret: yes` to this"),
    (*line("body: {pin: {a: b}}"), "12:25: error: `pin` of `body` must be a text (values stand in it as {name})"),
    (*line("headers: {Authorization: Bearer x}"), "12:38: error: `Authorization` can't be set in a menu (a password"),
    (*line('headers: {X-Who: "{note}"}'), "12:30: error: `X-Who` can't be a header (Latin letters and -; a fixed"),
    (*line("timeout_s: 60"), "12:24: error: `timeout_s` is 60 (allowed: a number from 0.5 to 30)"),
    (*line("retries: 9"), "12:22: error: `retries` is 9 (allowed: a number from 0 to 3)"),
    (*line("meanwhile: wait"), "12:24: error: there is no prompt `wait` (allowed: ask)"),
    (*line("into: balance"), "12:19: error: `into` and `answers` belong together (`into: balance` and"),
    (*line("into: b\n            answers: {sum: cash}"), "13:28: error: there is no kind `cash`"),
    (*line("into: B\n            answers: {sum: number}"), "13:28: error: `B.sum` can't be a variable"),
    (*line("into: b\n            answers: {sum: {at: x}}"), "13:28: error: answer `sum` lacks `kind`"),
    (*line("into: b\n            answers: {sum: {kind: number, secret: on}}"),
     "13:51: error: `secret` must be yes or no"),
    (URL, f"{URL}            into: b\n            answers: {{sum: number}}\n        - http:\n            "
          "url: https://h.example/\n            into: b\n            answers: {sum: {kind: number, secret: yes}}\n",
     "17:28: error: `b.sum` is not secret elsewhere, and would tell this answer (write `secret: yes` wherever it is"),
    ("defaults: {on_failure: {queue: general}}",
     'defaults: {on_failure: [{http: {url: "https://h/"}}, {queue: general}]}',
     "4:32: error: nothing says what happens when this `http` fails (add an `on_failure:` to it)"),
])
def test_http__faults(known: object, old: str, new: str, expected: str) -> None:
    assert old in WHOLE
    with pytest.raises(AdminError) as caught:
        load_menu(WHOLE.replace(old, new, 1), "m.yaml", None, known)     # type: ignore[arg-type]
    assert str(caught.value.faults[0]).startswith(f"m.yaml:{expected}")


def test_http__a_secret_goes_where_the_menu_permits_it(known: object) -> None:
    text = WHOLE.replace(URL, f'{URL}            body: {{pin: "{{code}}"}}\n            secret: yes\n')
    assert load_menu(text, "m.yaml", None, known)      # type: ignore[arg-type]
