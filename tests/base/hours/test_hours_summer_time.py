"""Days with 23 and 25 hours, by hand: the clock on the wall decides."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.base.hours.asked import at, schedule, told

SHIFTS = "week:\n  monday-saturday: 09:00-18:00\n  sunday: "


def hours_open(zone: str, spans: str, day: str) -> list[str]:
    """The times in UTC between which it is open on a Sunday, or in the night after it."""
    one = schedule(SHIFTS + spans, zone)
    now = datetime.fromisoformat(day).replace(tzinfo=one.zone).astimezone(UTC)
    end = now + timedelta(hours=28)
    found = []
    while now < end:
        verdict = one.at(now)
        assert verdict.until is not None
        until = verdict.until.astimezone(UTC)
        if verdict.open:
            found.append(f"{now:%H:%M}-{until:%H:%M}")
        now = until
    return found


BERLIN, NEW_YORK, SYDNEY_HALF = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


@pytest.mark.parametrize(("zone", "day", "spans", "expected"), [
    # Berlin, 29 March 2026: 02:00 to 03:00 is left out, at 01:00 UTC.
    pytest.param(BERLIN, "2026-03-29", "01:00-04:00", ["00:00-02:00"], id="around the gap: an hour less"),
    pytest.param(BERLIN, "2026-03-29", "02:00-03:00", [], id="in the gap: never"),
    pytest.param(BERLIN, "2026-03-29", "02:15-02:45", [], id="within the gap: never"),
    pytest.param(BERLIN, "2026-03-29", "02:30-09:00", ["01:00-07:00"], id="begins in the gap: when it is over"),
    pytest.param(BERLIN, "2026-03-29", "00:00-02:30", ["23:00-01:00"], id="ends in the gap: where it begins"),
    pytest.param(BERLIN, "2026-03-29", "[00:00-02:00, 03:00-04:00]", ["23:00-02:00"], id="the gap closes a hole"),
    # Berlin, 25 October 2026: 02:00 to 03:00 comes twice, from 00:00 and from 01:00 UTC.
    pytest.param(BERLIN, "2026-10-25", "01:00-04:00", ["23:00-03:00"], id="around the hour: an hour more"),
    pytest.param(BERLIN, "2026-10-25", "02:00-03:00", ["00:00-02:00"], id="the whole hour: both of them"),
    pytest.param(BERLIN, "2026-10-25", "02:15-02:45", ["00:15-00:45", "01:15-01:45"], id="within the hour: twice"),
    pytest.param(BERLIN, "2026-10-25", "02:30-09:00", ["00:30-01:00", "01:30-08:00"], id="begins in the hour: twice"),
    pytest.param(BERLIN, "2026-10-25", "00:00-02:30", ["22:00-00:30", "01:00-01:30"], id="ends in the hour: twice"),
    # New York, 8 March and 1 November 2026: at 07:00 and 06:00 UTC.
    pytest.param(NEW_YORK, "2026-03-08", "01:30-03:30", ["06:30-07:30"], id="New York, spring"),
    pytest.param(NEW_YORK, "2026-11-01", "01:30-02:00", ["05:30-06:00", "06:30-07:00"], id="New York, autumn"),
    # Half an hour: 5 April 2026 the clock goes from 02:00 back to 01:30, at 15:00 UTC of the day before.
    pytest.param(SYDNEY_HALF, "2026-04-05", "01:30-02:00", ["14:30-15:30"], id="half an hour twice"),
    # At midnight: Beirut leaves out 00:00 to 01:00 on 29 March 2026, from 22:00 UTC, and repeats the hour before.
    pytest.param("Asia/Beirut", "2026-03-29", "00:00-02:00", ["22:00-23:00"], id="a date that begins at 01:00"),
    pytest.param("Asia/Beirut", "2026-10-25", "00:00-02:00", ["22:00-00:00"], id="a date before which 23:00 is twice"),
    pytest.param("Europe/Moscow", "2026-03-29", "02:00-03:00", ["23:00-00:00"], id="no summer time"),
])
def test_summer_time__on_its_sunday(zone: str, day: str, spans: str, expected: list[str]) -> None:
    assert hours_open(zone, spans, day) == expected


def test_summer_time__both_of_two_times_have_the_same_answer() -> None:
    one = schedule(SHIFTS + "02:00-02:30", BERLIN)
    assert told(one, "2026-10-25 02:15", fold=0) == "open: sunday, 02:00-02:30; until 2026-10-25 02:30+0200"
    assert told(one, "2026-10-25 02:15", fold=1) == "open: sunday, 02:00-02:30; until 2026-10-25 02:30+0100"
    assert told(one, "2026-10-25 02:45", fold=0) == "closed: sunday, outside 02:00-02:30; until 2026-10-25 02:00+0100"


def test_summer_time__a_night_over_it() -> None:
    night = schedule("week: {saturday: 22:00-06:00 next day}", BERLIN)
    for day, hours in (("2026-03-28", 7), ("2026-06-06", 8), ("2026-10-24", 9)):
        until = at(night, f"{day} 22:00").until
        assert until is not None
        begin = datetime.fromisoformat(f"{day} 22:00").replace(tzinfo=night.zone)
        assert until.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=hours)
