"""Findings about orders: who may come to one, in every shape that a menu may have."""

import pytest

from ivr.menu.lint.checked import Surroundings, check_menu

MENU = """languages: [en]
start: door
defaults: {on_failure: [{say: sorry}, hangup]}
menus:
  door:
    do:
DO
  orders:
    prompts: options
    options:
      "1":
        - order: {close: all}
        - say: sorry
      "0": [{say: sorry}, hangup]
prompts:
  options: {en: "One or zero."}
  sorry: {en: "Sorry."}
"""
ASK = """      - collect: {into: number, prompts: sorry}
      - collect: {into: pin, prompts: sorry, as: pin}
"""
VERIFY = "      - verify: {register: staff, customer: number, pin: pin, into: who"
GO = "      - goto: orders"


def found(do: str, orders_by: dict[str, str | None] | None) -> list[tuple[str, int]]:
    checked = check_menu(MENU.replace("DO", do), "m.yaml", Surroundings(orders_by=orders_by))
    assert checked.menu is not None, checked.findings
    return [(fault.code, fault.place.line) for fault in checked.findings if fault.code.startswith("order")]


@pytest.mark.parametrize(("do", "open_way"), [
    (f"{ASK}{VERIFY}}}\n{GO}", False),
    (f"{ASK}{VERIFY}, on_failure: [{{say: sorry}}, hangup]}}\n{GO}", False),
    (f"{ASK}{VERIFY}, on_failure: {{say: sorry}}}}\n{GO}", True),
    (f"{ASK}{VERIFY}, on_failure: {{say: sorry}}}}\n      - switch: [{{when: known(who), do: {{goto: orders}}}}]\n"
     "      - hangup", False),
    (f"{ASK}{VERIFY}, on_failure: {{say: sorry}}}}\n      - switch: [{{when: not known(who), do: {{goto: orders}}}}]\n"
     "      - hangup", True),
    (f"{ASK}      - switch: [{{when: line.number == \"1\", do: {{goto: orders}}}}]\n{VERIFY}}}\n{GO}", True),
    (f"{ASK}{VERIFY}}}\n{GO}".replace("register: staff", "register: customers"), True),
    (GO, True),
])
def test_orders__reached_without_verify(do: str, open_way: bool) -> None:
    line = next(number for number, text in enumerate(MENU.replace("DO", do).splitlines(), 1) if "order: {close" in text)
    assert found(do, {"200": "staff"}) == ([("order-unverified", line)] if open_way else [])


def test_orders__any_register_where_the_configuration_is_not_known() -> None:
    assert found(f"{ASK}{VERIFY}}}\n{GO}", None) == []
    assert [code for code, _ in found(GO, None)] == ["order-unverified"]


def test_orders__on_a_line_that_takes_none() -> None:
    assert [code for code, _ in found(f"{ASK}{VERIFY}}}\n{GO}", {"200": None})] == ["order-not-allowed"]


def test_orders__two_lines_with_different_staff() -> None:
    both = {"200": "staff", "300": "guards"}
    assert [code for code, _ in found(f"{ASK}{VERIFY}}}\n{GO}", both)] == ["order-unverified"]


def test_orders__within_the_menu_that_failed() -> None:
    """What is done when nobody can choose is done for everybody."""
    text = MENU.replace("on_failure: [", "on_failure: [{order: {open: all, on_failure: hangup}}, ", 1)
    checked = check_menu(text.replace("DO", f"{ASK}{VERIFY}}}\n{GO}"), "m.yaml",
                         Surroundings(orders_by={"200": "staff"}))
    assert [(fault.code, fault.place.line) for fault in checked.findings
            if fault.code == "order-unverified"] == [("order-unverified", 3)]
