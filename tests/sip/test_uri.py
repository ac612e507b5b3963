"""URIs: read, printed, compared (RFC 3261 §19.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sip.message.uri import Uri, equivalent, parse_uri


@pytest.mark.parametrize(("text", "uri"), [
    ("sip:100@example.com", Uri("sip", "100", None, "example.com")),
    ("sip:example.com", Uri("sip", None, None, "example.com")),
    ("SIPS:Bob@Example.COM:5061", Uri("sips", "Bob", None, "example.com", 5061)),
    ("sip:bob:secret@host;transport=TCP;lr",
     Uri("sip", "bob", "secret", "host", None, (("transport", "TCP"), ("lr", None)))),
    ("sip:bob@host?Subject=hi&Priority=urgent",
     Uri("sip", "bob", None, "host", None, (), (("Subject", "hi"), ("Priority", "urgent")))),
    ("sip:[2001:DB8::1]:5070", Uri("sip", None, None, "2001:db8::1", 5070)),
    ("sip:bob@[::ffff:192.0.2.1]", Uri("sip", "bob", None, "::ffff:192.0.2.1")),
    ("sip:user;par=u%40example.net@example.com", Uri("sip", "user;par=u%40example.net", None, "example.com")),
    ("sip:a?b/c&d=e+f$,!@h", Uri("sip", "a?b/c&d=e+f$,!", None, "h")),
    ("sip:Иван@example.com", Uri("sip", "Иван", None, "example.com")),
    ("sip:my_host", Uri("sip", None, None, "my_host")),
    ("sip:1001@192.0.2.10:5062;ob;", Uri("sip", "1001", None, "192.0.2.10", 5062, (("ob", None),))),
    ("tel:+4930123456;phone-context=example.com",
     Uri("tel", "+4930123456", parameters=(("phone-context", "example.com"),))),
    ("http://www.example.com/a?b", Uri("http", opaque="//www.example.com/a?b")),
    ("nobodyKnowsThis:opaque", Uri("nobodyknowsthis", opaque="opaque")),
])
def test_parse_uri(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize("text", [
    "", "sip", "sip:", "sip:@host", "sip:a@b@c", "sip:bob@", "sip:bob@host:", "sip:bob@host:0", "sip:bob@host:65536",
    "sip:bob@host:5x", "sip:bob@host:²", "sip:b b@host", "<sip:bob@host>", "sip:bob@ho st", "sip:bob\x00@host",
    "sip:bob@host\r\nVia: x", "sip:2001:db8::1", "sip:[2001:db8::1", "sip:[2001:db8::1]x", "sip:[1:2]",
    "sip:[fe80::1%eth0]", "sip:[::1:::2]", "sip:bob@host;=x",
    "sip:bob@host?x", "sip:bob@host?=x", "1x:opaque", ":opaque", "mailto:", "tel:",
    "tel:;x", "sip:bob@host\u2028", 'sip:"bob"@host', "sip:bob@höst",
])
def test_parse_uri__refused(text: str) -> None:
    with pytest.raises(PeerError) as caught:
        parse_uri(text)
    assert caught.value.status == 400


def test_parse_uri__three_colons_of_the_old_grammar_count_as_two() -> None:
    assert parse_uri("sip:user@[2001:db8:::192.0.2.1]").host == "2001:db8::192.0.2.1"


def test_uri__escapes_are_kept_for_the_wire_and_undone_for_people() -> None:
    uri = parse_uri("sip:sips%3Auser%40example.com@example.net")
    assert str(uri) == "sip:sips%3Auser%40example.com@example.net"
    assert uri.plain_user == "sips:user@example.com"
    assert parse_uri("sip:%31%30%30@h").plain_user == "100"
    assert parse_uri("sip:null-%00-null@h").plain_user == "null-\ufffd-null"
    assert parse_uri("sip:%FF%D0%98@h").plain_user == "\ufffdИ"
    assert parse_uri("sip:h").plain_user == ""


def test_uri__parameters_are_found_whatever_their_spelling() -> None:
    uri = parse_uri("sip:caller@host5.example.net;%6C%72;n%61me=v;TRANSPORT=tcp")
    assert uri.parameter("lr") == ""
    assert uri.parameter("name") == "v"
    assert uri.parameter("transport") == "tcp"
    assert uri.parameter("maddr") is None


def test_uri__repr_hides_the_password() -> None:
    assert "secret" not in repr(parse_uri("sip:bob:secret@host"))
    assert "secret" in str(parse_uri("sip:bob:secret@host"))


@pytest.mark.parametrize(("a", "b"), [     # the RFC's own examples
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
    ("sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"),
    ("sip:alice@atlanta.com?subject=project%20x&priority=urgent",
     "sip:alice@atlanta.com?priority=urgent&subject=project%20x"),
    ("sip:bob@[2001:db8:0:0::1]", "sip:bob@[2001:DB8::1]"),
    ("tel:+1", "tel:+1"),
])
def test_equivalent(a: str, b: str) -> None:
    assert equivalent(parse_uri(a), parse_uri(b))
    assert equivalent(parse_uri(b), parse_uri(a))


@pytest.mark.parametrize(("a", "b"), [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:bob@h", "sips:bob@h"), ("sip:bob@h", "sip:h"), ("sip:bob:x@h", "sip:bob@h"), ("sip:a%3Bb@h", "sip:a;b@h"),
    ("tel:+1", "tel:+2"),
])
def test_equivalent__different(a: str, b: str) -> None:
    assert not equivalent(parse_uri(a), parse_uri(b))
    assert not equivalent(parse_uri(b), parse_uri(a))


@given(st.text(alphabet="sip:@;?=&%[]ab01.-<>\" \x00é,", max_size=40).map(lambda tail: f"sip:{tail}"))
def test_parse_uri__nothing_else_than_a_uri_or_a_peer_error(text: str) -> None:
    try:
        uri = parse_uri(text)
    except PeerError:
        return
    assert parse_uri(str(uri)) == uri
    assert equivalent(uri, uri)
    assert uri.plain_user.isprintable()
