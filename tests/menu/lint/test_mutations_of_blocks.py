"""Faults within lists of actions that stand within others: found at their own line and column."""

import pytest

from ivr.menu.lint.subject import Staff
from tests.menu.lint.mutating import STAFF, Mutation, checked, expected, places, spoiled

# A menu that only acts, conditions, and a question with a rescue of its own.
ACTING = """\
languages: [en, ru]
start: first
menus:
  first:
    do:
      - switch:
          - when: line.number == "101"
            do:
              - language: ru
              - goto: main
          - otherwise: {goto: main}
  main:
    prompts: options
    options:
      "1":
        - collect:
            into: account
            prompts: which
            on_failure:
              - say: helping
              - queue: cards
        - switch:
            - when: language == "ru"
              do: {queue: cards}
            - otherwise:
                - say: helping
                - queue: general
      "2": {goto: later}
    on_failure:
      - switch:
          - when: now < 18:00
            do: {queue: general}
          - otherwise: {transfer: branch}
  later:
    prompts: later_options
    options:
      "1": {queue: general}
      "#": back
    on_failure: {queue: general}
prompts:
  options: {en: "For your account, press one. Later: press two.", ru: "Счёт — один. Позже — два."}
  which: {en: "Your account, please.", ru: "Номер счёта, пожалуйста."}
  helping: {en: "We will help you.", ru: "Мы поможем."}
  later_options: {en: "Press one, or hash to go back.", ru: "Нажмите один или решётку."}
"""


def acting(name: str, *changes: tuple[str, str], staff: dict[str, Staff] | None = None) -> Mutation:
    return Mutation(name, ACTING, changes, staff=STAFF | (staff or {}), sounds=False)


MUTATIONS = (
    acting("a menu that a case forgot", ("- otherwise: {goto: main}", "- otherwise: {queue: general}"),
           ("              - goto: main\n", "              - goto: later\n"), ("  main:", "  §menu-unreachable§main:")),
    acting("a prompt that only cases said", ("                - say: helping\n", ""),
           ("              - say: helping\n", ""), ("  helping:", "  §prompt-unused§helping:")),
    acting("a queue of a case in a foreign language", ('"ru"\n              do: {queue', '"ru"\n              do: '
           "{§queue-language§queue"), ("              - queue: cards", "              - §queue-language§queue: cards"),
           staff={"cards": Staff(True, frozenset(["en"]))}),
    acting("a rescue by a case that nobody answers", ("00\n            do: {queue", "00\n            do: "
           "{§failure-unstaffed§queue"), ('"#": back\n    on_failure: {queue', '"#": back\n    on_failure: '
           "{§failure-unstaffed§queue"), staff={"general": Staff(False, frozenset())}),
    acting("a language that no case chooses", ("              - language: ru\n", ""),
           ("[en, ru]", "[en, §language-unchosen§ru]")),
    acting("a menu that acts and leads nowhere", ("- otherwise: {goto: main}", "- otherwise: {say: helping}"),
           ("    do:\n      - switch", "    do:\n      §menu-open§- switch")),
    acting("an expression with a slip", ("line.number", "§expression-wrong§line.numbr")),
    acting("a secret that is spoken", ("into: account", "into: account\n            secret: yes"),
           ("We will help you.", "We will help §secret-told§{account}.")),
    acting("an unknown sort of answer", ("into: account", "into: account\n            as: §sort-unknown§nubmer")),
)


def test_check__a_good_menu_of_blocks_has_no_findings() -> None:
    assert [str(fault) for fault in checked(ACTING, acting("none")).findings] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_check__one_fault_within_a_list(mutation: Mutation) -> None:
    text, announced = expected(spoiled(mutation))
    assert places(checked(text, mutation)) == announced
