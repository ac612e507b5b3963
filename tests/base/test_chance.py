"""Chance that is written down goes on as it would have."""

import pytest

from ivr.base.chance import KEY, Chance
from ivr.base.ids import STOCK, Ids
from ivr.base.state.reading import read_text
from ivr.base.state.writing import text_of

ONE, OTHER = bytes(range(KEY)), bytes(range(1, KEY + 1))


def test_draw__the_same_from_the_same_key_and_from_no_other() -> None:
    assert [Chance(ONE).draw(64), Chance(ONE).draw(64)] == 2 * [Chance(ONE).draw(64)]
    assert Chance(ONE).draw(64) != Chance(OTHER).draw(64)


def test_draw__no_bytes_come_twice_and_none_is_a_key() -> None:
    chance, keys, drawn = Chance(ONE), [ONE], []
    for _ in range(200):
        drawn.append(chance.draw(KEY))
        keys.append(chance._key)
    assert len({*drawn, *keys}) == len(drawn) + len(keys)
    assert chance.drawn == 200


def test_draw__every_bit_is_chance() -> None:
    """Each of the 256 bits of a draw is set in about half of 4,000: 6 sigma are 190."""
    chance = Chance(ONE)
    counts = [0] * 256
    for _ in range(4_000):
        bits = int.from_bytes(chance.draw(32), "big")
        for place in range(256):
            counts[place] += bits >> place & 1
    assert all(abs(count - 2_000) < 190 for count in counts), counts


def test_key__of_another_length_is_refused_and_is_not_told() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Chance(b"short")
    assert repr(ONE) not in repr(Chance(ONE))


def test_ids__written_in_the_middle_of_a_stock_go_on() -> None:
    """At every place of a stock, and over its end."""
    ids = Ids(Chance(ONE).draw)
    for _ in range(STOCK // 8 + 20):
        other = read_text(text_of({"ids": ids}))["ids"]
        drawn = ids.token()
        assert other.token() == drawn
    assert [other.uuid() for _ in range(500)] == [ids.uuid() for _ in range(500)]
