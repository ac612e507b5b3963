"""Number words of prompts: what they name, and what callers are told to press."""

import pytest

from ivr.menu.lint.number_words import mentioned, named_keys


def asked(text: str, language: str) -> list[str]:
    return [named.keys for named in named_keys(text, language) if named.asked]


@pytest.mark.parametrize(("language", "text", "keys"), [
    ("en", "For cards, press one. For loans, press 2.", ["1", "2"]),
    ("en", "Press the star key, or press hash.", ["*", "#"]),
    ("en", "Press one or two, please.", ["1", "2"]),
    ("en", "Press button number nine.", ["9"]),
    ("en", "Press twelve, or twenty-one.", ["12", "21"]),
    ("en", "PRESS ONE TWO for cards.", ["12"]),
    ("en", "Cards — one. Loans – two.", ["1", "2"]),
    ("en", "We are open from nine to seven, at number ten, Station Square.", []),
    ("en", "Press any key. Two people are ahead of you.", []),
    ("en", "You are {place:count} in line: press {key}.", []),
    ("ru", "Карты — нажмите один. Кредиты — два.", ["1", "2"]),
    ("ru", "Наберите двойку или тройку.", ["2", "3"]),
    ("ru", "Нажмите клавишу ноль, звёздочку или решетку.", ["0", "*", "#"]),
    ("en", "Press 1, 2 or 3.", ["1", "2", "3"]),
    ("en", "Press 1, 24 hours a day.", ["1"]),
    ("ru", "Прослушать ещё раз — звёздочка. Назад — решётка.", ["*", "#"]),
    ("ru", "Отдел двенадцать — двадцать пять.", ["25"]),
    ("ru", "Отделения работают с девяти до семи, в субботу — до трёх.", []),
    ("ru", "Время ожидания — одна минута.", []),
    ("de", "Drücken Sie 1.", []),
])
def test_named_keys__what_callers_are_told_to_press(language: str, text: str, keys: list[str]) -> None:
    assert asked(text, language) == keys


@pytest.mark.parametrize(("language", "text", "keys"), [
    ("en", "one two", {"1", "2", "12"}), ("en", "twelve", {"12"}), ("en", "forty", {"40"}), ("en", "forty two", {"42"}),
    ("en", "someone at nine", {"9"}), ("ru", "тридцать три", {"33"}), ("ru", "девятку и нуль", {"9", "0"}),
    ("de", "Taste 12", {"12"}), ("en", "", set()),
])
def test_mentioned(language: str, text: str, keys: set[str]) -> None:
    assert mentioned(text, language) == keys


def test_named_keys__where_the_number_ends() -> None:
    text = "For cards {name:digits}, press one."
    (named,) = named_keys(text, "en")
    assert text[:named.end].endswith("press one")
