"""The sections of config.yaml for requests: when they are due, and when a later one belongs to an earlier one."""

from typing import Annotated

from pydantic import Field

from ivr.base.config_section import Section


class SlaConfig(Section):
    """What the house promises for a queue."""

    answer_s: Annotated[float, Field(ge=0, le=3600)] = 20.0
    """Seconds within which a caller counts as answered in time: the threshold of reports."""
    close_h: Annotated[float | None, Field(gt=0, le=8760)] = None
    """Hours after which a request that is not closed is overdue; without it none ever is."""
    alarm: Annotated[str, Field(max_length=100)] = ""
    """Whom to tell of overdue requests, in your words: it stands in the log's `requests_overdue` and in the metric
    `hotline_requests_overdue`, for the program that wakes people."""


class RequestsConfig(Section):
    """What becomes of requests."""

    reopen_days: Annotated[int, Field(ge=0, le=365)] = 7
    """A caller who rings again about the same (queue and subject) so many days after their request was closed reopens
    it; while it is open, the later one is its duplicate. 0: requests are never linked. Never for withheld numbers."""
    keep_callers_days: Annotated[int, Field(ge=0, le=36500)] = 0
    """So many days after the call its caller's number and name are erased, with notes and fields of the request; the
    figures stay. Recordings have `recordings.keep_days`. 0: they are kept until somebody erases them."""
