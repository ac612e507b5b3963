"""States as text: what was read back is the same graph, and a text of nobody's makes nothing."""

import json
import random
from collections import Counter, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import partial
from ipaddress import IPv4Address, IPv6Network
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.base.errors import PeerError, Place
from ivr.base.machine import Machine
from ivr.base.state.errors import NotReadable, NotWritable
from ivr.base.state.fixed import Fixed
from ivr.base.state.reading import read_back, read_text
from ivr.base.state.writing import text_of, written
from ivr.base.timers import Timers
from ivr.base.trace import Row, Trace
from ivr.call.machine import Call
from ivr.call.state import CallState
from ivr.sip.message.fields import Headers
from ivr.sip.transport.flow import Flow
from routing.callback import Callbacks
from routing.queue import Offer

FLOW = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.2", 5060))


def back(thing: Any, fixed: Fixed | None = None) -> Any:
    fixed = fixed or Fixed({})
    return read_text(text_of({"it": thing}, fixed), fixed)["it"]


@pytest.mark.parametrize("value", [
    None, True, 0, -7, 10**30, 1.5, 0.1 + 0.2, float("inf"), float("-inf"), "", "Привет\ud800\x00", b"",
    bytes(range(256)), bytearray(b"ab"), (), (1, (2.0, ("x",))), [], [[]], set(), {1, (2, "x")}, frozenset({"a", "b"}),
    {}, {(1, "x"): [None]},
    deque([1, 2], 5), deque([None]), Counter({"a": 2}),
    datetime(2026, 3, 2, 9, 0, 0, 5, UTC), datetime(2026, 3, 2), date(2026, 3, 2), time(9, 30), timedelta(-1, 5, 7),
    datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1), ZoneInfo("Asia/Tokyo"),
    Decimal("1.10"), IPv4Address("10.0.0.1"), IPv6Network("fe80::/10"), CallState.QUEUED, Flow, FLOW,
    Row(1.0, "a", "b", "c"), Headers([("To", "a"), ("Via", "b"), ("Via", "c")])],
    ids=lambda value: type(value).__name__)
def test_state__a_value_is_the_same(value: Any) -> None:
    read = back(value)
    assert read == value
    assert type(read) is type(value)
    if isinstance(value, dict):
        assert list(read) == list(value)
    if isinstance(value, deque):
        assert read.maxlen == value.maxlen
    if isinstance(value, datetime):
        assert (read.fold, read.tzname()) == (value.fold, value.tzname())


def test_state__what_is_shared_stays_shared() -> None:
    rows = [Row(0.0, "a", "b", "c")]
    read = back({"one": rows, "two": (rows, FLOW), "three": [FLOW, [Row(0.0, "a", "b", "c")]]})
    assert read["one"] is read["two"][0]
    assert read["two"][1] is read["three"][0]
    assert read["three"][1] == read["one"]
    assert read["three"][1] is not read["one"]


def test_state__cycles() -> None:
    ring: list[Any] = [1]
    table: dict[Any, Any] = {"ring": ring}
    ring += [table, (ring,), {Offer: ring}]
    read = back(ring)
    assert read[1]["ring"] is read
    assert read[2][0] is read
    assert read[3][Offer] is read


def test_state__a_cycle_through_a_tuple_and_a_key_is_whole() -> None:
    """A timer's key may hold what holds the timers."""
    trace, timers = Trace(3.0), Timers()
    key = "probe", trace
    timers.start(key, 5.0, key)
    trace.timers = timers       # type: ignore[attr-defined]
    read = back(key)
    assert read[1].timers.pop_due(6.0) == (read, read)


def test_state__timers_go_on() -> None:
    timers = Timers()
    for number in range(200):
        timers.start(("t", number % 90), float(number % 7), number)
    for number in range(0, 90, 2):
        timers.cancel(("t", number))
    read = back(timers)
    read.start("late", 3.0, "late")
    timers.start("late", 3.0, "late")
    left = len(timers)
    assert [read.pop_due(9.0) for _ in range(left)] == [timers.pop_due(9.0) for _ in range(left)]
    assert read.pop_due(9.0) is None


def test_state__methods_and_partials_keep_to_their_object() -> None:
    timers = Timers()
    read = back({"cancel": timers.cancel, "later": partial(timers.start, "key", 1.0), "timers": timers})
    read["later"]("event")
    assert read["timers"].pop_due(2.0) == ("key", "event")
    assert not len(timers)
    assert read["cancel"].__self__ is read["timers"]


def test_state__an_error_of_a_peer() -> None:
    read = back(PeerError(400, "Bad"))
    assert (type(read), str(read), read.status, read.reason) == (PeerError, "400 Bad", 400, "Bad")


def test_state__what_was_never_set_stays_so() -> None:
    headers = Headers.__new__(Headers)
    headers.views = {}
    read = back(headers)
    assert read.views == {}
    assert not hasattr(read, "_rows")


# --- what is fixed ----------------------------------------------------------------------------------------------------
def test_fixed__is_named_with_all_that_hangs_on_it() -> None:
    def clock() -> float:
        return 0.0

    def another() -> float:
        return 1.0

    place = Place("a.yaml", 3)
    fixed = Fixed({"clock": clock, "config": {"places": [place], "codecs": ("PCMA",)}})
    text = text_of({"it": [clock, place, fixed.named["config"]["codecs"]]}, fixed)
    assert "a.yaml" not in text
    other = Fixed({"clock": another, "config": {"places": [Place("b.yaml")], "codecs": ("PCMU",)}})
    assert read_text(text, other)["it"] == [another, Place("b.yaml"), ("PCMA",)]      # equal values are nobody's own
    with pytest.raises(NotReadable, match="clock"):
        read_text(text)


def test_fixed__a_part_names_others_that_are_written_by_themselves() -> None:
    shared, one = Trace(1.0), {"trace": None}
    one["trace"] = shared       # type: ignore[assignment]
    fixed = Fixed({}).beside({"trace/1": shared})
    trace = read_text(text_of({"trace/1": Trace(1.0)}))["trace/1"]
    assert read_text(text_of({"one": one}, fixed), Fixed({}).beside({"trace/1": trace}))["one"]["trace"] is trace


@pytest.mark.parametrize("thing", [
    lambda: None, len, object(), random.Random(1), open, iter([]), range(3), json, ValueError("x"), str,
    datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=3)))], ids=lambda value: type(value).__name__)
def test_writing__refuses_what_is_no_plain_data(thing: Any) -> None:
    with pytest.raises(NotWritable):
        text_of({"it": [thing]})


def test_writing__tells_the_way_to_it() -> None:
    trace = Trace()
    trace.rows.append(len)      # type: ignore[arg-type]
    with pytest.raises(NotWritable) as caught:
        text_of({"it": {"trace": trace}})
    assert caught.value.__notes__ == ["in builtin_function_or_method", "in deque", "in Trace", "in dict"]


# --- what nobody of ours wrote ----------------------------------------------------------------------------------------
def state(shapes: list[Any], objects: list[Any]) -> dict[str, Any]:
    return {"format": "hotline state", "version": 1, "shapes": shapes, "objects": objects,
            "parts": {"it": [len(objects) - 1]}}


HOSTILE: dict[str, Any] = {
    "no object": [1], "nothing": {}, "null": None, "another format": {"format": "pickle"},
    "an older version": state([], []) | {"version": 0}, "a newer version": state([], []) | {"version": 2},
    "a version of another type": state([], []) | {"version": "1"},
    "no parts": {"format": "hotline state", "version": 1, "shapes": [], "objects": []},
    "parts as a list": state([], []) | {"parts": [1]},
    "objects as a text": state([], []) | {"objects": "abc"},
    "a class of the library": state([["object", "subprocess:Popen", []]], [[0]]),
    "a function": state([["type"]], [[0, "os:system"]]),
    "a builtin": state([["type"]], [[0, "builtins:eval"]]),
    "a room that acts": state([["object", "ivr.drivers.private_files:PrivateFiles", []]], [[0]]),
    "a module that is not loaded": state([["object", "ivr.base.nowhere:Nothing", []]], [[0]]),
    "a thing that a module imports": state([["object", "ivr.base.machine:Enum", []]], [[0]]),
    "no name": state([["object", 7, []]], [[0]]),
    "the class of an object": state([["object", "ivr.base.trace:Trace", ["__class__"]]], [[0, 1]]),
    "a method's place": state([["object", "ivr.base.trace:Trace", ["note"]]], [[0, 1]]),
    "a property's place": state([["object", "ivr.exchange.planes:Planes", ["there"]]], [[0, 1]]),
    "a name twice": state([["object", "ivr.base.trace:Trace", ["rows", "rows"]]], [[0, 1, 1]]),
    "too few values": state([["object", "ivr.base.trace:Trace", ["rows"]]], [[0]]),
    "too many values": state([["object", "ivr.base.trace:Trace", ["rows"]]], [[0, 1, 2]]),
    "a slot that is none": state([["object", "ivr.base.machine:Machine", ["other"]]], [[0, 1]]),
    "a text for a time": state([["object", "ivr.base.trace:Trace", ["began_at"]],
                               ["object", "ivr.exchange.house:OpenCall", ["tokens"]]], [[1, "x"]]),
    "a number for a text": state([["fields", "ivr.base.trace:Row", ["at", "source", "target", "text"]]],
                                 [[0, 1.0, "a", "b", 7]]),
    "nothing for a list": state([["object", "ivr.call.visit:Visit", ["path"]]], [[0, None]]),
    "another object": state([["object", "ivr.base.trace:Trace", []],
                             ["object", "ivr.exchange.house:OpenCall", ["call"]]], [[0], [1, [0]]]),
    "an enum as an object": state([["object", "ivr.call.state:CallState", []]], [[0]]),
    "a member that is none": state([["enum", "ivr.call.state:CallState"]], [[0, "LOST"]]),
    "an object as an enum": state([["enum", "ivr.base.trace:Trace"]], [[0, "rows"]]),
    "other fields": state([["fields", "ivr.base.trace:Row", ["at", "text"]]], [[0, 1, 2]]),
    "fields of no tuple": state([["fields", "ivr.base.trace:Trace", []]], [[0]]),
    "an error that is none": state([["error", "ivr.base.trace:Trace", []]], [[0, [0]]]),
    "an object as an error": state([["tuple"], ["object", "ivr.base.errors:PeerError", []]], [[0], [1]]),
    "a word that is none": state([["exec"]], [[0]]),
    "a word too many": state([["list", "x"]], [[0]]),
    "a shape that is none": state([["list"]], [[1]]),
    "a shape before the first": state([["list"]], [[-1]]),
    "an object that is none": state([["list"]], [[0, [7]]]),
    "an object before the first": state([["list"]], [[0], [0, [-1]]]),
    "two numbers": state([["list"]], [[0, [0, 0]]]),
    "an object in the open": state([["list"]], [[0, {"a": 1}]]),
    "a number as a row": state([["list"]], [5]),
    "an empty row": state([["list"]], [[]]),
    "a tuple that holds itself": state([["tuple"]], [[0, [0]]]),
    "a key without a value": state([["dict"]], [[0, 1]]),
    "a key that has no hash": state([["list"], ["dict"]], [[0], [1, [0], 1]]),
    "a member that has no hash": state([["list"], ["frozenset"]], [[0], [1, [0]]]),
    "a bound that is none": state([["deque"]], [[0, "x"]]),
    "a moment that is none": state([["text", "datetime"]], [[0, "yesterday"]]),
    "a zone out of the folder": state([["text", "ZoneInfo"]], [[0, "../../../etc/passwd"]]),
    "a zone that is a folder": state([["text", "ZoneInfo"]], [[0, "Europe"]]),
    "a zone with an endless name": state([["text", "ZoneInfo"]], [[0, "a" * 5_000]]),
    "a number that is none": state([["text", "Decimal"]], [[0, "x"]]),
    "a kind of text that is none": state([["text", "Popen"]], [[0, "x"]]),
    "a text that is a number": state([["text", "bytes"]], [[0, 5]]),
    "a method of a list": state([["list"], ["method"]], [[0], [1, [0], "append"]]),
    "a method that makes": state([["object", "ivr.base.trace:Trace", []], ["method"]], [[0], [1, [0], "__init__"]]),
    "a partial of a class": state([["type"], ["tuple"], ["dict"], ["partial"]],
                                  [[0, "ivr.base.trace:Trace"], [1], [2], [3, [0], [1], [2]]]),
    "a fixed thing that is none": state([["fixed"]], [[0, "clock"]]),
    "a fixed thing without a name": state([["fixed"]], [[0, [0]]]),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_reading__refuses_what_nobody_wrote(text: Any) -> None:
    with pytest.raises(NotReadable):
        read_text(json.dumps(text))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00", '{"format": "hotline state"', b"\xff\xfe\xfd",
                                  '{"version": ' + "9" * 5_000 + "}",
                                  json.dumps(state([], []) | {"parts": {"it": float("nan")}})], ids=range(8))
def test_reading__refuses_what_is_no_json(text: str) -> None:
    with pytest.raises(NotReadable):
        read_text(text)


def test_reading__what_is_refused_is_not_written_out() -> None:
    """It is named as often as is wished, by very few rows; and it may be a number that no log should have."""
    rows = [[0, "+74951234567"], *([0, [row], [row]] for row in range(60))]
    text = json.dumps(state([["tuple"], ["object", "ivr.call.visit:Visit", ["path"]]], [*rows, [1, [60]]]))
    with pytest.raises(NotReadable) as refused:
        read_text(text)
    assert "Visit.path can't be a tuple" in str(refused.value)


def test_reading__a_text_that_is_cut_off_is_refused() -> None:
    text = text_of({"it": things()})
    for length in range(0, len(text), 7):
        with pytest.raises(NotReadable):
            read_text(text[:length])


def things() -> list[Any]:
    timers = Timers()
    timers.start(("call", 7), 3.5, Row(1.0, "a", "b", "c"))
    return [timers, Headers([("To", "a")]), FLOW, PeerError(400, "Bad"), deque([{1: {2}}], 9), timers.cancel,
            frozenset({"a"}), datetime(2026, 3, 2, tzinfo=UTC), CallState.QUEUED, Callbacks()]


def test_reading__whatever_is_changed_is_read_or_refused() -> None:
    chance = random.Random(3)
    whole = json.dumps(written({"it": things()}))
    seen = Counter[bool]()
    for _ in range(800):
        changed = json.loads(whole)
        for _ in range(chance.choice((1, 1, 3))):
            change(changed, chance)
        try:
            read_back(changed)
            seen[True] += 1
        except NotReadable:
            seen[False] += 1
    assert seen[False] > 250, seen


def change(inside: Any, chance: random.Random) -> None:
    """One value somewhere in it becomes another, goes, or comes twice."""
    places = [(one, key) for one in walk(inside) for key in (one if isinstance(one, dict) else range(len(one)))]
    one, key = chance.choice(places)
    how = chance.random()
    if how < 0.2:
        del one[key]
    elif how < 0.3 and isinstance(one, list):
        one.insert(key, one[key])
    else:
        one[key] = chance.choice((None, True, -1, 0, 1, 3, 10**9, 1.5, "", "rows", "__class__", [], [0], [2], [99], {}))


def walk(inside: Any) -> list[Any]:
    held = inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ()
    found = [inside] if held else []
    return found + [one for each in held if isinstance(each, dict | list) for one in walk(each)]


def test_reading__runs_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what makes an object nor what sets an attribute is called."""
    text = text_of({"it": things()})

    def called(*_: Any) -> None:
        raise AssertionError("this must not be called")

    watched: list[tuple[type, str]] = [(Timers, "__init__"), (Headers, "__init__"), (PeerError, "__init__"),
                                       (Callbacks, "__init__"), (Machine, "handle"), (Call, "handle")]
    for kind, name in watched:
        monkeypatch.setattr(kind, name, called)
    for kind in (Timers, Headers, Callbacks):
        monkeypatch.setattr(kind, "__setattr__", called, raising=False)
    with pytest.raises(AssertionError):
        Timers()
    read = read_text(text)["it"]
    assert [type(one) for one in read[:3]] == [Timers, Headers, Flow]
