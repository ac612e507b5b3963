"""What a rule of the check is given, and how it says what it found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ivr.base.config_check import CheckConfig
from ivr.base.errors import Fault
from ivr.menu.lint.places import Places
from ivr.menu.lint.ways import reached
from ivr.menu.model import Choice, Menu, Taper


@dataclass(frozen=True)
class Staff:
    """Who takes the callers of a queue, those counted to whom it overflows. `languages` None: all. `skills`: of
    each of its own operators, with levels."""

    anybody: bool
    languages: frozenset[str] | None = None
    skills: tuple[Mapping[str, int], ...] = ()

    def speaks(self, language: str) -> bool:
        """Whether one of them speaks it."""
        return self.languages is None or language in self.languages


@dataclass(frozen=True)
class Subject:
    """A menu file that has no error, and what is known around it.

    `lengths`: clips to seconds; a clip that is not in it has no known length. `staff`: by queue; a queue that is not in
    it goes unchecked. `first_languages`: those in which calls begin. `orders_by`: by line of this menu, the register
    whose people may order; None leaves that unchecked.
    """

    menu: Menu
    places: Places
    limits: CheckConfig
    lengths: Mapping[str, float]
    staff: Mapping[str, Staff]
    first_languages: frozenset[str]
    orders_by: Mapping[str, str | None] | None = None

    @cached_property
    def reached(self) -> list[Choice]:
        """The menus that callers can come to, in the order of the file."""
        return reached(self.menu)

    def text(self, prompts: tuple[str, ...], language: str) -> str:
        """What is said, as one text; "" if any of it is known as a sound alone."""
        texts = [self.menu.prompts[name].wordings[language].text for name in prompts]
        return " ".join(texts) if all(texts) else ""

    def own_text(self, prompt: str, language: str) -> str:
        """What is written in the place of what is heard; "" where that is the same."""
        written = self.menu.prompts[prompt].wordings[language].written
        return written.text if written else ""

    def seconds(self, prompts: tuple[str, ...], language: str) -> float | None:
        """How long that is heard; None where a length is not known."""
        clips = [self.menu.prompts[name].wordings[language].clip for name in prompts]
        return sum(self.lengths[clip] for clip in clips) if all(clip in self.lengths for clip in clips) else None


Rule = Callable[[Subject], Iterator[Fault]]


def heard(choice: Choice) -> tuple[str, ...]:
    """The prompts of a menu as a caller hears them first."""
    return choice.greeting + choice.prompts


def listed(words: Sequence[str]) -> str:
    """In a sentence: "1, 2 and 3"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def tapers(choice: Choice) -> tuple[Taper, ...]:
    """What is said at silence and at wrong keys."""
    return choice.noinput + choice.nomatch
