"""The Replaces header (RFC 3891): a dialog whose place a new one takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Replaces:
    """A dialog as its header names it: the tags are as seen by whoever receives the header."""

    sip_call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False
