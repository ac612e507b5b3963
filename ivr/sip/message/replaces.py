"""The Replaces header (RFC 3891): a dialog whose place a new one takes."""

import re
from dataclasses import dataclass

from ivr.sip.message.grammar import WS, bad, find_parameter, is_token, parse_parameters, split_commas

MAX_CHARS = 512         # a Call-ID and two tags; phones need 150
_WORD = r"[A-Za-z0-9\-.!%*_+`'~()<>:\\\"/\[\]?{}]+"
_CALL_ID = re.compile(f"{_WORD}(?:@{_WORD})?")


@dataclass(frozen=True)
class Replaces:
    """A dialog as its header names it: the tags are as seen by whoever receives the header."""

    sip_call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    def __str__(self) -> str:
        early = ";early-only" if self.early_only else ""
        return f"{self.sip_call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


def parse_replaces(text: str) -> Replaces:
    """Read the value of a Replaces. Raises PeerError(400)."""
    if len(text) > MAX_CHARS:
        raise bad("Replaces too long")
    sip_call_id, semicolon, rest = text.partition(";")
    sip_call_id = sip_call_id.strip(WS)
    if not _CALL_ID.fullmatch(sip_call_id):
        raise bad("Bad Call-ID in Replaces")
    parameters = parse_parameters(semicolon + rest)
    names = [name for name, _ in parameters]
    if any(names.count(name) > 1 for name in ("to-tag", "from-tag", "early-only")):
        raise bad("Repeated parameter in Replaces")
    to_tag, from_tag = (find_parameter(parameters, name) or "" for name in ("to-tag", "from-tag"))
    if not is_token(to_tag) or not is_token(from_tag):
        raise bad("Bad tag in Replaces")
    return Replaces(sip_call_id, to_tag, from_tag, "early-only" in names)


def only_replaces(lines: list[str]) -> Replaces | None:
    """The one Replaces of an INVITE; None if it has none. Two of them are a 400 (§3)."""
    if not lines:
        return None
    if len(lines) > 1 or len(split_commas(lines[0])) > 1:
        raise bad("Repeated Replaces")
    return parse_replaces(lines[0])


def replaces_header(replaces: Replaces) -> tuple[str, str]:
    """The header of an INVITE of ours that takes the place of a dialog: for `DialLeg.headers`."""
    return "Replaces", str(replaces)
