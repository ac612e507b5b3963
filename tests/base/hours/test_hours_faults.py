"""Files of hours with mistakes: each at its line and column, with what is wrong and what to do."""

import pytest

from ivr.base.errors import AdminError
from ivr.base.hours.loader import MAX_SCHEDULES, load_hours
from tests.base.hours.asked import faults

GOOD = """zone: Europe/Moscow
schedules:
  always: 24/7
  bank:
    week:
      monday-friday: [09:00-13:00, 14:00-18:00]
      saturday: 22:00-04:00 next day
    holidays: {country: DE, region: BY, hours: closed, worked_weekends: friday}
    exceptions:
      2026-12-31: {hours: 09:00-15:00, why: short day}
      2026-08-03 to 2026-08-07: closed
      every 12-30: 09:00-15:00
      every 12-28 to 01-03: closed
  cards:
    like: bank
    exceptions:
      2026-12-30: closed
"""
FORMS = "write 2026-12-31, 2026-12-31 to 2027-01-08, every 12-31 or every 12-29 to 01-08: year, month, day"
AS = "write it like 09:00-18:00, several like [09:00-13:00, 14:00-18:00]"
DAYS = "allowed: friday, monday, saturday, sunday, thursday, tuesday, wednesday"
CITY = "a zone is named after a city, such as Europe/Moscow, so that its summer time is known"
COUNTRY = "a country is written with its two letters (ISO 3166), such as RU"


def test_faults__the_good_file_has_none() -> None:
    assert set(load_hours(GOOD, "hours.yaml").schedules) == {"always", "bank", "cards"}
    assert load_hours(GOOD, "hours.yaml").file == "hours.yaml"


# What stands in the file, what is put in its place, and every fault that is found then, with its code.
@pytest.mark.parametrize(("old", "new", "expected"), [
    # Spans
    pytest.param("09:00-13:00", "9-13",
        ["6:23 hours-unreadable: `9-13` is no span of time (" + AS + ")"], id="no minutes"),
    pytest.param("09:00-13:00", "09.00-13.00",
        ["6:23 hours-unreadable: `09.00-13.00` is no span of time (" + AS + ")"], id="dots"),
    pytest.param("09:00-13:00", "closed",
        ["6:23 hours-unreadable: `closed` is no span of time (`closed` stands alone, not among hours)"],
        id="closed too"),
    pytest.param("09:00-13:00", "[09:00-13:00]",
        ["6:23 hours-unreadable: these are no hours (" + AS + ")"], id="a list in a list"),
    pytest.param("09:00-13:00", "09:00-25:00",
        ["6:23 hours-no-time: there is no time 25:00 (a day goes from 00:00 to 24:00)"], id="25 o'clock"),
    pytest.param("09:00-13:00", "09:60-13:00",
        ["6:23 hours-no-time: there is no time 09:60 (a day goes from 00:00 to 24:00)"], id="minute 60"),
    pytest.param("14:00-18:00", "14:00-24:01",
        ["6:36 hours-no-time: there is no time 24:01 (a day goes from 00:00 to 24:00)"], id="after midnight"),
    pytest.param("14:00-18:00", "18:00-14:00",
        ["6:36 hours-backward: `18:00-14:00` ends before it begins (if it ends on the next day, write "
         "`18:00-14:00 next day`)"], id="backward"),
    pytest.param("14:00-18:00", "14:00-00:00",
        ["6:36 hours-backward: `14:00-00:00` ends before it begins (midnight at the end of a day is 24:00)"],
        id="until 00:00"),
    pytest.param("14:00-18:00", "24:00-06:00 next day",
        ["6:36 hours-backward: `24:00-06:00 next day` begins when the day is over (write 00:00 on the next day)"],
        id="from 24:00"),
    pytest.param("14:00-18:00", "14:00-14:00",
        ["6:36 hours-empty: `14:00-14:00` is empty (the whole day is 00:00-24:00)"], id="empty"),
    pytest.param("14:00-18:00", "14:00-18:00 next day",
        ["6:36 hours-too-long: `14:00-18:00 next day` is longer than a day (take `next day` out, or end it earlier)"],
        id="longer than a day"),
    pytest.param("14:00-18:00", "12:59-18:00",
        ["6:36 hours-overlap: `12:59-18:00` overlaps with `09:00-13:00` (let one end when the other begins)"],
        id="overlap"),
    pytest.param("09:00-13:00, 14:00-18:00", "14:00-18:00, 09:00-18:00",
        ["6:36 hours-overlap: `09:00-18:00` overlaps with `14:00-18:00` (let one end when the other begins)"],
        id="overlap, the later one first"),
    pytest.param("[09:00-13:00, 14:00-18:00]", "[]",
        ["6:22 hours-missing: monday-friday has no hours (write `closed`, or hours like 09:00-18:00)"], id="no spans"),
    pytest.param("[09:00-13:00, 14:00-18:00]", "",
        ["6:21 hours-missing: monday-friday has no hours (write `closed`, or hours like 09:00-18:00)"], id="nothing"),
    pytest.param("[09:00-13:00, 14:00-18:00]", "[" + ", ".join(["09:00-10:00 "] * 49) + "]",
        ["6:22 hours-too-many: monday-friday has more than 48 spans (join those that touch)"], id="too many spans"),
    pytest.param("[09:00-13:00, 14:00-18:00]", "[03:00-05:00, 09:00-10:00]\n      sunday: [03:59-05:00, 01:00-02:00]",
        ["7:16 hours-overlap: `03:59-05:00` begins before `22:00-04:00 next day` of saturday (line 8) has ended (let "
         "one end when the other begins)",
         "7:29 hours-overlap: `01:00-02:00` begins before `22:00-04:00 next day` of saturday (line 8) has ended (let "
         "one end when the other begins)"], id="overlap over midnight"),
    pytest.param("[09:00-13:00, 14:00-18:00]", "[00:00-03:00, 09:00-05:00 next day]",
        ["6:23 hours-overlap: `00:00-03:00` begins before `09:00-05:00 next day` of monday-friday (line 6) has ended "
         "(let one end when the other begins)"], id="overlap with its own next day"),
    # The week
    pytest.param("saturday:", "satuday:",
        ["7:7 weekday-unknown: `satuday` is no day of the week (did you mean `saturday`? " + DAYS + ")"], id="weekday"),
    pytest.param("monday-friday:", "mon-friday:",
        ["6:7 weekday-unknown: `mon` is no day of the week (did you mean `monday`? " + DAYS + ")"], id="short weekday"),
    pytest.param("monday-friday:", "friday-monday:",
        ["6:7 weekdays-backward: `friday-monday` does not go forward from monday to sunday (write `monday-friday`, and "
         "other days in lines of their own)"], id="weekdays backward"),
    pytest.param("saturday:", "friday-saturday:",
        ["7:7 hours-day-twice: friday has hours already, in line 6 (keep one of the two)"], id="day twice"),
    pytest.param("saturday:", "monday-friday:",
        ["7:7 yaml-key-twice: `monday-friday` stands twice here (first in line 6) (keep one of the two)"],
        id="key twice"),
    pytest.param("always: 24/7", "always: 24/8",
        ["3:11 week-unreadable: `24/8` is no week (write `24/7`, `closed`, or lines like `monday-friday: "
         "09:00-18:00`)"], id="24/8"),
    pytest.param("always: 24/7", "always:",
        ["3:10 week-unreadable: there are no hours here (write `24/7`, `closed`, or lines like `monday-friday: "
         "09:00-18:00`)"], id="no hours"),
    pytest.param("always: 24/7", "always: {week: {}}",
        ["3:18 mapping-empty: `week` is empty"], id="empty week"),
    pytest.param("always: 24/7", "always: {holidays: RU}",
        ["3:11 hours-missing: schedule `always` has no hours (add `week:`, or `like:` and another schedule)"],
        id="no week"),
    pytest.param("always: 24/7", "always: [24/7]",
        ["3:11 mapping-expected: schedule `always` must be lines of `key: value`, indented below it"],
        id="schedule a list"),
    # Exceptions
    pytest.param("2026-12-31:", "31.12.2026:",
        ["10:7 date-unreadable: `31.12.2026` is no date (did you mean 2026-12-31? " + FORMS + ")"], id="day first"),
    pytest.param("2026-12-31:", "12/31/2026:",
        ["10:7 date-unreadable: `12/31/2026` is no date (did you mean 2026-12-31? " + FORMS + ")"], id="month first"),
    pytest.param("2026-12-31:", "New Year:",
        ["10:7 date-unreadable: `New Year` is no date (" + FORMS + ")"], id="a name"),
    pytest.param("2026-12-31:", "2026-02-29:",
        ["10:7 date-impossible: there is no day 2026-02-29 (year, month, day)"], id="29 February"),
    pytest.param("every 12-30:", "every 30-12:",
        ["12:7 date-impossible: there is no day 30-12 (month, then day: every 12-31)"], id="day before month"),
    pytest.param("2026-12-31:", "2206-12-31:",
        ["10:7 date-far-away: 2206-12-31 lies too far away (a year from 2000 to 2099)"], id="year 2206"),
    pytest.param("2026-08-03 to 2026-08-07", "2026-08-07 to 2026-08-03",
        ["11:7 dates-backward: `2026-08-07 to 2026-08-03` ends before it begins (the earlier date stands first)"],
        id="range backward"),
    pytest.param("2026-08-03 to 2026-08-07", "2026-08-03 to 2027-08-04",
        ["11:7 dates-too-long: `2026-08-03 to 2027-08-04` is longer than a year (change the week instead, or write it "
         "year by year)"], id="range too long"),
    pytest.param("      every 12-30:", "      2026-08-07 to 2026-08-09: closed\n      every 12-30:",
        ["12:7 hours-date-twice: `2026-08-07 to 2026-08-09` names a day that `2026-08-03 to 2026-08-07` in line 11 has "
         "already (keep one of the two)"], id="ranges share a day"),
    pytest.param("every 12-30:", "every 01-01 to 01-02:",
        ["13:7 hours-date-twice: `every 12-28 to 01-03` names a day that `every 01-01 to 01-02` in line 12 has already "
         "(keep one of the two)"], id="yearly ranges share a day"),
    pytest.param("      every 12-30:", "      2026-12-31 : closed\n      every 12-30:",
        ["12:7 yaml-key-twice: `2026-12-31` stands twice here (first in line 10) (keep one of the two)"],
        id="date twice"),
    pytest.param("      every 12-30:", "      every  12-30: closed\n      every 12-30:",
        ["13:7 hours-date-twice: `every 12-30` names a day that `every  12-30` in line 12 has already (keep one of the "
         "two)"], id="date twice, written otherwise"),
    pytest.param("{hours: 09:00-15:00, why: short day}", "{why: short day}",
        ["10:19 entry-missing: `2026-12-31` lacks `hours` (add a line `hours:`)"], id="exception without hours"),
    pytest.param("why: short day", "name: short day",
        ["10:40 entry-unknown: `name` means nothing in `2026-12-31` (allowed: hours, why)"], id="exception with name"),
    pytest.param("why: short day", "why: ",
        ["10:44 text-empty: `why` of 2026-12-31 is empty"], id="empty why"),
    pytest.param("every 12-30: 09:00-15:00", "2027-01-01: [00:00-00:30, 01:00-02:00]\n"
                 "      2027-01-02: 20:00-01:00 next day\n      2027-01-03: 00:00-00:30",
        ["14:19 hours-overlap: `00:00-00:30` begins before `20:00-01:00 next day` of 2027-01-02 (line 13) has ended "
         "(let one end when the other begins)"], id="dates overlap at midnight"),
    # Holidays
    pytest.param("country: DE, region: BY", "country: XX",
        ["8:25 country-unknown: there are no public holidays of `XX` (" + COUNTRY + ")"], id="country"),
    pytest.param("country: DE, region: BY", "country: Germany",
        ["8:25 country-unknown: there are no public holidays of `Germany` (did you mean DE? " + COUNTRY + ")"],
        id="a country's name"),
    pytest.param("country: DE, region: BY", "country: RUS",
        ["8:25 country-unknown: there are no public holidays of `RUS` (did you mean RU? " + COUNTRY + ")"],
        id="three letters"),
    pytest.param("country: DE, region: BY", "region: BY",
        ["8:15 entry-missing: `holidays` lacks `country` (add a line `country:`)"], id="no country"),
    pytest.param("region: BY", "region: Bayern",
        ["8:37 region-unknown: DE has no region `Bayern` with holidays of its own (did you mean BY? its regions: "],
        id="a region's name"),
    pytest.param("country: DE, region: BY", "country: RU, region: MOW",
        ["8:37 region-unknown: RU has no region `MOW` with holidays of its own (take `region` out)"], id="no regions"),
    pytest.param("worked_weekends: friday", "worked_weekends: Fridai",
        ["8:73 weekday-unknown: `fridai` is no day of the week (did you mean `friday`? " + DAYS + ")"],
        id="worked weekends"),
    pytest.param("hours: closed, w", "hours: [00:00-01:00, 09:00-02:00 next day], w",
        ["8:49 hours-overlap: `00:00-01:00` begins before `09:00-02:00 next day` of a public holiday before (line 8) "
         "has ended (let one end when the other begins)"], id="holidays that follow one another"),
    pytest.param("holidays: {country: DE, region: BY, hours: closed, worked_weekends: friday}", "holidays: Moscow",
        ["8:15 country-unknown: there are no public holidays of `Moscow` ("], id="a city's holidays"),
    # Zones
    pytest.param("zone: Europe/Moscow", "zone: Moscow",
        ["1:7 zone-unknown: there is no time zone `Moscow` (did you mean Europe/Moscow? " + CITY + ")"],
        id="city alone"),
    pytest.param("zone: Europe/Moscow", "zone: europe/moskow",
        ["1:7 zone-unknown: there is no time zone `europe/moskow` (did you mean Europe/Moscow? " + CITY + ")"],
        id="misspelt zone"),
    pytest.param("zone: Europe/Moscow", "zone: +03:00",
        ["1:7 zone-unknown: there is no time zone `+03:00` (" + CITY + ")"], id="an offset"),
    pytest.param("zone: Europe/Moscow", "zone: EST",
        ["1:7 zone-unknown: there is no time zone `EST` ("], id="a zone without summer time"),
    pytest.param("zone: Europe/Moscow", "zone: America/Indiana",
        ["1:7 zone-unknown: there is no time zone `America/Indiana` ("], id="a folder of zones"),
    pytest.param("zone: Europe/Moscow", "zone: ../../etc/passwd",
        ["1:7 zone-unknown: there is no time zone `../../etc/passwd` ("], id="a path"),
    pytest.param("zone: Europe/Moscow\n", "",
        ["3:3 zone-missing: nothing says in which time zone `bank` has its hours (add a line such as "
         "`zone: Europe/Moscow` here, or at the top of the file for all)"], id="no zone"),
    # One like another
    pytest.param("like: bank", "like: bnak",
        ["15:11 schedule-unknown: there is no schedule `bnak` (did you mean `bank`? allowed: always, bank, cards)"],
        id="like nobody"),
    pytest.param("like: bank", "like: cards",
        ["15:11 schedule-circle: a schedule can't be like itself: cards → cards (give one of them hours of its own in "
         "place of `like`)"], id="like itself"),
    pytest.param("always: 24/7", "always: {like: more}\n  more: {like: cards}\n  cards_too: {like: always}",
        [], id="a chain"),
    pytest.param("    week:\n      monday-friday: [09:00-13:00, 14:00-18:00]\n      saturday: 22:00-04:00 next day\n",
                 "    like: cards\n",
        ["5:11 schedule-circle: a schedule can't be like itself: bank → cards → bank (give one of them hours of its "
         "own in place of `like`)"], id="a circle"),
    pytest.param("    exceptions:\n      2026-12-30: closed", "    week: {sunday: 03:00-05:00}",
        ["16:20 hours-overlap: `03:00-05:00` begins before `22:00-04:00 next day` of saturday (line 7) has ended (let "
         "one end when the other begins)"], id="overlap with the other's week"),
    pytest.param("2026-12-30: closed", "2026-12-30: 22:00-10:00 next day",
        ["10:27 hours-overlap: `09:00-15:00` begins before `22:00-10:00 next day` of 2026-12-30 (line 17) has ended "
         "(let one end when the other begins)"], id="overlap with the other's date"),
    # The file
    pytest.param("schedules:", "schedule:",
        ["1:1 entry-missing: a file of hours lacks `schedules` (add a line `schedules:`)",
         "2:1 entry-unknown: `schedule` means nothing in a file of hours (did you mean `schedules`? allowed: "
         "schedules, zone)"], id="unknown key"),
    pytest.param("holidays:", "holiday:",
        ["8:5 entry-unknown: `holiday` means nothing in schedule `bank` (did you mean `holidays`? allowed: exceptions, "
         "holidays, like, week, zone)"], id="unknown key of a schedule"),
    pytest.param("always:", "Always:",
        ["3:3 name-invalid: `Always` can't be a name in `schedules` (a name has small Latin letters, digits and _, and "
         "begins with a letter)"], id="name"),
    pytest.param(GOOD, "", ["1:1 yaml-empty: the file is empty"], id="empty file"),
    pytest.param(GOOD, "- a",
        ["1:1 mapping-expected: a file of hours must be lines of `key: value`, indented below it"],
        id="a list"),
    pytest.param("always: 24/7", "always: 24/7\x07",
        ["3:15 yaml-control-character: a character that can't be shown (U+0007) (delete it; the file must be text in "
         "UTF-8)"], id="control character"),
])
def test_faults__one_mistake(old: str, new: str, expected: list[str]) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new, 1)) if expected else []
    assert len(found) == len(expected), found
    for fault, wanted in zip(found, expected, strict=True):
        assert fault.startswith(wanted), fault
    if not expected:
        assert load_hours(GOOD.replace(old, new, 1), "hours.yaml").schedules


def test_faults__all_of_them_at_once() -> None:
    text = GOOD.replace("09:00-13:00", "9-13").replace("every 12-30", "every 30-12").replace("bank\n", "bnak\n")
    assert [fault.partition(" ")[0] for fault in faults(text)] == ["6:23", "12:7", "15:11"]


def test_faults__a_circle_of_three_is_said_once_and_who_leads_into_it_is_not_to_blame() -> None:
    text = "zone: UTC\nschedules:\n  into: {like: a}\n  a: {like: b}\n  b: {like: c}\n  c: {like: a}\n"
    assert faults(text) == ["4:13 schedule-circle: a schedule can't be like itself: a → b → c → a (give one of them "
                            "hours of its own in place of `like`)"]


def test_faults__nobody_can_make_it_endless() -> None:
    """Chains, numbers of schedules and what a small text can multiply are bounded."""
    chain = "".join(f"  s{number}: {{like: s{number + 1}}}\n" for number in range(8)) + "  s8: 24/7\n"
    assert faults(f"schedules:\n{chain}")[0].startswith("2:14 schedule-too-deep: more than 8 schedules are like one ")
    many = "".join(f"  s{number}: 24/7\n" for number in range(MAX_SCHEDULES + 1))
    assert faults(f"schedules:\n{many}") == [f"2:3 schedules-too-many: there are more than {MAX_SCHEDULES} schedules "
                                             "(lines can share one)"]
    ranges = "".join(f"      20{year:02}-01-01 to 20{year:02}-12-{day}: closed\n"
                     for year in range(100) for day in range(20, 31))
    with pytest.raises(AdminError) as caught:
        load_hours(f"zone: UTC\nschedules:\n  a:\n    week: closed\n    exceptions:\n{ranges}", "hours.yaml")
    assert len(caught.value.faults) == 200


def test_faults__exceptions_that_are_all_comments_are_none() -> None:
    hours = load_hours("schedules:\n  a:\n    week: 24/7\n    exceptions:\n    #  2026-12-31: closed\n", "hours.yaml")
    assert hours.schedules["a"].timetable.is_constant
