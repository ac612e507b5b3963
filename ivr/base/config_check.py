"""What `hotline check` finds too much, too long or too short in a menu: the section `check` of config.yaml."""

from typing import Annotated

from pydantic import Field

from ivr.base.config_section import Section


class CheckConfig(Section):
    """Where `hotline check` begins to warn. Nothing here changes what callers hear."""

    max_options: Annotated[int, Field(ge=1, le=50)] = 8
    """Options of one menu; `repeat` and `back` are not counted."""
    max_menu_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    """How long a menu may speak before it waits for a key."""
    max_first_option_s: Annotated[float, Field(ge=1, le=600)] = 12.0
    """When the first key must have been named, from the menu's first word on."""
    max_guarded_s: Annotated[float, Field(ge=1, le=600)] = 12.0
    """The longest prompt that may forbid interrupting it."""
    max_keys_to_person: Annotated[int, Field(ge=1, le=50)] = 4
    """How many keys it may take, from any menu, until a person is reached or the call ends."""
    min_first_key_s: Annotated[float, Field(ge=0.5, le=60)] = 3.0
    """The shortest wait for the first key."""
    min_interdigit_s: Annotated[float, Field(ge=0.5, le=30)] = 1.5
    """The shortest wait for the next key, where an option has several."""
