"""The section of config.yaml that names registers of PINs: those who are known by a number and a secret."""

from typing import Annotated

from pydantic import Field

from ivr.base.config_section import StrictMapping
from ivr.base.config_words import FilePath


class PinsConfig(StrictMapping):
    """One register, such as customers or staff. Menus ask it with `verify`; `hotline pins` keeps it."""

    file: FilePath
    """Where its entries lie, hashed. `hotline pins` makes it; a change counts at the next call that asks."""
    tries: Annotated[int, Field(ge=1, le=100)] = 5
    """So many wrong tries within `within_s`, for one customer or from one caller's number, lock either of them."""
    within_s: Annotated[float, Field(ge=60, le=86_400)] = 900.0
    """Seconds in which wrong tries are counted together, over all calls."""
    locked_s: Annotated[float, Field(ge=60, le=86_400)] = 900.0
    """Seconds for which the lock holds; the right PIN is refused too meanwhile."""
