"""The part of config.yaml about other systems that menus ask (`http` in a menu)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import FilePath, ListOf, Network


class LookUpsConfig(Section):
    """What menus may ask by HTTP, and how much at one time."""

    private: Annotated[ListOf[Network], Field(max_length=100)] = ()
    """Networks of your own that may be asked, such as 10.1.0.0/16. Without them only public addresses are."""
    token_files: Annotated[Mapping[str, FilePath], Field(max_length=100)] = {}
    """By host: a file with the token that it is sent as `Authorization: Bearer …`. It never stands in a menu."""
    max_at_once: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Questions that may be under way at one time; one more fails at once."""
    max_answer_kb: Annotated[int, Field(ge=1, le=10_000)] = 64
    """An answer that is larger is given up."""
