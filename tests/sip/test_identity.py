"""Who calls and what was dialled, from the fields of carriers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sip.message.identity import NOBODY, Identity, caller_of, dialled_in
from ivr.sip.message.message import Request
from ivr.sip.message.parser import parse
from tests.sip.rig import invite

FIELDS = ("P-Asserted-Identity", "Remote-Party-ID", "Privacy", "P-Called-Party-ID", "From", "To")


def made(extra: str = "", from_: str = "", uri: str = "sip:100@198.51.100.1") -> Request:
    text = invite(extra=extra, uri=uri)
    if from_:
        text = text.replace('"Alice" <sip:alice@192.0.2.9>', from_)
    message = parse(text.encode())
    assert isinstance(message, Request)
    return message


@pytest.mark.parametrize(("extra", "expected"), [
    ('P-Asserted-Identity: "Carrier says" <sip:+4930123@carrier.example>\r\n', Identity("+4930123", "Carrier says")),
    ("P-Asserted-Identity: tel:+49-30-123\r\n", Identity("+4930123", "")),
    ("P-Asserted-Identity: <sip:carrier.example>, <tel:+4930123>\r\n", Identity("+4930123", "")),
    ("P-Asserted-Identity: <sip:+4930123;phone-context=x@carrier.example>\r\n", Identity("+4930123", "")),
    ("P-Asserted-Identity: <<<\r\n", Identity("alice", "Alice")),
    ("P-Asserted-Identity: <sip:+4930123@carrier.example>\r\nPrivacy: id\r\n", NOBODY),
    ("P-Asserted-Identity: <sip:+4930123@carrier.example>\r\nPrivacy: header; ID ; critical\r\n", NOBODY),
    ("P-Asserted-Identity: <sip:+4930123@carrier.example>\r\nPrivacy: none\r\n", Identity("+4930123", "")),
    ("P-Asserted-Identity: <sip:anonymous@anonymous.invalid>\r\n", NOBODY),
    ("Remote-Party-ID: <sip:+4930123@carrier.example>\r\n", Identity("alice", "Alice")),
])
def test_p_asserted_identity(extra: str, expected: Identity) -> None:
    assert caller_of(made(extra), "p_asserted_identity") == expected


@pytest.mark.parametrize(("value", "expected"), [
    ('"Gateway" <sip:+4930123@gw>;party=calling;screen=yes;privacy=off', Identity("+4930123", "Gateway")),
    ("<sip:+4930123@gw>", Identity("+4930123", "")),
    ("<sip:1@gw>;party=called, <sip:+4930123@gw>;party=Calling", Identity("+4930123", "")),
    ("<sip:+4930123@gw>;privacy=full", NOBODY),
    ('<sip:+4930123@gw>;privacy="uri;name"', NOBODY),
    ('"Hidden" <sip:+4930123@gw>;privacy=name', Identity("+4930123", "")),
    ("<sip:1@gw>;party=called", Identity("alice", "Alice")),
    ("rubbish", Identity("alice", "Alice")),
])
def test_remote_party_id(value: str, expected: Identity) -> None:
    assert caller_of(made(f"Remote-Party-ID: {value}\r\n"), "remote_party_id") == expected


@pytest.mark.parametrize("from_", ['"Anonymous" <sip:anonymous@anonymous.invalid>', "<sip:Anonymous@carrier.example>",
                                   "<sip:x@ANONYMOUS.invalid>"])
def test_withheld__whatever_the_network_asserts(from_: str) -> None:
    asserted = "P-Asserted-Identity: <sip:+4930123@carrier.example>\r\n"
    assert caller_of(made(asserted, from_), "p_asserted_identity") == NOBODY
    assert caller_of(made("", from_), "from") == NOBODY


@pytest.mark.parametrize(("source", "extra", "uri", "expected"), [
    ("request_uri", "", "sip:+49301@hotline", "+49301"),
    ("request_uri", "", "tel:+49-(30)-1", "+49301"),
    ("to", "", "sip:trunkuser@hotline", "100"),
    ("p_called_party_id", "P-Called-Party-ID: <sip:+49302@ims.example>\r\n", "sip:trunkuser@hotline", "+49302"),
    ("p_called_party_id", "P-Called-Party-ID: <tel:+49-302>\r\n", "sip:trunkuser@hotline", "+49302"),
    ("p_called_party_id", "P-Called-Party-ID: ;;\r\n", "sip:trunkuser@hotline", "trunkuser"),
    ("p_called_party_id", "", "sip:trunkuser@hotline", "trunkuser"),
])
def test_dialled(source: str, extra: str, uri: str, expected: str) -> None:
    assert dialled_in(made(extra, uri=uri), source) == expected     # type: ignore[arg-type]


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=80)))
def test_any_text_in_these_fields(values: dict[str, str]) -> None:
    """Only PeerError may escape, and only of fields that the parser has read before."""
    request = made()
    for name, value in values.items():
        request.headers.set(name, value)
    for source in ("from", "p_asserted_identity", "remote_party_id"):
        try:
            found = caller_of(request, source)      # type: ignore[arg-type]
        except PeerError:
            assert "From" in values
        else:
            assert "\n" not in found.number + found.name
    for dialled in ("request_uri", "to", "p_called_party_id"):
        try:
            assert isinstance(dialled_in(request, dialled), str)    # type: ignore[arg-type]
        except PeerError:
            assert "To" in values
