"""Faults that make a menu file unusable, injected into good ones: each with its code at its line and column, alone."""

import pytest

from tests.menu.lint.mutating import BILINGUAL, EXTENSIONS, SHOP, Mutation, checked, expected, places, spoiled


def of_shop(name: str, *changes: tuple[str, str], gone: tuple[str, ...] = ()) -> Mutation:
    return Mutation(name, SHOP, changes, gone=gone)


YAML = (
    of_shop("a tab", ("  first_key_s: 5", "§yaml-tab§\tfirst_key_s: 5")),
    of_shop("an unquoted star", ('"*": repeat', "§yaml-unquoted-sign§*: repeat")),
    of_shop("a comma as a sign", ("{transfer: branch}", "§yaml-unquoted-sign§@branch")),
    of_shop("a hash that is lost", ('"#": back', "§yaml-lost-key§#: back")),
    of_shop("a colon in a text", ('bye: {en: "Goodbye."}', "bye: Goodbye§yaml-colon§: now")),
    of_shop("no colon", ('      "2": {goto: news}\n      "3"',
                         '      "2" {goto: news}\n      §yaml-colon-missing§"3"')),
    of_shop("a quote that stays open", ('"Goodbye."}', '"Goodbye.}'), ('"We heard', '"§yaml-bracket-open§We heard')),
    of_shop("a bracket that stays open", ("{goto: news}", "{goto: news"), ('"3": {tr', '"3"§yaml-bracket-open§: {tr')),
    of_shop("another column", ('      "2": {goto: news}', '     §yaml-indent§"2": {goto: news}')),
    of_shop("a key twice", ('"2": {goto: news}', '§yaml-key-twice§"1": {goto: news}')),
    of_shop("a backslash", ('"Goodbye."', '"Good\\§yaml-backslash§qbye."')),
    of_shop("a second document", ("menus:\n", "§yaml-second-document§---\nmenus:\n")),
    of_shop("a character that can't be shown", ("Goodbye.", "Good§yaml-control-character§\x07bye.")),
    of_shop("text after a text", ('"Goodbye."', '"Good" bye'), ("bye}", "§yaml-bracket-open§bye}")),
    of_shop("a list as a key", ('"2": {goto: news}', "§yaml-complex-key§[2]: {goto: news}")),
    Mutation("nothing", SHOP, ((SHOP, "§yaml-empty§# later\n"),)),
    Mutation("a list", SHOP, ((SHOP, "§yaml-no-entries§- menus\n"),)),
)
STRUCTURE = (
    of_shop("an unknown part", ("start: main", "start: main\n§entry-unknown§sounds: loud")),
    of_shop("no start", ("languages: [en]\nstart: main\n", "§entry-missing§languages: [en]\n")),
    of_shop("a slip of the pen", ("first_key_s: 5", "§entry-unknown§first_key: 5")),
    of_shop("a menu without options", ('    options:\n      "1": {queue: general}\n      "#": back\n', ""),
            ("prompts: press_options", "§entry-missing§prompts: press_options")),
    of_shop("an empty mapping", ("{queue: cards, subject: my card}", "§action-missing§{}")),
    of_shop("a text instead of a menu", ("  press:\n    prompts: press_options\n    options:\n      \"1\": {queue: "
            "general}\n      \"#\": back\n", "  press: §mapping-expected§later\n")),
    of_shop("a name in capitals", ("  bye: {", "  §name-invalid§Bye: {"), ("hours, bye]", "hours, Bye]"),
            ('{en: "Goodbye."}', '{en: {text: "Goodbye.", file: en/bye.wav}}')),
    of_shop("an empty text", ('{en: "Goodbye."}', '{en: §text-empty§""}')),
    of_shop("a list as a text", ('{en: "Goodbye."}', "{en: {text: §text-expected§[Goodbye]}}")),
    of_shop("a title in no language", ("    greeting: welcome", "    title: {§language-invalid§english: Main}\n    "
            "greeting: welcome")),
    of_shop("a title that no screen shows", ("    greeting: welcome", f"    title: §title-too-long§{81 * 'm'}\n    "
            "greeting: welcome")),
    of_shop("an empty list", ("prompts: press_options", "prompts: §list-empty§[]")),
    of_shop("a number with its unit", ("first_key_s: 5", "first_key_s: §number-expected§5s")),
    of_shop("a number with a comma", ("interdigit_s: 2.5", "interdigit_s: §number-expected§2,5")),
    of_shop("a number that is too large", ("first_key_s: 5", "first_key_s: §number-range§500")),
    of_shop("half an attempt", ("attempts: 3", "attempts: §number-whole§2.5")),
    of_shop("neither yes nor no", ("barge_in: no", "barge_in: §yes-no-expected§never")),
    of_shop("one language without a list", ("languages: [en]", "languages: §languages-list§en")),
    of_shop("a language in full", ("languages: [en]", "languages: [§language-invalid§english]")),
    Mutation("a language twice", BILINGUAL, (("[en, ru]", "[en, ru, §language-twice§ru]"),)),
    of_shop("two keys that end", ('term_char: "#"', 'term_char: §term-char-invalid§"##"')),
    of_shop("a letter as a key", ('"2": {goto: news}', '§option-keys-invalid§"two": {goto: news}')),
    Mutation("thirteen keys", EXTENSIONS, (('"130":', '§option-keys-invalid§"1300000000000":'),)),
)
NAMES = (
    of_shop("an unknown start", ("start: main", "start: §menu-unknown§mian")),
    of_shop("an unknown menu", ("{goto: news}", "{goto: §menu-unknown§nwes}")),
    of_shop("a menu in Russian letters", ("{goto: news}", "{goto: §menu-unknown§nеws}")),
    of_shop("an unknown prompt", ("say: [hours, bye]", "say: [hours, §prompt-unknown§by]")),
    of_shop("an unknown prompt of a taper", ("{count: 1, say: sorry}", "{count: 1, say: §prompt-unknown§sory}")),
    of_shop("an unknown queue", ("{queue: cards, subject", "{queue: §queue-unknown§crads, subject")),
    of_shop("an unknown transfer", ("{transfer: branch}", "{transfer: §transfer-unknown§brunch}")),
    Mutation("an unknown language", BILINGUAL, (("language: ru", "language: §language-unknown§de"),)),
    Mutation("a prompt without a language", BILINGUAL, (('    ru: "По-русски — два."\n', ""),
                                                        ("  choose:", "  §prompt-language-missing§choose:"))),
    of_shop("a sound that is missing", ("  bye: {en: ", "  bye: {§clip-missing§en: "), gone=("en/bye.wav",)),
    of_shop("a sound with a bad name", ('{en: "Goodbye."}', '{en: {file: §clip-name-invalid§../bye.exe}}')),
    of_shop("a sound of two texts", ('{en: "Goodbye."}', '{en: {text: "Goodbye.", file: §clip-shared§en/hours.wav}}')),
)
ACTIONS = (
    of_shop("an unknown action", ("{goto: news}", "{§action-unknown§got: news}")),
    of_shop("nothing to do", ("{goto: news}", "§action-missing§''")),
    of_shop("a menu as an action", ("{goto: news}", "§action-is-menu§news")),
    of_shop("a prompt as an action", ("{goto: news}", "§action-is-prompt§hours")),
    of_shop("half an action", ("{goto: news}", "§action-incomplete§goto")),
    of_shop("an empty list of actions", ("{goto: news}", "§actions-empty§[]")),
    of_shop("a list in a list", ("        - hangup\n", "        - §actions-nested§[hangup]\n")),
    of_shop("two actions in a line", ("{goto: news}", "{say: hours, §actions-joined§goto: news}")),
    of_shop("an action after the end", ("        - hangup\n",
                                        "        - hangup\n        - §action-unreached§repeat\n")),
    of_shop("a parameter of another action", ("{transfer: branch}",
                                              "{transfer: branch, §parameter-unknown§subject: x}")),
    of_shop("back in the start menu", ('"*": repeat', '"*": §back-from-start§back')),
    of_shop("no list of tapers", ("    - {count: 1, say: sorry}", "    §taper-list§{count: 1, say: sorry}")),
    of_shop("a taper twice", ("    - {count: 1, say: sorry}\n", "    - {count: 1, say: sorry}\n"
                              "    - {count: §taper-twice§1, say: wrong}\n")),
    of_shop("a taper that comes too late", ("{count: 1, say: sorry}", "{count: §taper-unsaid§3, say: sorry}")),
    of_shop("an end that is none", ("    - queue: general\n", ""), ("- say: helping", "- §failure-open§say: helping")),
    of_shop("callers who are cut off",
            ("    - say: helping\n    - queue: general\n", "    - §failure-silent§hangup\n")),
    of_shop("callers who go round", ("    - say: helping\n    - queue: general\n", "    - goto: main\n"),
            ("  on_failure:", "  §loop-without-input§on_failure:")),
    Mutation("no way for the silent", BILINGUAL, (
        ('      "2": {queue: general}\n    on_failure: {queue: general}\n', '      "2": {queue: general}\n'),
        ("    prompts: options", "    §failure-missing§prompts: options"))),
)
MUTATIONS = (*YAML, *STRUCTURE, *NAMES, *ACTIONS)


@pytest.mark.parametrize("base", [SHOP, BILINGUAL, EXTENSIONS])
def test_check__a_good_menu_has_no_findings(base: str) -> None:
    result = checked(base, Mutation("none", base, ()))
    assert result.menu is not None
    assert [str(fault) for fault in result.findings] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_check__one_fault_makes_a_file_unusable(mutation: Mutation) -> None:
    text, announced = expected(spoiled(mutation))
    result = checked(text, mutation)
    assert places(result) == announced
    assert result.menu is None
    assert {fault.severity for fault in result.findings} == {"error"}


def test_mutations__each_is_of_its_own() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len({spoiled(mutation) for mutation in MUTATIONS})
