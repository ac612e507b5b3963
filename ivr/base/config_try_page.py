"""The part of config.yaml about callers who have no phone but a page."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import ListOf


class TryPageConfig(Section):
    """The page `/try`, from which anybody can call without a phone and without a login."""

    open_to: Literal["this_machine", "anybody", "nobody"] = "this_machine"
    """Who may call from it without a login. this_machine: whoever is there, and so nobody at all where `web.listen` is
    an address that others reach; anybody: whoever reaches the page; nobody: only who is logged in. What
    `sip.anonymous_calls` and the `callers` of a line say holds as well."""
    lines: ListOf[str] = ()
    """Numbers that may be called from it; without it every line."""
    max_calls: Annotated[int, Field(ge=1, le=200)] = 10
    """Calls from it at one time."""
    calls_per_minute: Annotated[int, Field(ge=1, le=600)] = 6
    """Calls from one address within a minute."""
