"""The keys of config.yaml for who would rather not wait: keys that lead out of a queue, and being called back."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_dispatch import DispatchConfig
from ivr.base.config_section import StrictMapping
from ivr.base.config_words import ListOf, MenuName, Name, PromptName

Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
Prompts = Annotated[ListOf[PromptName], Field(max_length=10)]


class CallbackConfig(StrictMapping):
    """How the callers of a queue are called back. `outbound.allow` says which numbers may be called."""

    first: Literal["operator", "caller"] = "operator"
    """Who is rung first. operator: an operator who is free answers, then the caller is dialled. caller: an operator who
    is free is kept, the caller is dialled, and the operator's phone rings when the caller has answered."""
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often the caller is dialled; after that the request stays open for people to look at."""
    retry_after_s: Annotated[float, Field(ge=10, le=86400)] = 600.0
    """From an attempt that did not reach the caller to the next one."""
    ring_s: Annotated[float, Field(ge=5, le=120)] = 40.0
    """How long the caller's phone rings."""
    hours: Name | None = None
    """The schedule in which callers may be rung, one of the file `hours`; outside it they wait. Without it at any time
    at which operators are there."""
    whisper: Prompts = ()
    """What the operator hears while the caller is dialled: prompts of the announcements, or of the line's menu."""
    greeting: Prompts = ()
    """What the caller hears who is rung first, before the operator is there."""
    not_reached: Prompts = ()
    """What the operator hears if the caller does not answer."""


class ComfortConfig(StrictMapping):
    """What is said to those who wait."""

    say: Annotated[ListOf[PromptName], Field(min_length=1, max_length=10)]
    """Prompts of the announcements, or of the line's menu."""
    every_s: Annotated[float, Field(ge=10, le=3600)] = 45.0
    """From one time to the next; first after that time."""


class WaitingConfig(DispatchConfig):
    """What callers of a queue may do instead of waiting."""

    while_waiting: Annotated[Mapping[Key, MenuName], Field(max_length=12)] = {}
    """Keys that take a waiting caller out of the queue, each into a menu of the line: `{"1": call_me_back}`. What that
    menu says is done: `callback`, `voicemail`; or `queue` again, where they have their old place."""
    comfort: ComfortConfig | None = None
    """What is said to those who wait, again and again: which key does what, where else there is help."""
    abandoned: Literal["callback"] | None = None
    """`callback`: who hangs up while waiting is called back as if they had asked for it, if their number may be called;
    once for each number."""
    abandoned_after_s: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """Not who hangs up before they waited so long."""
    callback: CallbackConfig | None = None
    """How callers who asked for it are called back; without it their requests wait for people to look at them."""
