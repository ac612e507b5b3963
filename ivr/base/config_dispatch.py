"""The keys of config.yaml that say who gets which call: strategies, tiers, skills, weights, wrap-up."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_section import Section, StrictMapping
from ivr.base.config_words import MOST_LEVEL, Level, Levels, ListOf, Name

Strategy = Literal["longest_idle", "ring_all", "round_robin", "fewest_calls", "least_talk", "linear", "random",
                   "weighted_random"]


class TierConfig(StrictMapping):
    """Operators who help out when callers wait."""

    operators: Annotated[ListOf[Name], Field(min_length=1, max_length=1000)]
    """Names of `operators`."""
    after_s: Annotated[float, Field(ge=0, le=14400)] = 0.0
    """They are asked for a caller who has waited so long; and at once while nobody before them is there."""


class RelaxConfig(StrictMapping):
    """What is given up for a caller who waits."""

    after_s: Annotated[float, Field(gt=0, le=14400)]
    """From then on."""
    levels: Annotated[int, Field(ge=0, le=MOST_LEVEL)] = 0
    """Every level that is asked for falls by so many; a skill that falls to 0 is not asked for any more."""
    drop_language: bool = False
    """The language does not matter any more."""

    @model_validator(mode="after")
    def _something(self) -> "RelaxConfig":
        if not self.levels and not self.drop_language:
            raise PydanticCustomError("relax", "nothing is given up here",
                                      {"remedy": "say `levels: 1`, or `drop_language: yes`"})
        return self


class WrapUpConfig(StrictMapping):
    """Time for notes that ends when they are saved."""

    until_saved: bool = True
    """It ends as soon as the operator has saved the request of the call."""
    max_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """It ends at the latest then."""


class DispatchConfig(Section):
    """Who is asked for the callers of a queue, and in which order; docs/queue.md has the rules."""

    strategy: Strategy = "longest_idle"
    """Who of the free operators is rung: longest_idle, ring_all (all of them, the first to answer wins), round_robin,
    fewest_calls, least_talk, linear (always in the order of `operators`), random, weighted_random."""
    ring_at_most: Annotated[int, Field(ge=1, le=50)] = 10
    """With ring_all: operators whose phones ring at one time for one caller."""
    operator_weights: Annotated[Mapping[Name, Annotated[float, Field(ge=0, le=1000)]], Field(max_length=1000)] = {}
    """With weighted_random: how likely each is rung, beside the others; who is not named has 1."""
    tiers: Annotated[tuple[TierConfig, ...], Field(max_length=20)] = ()
    """Further operators, asked after those of `operators`."""
    weight: Annotated[float, Field(ge=0.01, le=100)] = 1.0
    """Where operators serve several queues: a second of waiting here counts as so many seconds."""
    skills: Annotated[Mapping[Name, Level], Levels, Field(max_length=100)] = {}
    """What an operator must have for callers of this queue: `{gold: 2}`, or `[gold]` for level 1."""
    match_language: bool = False
    """Whether operators must speak the language that the caller chose."""
    relax: Annotated[tuple[RelaxConfig, ...], Field(max_length=20)] = ()
    """What is given up for callers who wait: levels of skills, the language."""
    sticky_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """How long a caller is kept for the operator they talked with last, if that one is there; 0: not at all."""
    wrap_up: WrapUpConfig | None = None
    """Instead of wrap_up_s: time for notes that ends when the request is saved, `{until_saved: yes, max_s: 120}`."""
