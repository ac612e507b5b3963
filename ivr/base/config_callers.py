"""The section of config.yaml that says who may call a line."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_section import StrictMapping
from ivr.base.config_words import FilePath, ListOf, Name, NumberPrefix, PhoneNumber


class CallersConfig(StrictMapping):
    """Who may call a line: whoever one of these names. A number counts on a trunk's calls alone: others write what they
    like there, and even a carrier's number is a hint and never proof of who calls."""

    numbers: Annotated[ListOf[PhoneNumber], Field(max_length=10_000)] = ()
    """Numbers of callers."""
    prefixes: Annotated[ListOf[NumberPrefix], Field(max_length=1000)] = ()
    """Beginnings of numbers, international form."""
    file: FilePath | None = None
    """A file with a number in each line; read again within 10 s of a change."""
    trunks: Annotated[ListOf[Name], Field(max_length=100)] = ()
    """Trunks all of whose callers may call, those without a number too."""
    accounts: Annotated[ListOf[Name], Field(max_length=5000)] = ()
    """Operators and accounts whose phones may call."""

    @model_validator(mode="after")
    def _somebody(self) -> "CallersConfig":
        if not (self.numbers or self.prefixes or self.file or self.trunks or self.accounts):
            raise PydanticCustomError("callers", "nobody may call this line",
                                      {"remedy": "name numbers, prefixes, a file, trunks or accounts"})
        return self
