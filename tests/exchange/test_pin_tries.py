"""Wrong PINs counted over calls: what locks whom, for how long, and what is forgotten."""

import pytest

from ivr.exchange import pin_tries
from ivr.exchange.pin_tries import Key, Limits, PinTries, PinTry

LIMITS = Limits(most=3, within=900.0, locked=600.0)
VERA, IVAN = Key("customers", "customer", "4711"), Key("customers", "customer", "4712")
PHONE = Key("customers", "caller", "+74951234567")


def begin(tries: PinTries, now: float, *keys: Key) -> PinTry:
    tried = tries.begin(1, keys, LIMITS, now)
    assert tried is not None
    return tried


def wrong(tries: PinTries, now: float, *keys: Key) -> list[Key]:
    return tries.wrong(begin(tries, now, *keys), now)


def test_wrong__the_third_locks_for_its_time() -> None:
    tries = PinTries()
    assert [wrong(tries, at, VERA) for at in (0.0, 100.0, 200.0)] == [[], [], [VERA]]
    assert tries.begin(1, [VERA], LIMITS, 799.9) is None
    assert begin(tries, 800.1, VERA)


def test_wrong__those_long_ago_do_not_count() -> None:
    tries = PinTries()
    assert [wrong(tries, at, VERA) for at in (0.0, 100.0, 901.0, 1001.0, 1002.0)] == [[], [], [], [], [VERA]]


def test_wrong__many_customers_from_one_number() -> None:
    tries = PinTries()
    wrong(tries, 0.0, VERA, PHONE)
    wrong(tries, 1.0, VERA, PHONE)
    assert wrong(tries, 2.0, IVAN, PHONE) == [PHONE]
    assert tries.begin(1, [IVAN, PHONE], LIMITS, 3.0) is None
    assert begin(tries, 3.0, IVAN)              # from another number


def test_begin__many_calls_at_once_try_no_more() -> None:
    tries = PinTries()
    under_way = [begin(tries, 0.0, VERA) for _ in range(3)]
    assert tries.begin(1, [VERA], LIMITS, 0.0) is None
    for tried in under_way[:2]:
        tries.unanswered(tried)
    assert tries.wrong(under_way[2], 1.0) == []


def test_right__forgets_the_customer_and_one_try_of_the_number() -> None:
    tries = PinTries()
    wrong(tries, 0.0, VERA, PHONE)
    wrong(tries, 1.0, VERA, PHONE)
    tries.right(begin(tries, 2.0, VERA, PHONE))
    assert wrong(tries, 3.0, VERA, PHONE) == [PHONE]


def test_unanswered__leaves_nothing() -> None:
    tries = PinTries()
    tries.unanswered(begin(tries, 0.0, VERA, PHONE))
    assert len(tries) == 0


def test_bound__the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_tries, "MOST", 2)
    tries = PinTries()
    wrong(tries, 0.0, VERA)
    wrong(tries, 1.0, IVAN)
    wrong(tries, 2.0, VERA)
    wrong(tries, 3.0, PHONE)                    # in the place of Ivan, who was touched before Vera
    assert len(tries) == 2
    assert wrong(tries, 4.0, VERA) == [VERA]


def test_bound__who_names_many_customers_unlocks_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pin_tries, "MOST", 5)
    tries = PinTries()
    for at in (0.0, 1.0, 2.0):
        wrong(tries, at, VERA)
    for number in range(20):
        wrong(tries, 3.0, Key("customers", "customer", f"{number}"))
    assert len(tries) == 5
    assert tries.begin(1, [VERA], LIMITS, 4.0) is None
