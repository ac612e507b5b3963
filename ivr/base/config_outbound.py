"""The section of config.yaml about calls to telephone numbers: whom operators may call, and how often."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ivr.base.config_section import Section
from ivr.base.config_words import ListOf

PREFIX = re.compile(r"\+[0-9]{1,15}")


def _prefix(text: str) -> str:
    plain = re.sub(r"[ ().-]", "", text)
    if not PREFIX.fullmatch(plain):
        raise PydanticCustomError("word", "{message}", {"message": f'"{text}" is not the beginning of a number',
                                                        "remedy": "international, as +7495 or +78001234567"})
    return plain


Prefix = Annotated[str, AfterValidator(_prefix)]


class OutboundConfig(Section):
    """Calls of operators to telephone numbers, by dialling or by transfer. Without `allow` there are none.

    How numbers are written inside the country is understood if `country` at the top of the file names it.
    """

    allow: Annotated[ListOf[Prefix], Field(max_length=1000)] = ()
    """Beginnings of numbers that may be called, with + and country code; a whole number allows that one alone."""
    deny: Annotated[ListOf[Prefix], Field(max_length=1000)] = ()
    """Beginnings of numbers that may not be called, whatever `allow` says."""
    daily_calls: Annotated[int, Field(ge=0, le=1_000_000)] = 200
    """Calls to numbers in a day (local time), all operators together; those that nobody answered count too."""
    daily_calls_per_operator: Annotated[int, Field(ge=0, le=1_000_000)] = 50
    """The same for each operator."""
    max_calls: Annotated[int, Field(ge=0, le=5000)] = 10
    """Calls to outside at one time. Those to addresses of `transfers` take a place here too, but are never refused."""
