"""The small safe language of conditions and values: what it gives, and what it refuses at which column."""

import pickle
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.base.errors import AdminError, Place
from ivr.menu.expressions.parser import MAX_DEPTH, MAX_LIST, parse
from ivr.menu.expressions.terms import literal
from ivr.menu.expressions.values import Kind, Money, Value, value_of

PLACE = Place("m.yaml", 7, 11)
NAMES = {"tries": Kind.NUMBER, "name": Kind.TEXT, "vip": Kind.FLAG, "due": Kind.DATE, "now": Kind.TIME,
         "today": Kind.DATE, "wait": Kind.DURATION, "balance.amount": Kind.MONEY, "caller.groups": Kind.TEXTS,
         "caller.number": Kind.TEXT, "pin": Kind.TEXT, "missing": Kind.NUMBER, "nobody": Kind.FLAG}
VALUES: Mapping[str, Value] = {
    "tries": Decimal(3), "name": "anna", "vip": True, "due": date(2026, 3, 1), "now": time(18, 30),
    "today": date(2026, 2, 26), "wait": timedelta(minutes=4), "balance.amount": Money(Decimal("1250.50"), "RUB"),
    "caller.groups": ("staff", "vip"), "caller.number": "+74951234567", "pin": "0042"}


def value(text: str) -> Value | None:
    return parse(text, PLACE, NAMES, ["office", "home"]).evaluate(VALUES, lambda schedule: schedule == "office")


@pytest.mark.parametrize(("text", "expected"), [
    ("tries", Decimal(3)),
    ("2.5", Decimal("2.5")),
    ('"text with spaces"', "text with spaces"),
    ("'in \"single\" ones'", 'in "single" ones'),
    ("yes", True),
    ("2026-12-31", date(2026, 12, 31)),
    ("09:30", time(9, 30)),
    ("9:05", time(9, 5)),
    ("5 min", timedelta(minutes=5)),
    ("1.5h", timedelta(minutes=90)),
    ("3 days", timedelta(days=3)),
    ("2 weeks", timedelta(days=14)),
    ("1000 RUB", Money(Decimal(1000), "RUB")),
    ("5 %", Decimal("0.05")),
    ("5%", Decimal("0.05")),
])
def test_expressions__literals(text: str, expected: Value) -> None:
    found = value(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("1 + 2 * 3", Decimal(7)),
    ("(1 + 2) * 3", Decimal(9)),
    ("10 - 2 - 3", Decimal(5)),
    ("8 / 4 / 2", Decimal(1)),
    ("-tries + 1", Decimal(-2)),
    ("--2", Decimal(2)),
    ("0.1 + 0.2", Decimal("0.3")),
    ("balance.amount * 10%", Money(Decimal("125.050"), "RUB")),
    ("balance.amount + 49.50 RUB", Money(Decimal("1300.00"), "RUB")),
    ("2 * balance.amount - 1 RUB", Money(Decimal("2500.00"), "RUB")),
    ("balance.amount / 2", Money(Decimal("625.25"), "RUB")),
    ("balance.amount / 2501 RUB", Decimal("0.5")),
    ("-(5 RUB)", Money(Decimal(-5), "RUB")),
    ("wait + 30 s", timedelta(minutes=4, seconds=30)),
    ("wait * 2 - 1 min", timedelta(minutes=7)),
    ("wait / 2", timedelta(minutes=2)),
    ("wait / 30 s", Decimal(8)),
    ("due - today", timedelta(days=3)),
    ("today + 3 days", date(2026, 3, 1)),
    ("due - 1 week", date(2026, 2, 22)),
    ("now - 18:00", timedelta(minutes=30)),
])
def test_expressions__arithmetic(text: str, expected: Value) -> None:
    found = value(text)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize("text", [
    "tries == 3", "tries != 4", "tries < 4", "tries <= 3", "tries > 2.5", "tries >= 3", "tries in [1, 2, 3]",
    'name == "anna"', 'name != "boris"', 'name in ["boris", "anna"]', "vip == yes", "vip", "not (vip == no)",
    "due > today", "due == 2026-03-01", "now >= 09:30 and now < 19:00", "wait <= 5 min", "wait == 240 s",
    "balance.amount >= 1000 RUB", "balance.amount in [1250.50 RUB]", '"vip" in caller.groups',
    'not "banned" in caller.groups', 'caller.number starts with "+7495"',
    'caller.number starts with ["+7812", "+7495"]', "open(office)", "closed(home)", "not open(home)",
    "known(pin)", "not known(missing)", "tries > 5 or vip", "tries > 2 and vip or no", "no or yes and yes",
    'pin == "0042"', "known(missing) or tries == 3", "due - today == 3 days", "not known(missing) or missing > 3",
    "yes or missing > 3", "missing > 3 or yes", "tries > 5 and 1 > 2 or 2 > 1",
])
def test_expressions__conditions_that_hold(text: str) -> None:
    assert value(text) is True
    assert value(f"not ({text})") is False


@pytest.mark.parametrize("text", [
    "missing", "missing + 1", "missing > 3", "not nobody", "missing > 3 or no", "missing > 3 and yes", "-missing",
    "1 / 0", "tries / (3 - tries)", "balance.amount / 0", "wait / 0", "wait / 0 s", "balance.amount + 1 USD",
    "balance.amount > 1 USD", "balance.amount / 1 USD", "100000000000000 * 100", "today + 5000000 days",
    "today - 1000000 days", "wait * 100000000000000", "missing in [1, 2]", "1 in [2, missing]",
    "100000000000000 * 10000000000000 * 100000000000000 * 100000000000000",
])
def test_expressions__what_has_no_value_makes_none_and_no_condition_of_it_holds(text: str) -> None:
    found = parse(text, PLACE, NAMES)
    assert found.evaluate(VALUES, lambda schedule: False) is None
    assert not found.holds(VALUES, lambda schedule: False)


def test_expressions__one_side_may_settle_it() -> None:
    assert value("no and missing > 3") is False
    assert value("missing > 3 and no") is False


@pytest.mark.parametrize(("text", "column", "message", "remedy"), [
    ("tires > 2", 0, "there is no variable `tires`", "did you mean `tries`?"),
    ("name == anna", 8, "there is no variable `anna`", 'a text stands in quotes: "anna"'),
    ("tries = 3", 6, "`=` compares nothing", "write `==`"),
    ("tries > name", 6, "a number can't be compared with a text", "write them in quotes"),
    ("balance.amount > 1000", 15, "money can't be compared with a number", "such as 1000 RUB"),
    ("wait > 5", 5, "a duration can't be compared with a number", "such as 5 min or 3 days"),
    ("name > 'a'", 5, "`>` can't be said of a text", "write `==` or `!=`"),
    ("vip < yes", 4, "`<` can't be said of yes or no", "write `==` or `!=`"),
    ("caller.groups == caller.groups", 14, "lists can't be compared", 'write `"text" in`'),
    ("tries and vip", 0, "`and` joins conditions, and this is a number", "such as `tries > 2`"),
    ("vip or tries", 7, "`or` joins conditions, and this is a number", "such as `tries > 2`"),
    ("not tries", 4, "`not` joins conditions, and this is a number", "such as `tries > 2`"),
    ("1 < tries < 5", 10, "a comparison of a comparison", "a < b and b < c"),
    ("name + 'a'", 5, "`+` can't be done with a text and a text", ""),
    ("now + 5 min", 4, "`+` can't be done with a time and a duration", ""),
    ("tries + 1 RUB", 6, "`+` can't be done with a number and money", "such as 1000 RUB"),
    ("-name", 0, "`-` can't stand before a text", ""),
    ("tries in name", 6, "a number can't be in a text", "a list such as [1, 2]"),
    ("tries in ['1']", 6, "a number is never in a list of texts", "in quotes"),
    ("tries in [1, 'a']", 13, "the list begins with a number, and this is a text", "in quotes"),
    ("tries starts with '1'", 6, "`starts with` is said of texts alone", ""),
    ("name starts 'a'", 12, "`with` is missing here", ""),
    ("(tries > 2", 10, "`)` is missing here", ""),
    ("tries >", 7, "the expression ends too early", "a value is"),
    ("", 0, "the expression ends too early", "a value is"),
    ("tries > > 2", 8, "`>` stands where a value must be", "a value is"),
    ("tries 2", 6, "`2` can't stand here", "lacks"),
    ("'open", 0, "a text without its closing quote", ""),
    ("“anna” == name", 0, "`“` is no quote of an expression", "straight ones"),
    ("tries > 2;", 9, "`;` means nothing in an expression", "small Latin letters"),
    ("Tries > 2", 0, "`T` means nothing in an expression", "small Latin letters"),
    ("имя == name", 0, "`и` is a Russian letter", "type the name anew"),
    ("2026-02-30 < due", 0, "there is no day 2026-02-30", "such as 2026-12-31"),
    ("now > 24:00", 6, "there is no time 24:00", "from 00:00 to 23:59"),
    ("tries > 1e9", 9, "`e` is no unit", "RUB"),
    ("wait > 5 mins", 9, "`mins` is no unit", "min"),
    ("tries > 1234567890123456", 8, "the number has more than 15 digits", ""),
    ("open(home)", 5, "there is no schedule `home`", "office"),
    ("open('office')", 5, "`open` needs a name in its parentheses", "such as open(office)"),
    ("known(tires)", 6, "there is no variable `tires`", "did you mean `tries`?"),
    ("opened(office)", 0, "there is no `opened(…)`", "did you mean `open`?"),
    ("__import__('os')", 0, "`_` means nothing in an expression", ""),
    ("name.__class__", 4, "`.` means nothing in an expression", ""),
    ("tries ** 9", 7, "`*` stands where a value must be", ""),
    ("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "nested deeper than 20 levels", "`set`"),
    ("-" * (MAX_DEPTH + 1) + "1", MAX_DEPTH, "nested deeper than 20 levels", "`set`"),
    (f"1 in [{','.join(['1'] * (MAX_LIST + 1))}]", 5, "the list has more than 100 values", ""),
    ("1 + " * 150 + "1", 500, "the expression is longer than 500 characters", "`set`"),
    ("wait > 999999999999999 weeks", 7, "the duration is longer than any", ""),
])
def test_expressions__faults_at_their_columns(text: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(AdminError) as caught:
        parse(text, PLACE, NAMES, ["office"])
    (fault,) = caught.value.faults
    assert (fault.place, fault.message) == (Place("m.yaml", 7, 11 + column), message)
    assert remedy in fault.remedy


def test_expressions__know_what_they_use() -> None:
    found = parse("open(office) and tries > 2 or known(pin)", PLACE, NAMES, ["office"])
    assert (found.kind, found.names, found.schedules) == (
        Kind.FLAG, frozenset(["tries", "pin"]), frozenset(["office"]))
    assert found == parse("open(office) and tries > 2 or known(pin)", PLACE, NAMES, ["office"])
    assert str(found) == found.text


def test_expressions__a_place_of_their_own_may_be_given() -> None:
    with pytest.raises(AdminError) as caught:
        parse("tries > x", PLACE, NAMES, (), at=lambda offset: Place("f", 1, offset))
    assert caught.value.faults[0].place == Place("f", 1, 8)


@pytest.mark.parametrize(("text", "kind"), [
    ("x", Kind.NUMBER), ("NaN", Kind.NUMBER), ("1e99", Kind.NUMBER), ("maybe", Kind.FLAG), ("31.12.2026", Kind.DATE),
    ("25:00", Kind.TIME), ("soon", Kind.DURATION), ("1e300", Kind.DURATION), ("5", Kind.MONEY), ("x RUB", Kind.MONEY)])
def test_expressions__texts_that_stand_for_no_value(text: str, kind: Kind) -> None:
    assert value_of(text, kind) is None


TOKENS = st.sampled_from(["tries", "name", "vip", "due", "now", "wait", "balance.amount", "caller.groups", "missing",
                          "known(", "open(", "office", "(", ")", "[", "]", ",", "+", "-", "*", "/", "==", "!=", "<",
                          ">=", "in", "starts", "with", "and", "or", "not", "0", "7", "2.5", "5 min", "1000 RUB",
                          "2026-12-31", "09:30", "'x'", "yes", "%", "é", "\\", ";"])


@settings(max_examples=400, deadline=None)
@given(found=st.lists(TOKENS, max_size=14))
def test_expressions__whatever_is_written_is_refused_or_evaluated(found: list[str]) -> None:
    text = " ".join(found)
    try:
        expression = parse(text, PLACE, NAMES, ["office"])
    except AdminError as error:
        (fault,) = error.faults
        assert 11 <= fault.place.column <= 11 + len(text)
        return
    got = expression.evaluate(VALUES, lambda schedule: True)
    assert got is None or type(got) in (Decimal, str, bool, date, time, timedelta, Money, tuple)


@pytest.mark.parametrize("text", ["a > 2 and known(b)", 'not "vip" in caller.groups or open(office)', "a * 10 %"])
def test_expression__handed_to_another_process(text: str) -> None:
    """Changed menus are read in one, and come back whole."""
    names = {"a": Kind.NUMBER, "b": Kind.TEXT, "caller.groups": Kind.TEXTS}
    there = parse(text, Place("m.yaml"), names, ["office"])
    back = pickle.loads(pickle.dumps(there))
    assert back == there
    assert (back.names, back.schedules) == (there.names, there.schedules)
    for values in ({"a": Decimal(3), "b": "x", "caller.groups": ("vip",)}, {}):
        for is_open in (True, False):
            assert back.evaluate(values, lambda schedule, is_open=is_open: is_open) == there.evaluate(
                values, lambda schedule, is_open=is_open: is_open)
    made = literal(Kind.TEXT, "cards")
    assert pickle.loads(pickle.dumps(made)).evaluate({}, lambda schedule: True) == "cards"
