"""The sections of config.yaml that say who callers are, and who may call a line."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_section import StrictMapping
from ivr.base.config_words import FilePath, ListOf, Name, NumberPrefix, PhoneNumber

MOST = 10                # steps of priority, as a menu's `queue` may give


class Callers(StrictMapping):
    """Whoever one of these names. A number counts on a trunk's calls alone: others write what they like there, and even
    a carrier's number is a hint and never proof of who calls."""

    numbers: Annotated[ListOf[PhoneNumber], Field(max_length=10_000)] = ()
    """Numbers of callers."""
    prefixes: Annotated[ListOf[NumberPrefix], Field(max_length=1000)] = ()
    """Beginnings of numbers, international form."""
    file: FilePath | None = None
    """A file with a number in each line; read again within 10 s of a change."""
    trunks: Annotated[ListOf[Name], Field(max_length=100)] = ()
    """Trunks all of whose callers are meant, those without a number too."""
    accounts: Annotated[ListOf[Name], Field(max_length=5000)] = ()
    """Operators and accounts whose phones are meant."""

    @property
    def names_somebody(self) -> bool:
        return bool(self.numbers or self.prefixes or self.file or self.trunks or self.accounts)


class GroupConfig(Callers):
    """A group of callers: menus know them by its name (`caller.groups`), and lines may be for them."""

    priority: Annotated[int, Field(ge=0, le=MOST)] = 0
    """Steps of ten minutes of waiting that count as done in every queue; of several groups the highest."""

    @model_validator(mode="after")
    def _somebody(self) -> "GroupConfig":
        if not self.names_somebody:
            raise PydanticCustomError("callers", "nobody belongs to this group",
                                      {"remedy": "name numbers, prefixes, a file, trunks or accounts"})
        return self


class CallersConfig(Callers):
    """Who may call a line: whoever one of these names."""

    groups: Annotated[ListOf[Name], Field(max_length=100)] = ()
    """Names of `groups`."""

    @model_validator(mode="after")
    def _somebody(self) -> "CallersConfig":
        if not self.names_somebody and not self.groups:
            raise PydanticCustomError("callers", "nobody may call this line",
                                      {"remedy": "name groups, numbers, prefixes, a file, trunks or accounts"})
        return self
