"""The section of config.yaml for what callers dial."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ivr.base.config_callers import CallersConfig
from ivr.base.config_section import Section
from ivr.base.config_titles import AsTitles
from ivr.base.config_words import FilePath, Language, ListOf, Name, Number, PromptName


class LineConfig(Section):
    """A dialled number, or several, with the menu that answers."""

    numbers: Annotated[ListOf[Number], Field(min_length=1, max_length=1000)]
    """What callers dial: the user part of the request URI."""
    menu: FilePath
    """The menu file (YAML)."""
    title: Annotated[Mapping[str, str], AsTitles] = {}
    """What pages call the line, such as the name of the house: a text, or one for each language. Without it the name of
    the menu file."""
    language: Language | None = None
    """Language of the first words. Without it: the first language of the menu."""
    ring_s: Annotated[float, Field(ge=0, le=30)] = 0.0
    """How long callers hear ringing before the answer; 0: the menu speaks at once."""
    hours: Name | None = None
    """The schedule that says when the line is open, one of the file `hours`; without it it never closes."""
    callers: CallersConfig | None = None
    """Who may call; without it everybody. Others get 403, or hear `refused_say`."""
    refused_say: PromptName | None = None
    """What others than `callers` hear before the call is ended: a prompt of the announcements or of the menu. Without
    it they get 403, and nobody answers."""
    recording_notice: PromptName | None = None
    """What every caller hears to its end before the menu: that calls may be recorded. A prompt as `refused_say`."""
    orders_by: Name | None = None
    """The register of `pins` whose people may close lines and announce by telephone, with `order` in this line's menu.
    Without it nobody may."""
    canary_percent: Annotated[float, Field(ge=0, le=50)] = 0.0
    """The share of new calls that tries a changed menu before all get it; it is taken back by itself if it loses more
    callers than the old one. 0: all get it at once."""
