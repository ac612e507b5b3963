"""The section `recordings` of config.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import FilePath


class RecordingsConfig(Section):
    """Recordings of talks: which are made stands at the queues."""

    folder: FilePath = "var/recordings"
    """A folder in it for each day; nobody but the service may read it."""
    format: Literal["wav", "ogg"] = "wav"
    """wav: 16 bit, caller left and operator right, 115 MB an hour, played by everything. ogg: Opus, about a tenth of
    that, for some CPU of the service."""
    keep_days: Annotated[float, Field(ge=1, le=36500)] = 90.0
    """How long a recording is kept; then it is deleted, and its row says so."""
    max_gb: Annotated[float, Field(ge=0, le=1_000_000)] = 0.0
    """How much all of them may take; beyond it the oldest go before their time, with a warning. 0: no bound."""
    min_free_mb: Annotated[int, Field(ge=0, le=10_000_000)] = 1024
    """So much stays free on the disk: with less nothing is recorded, and calls go on."""
