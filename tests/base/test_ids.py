"""Identifiers from a source of chance."""

import random
from uuid import RFC_4122, UUID

from ivr.base.ids import STOCK, Ids


def test_uuid__version_4_and_each_another() -> None:
    ids = Ids(random.Random(1).randbytes)
    drawn = [ids.uuid() for _ in range(1000)]
    assert len(set(drawn)) == len(drawn)
    for text in drawn:
        assert (str(UUID(text)), UUID(text).version, UUID(text).variant) == (text, 4, RFC_4122)


def test_uuid__the_other_bits_are_chance() -> None:
    one, other = Ids(lambda size: b"\x00" * size).uuid(), Ids(lambda size: b"\xff" * size).uuid()
    assert (one, other) == ("00000000-0000-4000-8000-000000000000", "ffffffff-ffff-4fff-bfff-ffffffffffff")


def test_token__no_byte_is_told_twice_and_long_ones_are_whole() -> None:
    asked: list[int] = []

    def count(size: int) -> bytes:
        asked.append(size)
        return random.Random(len(asked)).randbytes(size)

    ids = Ids(count)
    tokens = [ids.token(8) for _ in range(STOCK // 8)]
    assert "".join(tokens) == random.Random(1).randbytes(STOCK).hex()
    assert len(ids.token(STOCK + 1)) == 2 * (STOCK + 1)
    assert asked == [STOCK, STOCK + 1]


def test_numbers__all_their_bits() -> None:
    ids = Ids(lambda size: b"\xff" * size)
    assert (ids.uint16(), ids.uint32(), ids.srtp_key()) == (0xFFFF, 0xFFFFFFFF, "/" * 40)
