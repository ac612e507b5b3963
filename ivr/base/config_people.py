"""Part of config.yaml: people who only use the pages.

Whoever answers calls is under `operators`; their login is there too.
"""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import FilePath, VariableName


class PersonConfig(Section):
    """Somebody who logs in at the pages and answers no queue. The key is the login."""

    role: Literal["supervisor", "admin"] = "supervisor"
    """supervisor: sees and hears every call, sets anybody's status, reads reports. admin: all."""
    display_name: Annotated[str, Field(max_length=80)] = ""
    """The name on screens; without it the key."""
    password_file: FilePath | None = None
    """A file with the password. Without it the first start makes one."""
    password_env: VariableName | None = None
    """The same from an environment variable."""
