"""The check of menus that nobody would write: it raises nothing, and every finding lies in the file."""

from random import Random

import pytest

from ivr.base.config_check import CheckConfig
from ivr.menu.lint.checked import Surroundings, check_menu
from ivr.menu.lint.subject import Staff

KEYS = ("1", "2", "12", "123", "0", "*", "#", "1#")
WORDS = ("press", "one", "two", "—", "twelve", "star", "нажмите", "три", ",", ".", "or", "twenty", "-", "ё")


def menu_file(random: Random) -> str:
    """A menu file without an error: any menu may lead to any other."""
    menus = [f"menu_{number}" for number in range(random.randint(1, 6))]
    lines = ["languages: [en, ru]", f"start: {menus[0]}", "menus:"]
    for name in menus:
        lines += [f"  {name}:", f"    first_key_s: {random.choice(['1', '5'])}",
                  f"    prompts: text_{random.randint(0, 3)}", f"    all_languages: {random.choice(['yes', 'no'])}",
                  "    on_failure: {queue: general}", "    options:"]
        lines += [f"      {key!r}: {action(random, menus, name)}" for key in random.sample(KEYS, random.randint(1, 6))]
    lines.append("prompts:")
    for number in range(4):
        lines.append(f"  text_{number}: {{en: {text(random)!r}, ru: {text(random)!r}}}")
    return "\n".join(lines) + "\n"


def action(random: Random, menus: list[str], name: str) -> str:
    back = [] if name == menus[0] else ["back"]
    return random.choice([f"{{goto: {random.choice(menus)}}}", "{say: text_0}", "{queue: general}", "repeat", *back,
                          f"[{{language: ru}}, {{goto: {random.choice(menus)}}}]", "[{say: text_1}, hangup]",
                          f"[{{switch: [{{when: 'language == \"ru\"', do: {{goto: {random.choice(menus)}}}}}, "
                          "{otherwise: [{language: en}, {say: text_2}]}]}, {queue: general}]"])


def text(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(1, 12)))


@pytest.mark.parametrize("seed", range(40))
def test_check__any_menu(seed: int) -> None:
    random = Random(seed)
    written = menu_file(random)
    lengths = {f"{language}/text_{number}.wav": random.uniform(0.5, 40) for language in ("en", "ru")
               for number in range(4)}
    staff = {"general": Staff(random.random() < 0.5, frozenset(random.sample(["en", "ru", "de"], 1)))}
    limits = CheckConfig(max_options=2, max_keys_to_person=1)
    result = check_menu(written, "m.yaml", Surroundings(lengths, None, staff, frozenset(["de", ""]), limits))
    assert result.menu is not None, [str(fault) for fault in result.findings]
    lines = written.splitlines()
    for finding in result.findings:
        assert finding.severity == "warning"
        assert 1 <= finding.place.line <= len(lines)
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1])
