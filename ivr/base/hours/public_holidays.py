"""Public holidays by country: the one file that knows the library `holidays`."""

from dataclasses import dataclass, field
from datetime import date

import holidays
from holidays.registry import COUNTRIES

from ivr.base.suggestions import nearest

MAX_YEARS = 8           # kept at one time; a call asks for one year, a screen for two
ENGLISH = "en_US"       # of the names of holidays, where the library has them


@dataclass(frozen=True)
class Calendar:
    """The holidays of one year."""

    names: dict[date, str]
    worked_weekends: frozenset[date]


@dataclass(frozen=True)
class PublicHolidays:
    """Those of a country (ISO 3166, as RU), or of one of its regions. Both must be known to the library."""

    country: str
    region: str | None = None
    _years: dict[tuple[int, str], Calendar] = field(default_factory=dict, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.country}, {self.region}" if self.region else self.country

    def name(self, day: date, language: str = ENGLISH) -> str | None:
        """What is celebrated, in this language (as the library names it) or, where it does not have it, as people there
        call it; None on other days."""
        return self._calendar(day.year, language).names.get(day)

    def is_worked_weekend(self, day: date) -> bool:
        """Whether people work on this weekend day in exchange for a day off, as a government decreed."""
        return day in self._calendar(day.year).worked_weekends

    def speaks(self, language: str) -> bool:
        """Whether the library has the names in this language."""
        return language in _entity(self.country).supported_languages

    def _calendar(self, year: int, language: str = ENGLISH) -> Calendar:
        if (year, language) not in self._years:
            if len(self._years) >= MAX_YEARS:
                self._years.clear()
            self._years[year, language] = self._of(year, language)
        return self._years[year, language]

    def _of(self, year: int, language: str) -> Calendar:
        found = holidays.country_holidays(self.country, subdiv=self.region, years=year, expand=False,
                                          language=language if self.speaks(language) else None)
        return Calendar(dict(found), frozenset(found.weekend_workdays))


def is_country(code: str) -> bool:
    """Whether the library knows the holidays of the country with these two letters."""
    return any(codes[1] == code for codes in COUNTRIES.values())


def nearest_country(word: str) -> str:
    """A question for a word that is no code, or "" if it resembles the name or the code of no country."""
    by_word = {spelling.lower(): codes[1] for name, codes in COUNTRIES.items()
               for spelling in (name.replace("_", " "), codes[1], codes[2])}
    near = nearest(word.lower(), by_word)
    return f"did you mean {by_word[near]}?" if near else ""


def regions_of(country: str) -> tuple[str, ...]:
    """The regions of a known country that have holidays of their own."""
    return tuple(_entity(country).subdivisions)


def nearest_region(word: str, country: str) -> str:
    """A question for a word that is no region of that country, or "" if it resembles none, by its name or code."""
    entity = _entity(country)
    by_word = {spelling.lower(): code for spelling, code in
               [*((code, code) for code in entity.subdivisions), *entity.subdivisions_aliases.items()]}
    near = nearest(word.lower(), by_word)
    return f"did you mean {by_word[near]}?" if near else ""


def _entity(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)
