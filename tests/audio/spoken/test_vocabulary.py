"""What comes out is always in the vocabulary, all of the vocabulary can come out, and no two words share a clip."""

import re
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.audio.spoken import FORMS, LANGUAGES, PAUSE, Value, clip_of, spoken, text, vocabulary
from ivr.audio.spoken.values import LARGEST, MINOR_DIGITS, UNITS

RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
CLIP = re.compile(r"(ru|en)/words/[a-z0-9_]+(-[0-9a-f]{8})?\.wav")
NOUNS = {"ru": st.lists(st.text(RUSSIAN + " -", min_size=1, max_size=60).filter(str.strip), min_size=3, max_size=4),
         "en": st.lists(st.text("abcdefghij' -", min_size=1, max_size=60).filter(str.strip), min_size=2, max_size=2)}
MARKS = {"ru": ("masculine", "feminine", "neuter", "feminine|accusative"), "en": ()}
NUMBERS = st.integers(-LARGEST, LARGEST) | st.decimals(-LARGEST, LARGEST, places=4) | st.decimals(-100, 100, places=2)
CASES = {"ru": ("", " accusative"), "en": ("",)}


def noun(language: str) -> st.SearchStrategy[str]:
    forms = NOUNS[language].map("|".join)
    marks = MARKS[language]
    marked = st.tuples(forms, st.sampled_from(marks)).map("|".join) if marks else forms
    return marked | st.sampled_from(("", *marks))


def details(*words: str, language: str) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(words), st.sampled_from(CASES[language])).map("".join)


def cases(language: str, form: str) -> st.SearchStrategy[tuple[Value, str]]:
    """A value of the form and a detail that is right for it."""
    values: dict[str, st.SearchStrategy[Value]] = {
        "count": NUMBERS,
        "digits": st.tuples(st.sampled_from(("", "+7", "+44", "+0", "1")),
                            st.text("0123456789", min_size=1, max_size=38)).map("".join),
        "money": NUMBERS.filter(lambda number: abs(number) < LARGEST),
        "duration": st.timedeltas(timedelta(-99_999), timedelta(99_999)),
        "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        "time": st.times()}
    behind: dict[str, st.SearchStrategy[str]] = {
        "count": noun(language),
        "digits": st.sampled_from(("", "card", "phone", "3", "3-3-4", "1-2")),
        "money": details(*MINOR_DIGITS, language=language),
        "duration": details("", *UNITS, language=language),
        "date": st.sampled_from(("", "no_year")),
        "time": st.sampled_from(("", "12") if language == "en" else ("", "accusative"))}
    return st.tuples(values[form], behind[form])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_spoken__every_word_is_in_the_vocabulary(language: str, form: str) -> None:
    @given(cases(language, form))
    @settings(max_examples=30, deadline=None)
    def holds(case: tuple[Value, str]) -> None:
        value, detail = case
        words = spoken(language, form, value, detail)
        assert words
        assert set(words) <= set(vocabulary(language, [detail] if form == "count" else [], [form]))
        assert words[0] != PAUSE != words[-1]
        assert text(language, form, value, detail).replace(PAUSE, f" {PAUSE}") == " ".join(words)

    holds()


SCALES = [times * 10 ** power + more for times in (1, 2, 5) for power in (3, 6, 9) for more in (0, 1)]
PARTS = [1 + Decimal(part) for part in ("0.1", "0.01", "0.001", "0.0001", "1.2", "0.02", "0.002", "0.0002")]
AMOUNTS = [Decimal(amount) for amount in ("0.01", "0.02", "0.05", "1.01", "2.02", "5.05")]
SECONDS = (-1, 1, 2, 61, 122, 305, 3600, 7200, 18000)
MANY: dict[str, list[tuple[Value, str]]] = {     # values and details that meet every rule, but for the case
    "count": [(number, "") for number in (*range(1001), *SCALES, *PARTS, -1)],
    "digits": [("+1234567890", "3")],
    "money": [*((amount, code) for amount in AMOUNTS for code in MINOR_DIGITS),
              *((number, code) for number in (*range(1001), *SCALES, -1) for code in ("RUB", "JPY"))],
    "duration": [*((timedelta(days), "") for days in (*range(1002), 2000, 5000)),
                 *((timedelta(seconds=seconds), "") for seconds in SECONDS)],
    "date": [*((date(year, 1 + year % 12, 1 + year % 28), "") for year in range(1900, 2200)),
             *((date(2026, 1, day), "") for day in range(1, 32))],
    "time": [(time(minute // 60, minute % 60), "") for minute in range(1440)]}


def every_word(language: str, form: str) -> set[str]:
    """What the form says over enough values to meet every rule of it."""
    marks = MARKS[language] or ("",) if form == "count" else () if form in ("digits", "date") else CASES[language]
    marks = (*marks, "12") if (language, form) == ("en", "time") else marks
    return {word for value, detail in MANY[form] for mark in marks or ("",)
            for word in spoken(language, form, value, detail + mark)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_vocabulary__no_clip_is_recorded_in_vain(language: str, form: str) -> None:
    assert set(vocabulary(language, forms=[form])) - every_word(language, form) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_vocabulary__has_each_word_once_and_the_nouns_behind(language: str) -> None:
    words = vocabulary(language)
    assert len(words) == len(set(words))
    assert set().union(*(vocabulary(language, forms=[form]) for form in FORMS)) == set(words)
    noun, forms = {"ru": ("заявка|заявки|заявок", ("заявка", "заявки", "заявок")),
                   "en": ("request|requests", ("request", "requests"))}[language]
    assert vocabulary(language, [noun, noun]) == (*words, *forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_clip__each_word_of_ours_has_its_own_plain_name(language: str) -> None:
    clips = [clip_of(language, word) for word in vocabulary(language)]
    assert len(clips) == len(set(clips))
    assert [clip for clip in clips if not re.fullmatch(rf"{language}/words/[a-z0-9_]+\.wav", clip)] == []


@pytest.mark.parametrize(("language", "word", "clip"), [
    ("ru", "двадцать", "ru/words/dvadtsat.wav"), ("ru", "фунт стерлингов", "ru/words/funt_sterlingov.wav"),
    ("ru", PAUSE, "ru/words/pause.wav"), ("en", PAUSE, "en/words/pause.wav"), ("en", "o'clock", "en/words/oclock.wav"),
    ("en", "of November", "en/words/of_november.wav"), ("en", "hundred and", "en/words/hundred_and.wav"),
    ("en", "a.m.", "en/words/am.wav"), ("ru", "заявка", "ru/words/zayavka.wav"),
    ("en", "working days", "en/words/working_days.wav"),
    ("ru", "мел", "ru/words/mel.wav"), ("ru", "мель", "ru/words/mel-dd8184d7.wav"),
    ("ru", "двадцат", "ru/words/dvadtsat-133b84a0.wav"), ("en", "Of November", "en/words/of_november-99e1ef01.wav")])
def test_clip__names(language: str, word: str, clip: str) -> None:
    """Names stay as they are from version to version: recordings stand under them."""
    assert clip_of(language, word) == clip


WORDS = st.text(RUSSIAN + "абв -'", max_size=60) | st.text("abcdeABC -.,'", max_size=60) | st.text(max_size=60)


@pytest.mark.parametrize("language", LANGUAGES)
def test_clip__two_words_never_share_one(language: str) -> None:
    @given(st.lists(WORDS | st.sampled_from(vocabulary(language)), unique=True, max_size=12))
    @settings(max_examples=60, deadline=None)
    def holds(words: list[str]) -> None:
        clips = [clip_of(language, word) for word in words]
        assert len(set(clips)) == len(words)
        assert all(CLIP.fullmatch(clip) and len(clip.rpartition("/")[2]) <= 255 for clip in clips)

    holds()
