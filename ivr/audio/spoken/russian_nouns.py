"""An admin's own Russian noun, such as `заявка|заявки|заявок`; its gender follows from its forms."""

from ivr.audio.spoken.forms import noun_forms
from ivr.audio.spoken.russian_numbers import Gender, Noun

ACCUSATIVE = "accusative"
_PLURAL = ("ые", "ие", "ых", "их")
_CONSONANTS = tuple("бвгджзйклмнпрстфхцчшщ")
# The end of the form after one, that of the form after two, and what they tell. The first that fits counts.
_DECLENSIONS: tuple[tuple[tuple[str, ...], tuple[str, ...], Gender, bool], ...] = (
    (("мя",), ("мени",), Gender.NEUTER, False),                  # имя|имени|имён
    (("ая", "яя"), _PLURAL, Gender.FEMININE, False),             # запятая|запятые|запятых
    (("ую", "юю"), _PLURAL, Gender.FEMININE, True),
    (("ое", "ее"), _PLURAL, Gender.NEUTER, False),               # данное|данных|данных
    (("а", "я"), ("ы", "и"), Gender.FEMININE, False),            # минута|минуты|минут
    (("у", "ю"), ("ы", "и"), Gender.FEMININE, True),             # минуту|минуты|минут
    (("ь",), ("и",), Gender.FEMININE, False),                    # запись|записи|записей
    (("ь",), ("я",), Gender.MASCULINE, False),                   # день|дня|дней
    (("о", "е", "ё"), ("а", "я"), Gender.NEUTER, False),         # письмо|письма|писем
    (_CONSONANTS, ("а", "я", "у", "ю", *_PLURAL), Gender.MASCULINE, False))   # час|часа|часов


def read(detail: str) -> Noun | None:
    """The detail of `count`: three or four forms, then marks (a gender, accusative), all parted by `|`; None if empty.

    Marks alone say how a number agrees that no noun follows. Raises ValueError.
    """
    parts = noun_forms(detail)
    marks = [part for part in parts if part == ACCUSATIVE or part in list(Gender)]
    forms = parts[:len(parts) - len(marks)]
    if not parts:
        return None
    if any(form in marks for form in forms):
        raise ValueError("a gender or “accusative” stands behind the forms of the noun")
    genders = [Gender(mark) for mark in marks if mark != ACCUSATIVE]
    if len(genders) > 1:
        raise ValueError(f"a noun has one gender, not {len(genders)}")
    return _noun(forms, genders[0] if genders else None, ACCUSATIVE in marks)


def _noun(forms: list[str], gender: Gender | None, accusative: bool) -> Noun:
    if not forms:
        return Noun("", "", "", gender or Gender.MASCULINE, accusative=accusative)
    if len(forms) not in (3, 4) or not all(forms):
        raise ValueError("a Russian noun has three forms, such as день|дня|дней (and a fourth where another one"
                         " follows a fraction: рабочий день|рабочих дня|рабочих дней|рабочего дня)")
    told = None if gender else gender_of(forms[0], forms[1])
    one, few, many, part = forms if len(forms) == 4 else [*forms, forms[1]]
    return Noun(one, few, many, gender or (told[0] if told else Gender.MASCULINE), part,
                accusative or bool(told and told[1]))


def gender_of(one: str, few: str) -> tuple[Gender, bool]:
    """The gender, and whether the noun stands in the accusative. Raises ValueError if the forms don't tell."""
    noun, genitive = _changing_word(one.lower(), few.lower())
    for ends, genitive_ends, gender, accusative in _DECLENSIONS:
        if noun.endswith(ends) and genitive.endswith(genitive_ends):
            return gender, accusative
    raise ValueError(f"the forms don't tell the gender of “{one}”: add |masculine, |feminine or |neuter")


def _changing_word(one: str, few: str) -> tuple[str, str]:
    """The last word that the two forms don't share: заявка of `заявка на кредит`, день of `рабочий день`."""
    pairs = list(zip(one.split(), few.split(), strict=False))
    changing = [pair for pair in pairs if pair[0] != pair[1]]
    return changing[-1] if changing else pairs[-1]
