"""An answer of the name service as large as one can be."""

import random

from ivr.base.ids import Ids
from ivr.sip.transport.locating import MAX_RECORDS, SrvRecord, ordered

IDS = Ids(random.Random(1).randbytes)


def test_three_thousand_servers__the_first_priorities_count() -> None:
    """64 kB hold that many; drawing each by chance among all the others would take seconds."""
    records = [SrvRecord(priority % 1000, 1, 5060, f"s{priority}") for priority in range(3000)]
    chosen = ordered(records, IDS)
    assert len(chosen) == MAX_RECORDS
    assert [one.priority for one in chosen] == sorted(one.priority for one in records)[:MAX_RECORDS]


def test_of_equal_priority_some_are_left_out() -> None:
    assert len(ordered([SrvRecord(1, 1, 5060, str(number)) for number in range(3000)], IDS)) == MAX_RECORDS
