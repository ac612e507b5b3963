"""The section `transfers` of config.yaml: where menus and queues may transfer to."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ivr.base.config_section import StrictMapping
from ivr.base.config_titles import AsTitles
from ivr.base.config_words import Name, SipUri


class TransferConfig(StrictMapping):
    """An address outside, or a department within. One of three; an address may be written alone."""

    address: SipUri | None = None
    """A SIP address."""
    queue: Name | None = None
    """A queue: its operators take the call, with the request."""
    operator: Name | None = None
    """An operator, by name or extension. Calls wait for them alone, in a queue that has the name of the transfer."""
    title: Annotated[Mapping[str, str], AsTitles] = {}
    """What pages call it: a text, or one for each language. Without it its name."""

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, given: Any) -> Any:
        return {"address": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _exactly_one(self) -> "TransferConfig":
        if sum(value is not None for value in (self.address, self.queue, self.operator)) != 1:
            raise PydanticCustomError("transfer", "a transfer leads to one target",
                                      {"remedy": "a SIP address, or one of `queue` and `operator`"})
        return self


def with_own_queues(given: Any) -> Any:
    """The configuration as it was given, with a queue for each transfer to an operator. A queue of that name that is
    there already stays as it is, and is told of by the checks."""
    transfers = given.get("transfers") if isinstance(given, Mapping) else None
    queues, extensions = (given.get(key) or {} for key in ("queues", "extensions")) if transfers else ({}, {})
    if not all(isinstance(part, Mapping) for part in (transfers, queues, extensions)):
        return given
    named = {name: operator for name, entry in (transfers or {}).items()
             if isinstance(entry, Mapping) and isinstance(operator := entry.get("operator"), str)}
    own = {name: {"operators": [extensions.get(operator, operator)], **_title(transfers[name])}
           for name, operator in named.items() if transfers and name not in queues}
    return {**given, "queues": {**queues, **own}} if own else given


def _title(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A queue of one operator alone is called as the transfer that leads to it."""
    return {"title": entry["title"]} if "title" in entry else {}
