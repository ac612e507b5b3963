"""Faults that only callers would notice, injected into good menus: each with its code at its line and column, alone."""

import pytest

from ivr.base.config_check import CheckConfig
from ivr.menu.lint.subject import Staff
from tests.menu.lint.mutating import (
    BANK,
    BILINGUAL,
    EXTENSIONS,
    SHOP,
    STAFF,
    Mutation,
    checked,
    expected,
    places,
    spoiled,
)

PRESS = '      "1": {queue: general}\n      "#": back\n'
NEWS_TEXT = "For our hours, press one. To hear them and leave, press two. For the press, three. To go back, press hash."
PRESS_TEXT = "To talk to our press officer, press one. To go back, press hash."


def of_shop(name: str, *changes: tuple[str, str], lengths: dict[str, float] | None = None,
            limits: CheckConfig | None = None, staff: dict[str, Staff] | None = None) -> Mutation:
    return Mutation(name, SHOP, changes, lengths or {}, STAFF | (staff or {}), limits=limits or CheckConfig())


def bilingual(name: str, *changes: tuple[str, str], lengths: dict[str, float] | None = None,
              staff: dict[str, Staff] | None = None, first: str = "") -> Mutation:
    return Mutation(name, BILINGUAL, changes, lengths or {}, STAFF | (staff or {}), first)


WAYS = (
    of_shop("a menu that nothing leads to", ("{goto: news}", "{goto: press}"),
            ("  news:", "  §menu-unreachable§news:")),
    of_shop("a prompt that nothing says", ("[hours, bye]", "[hours]"), ("  bye:", "  §prompt-unused§bye:")),
    of_shop("a menu that is heard for ever", (PRESS, '      "1": {say: hours}\n      "#": repeat\n'),
            ("  press:", "  §menu-for-ever§press:")),
    of_shop("two menus that lead to each other alone", ("        - hangup\n", ""), ('"#": back', '"#": repeat'),
            (PRESS, '      "1": {say: hours}\n      "#": back\n'), ("  news:", "  §menu-dead-end§news:")),
    of_shop("too far to a person", (PRESS, '      "1": {say: hours}\n      "#": back\n'),
            ("  press:", "  §person-too-far§press:"), limits=CheckConfig(max_keys_to_person=1)),
    Mutation("an account's number to a person", EXTENSIONS, (
        ('      "11": {queue: cards}\n      "12": {queue: general}\n', ""), ('"130":', '"13078":'),
        ("press eleven. For an operator, press one two. For the branch, press 130.", "press 13078."),
        ("  main:", "  §person-too-far§main:"))),
)
KEYS = (
    Mutation("one key that begins two options", EXTENSIONS, (
        ('      "11"', '      §key-delay§"1": {transfer: branch}\n      "11"'),)),
    of_shop("a long option beside a short one", ('"3": {transfer: branch}', '§key-delay§"3": {transfer: branch}\n'
            '      "33": {queue: cards}'), ("press star.", "press star. For cards, press thirty-three.")),
    of_shop("too many options", ("    options:", "    §options-too-many§options:"), limits=CheckConfig(max_options=3)),
    of_shop("no time for the first key", ("first_key_s: 5", "§timeout-short§first_key_s: 1")),
    of_shop("no time in one menu", ("    prompts: news_options", "    §timeout-short§first_key_s: 2.5\n"
                                    "    prompts: news_options")),
    Mutation("no time for the next key", EXTENSIONS, (("interdigit_s: 2", "§timeout-short§interdigit_s: 0.5"),)),
)
LENGTHS = (
    of_shop("a menu that speaks for long", ("    prompts: main", "    §prompt-too-long§prompts: main"),
            lengths={"en/main_options.wav": 40.0}),
    bilingual("two languages that speak for long", ("    prompts: choose", "    §prompt-too-long§prompts: choose"),
              lengths={"ru/choose.wav": 29.0}),
    of_shop("a long greeting", ("    prompts: main", "    §first-option-late§prompts: main"),
            lengths={"en/welcome.wav": 14.0}),
    of_shop("a long text before the first key", ("For cards, press one.", "We are a small bank in the middle of the "
            "town and have been here for years and years. For cards, press one."),
            ("    prompts: main", "    §first-option-late§prompts: main"), lengths={"en/main_options.wav": 29.0},
            limits=CheckConfig(max_first_option_s=10, max_menu_s=60)),
    of_shop("a long prompt that nobody can interrupt", ("barge_in: no", "§guarded-too-long§barge_in: no"),
            lengths={"en/hours.wav": 20.0}),
)
TEXTS = (
    of_shop("an option that the text leaves out", (" For our branch, press three.", ""),
            ('"3": {transfer', '§option-not-named§"3": {transfer')),
    of_shop("an option that was added", (PRESS, PRESS + '      §option-not-named§"2": {queue: cards}\n')),
    bilingual("an option that the Russian text leaves out", (" Остальное — нажмите клавишу два.", ""),
              ('"2": {queue', '§option-not-named§"2": {queue')),
    bilingual("a language that nobody is told of", (" — два.", "."),
              ('"2":\n', '§option-not-named§"2":\n')),
    of_shop("a text that names no key", (PRESS_TEXT, "This is our press office."),
            ("    prompts: press", "    §option-not-named§prompts: press")),
    of_shop("an option that was taken out", ('      "3": {transfer: branch}\n', ""),
            ("main_options:\n    en", "main_options:\n    §key-does-nothing§en")),
    of_shop("a key with a second one", ("officer, press one.", "officer, press one or 4."),
            ("press_options:\n    en", "press_options:\n    §key-does-nothing§en")),
    of_shop("a star that does nothing", ("officer, press one.",
            "officer, press one. To hear this again, press the star key."),
            ("press_options:\n    en", "press_options:\n    §key-does-nothing§en")),
    of_shop("a key that helps nobody in writing",
            ('{en: "We heard no key."}', '{en: {voice: "We heard no key.", text: "Press nine for help."}}'),
            ("  sorry: {en", "  sorry: {§key-does-nothing§en")),
    of_shop("a key that helps nobody", ("We heard no key.", "Press nine for help."),
            ("  sorry: {en", "  sorry: {§key-does-nothing§en")),
    bilingual("a Russian key that does nothing", ("клавишу два.", "клавишу два. Справка — три."),
              ('    ru: "Карты', '    §key-does-nothing§ru: "Карты')),
    bilingual("a Russian key with a verb", ("клавишу два.", "клавишу два. Чтобы вернуться, нажмите решётку."),
              ('    ru: "Карты', '    §key-does-nothing§ru: "Карты')),
    of_shop("a text that was copied", (PRESS_TEXT, NEWS_TEXT),
            ("    prompts: press", "    §menus-alike§prompts: press"),
            (PRESS, '      "2": {queue: cards}\n      "3": {queue: cards}\n' + PRESS)),
)
PEOPLE = (
    bilingual("a language that nobody in a queue speaks", ("{queue: cards}", "{§queue-language§queue: cards}"),
              staff={"cards": Staff(True, frozenset(["en"]))}),
    bilingual("a queue for one language alone", ("on_failure: {queue", "on_failure: {§queue-language§queue"),
              ('"2": {queue', '"2": {§queue-language§queue'),
              ("    on_failure: {queue: general}\nprompts",
               "    on_failure: {§queue-language§queue: general}\nprompts"),
              staff={"general": Staff(True, frozenset(["ru"]))}),
    bilingual("a callback in a language that nobody in a queue speaks",
              ('"1": {queue: cards}', '"1": [{§queue-language§callback: {queue: cards, on_failure: {queue: general}}}, '
               "hangup]"), staff={"cards": Staff(True, frozenset(["en"]))}),
    of_shop("a rescue that nobody answers", ("    - queue: general", "    - §failure-unstaffed§queue: general"),
            staff={"general": Staff(False, frozenset())}),
    bilingual("a title in one of two languages",
              ("  main:\n", "  main:\n    §title-incomplete§title: {en: Main menu}\n")),
    bilingual("a title for all languages", ("  main:\n", "  main:\n    title: Menu\n")),
    bilingual("a language that no key chooses", ("language: ru", "language: en"),
              ("[en, ru]", "[en, §language-unchosen§ru]")),
    bilingual("a first language that no line begins with", ("language: en", "language: ru"),
              ("[en, ru]", "[§language-unchosen§en, ru]"), first="ru"),
)
REMARKS = (
    of_shop("a remark for nothing", ("attempts: 3",
                                     "attempts: 3   §allow-unused§# check: allow timeout-short we are quick")),
    of_shop("a remark with a slip", ("first_key_s: 5", "§timeout-short§first_key_s: 1   "
            "§allow-unknown§# check: allow timeout-shrot we are quick")),
    of_shop("a remark without a reason", ("first_key_s: 5", "§timeout-short§first_key_s: 1   "
            "§allow-without-reason§# check: allow timeout-short")),
    of_shop("a remark without a code", ("attempts: 3", "attempts: 3   §allow-unknown§# check: allow")),
    of_shop("a remark for an error", ("attempts: 3",
                                      "attempts: 3   §allow-error§# check: allow number-range three is many")),
    of_shop("a remark in another line", ("first_key_s: 5", "§timeout-short§first_key_s: 1"),
            ("attempts: 3", "attempts: 3   §allow-unused§# check: allow timeout-short we are quick")),
)
CARDS = '      "1": {queue: cards, subject: my card}\n'
CALLED = '      "1": [{callback: {queue: cards, on_failure: {queue: cards}}}, hangup]\n'
LEFT = (
    of_shop("nobody works on callbacks", (CARDS, CALLED.replace("{callback", "{§request-unstaffed§callback")),
            staff={"cards": Staff(False)}),
    of_shop("who withholds their number", (CARDS, '      "1": [{§callback-number-missing§callback: cards}, hangup]\n')),
    of_shop("the menu again after a callback",
            (CARDS, '      "1": {§request-then-menu§callback: {queue: cards, on_failure: {queue: cards}}}\n')),
    of_shop("any digits are called", (CARDS, '      "1":\n        - collect: {into: n, prompts: hours, digits: 5}\n'
            '        - {§callback-number-odd§callback: {queue: cards, number: n}}\n        - hangup\n')),
)
OF_BANK = (
    Mutation("the bank: an option is lost", BANK, (
        ('      "3": {goto: loans}\n', ""), ("  loans:", "  §menu-unreachable§loans:"),
        ("  main_options:\n    en", "  main_options:\n    §key-does-nothing§en"))),
    Mutation("the bank: two options are one", BANK, (
        ("{goto: deposits}", "{goto: loans}"), ("  deposits:", "  §menu-unreachable§deposits:"))),
    Mutation("the bank: a Russian sentence is lost", BANK, (
        ("Вклады — четыре. ", ""), ('"4": {goto', '§option-not-named§"4": {goto'))),
    Mutation("the bank: Russian callers are told another key", BANK, (
        ("нажмите два.", "нажмите три."), ('"2":\n        - language', '§option-not-named§"2":\n        - language'),
        ('    ru: "Чтобы говорить', '    §key-does-nothing§ru: "Чтобы говорить'))),
    Mutation("the bank: a key too many", BANK, (
        ('      "0": {queue: general}', '      §option-not-named§"01": {queue: general}'),)),
    Mutation("the bank: a word too few", BANK, (("say: fraud_warning", "say: §prompt-unknown§fraud_waring"),)),
)
MUTATIONS = (*WAYS, *KEYS, *LENGTHS, *TEXTS, *PEOPLE, *REMARKS, *LEFT, *OF_BANK)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_check__one_fault_that_callers_would_notice(mutation: Mutation) -> None:
    text, announced = expected(spoiled(mutation))
    assert places(checked(text, mutation)) == announced


def test_check__a_callback_without_findings() -> None:
    assert places(checked(SHOP.replace(CARDS, CALLED), Mutation("none", SHOP, ()))) == []


def test_check__the_bank_has_no_findings() -> None:
    assert places(checked(BANK, Mutation("none", BANK, ()))) == []
