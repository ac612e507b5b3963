"""Refer-To, Replaces, Referred-By, Diversion, sipfrag: what is taken, what not, and that only PeerError escapes."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.base.errors import PeerError
from ivr.sip.message.fields import Headers
from ivr.sip.message.headers import parse_address
from ivr.sip.message.refer_to import ReferTo, parse_refer_to, print_refer_to, wants_no_subscription
from ivr.sip.message.referred_by import diversions, parse_referred_by, referred_by, referred_by_header
from ivr.sip.message.replaces import Replaces, only_replaces, parse_replaces, replaces_header
from ivr.sip.message.sipfrag import parse_sipfrag, print_sipfrag
from ivr.sip.message.subscription import parse_subscription_state
from ivr.sip.message.uri import parse_uri

BOB = parse_uri("sip:bob@192.0.2.1")
PIECES = st.sampled_from([
    "sip:", "tel:", "<", ">", "?", "&", "=", ";", ",", "%0d%0a", "%", "Replaces", "to-tag", "from-tag", "early-only",
    "a@b", "\r\n", " ", "\0", '"', "Via: x", "method", "INVITE", "é", "\ud800", "SIP/2.0 ", "200", "active", "expires"])
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join)


class TestReplaces:
    def test_read(self) -> None:
        text = 'a~b"[c]@h.example ; to-tag = t1;x=y;FROM-TAG=f1'
        assert parse_replaces(text) == Replaces('a~b"[c]@h.example', "t1", "f1")
        assert parse_replaces("c;from-tag=f;early-only;to-tag=0") == Replaces("c", "0", "f", early_only=True)

    @pytest.mark.parametrize("text", [
        "", "c", "c;to-tag=1", "c;from-tag=1", "c;to-tag=;from-tag=1", "c;to-tag=a b;from-tag=1",
        ";to-tag=1;from-tag=2",
        "c;to-tag=1;to-tag=1;from-tag=2", "c c;to-tag=1;from-tag=2", "a@b@c;to-tag=1;from-tag=2",
        "c\r\nX: y;to-tag=1;from-tag=2", "c;to-tag=\"1\r\n\";from-tag=2", f"{'c' * 520};to-tag=1;from-tag=2"])
    def test_refused(self, text: str) -> None:
        with pytest.raises(PeerError) as error:
            parse_replaces(text)
        assert error.value.status == 400

    def test_one_alone(self) -> None:
        good = "c;to-tag=1;from-tag=2"
        assert only_replaces([]) is None
        assert only_replaces([good]) == Replaces("c", "1", "2")
        for lines in ([good, good], [f"{good}, {good}"]):
            with pytest.raises(PeerError):
                only_replaces(lines)

    def test_as_a_header(self) -> None:
        assert replaces_header(Replaces("c@d", "1", "2", early_only=True)) == (
            "Replaces", "c@d;to-tag=1;from-tag=2;early-only")


class TestReferTo:
    def test_printed_and_read_again(self) -> None:
        replaces = Replaces("x%2b<e>'[y]?{z}@h", "t~1", "f'1", early_only=True)
        text = print_refer_to(BOB._replace(headers=(("Route", "x"),)), replaces)
        assert text == ("<sip:bob@192.0.2.1?Replaces=x%252b%3Ce%3E'%5By%5D%3F%7Bz%7D%40h%3Bto-tag%3Dt~1%3Bfrom-tag"
                        "%3Df'1%3Bearly-only>")
        assert parse_refer_to([text]) == ReferTo(BOB, replaces)

    def test_a_phone_that_escapes_less(self) -> None:
        text = "<sip:bob@192.0.2.1?Replaces=c-1%40h;to-tag%3D1;from-tag%3D2>"
        assert parse_refer_to([text]) == ReferTo(BOB, Replaces("c-1@h", "1", "2"))

    def test_numbers(self) -> None:
        for text in ("tel:+49301234", "tel:112;phone-context=+49", "tel:*21#", "TEL:030-12"):
            assert parse_refer_to([f"<{text}>"]).uri.scheme == "tel"
        for text in ("tel:12?a=b", "tel:12@x", "tel:bob", "tel:1%0d%0a"):
            with pytest.raises(PeerError):
                parse_refer_to([f"<{text}>"])

    def test_sips(self) -> None:
        assert parse_refer_to(["sips:bob@example.com"]).uri.scheme == "sips"

    @given(TEXTS, TEXTS)
    @settings(max_examples=300, deadline=None)
    def test_nothing_can_be_smuggled_into_an_invite(self, first: str, second: str) -> None:
        """Whatever is taken of a Refer-To prints as one line without URI headers, and reads back the same."""
        try:
            taken = parse_refer_to([f"<sip:{first}@192.0.2.1?Replaces={second}>"])
        except PeerError:
            return
        lines = f"INVITE {taken.uri} SIP/2.0"
        assert not set(lines) & set("\r\n<>\"\0")
        assert parse_uri(str(taken.uri)) == taken.uri
        assert taken.uri.headers == ()
        if taken.replaces is not None:
            assert not set(str(taken.replaces)) & set("\r\n\0 ,")
            assert parse_replaces(str(taken.replaces)) == taken.replaces


class TestReferredBy:
    @pytest.mark.parametrize(("line", "uri"), [
        ("sip:op@example.com", "sip:op@example.com"),
        ('"Op, one" <sip:op@example.com?X=y>;cid="1@h";x', "sip:op@example.com"),
        ("<tel:+4930>", "tel:+4930")])
    def test_read(self, line: str, uri: str) -> None:
        assert parse_referred_by([line]) == uri

    @pytest.mark.parametrize("lines", [["<sip:a@b>", "<sip:a@b>"], ["<sip:a@b>, <sip:a@b>"], ["x"], ["<sip:a@b"],
                                       [f"<sip:{'a' * 300}@b>"]])
    def test_a_bad_one_is_none(self, lines: list[str]) -> None:
        with pytest.raises(PeerError):
            parse_referred_by(lines)
        assert referred_by(Headers([("Referred-By", line) for line in lines])) == ""

    def test_none(self) -> None:
        assert referred_by(Headers()) == ""

    def test_ours(self) -> None:
        assert referred_by_header("sip:a@b") == ("Referred-By", "<sip:a@b>")
        assert referred_by_header("sip:a@b>\r\nX: y") is None


class TestDiversions:
    def test_in_order(self) -> None:
        headers = Headers([
            ("History-Info", "<sip:a@x>;index=1, <sip:b@x?Reason=SIP%3Bcause%3D302>;index=1.1"),
            ("Diversion", '"A, B" <tel:+491>;reason=no-answer'), ("Diversion", "<tel:+492>;reason=unconditional")])
        assert diversions(headers) == (
            '"A, B" <tel:+491>;reason=no-answer', "<tel:+492>;reason=unconditional", "<sip:a@x>;index=1",
            "<sip:b@x?Reason=SIP%3Bcause%3D302>;index=1.1")

    def test_bounds(self) -> None:
        found = diversions(Headers([("Diversion", ",".join(["<tel:+491>"] * 90)), ("History-Info", "<sip:a@b>")]))
        assert found == ("<tel:+491>",) * 20
        assert len(diversions(Headers([("Diversion", "x" * 5000)]))[0]) == 255
        assert diversions(Headers([("Diversion", "a\x1b[31m")])) == ("a\ufffd[31m",)


class TestSipfrag:
    @pytest.mark.parametrize(("body", "status"), [
        (b"SIP/2.0 200 OK\r\n", 200), (b"SIP/2.0 200", 200), (b"\r\nSIP/2.0  486 Busy\nTo: x\n\n", 486),
        (b"sip/2.0 100 \xff\r\n", 100)])
    def test_read(self, body: bytes, status: int) -> None:
        assert parse_sipfrag(body) == status

    @pytest.mark.parametrize("body", [b"", b"SIP/2.0", b"SIP/2.0 2000 OK", b"SIP/2.0 099 x", b"SIP/3.0 200 OK",
                                      b"To: x\r\nSIP/2.0 200 OK", b"SIP/2.0 \xb2\xb0\xb0 OK"])
    def test_refused(self, body: bytes) -> None:
        with pytest.raises(PeerError):
            parse_sipfrag(body)

    def test_printed(self) -> None:
        assert print_sipfrag(603) == b"SIP/2.0 603 Decline\r\n"
        assert print_sipfrag(404, "No\r\nX: y") == "SIP/2.0 404 No\ufffd\ufffdX: y\r\n".encode()


def test_refer_sub() -> None:
    assert [wants_no_subscription(lines) for lines in ([], ["true"], ["False;x=y"])] == [False, False, True]


@given(TEXTS, st.binary(max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_text(text: str, body: bytes) -> None:
    readers: list[Any] = [
        parse_replaces, lambda one: only_replaces([one]), lambda one: parse_refer_to([one]),
        lambda one: parse_refer_to([f"<sip:b@h?{one}>"]), lambda one: parse_referred_by([one]),
        lambda one: referred_by(Headers([("Referred-By", one)])), lambda one: diversions(Headers([("Diversion", one)])),
        lambda one: wants_no_subscription([one]), lambda one: parse_subscription_state([one]),
        lambda one: parse_sipfrag(one.encode("utf-8", "replace")), lambda _: parse_sipfrag(body), parse_address,
        lambda one: print_refer_to(BOB, Replaces(one.encode("ascii", "replace").decode(), "1", "2"))]
    for read in readers:
        with suppress(PeerError):
            read(text)
