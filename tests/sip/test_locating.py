"""Where a URI is reached (RFC 3263), asked of a name service made of a table."""

import random
from collections import Counter

import pytest

from ivr.base.ids import Ids
from ivr.sip.message.uri import parse_uri
from ivr.sip.transport.locating import (
    MAX_CANDIDATES,
    Kind,
    Locating,
    NaptrRecord,
    Question,
    Record,
    SrvRecord,
    ordered,
)

BOTH: tuple[Kind, ...] = ("A", "AAAA")
ALL = {"udp": BOTH, "tcp": BOTH, "tls": BOTH}
Zone = dict[tuple[str, str], tuple[Record, ...]]
ZONE: Zone = {
    ("NAPTR", "example.com"): (
        NaptrRecord(20, 10, "s", "SIP+D2U", "_sip._udp.example.com."),
        NaptrRecord(10, 50, "s", "SIPS+D2T", "_sips._tcp.example.com."),
        NaptrRecord(10, 20, "S", "sip+d2t", "_sip._tcp.EXAMPLE.com."),
        NaptrRecord(5, 1, "s", "SIP+D2S", "_sip._sctp.example.com."),
        NaptrRecord(1, 1, "u", "E2U+sip", "."),
    ),
    ("SRV", "_sip._tcp.example.com"): (
        SrvRecord(10, 0, 5070, "b.example.com."), SrvRecord(5, 0, 5080, "a.example.com.")),
    ("SRV", "_sip._udp.example.com"): (SrvRecord(0, 0, 5060, "a.example.com."),),
    ("SRV", "_sips._tcp.example.com"): (SrvRecord(0, 0, 5061, "tls.example.com."),),
    ("A", "a.example.com"): ("192.0.2.1",),
    ("A", "b.example.com"): ("192.0.2.2", "192.0.2.3"),
    ("AAAA", "b.example.com"): ("2001:db8::2",),
    ("A", "tls.example.com"): ("192.0.2.4",),
    ("SRV", "_sip._udp.plain.example"): (SrvRecord(0, 0, 0, "."),),
    ("SRV", "_sip._tcp.plain.example"): (SrvRecord(0, 0, 5066, "host.plain.example."),),
    ("A", "host.plain.example"): ("192.0.2.5",),
    ("A", "bare.example"): ("192.0.2.6",),
    ("AAAA", "bare.example"): ("2001:db8::6",),
    ("NAPTR", "dead.example"): (NaptrRecord(1, 1, "s", "SIP+D2U", "_sip._udp.dead.example"),),
}


def find(text: str, transports: dict[str, tuple[Kind, ...]] = ALL, zone: Zone = ZONE) -> tuple[list[str], list[str]]:
    """What was found, as `transport:address:port`, and what was asked."""
    search = Locating(parse_uri(text), transports, Ids(random.Random(1).randbytes))
    asked: list[str] = []
    while not search.finished:
        for question in sorted(search.questions):
            asked.append(f"{question.kind} {question.name}")
            search.answer(question, zone.get((question.kind, question.name), ()))
    return [f"{one.transport}:{one.address}:{one.port}" for one in search.candidates], asked


@pytest.mark.parametrize(("uri", "found"), [
    ("sip:bob@192.0.2.9", "udp:192.0.2.9:5060"),
    ("sip:bob@192.0.2.9;transport=tcp", "tcp:192.0.2.9:5060"),
    ("sip:bob@192.0.2.9:5090;transport=TLS", "tls:192.0.2.9:5090"),
    ("sip:bob@192.0.2.9;transport=tls", "tls:192.0.2.9:5061"),
    ("sips:bob@192.0.2.9", "tls:192.0.2.9:5061"),
    ("sips:bob@192.0.2.9;transport=tcp", "tls:192.0.2.9:5061"),
    ("sip:bob@[2001:db8::9]", "udp:2001:db8::9:5060"),
    ("sips:bob@[2001:db8::9]:5071", "tls:2001:db8::9:5071"),
])
def test_numeric__nobody_is_asked(uri: str, found: str) -> None:
    assert find(uri) == ([found], [])


@pytest.mark.parametrize("uri", ["sips:bob@192.0.2.9;transport=udp", "sip:bob@192.0.2.9;transport=sctp",
                                 "sip:bob@example.com;transport=ws", "sips:bob@example.com:5061;transport=udp"])
def test_no_such_transport(uri: str) -> None:
    assert find(uri) == ([], [])


def test_numeric__no_socket_of_its_family() -> None:
    assert find("sip:bob@[2001:db8::9]", {"udp": ("A",)}) == ([], [])


def test_explicit_port__no_srv() -> None:
    found, asked = find("sip:bob@b.example.com:5099")
    assert found == ["udp:192.0.2.2:5099", "udp:192.0.2.3:5099", "udp:2001:db8::2:5099"]
    assert asked == ["A b.example.com", "AAAA b.example.com"]


def test_transport_named__srv_of_it() -> None:
    found, asked = find("sip:bob@example.com;transport=tcp")
    assert found == ["tcp:192.0.2.1:5080", "tcp:192.0.2.2:5070", "tcp:192.0.2.3:5070", "tcp:2001:db8::2:5070"]
    assert asked[0] == "SRV _sip._tcp.example.com"


def test_naptr__by_order_and_preference_what_we_can_do() -> None:
    found, asked = find("sip:bob@EXAMPLE.com")
    assert [one.split(":")[0] for one in found] == ["tcp"] * 4 + ["tls", "udp"]
    assert asked[0] == "NAPTR example.com"
    assert "SRV _sip._sctp.example.com" not in asked
    assert find("sip:bob@example.com", {"udp": ("A",)})[0] == ["udp:192.0.2.1:5060"]


def test_sips__never_but_over_tls() -> None:
    found, asked = find("sips:bob@example.com")
    assert found == ["tls:192.0.2.4:5061"]
    assert not any("_sip._" in one for one in asked)
    assert find("sips:bob@example.com", {"udp": BOTH, "tcp": BOTH})[0] == []
    assert find("sips:bob@bare.example")[0] == ["tls:192.0.2.6:5061", "tls:2001:db8::6:5061"]


def test_no_naptr__srv_of_every_transport_we_have() -> None:
    found, asked = find("sip:bob@plain.example")
    assert found == ["tcp:192.0.2.5:5066"]      # UDP says "not here"
    assert asked[:4] == ["NAPTR plain.example", "SRV _sip._tcp.plain.example", "SRV _sip._udp.plain.example",
                         "SRV _sips._tcp.plain.example"]


def test_nothing_but_addresses() -> None:
    assert find("sip:bob@bare.example")[0] == ["udp:192.0.2.6:5060", "udp:2001:db8::6:5060"]
    assert find("sip:bob@bare.example", {"tcp": ("AAAA",)})[0] == ["tcp:2001:db8::6:5060"]
    assert find("sip:bob@nowhere.example")[0] == []
    assert find("sip:bob@dead.example")[0] == []


def test_candidates_are_bounded() -> None:
    zone: Zone = {("A", "many.example"): tuple(f"192.0.2.{number}" for number in range(200)),
                  ("SRV", "_sip._udp.crowd.example"): tuple(SrvRecord(0, 1, 5060, f"h{n}.example") for n in range(200))}
    assert len(find("sip:x@many.example:5060", zone=zone)[0]) == MAX_CANDIDATES
    assert len([one for one in find("sip:x@crowd.example", zone=zone)[1] if one.startswith("A ")]) == 8


def test_an_answer_nobody_waits_for_changes_nothing() -> None:
    search = Locating(parse_uri("sip:x@bare.example:5060"), ALL, Ids(random.Random(1).randbytes))
    search.answer(Question("A", "other.example"), ("192.0.2.7",))
    assert len(search.questions) == 2
    assert search.candidates == []


def test_weights__in_proportion_and_zero_seldom() -> None:
    ids = Ids(random.Random(3).randbytes)
    records = [SrvRecord(1, 0, 1, "rare"), SrvRecord(1, 25, 1, "one"), SrvRecord(1, 75, 1, "three"),
               SrvRecord(0, 0, 1, "first")]
    orders = [[one.target for one in ordered(records, ids)] for _ in range(2000)]
    assert all(order[0] == "first" for order in orders)
    assert all(len(set(order)) == 4 for order in orders)
    second = Counter(order[1] for order in orders)
    assert 2.4 < second["three"] / second["one"] < 3.8
    assert 0 < second["rare"] < 60
