"""What a call asks of an operator, what an operator has, and what is missing between the two.

A skill has a level from 1 on; who has none has level 0. A call's language is a skill without levels.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Skills = tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Profile:
    """Skills and languages that operators share: one object for all who have the same, so that lists go by it."""

    levels: Mapping[str, int]
    languages: frozenset[str]
    """None named: every language."""


class Profiles:
    """The one object for all who have the same skills and languages."""

    def __init__(self) -> None:
        self._known: dict[tuple[Skills, tuple[str, ...]], Profile] = {}

    def of(self, levels: Mapping[str, int], languages: Iterable[str]) -> Profile:
        key = (tuple(sorted(levels.items())), tuple(sorted(languages)))
        if key not in self._known:
            self._known[key] = Profile(dict(key[0]), frozenset(key[1]))
        return self._known[key]

    def forget(self) -> None:
        """Nobody has any of them any more, or everybody is about to be given theirs anew."""
        self._known.clear()


@dataclass(frozen=True)
class Relaxation:
    """What a queue gives up for a call that has waited `after` seconds."""

    after: float
    levels: int = 0
    """Each level that is still demanded falls by so many; a skill whose level falls to 0 is not demanded any more."""
    drop_language: bool = False
    """From then on operators of every language will do."""


@dataclass(frozen=True)
class Demand:
    """What one call asks of its operator. `skills` are sorted and each stands once."""

    skills: Skills = ()
    language: str = ""

    def relaxed(self, steps: Iterable[Relaxation]) -> "Demand":
        """What is left of it after these steps."""
        lower = language = 0
        for step in steps:
            lower += step.levels
            language += step.drop_language
        skills = tuple((skill, level - lower) for skill, level in self.skills if level > lower)
        return Demand(skills, "" if language else self.language)

    def met_by(self, profile: Profile) -> bool:
        """Whether somebody of this profile can take the call."""
        levels = profile.levels
        for skill, level in self.skills:
            if levels.get(skill, 0) < level:
                return False
        return not self.language or not profile.languages or self.language in profile.languages

    def lacking(self, profile: Profile) -> list[str]:
        """In words what somebody of this profile has not; empty for who can take the call, and for nobody else."""
        if self.met_by(profile):
            return []
        lacks = [f"{skill} {level} (has {profile.levels.get(skill, 0)})" for skill, level in self.skills
                 if profile.levels.get(skill, 0) < level]
        if not Demand((), self.language).met_by(profile):
            lacks.append(f"language {self.language}")
        return lacks


def demand_of(call: Iterable[tuple[str, int]], queue: Iterable[tuple[str, int]], language: str) -> Demand:
    """What the call asks for and what its queue asks for all its callers: of one skill the higher level."""
    levels: dict[str, int] = {}
    for skill, level in (*call, *queue):
        levels[skill] = max(level, levels.get(skill, 0))
    return Demand(tuple(sorted((skill, level) for skill, level in levels.items() if level > 0)), language)
