"""MESSAGE outside dialogs (RFC 3428): who may write, what is taken, how it is answered, and messages of ours."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from ivr.sip.commands import SendMessage
from ivr.sip.composer import ALLOW
from ivr.sip.events import LegOffered, MessageReceived, MessageSent, PasswordRefused
from ivr.sip.gate.arrivals import Arrival
from ivr.sip.gate.gate_settings import GateSettings
from ivr.sip.message.uri import parse_uri
from ivr.sip.pager.bodies import MAX_BODY_BYTES
from ivr.sip.pager.receiving import PATIENCE
from ivr.sip.pager.way_back import WayBack
from ivr.sip.settings import Credential, Trunk
from tests.sip.rig import (
    ACCOUNTS,
    OURS,
    PEER,
    TCP,
    UDP,
    Rig,
    authorization,
    invite,
    request,
    response,
    with_settings,
)

TEXT = "text/plain;charset=UTF-8"
ON = with_settings(messages=True)
CARRIER = Trunk("carrier", addresses=(f"{PEER}/32",), target=parse_uri("sip:carrier.example@192.0.2.9:5070"))


def message(text: str = "hello", kind: str = TEXT, **fields: object) -> str:
    return request("MESSAGE", **{"body": text, "kind": kind, "contact": "", **fields})     # type: ignore[arg-type]


def rig(**changes: object) -> Rig:
    return Rig(replace(ON, **changes))      # type: ignore[arg-type]


def received(rig: Rig) -> MessageReceived:
    return rig.of(MessageReceived)[-1]


def test_message__is_told_and_answered_when_the_user_says_so_and_not_before() -> None:
    one = rig()
    one.receive(message("Привет\r\nмир"))
    told = received(one)
    assert (told.text, told.dialled, told.caller_number, told.caller_name, told.address) == (
        "Привет\nмир", "100", "alice", "Alice", f"alice@{PEER}")
    assert (told.account, told.trunk, told.source) == (None, None, PEER)
    assert one.statuses() == []
    one.run_until(3)
    one.receive(message("Привет\r\nмир"))                  # sent again: the transaction waits, too
    assert len(one.of(MessageReceived)) == 1
    one.take(one.endpoint.answer_message(told.message, 200, one.now))
    one.receive(message("Привет\r\nмир"))
    assert one.statuses("MESSAGE") == [200, 200]
    assert one.of(LegOffered) == []
    assert one.is_clean()


def test_message__without_a_verdict_is_answered_before_its_sender_gives_up() -> None:
    one = rig()
    one.receive(message())
    one.run_until(PATIENCE + 0.1)
    assert one.statuses("MESSAGE") == [503]
    assert one.responses()[0].headers.get("Retry-After") == "10"
    assert one.take(one.endpoint.answer_message(received(one).message, 200, one.now)) == []
    assert one.is_clean()


def test_message__again_under_another_branch_has_the_same_key() -> None:
    one = rig()
    one.receive(message(branch="one"))
    one.receive(message(branch="two"))
    first, second = one.of(MessageReceived)
    assert first.key == second.key
    assert first.message != second.message
    one.receive(message(branch="three", sequence=2))
    assert received(one).key != first.key


@pytest.mark.parametrize(("kind", "body", "status", "field", "value"), [
    ("text/html", "<b>hi</b>", 415, "Accept", "text/plain, application/im-iscomposing+xml"),
    ("message/cpim", "x", 415, "Accept", "text/plain, application/im-iscomposing+xml"),
    ("text/plain;charset=windows-1251", "x", 415, "Accept", "text/plain, application/im-iscomposing+xml"),
    (TEXT, "x" * (MAX_BODY_BYTES + 1), 413, "Server", "hotline"),
])
def test_message__of_another_kind(kind: str, body: str, status: int, field: str, value: str) -> None:
    one = rig()
    one.receive(message(body, kind, transport="TCP"), TCP)
    assert one.statuses() == [status]
    assert one.responses()[0].headers.get(field) == value
    assert one.of(MessageReceived) == []
    assert one.is_clean()


@pytest.mark.parametrize(("body", "text"), [
    (b"a\0b\x07c\x7f", "abc"), (b"\xff\xfe ok", "�� ok"), ("‮evil‬".encode(), "‮evil‬"),
    (b"one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"), (b"", ""), (b"  ", "  ")])
def test_message__what_is_read_of_odd_octets(body: bytes, text: str) -> None:
    one = rig()
    head = message("", extra=f"Content-Type: {TEXT}\r\n").replace("Content-Length: 0", f"Content-Length: {len(body)}")
    one.receive(head.encode() + body)
    assert received(one).text == text


@pytest.mark.parametrize("kind", ["text/plain", "Text/Plain ; charset=\"utf-8\"", "text/plain;format=flowed",
                                  "text/plain;charset=US-ASCII;x=y"])
def test_message__whose_type_is_written_in_other_ways(kind: str) -> None:
    one = rig()
    one.receive(message("hi", kind))
    assert received(one).text == "hi"


def test_message__that_somebody_is_writing() -> None:
    one = rig()
    for state, active in (("active", True), ("idle", False)):
        xml = f'<?xml version="1.0"?><isComposing xmlns="urn:x"><state>{state}</state></isComposing>'
        one.receive(message(xml, "application/im-iscomposing+xml", call=state))
        assert (received(one).text, received(one).active) == (None, active)


def test_message__where_the_channel_is_closed_and_in_dialogs_is_not_allowed() -> None:
    closed = Rig()
    closed.receive(message())
    assert closed.statuses() == [405]
    assert closed.responses()[0].headers.get("Allow") == ALLOW
    one = rig()
    one.receive(request("OPTIONS"))
    assert one.responses()[0].headers.get("Allow") == f"{ALLOW}, MESSAGE"
    assert "text/plain" in (one.responses()[0].headers.get("Accept") or "")
    one.receive(invite(call="c9"))
    one.receive(message(call="c9", sequence=2, tag="any"))
    assert one.statuses("MESSAGE") == [405]
    assert one.responses("MESSAGE")[0].headers.get("Allow") == ALLOW


def test_message__in_our_own_domain_is_for_who_has_a_password() -> None:
    one = rig(accounts=ACCOUNTS)
    one.receive(message(user="op1"))
    refused = one.responses()[-1]
    assert refused.status == 401
    one.receive(message(user="op1", sequence=2, extra=authorization(refused, "op1", "wrong")))
    assert one.of(PasswordRefused)
    assert one.of(MessageReceived) == []
    one.receive(message(user="op1", sequence=3, extra=authorization(one.responses()[-1], "op1", "secret")))
    assert (received(one).account, received(one).way.account) == ("op1", "op1")
    one.receive(message(user="op2", sequence=4, extra=authorization(refused, "op1", "secret")))
    assert one.statuses()[-1] == 403, "with the password of another"


def test_message__of_strangers_where_they_may_not_call_and_of_nobody() -> None:
    one = rig(anonymous_calls=False)
    one.receive(message())
    assert one.statuses() == [403]
    one = rig()
    one.receive(message(user="anonymous"))
    assert one.statuses() == [433]


def test_trunk__brings_and_carries_messages_with_our_credentials() -> None:
    one = rig(trunks=(CARRIER,), credentials=(Credential("carrier", "us", "secret"),))
    one.take(one.endpoint.start(0))
    one.receive(message(user="+491234"))
    told = received(one)
    assert (told.trunk, told.caller_number) == ("carrier", "+491234")
    one.take(one.endpoint.send_message(SendMessage("m1", told.way, "100", "c@x", 1, "да"), one.now))
    sent = one.requests("MESSAGE")[-1]
    assert (sent.request_uri.plain_user, sent.request_uri.host, sent.from_.uri.plain_user) == (
        "+491234", "192.0.2.9", "100")
    assert sent.body.decode() == "да"
    assert sent.headers.get("Content-Type") == TEXT
    challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"\r\n'
    one.receive(response(sent, 407, extra=challenge))
    again = one.requests("MESSAGE")[-1]
    assert again.cseq.number == 2
    assert 'username="us"' in (again.headers.get("Proxy-Authorization") or "")
    one.receive(response(again, 202))
    assert one.of(MessageSent) == [MessageSent("m1", 202, "Whatever")]
    assert one.is_clean()


def test_sent__to_a_phone_that_has_moved_and_to_a_stranger_where_they_wrote_from() -> None:
    one = rig(accounts=ACCOUNTS)
    one.receive(message(user="op1"))
    one.receive(message(user="op1", sequence=2, extra=authorization(one.responses()[-1], "op1", "secret")))
    way = received(one).way
    one.take(one.endpoint.send_message(SendMessage("m1", way, "100", "c@x", 1, "hi"), one.now))
    assert one.sent[-1].flow.remote == UDP.remote
    register = {"uri": f"sip:{OURS}", "user": "op1", "contact": "<sip:op1@192.0.2.9:6000>"}
    text = request("REGISTER", call="r", **register).replace(f"To: <sip:100@{OURS}>", f"To: <sip:op1@{OURS}>")
    moved = replace(UDP, remote=(PEER, 6000))
    one.receive(text, moved)
    text = request("REGISTER", call="r", sequence=2, extra=authorization(one.responses()[-1], "op1", "secret"),
                   **register).replace(f"To: <sip:100@{OURS}>", f"To: <sip:op1@{OURS}>")
    one.receive(text, moved)
    assert one.statuses("REGISTER") == [401, 200]
    one.take(one.endpoint.send_message(SendMessage("m2", way, "100", "c@x", 2, "hi"), one.now))
    assert one.sent[-1].flow.remote == (PEER, 6000)
    assert str(one.requests("MESSAGE")[-1].request_uri) == "sip:op1@192.0.2.9:6000"
    one.take(one.endpoint.send_message(SendMessage("a1", way, "100", "c@x", 3, "hi", aside=True), one.now))
    assert one.sent[-1].flow.remote == UDP.remote, "where they wrote from, if that is asked for"
    one.receive(message(call="stranger", extra="Contact: <sip:victim@203.0.113.7>\r\n"))
    one.take(one.endpoint.send_message(SendMessage("m3", received(one).way, "100", "d@x", 1, "hi"), one.now))
    assert one.sent[-1].flow.remote == UDP.remote, "never where a stranger's Contact points"


@pytest.mark.parametrize("silent", [True, False])
def test_sent__silence_and_a_broken_way(silent: bool) -> None:
    one = rig()
    one.receive(message())
    told = received(one)
    one.take(one.endpoint.answer_message(told.message, 200, 0))
    one.take(one.endpoint.send_message(SendMessage("m1", told.way, "100", "c@x", 1, "hi"), one.now))
    if silent:
        one.run_out()
        assert len(one.requests("MESSAGE")) == 11, "sent again as long as RFC 3261 says"
    else:
        one.take(one.endpoint.send_failed(one.sent[-1].flow, one.now))
    assert [sent.status for sent in one.of(MessageSent)] == [408 if silent else 503]
    assert one.is_clean()


def test_sent__through_an_edge_goes_back_by_it() -> None:
    way = WayBack(None, None, "alice", "<sip:alice@home.example>", parse_uri("sip:alice@203.0.113.5:5062"), UDP,
                  (f"<sip:{PEER}:5070;lr>", "<sip:203.0.113.1;lr>"))
    one = rig()
    one.take(one.endpoint.send_message(SendMessage("m1", way, "100", "c@x", 1, "hi"), 0))
    sent = one.requests("MESSAGE")[-1]
    assert (tuple(sent.headers.all("Route")), str(sent.request_uri)) == (way.routes, "sip:alice@203.0.113.5:5062")
    assert one.sent[-1].flow.remote == UDP.remote


@pytest.mark.parametrize(("recorded", "routes"), [
    (f"<sip:{PEER}:5070;lr>, <sip:203.0.113.1;lr>", (f"<sip:{PEER}:5070;lr>", "<sip:203.0.113.1;lr>")),
    ("", (f"<sip:{PEER}:5070;lr>",)),
    ("<sip:198.51.100.66;lr>", (f"<sip:{PEER}:5070;lr>",)),           # a stranger's, of a victim
    ("<sip:victim.example;lr>", (f"<sip:{PEER}:5070;lr>",)),
    (f"<sip:{PEER}:5071;lr>, <sip:198.51.100.66;lr>, <sip:203.0.113.1;lr>", (f"<sip:{PEER}:5071;lr>",))])
def test_message__through_an_edge_shows_the_way_back(recorded: str, routes: tuple[str, ...]) -> None:
    one = rig(edges=(f"{PEER}/32", "203.0.113.1/32"))
    extra = f"Record-Route: {recorded}\r\n" if recorded else ""
    text = message(extra=extra).replace("\r\nMax-F", "\r\nVia: SIP/2.0/TCP 10.0.0.9;branch=z9hG4bKin;"
                                           "received=203.0.113.5;rport=5062\r\nMax-F", 1)
    one.receive(text)
    way = received(one).way
    assert way.routes == routes
    assert str(way.target) == "sip:alice@203.0.113.5:5062;transport=tcp"
    assert (way.flow.remote, received(one).source, received(one).by_edge) == (UDP.remote, "203.0.113.5", True)


@pytest.mark.parametrize(("recorded", "port"), [
    ("", 5070), (f"Record-Route: <sip:{PEER}:5090;transport=tcp;lr>\r\n", 5090)])
def test_sent__by_an_edge_that_has_started_anew_goes_to_where_it_listens(recorded: str, port: int) -> None:
    """Over TCP the edge opened the connection, from a port at which nobody answers once it is gone."""
    one = rig(edges=(f"{PEER}/32",))
    text = message(transport="TCP", extra=recorded).replace("\r\nMax-F", (
        "\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKin;received=203.0.113.5;rport=5062\r\nMax-F"), 1)
    one.receive(text, TCP)
    way = received(one).way
    one.take(one.endpoint.stream_closed(TCP, one.now))
    one.take(one.endpoint.send_message(SendMessage("m1", way, "100", "c@x", 1, "hi"), one.now))
    assert one.sent[-1].flow == TCP.towards((PEER, port))
    assert str(one.requests("MESSAGE")[-1].request_uri) == "sip:alice@203.0.113.5:5062"


def test_fuzz__nothing_is_raised_and_every_message_is_answered_once() -> None:
    chance = random.Random(72)
    one = rig(accounts=ACCOUNTS)
    good = message("Привет, 100% \0", extra="Content-Encoding: identity\r\n").encode()
    for number in range(3000):
        data = bytearray(good.replace(b"c11MESSAGE", b"b%d" % number).replace(b"c1@", b"f%d@" % number))
        for _ in range(chance.randrange(1, 8)):
            place = chance.randrange(len(data))
            if chance.random() < 0.3:
                data[place:place + chance.randrange(1, 40)] = chance.randbytes(chance.randrange(0, 30))
            else:
                data[place] = chance.randrange(256)
        one.receive(bytes(data), UDP)
        for told in one.of(MessageReceived):
            one.take(one.endpoint.answer_message(told.message, chance.choice((200, 404, 405, 480)), one.now))
            assert told.text is None or "\0" not in told.text
        one.events.clear()
        one.now += 0.01
    assert {200, 404} <= set(one.statuses())
    assert one.is_clean()


def test_flood__of_one_stranger_is_not_read_and_others_are() -> None:
    """1,000 messages a second for ten seconds: the gate lets a burst through, then nothing of theirs for a while."""
    one = rig(gate=GateSettings())
    arrivals, read, answered = one.endpoint.door.arrivals, Counter[str](), 0
    other = replace(UDP, remote=("203.0.113.8", 5060))
    for number in range(10_000):
        now = number / 1000
        arrivals.put(message(call=f"flood{number}").encode(), UDP, now)
        if number % 500 == 0:
            arrivals.put(message(call=f"good{number}").encode(), other, now)
        while (arrival := arrivals.next(now)) is not None:
            assert isinstance(arrival, Arrival)
            read[arrival.flow.remote[0]] += 1
            one.now = now
            one.receive(arrival.data, arrival.flow)
            for told in one.of(MessageReceived):
                answered += 1
                one.take(one.endpoint.answer_message(told.message, 480, now, 10))
            one.events.clear()
    assert read["203.0.113.8"] == 20
    assert read[PEER] < 450
    assert answered == sum(read.values())
