"""Keys typed ahead of a secret: masked from the first word after which nothing else can be asked."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.menu.ahead import secrets_next, stack_behind
from ivr.menu.dialogue import Dialogue
from ivr.menu.events import LookUpAnswered
from ivr.menu.lint.checked import Surroundings, check_menu
from ivr.menu.model import Menu
from ivr.menu.steps import EnterQueue, Play, SecretInput
from tests.menu.conftest import HEAD, PROMPTS

PIN = "collect: {into: pin, prompts: hello, as: pin, digits: 4}"
SAY, OPEN = "say: news", "collect: {into: number, prompts: hello}"
GUARD = "'line.number == \"1\"'"
HTTP = 'http: {url: "https://bank.example/x"}'


def do(*actions: str, more: str = "") -> str:
    return "\n".join(["  first:", "    do:", *(f"      - {action}" for action in (*actions, "queue: cards")), more])


SECOND = f"  second:\n    do:\n      - {SAY}\n      - {PIN}\n      - queue: cards\n"
ASKING = "  second:\n    prompts: ask\n    options: {'1': {queue: cards}}\n"


@pytest.mark.parametrize(("menus", "secret"), [
    (do(SAY, PIN), {True}),
    (do(SAY, OPEN, PIN), {False}),
    (do(SAY, SAY, "set: {number: yes}", "language: ru", PIN, more="").replace("set: {number: yes}", SAY), {True}),
    (do(SAY, "goto: second", more=SECOND).replace("      - queue: cards\n  second", "  second"), {True}),
    (do(SAY, "goto: second", more=ASKING).replace("      - queue: cards\n  second", "  second"), {False}),
    (do(SAY, f"switch: [{{when: {GUARD}, do: [{PIN}]}}]".replace(PIN, f"{{{PIN}}}")), {True}),
    (do(SAY, f"switch: [{{when: {GUARD}, do: [{{{PIN}}}]}}]", OPEN), {True, False}),
    (do(SAY, f"switch: [{{when: {GUARD}, do: [{{{PIN}}}]}}, {{otherwise: {{queue: cards}}}}]"), {True}),
    (do(SAY, f"switch: [{{when: {GUARD}, do: {{{SAY}}}}}]", PIN), {True}),
    (do(SAY, HTTP, PIN), {True}),
    (do(SAY, HTTP.replace("x\"}", f"x\", on_failure: [{{{OPEN}}}]}}"), PIN), {True, False}),
    (do(SAY, "queue: cards").replace("      - queue: cards\n      - queue: cards\n", "      - queue: cards\n"), set()),
])
def test_next__by_every_way(menu_of: Callable[[str], Menu], menus: str, secret: set[bool]) -> None:
    menu = menu_of(menus)
    assert secrets_next(menu, menu.choices["first"], stack_behind("do", 0)) == secret


def test_next__between_a_pin_and_its_verify_the_next_menu_is_what_comes(menu_of: Callable[[str], Menu]) -> None:
    menu = menu_of(do(PIN, SAY, "verify: {register: staff, customer: pin, pin: pin}", OPEN))
    assert secrets_next(menu, menu.choices["first"], stack_behind("do", 1)) == {False}


def test_stack__of_blocks_within_blocks() -> None:
    assert stack_behind("1", 0) == (("1", 1),)
    assert stack_behind("1/2/otherwise/1/on_failure", 3) == (
        ("1", 2), ("1/2/otherwise", 1), ("1/2/otherwise/1/on_failure", 4))


def masks(dialogue: Dialogue) -> list[tuple[float, bool]]:
    return [(at, step.active) for at, step in dialogue.taken if isinstance(step, SecretInput)]


def test_mask__before_the_say_of_another_list_and_menu(menu_of: Callable[[str], Menu],
                                                      lengths: dict[str, float]) -> None:
    menu = menu_of("  first:\n    prompts: ask\n    options:\n      '1':\n        - say: more\n        - goto: second\n"
                   + SECOND)
    dialogue = Dialogue(menu, lengths).listen().press("1")
    order = [type(step) for _, step in dialogue.taken if isinstance(step, SecretInput | Play)]
    assert order == [Play, SecretInput, Play]
    dialogue.press("2468").settle()
    assert [active for _, active in masks(dialogue)] == [True, False]
    assert isinstance(dialogue.end, EnterQueue)
    assert "2468" not in repr(dialogue.taken)


def test_mask__while_another_system_is_asked(menu_of: Callable[[str], Menu], lengths: dict[str, float]) -> None:
    dialogue = Dialogue(menu_of(do(HTTP, PIN)), lengths)
    assert masks(dialogue) == [(0.0, True)]
    dialogue.press("2468").tell(LookUpAnswered(1, {})).settle()
    assert [active for _, active in masks(dialogue)] == [True, False]
    assert isinstance(dialogue.end, EnterQueue)


def test_mask__ends_where_the_caller_leaves_without_being_asked(menu_of: Callable[[str], Menu],
                                                              lengths: dict[str, float]) -> None:
    """An operator must be heard: the mask does not outlast the menu."""
    failing = HTTP.replace('x"}', 'x", on_failure: {queue: loans}}')
    dialogue = Dialogue(menu_of(do(failing, PIN)), lengths).tell(LookUpAnswered(1, reason="no connection"))
    assert [active for _, active in masks(dialogue)] == [True, False]
    assert isinstance(dialogue.end, EnterQueue)


def found(menus: str) -> list[tuple[str, int, int]]:
    checked = check_menu(f"{HEAD}menus:\n{menus}{PROMPTS}", "m.yaml", Surroundings())
    assert checked.menu is not None, checked.findings
    return [(fault.code, fault.place.line, fault.place.column) for fault in checked.findings
            if fault.code == "secret-typed-ahead"]


@pytest.mark.parametrize(("menus", "expected"), [
    (do(SAY, PIN), []),
    (do(SAY, OPEN, PIN), []),
    (do(SAY, f"switch: [{{when: {GUARD}, do: [{{{PIN}}}]}}]", OPEN), [("secret-typed-ahead", 11, 9)]),
    (do(SAY, SAY, f"switch: [{{when: {GUARD}, do: [{{{PIN}}}]}}]", OPEN), [("secret-typed-ahead", 12, 9)]),
])
def test_check__where_it_can_not_be_known(menus: str, expected: list[Any]) -> None:
    assert found(menus) == expected
