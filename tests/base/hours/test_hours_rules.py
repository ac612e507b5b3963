"""Which rule has a day, what it says, and until when it holds."""

from datetime import UTC, date, datetime

import pytest

from ivr.base.hours import schedule as schedule_module
from tests.base.hours.asked import at, schedule, schedules, told

BANK = """
week:
  monday-friday: [09:00-13:00, 14:00-18:00]
  saturday: 22:00-02:00 next day
holidays: RU
exceptions:
  2027-01-05: {hours: 10:00-12:00, why: stocktaking}
  2027-01-04 to 2027-01-06: 11:00-13:00
  every 01-06: 12:00-14:00
  every 01-05 to 01-09: 13:00-15:00
"""


@pytest.mark.parametrize(("moment", "says"), [
    ("2026-11-23 09:00", "open: monday-friday, 09:00-13:00; until 2026-11-23 13:00+0300"),
    ("2026-11-23 12:59", "open: monday-friday, 09:00-13:00; until 2026-11-23 13:00+0300"),
    ("2026-11-23 13:00", "closed: monday-friday, outside 09:00-13:00 and 14:00-18:00; until 2026-11-23 14:00+0300"),
    ("2026-11-23 18:00", "closed: monday-friday, outside 09:00-13:00 and 14:00-18:00; until 2026-11-24 09:00+0300"),
    ("2026-11-28 23:00", "open: saturday, 22:00-02:00 next day; until 2026-11-29 02:00+0300"),
    ("2026-11-29 01:59", "open: saturday, 22:00-02:00 next day; until 2026-11-29 02:00+0300"),
    ("2026-11-29 02:00", "closed: sunday (not in `week`), closed; until 2026-11-30 09:00+0300"),
    # The strongest has the day alone, however many name it.
    ("2027-01-05 10:00", "open: 2027-01-05 (stocktaking), 10:00-12:00; until 2027-01-05 12:00+0300"),
    ("2027-01-05 12:00", "closed: 2027-01-05 (stocktaking), outside 10:00-12:00; until 2027-01-06 11:00+0300"),
    ("2027-01-06 11:00", "open: 2027-01-04 to 2027-01-06, 11:00-13:00; until 2027-01-06 13:00+0300"),
    ("2028-01-06 12:00", "open: every 01-06, 12:00-14:00; until 2028-01-06 14:00+0300"),
    ("2028-01-07 13:00", "open: every 01-05 to 01-09, 13:00-15:00; until 2028-01-07 15:00+0300"),
    ("2027-02-23 12:00", "closed: public holiday of RU (Defender of the Fatherland Day), closed; "
                         "until 2027-02-24 09:00+0300"),
])
def test_hours__which_rule_wins(moment: str, says: str) -> None:
    assert told(schedule(BANK), moment) == says


def test_hours__the_place_is_that_of_what_decides() -> None:
    bank = schedule(BANK.lstrip())
    assert str(at(bank, "2026-11-23 15:00").place) == "hours.yaml:5:36"      # the span
    assert str(at(bank, "2026-11-23 13:30").place) == "hours.yaml:5:7"       # the days, where no span holds
    assert str(at(bank, "2026-11-29 12:00").place) == "hours.yaml:5:7"       # the week, which does not name the day
    assert str(at(bank, "2027-02-23 12:00").place) == "hours.yaml:7:15"      # the country
    assert str(at(bank, "2027-01-05 11:00").place) == "hours.yaml:9:27"      # the span of the exception


def test_hours__a_span_over_midnight_ends_there_before_a_stronger_rule() -> None:
    night = schedule("week:\n  monday-sunday: 22:00-04:00 next day\nexceptions:\n  2026-06-10: closed\n"
                     "  2026-06-20: 20:00-06:00 next day\n  every 06-21: 12:00-13:00")
    assert told(night, "2026-06-09 23:00") == "open: monday-sunday, 22:00-04:00 next day; until 2026-06-10 00:00+0300"
    assert told(night, "2026-06-10 01:00") == "closed: 2026-06-10, closed; until 2026-06-11 22:00+0300"
    # A date is stronger than a day of every year: its own night goes on.
    assert told(night, "2026-06-21 05:00") == "open: 2026-06-20, 20:00-06:00 next day; until 2026-06-21 06:00+0300"
    assert told(night, "2026-06-21 07:00") == "closed: every 06-21, outside 12:00-13:00; until 2026-06-21 12:00+0300"


def test_hours__nights_of_one_rule_go_on_into_its_next_day() -> None:
    fair = schedule("week: closed\nexceptions:\n  2026-06-10 to 2026-06-12: 22:00-04:00 next day\n  2026-06-13: closed")
    assert at(fair, "2026-06-11 03:59").open
    assert told(fair, "2026-06-12 23:00").endswith("until 2026-06-13 00:00+0300")
    assert not at(fair, "2026-06-10 03:00").open


def test_hours__changes_that_open_nothing_are_none() -> None:
    """`until` is when callers get another answer, not when another line of the file gives the same one."""
    days = schedule("week:\n  monday-wednesday: 00:00-24:00\n  thursday: [00:00-12:00, 12:00-20:00]")
    assert told(days, "2026-11-23 00:00") == "open: monday-wednesday, 00:00-24:00; until 2026-11-26 20:00+0300"
    assert told(days, "2026-11-26 12:00") == "open: thursday, 12:00-20:00; until 2026-11-26 20:00+0300"
    assert told(days, "2026-11-26 20:00").endswith("until 2026-11-30 00:00+0300")


def test_hours__always_and_never() -> None:
    both = schedules("always: 24/7\nnever: closed\n"
                     "repaired:\n  like: always\n  exceptions:\n    2026-12-01: 02:00-24:00")
    assert told(both["always"], "2026-03-29 02:30") == "open: every day, 00:00-24:00; until for ever"
    assert told(both["never"], "2026-03-29 02:30") == "closed: every day, closed; until for ever"
    assert told(both["repaired"], "2026-11-30 12:00").endswith("until 2026-12-01 00:00+0300")
    assert told(both["repaired"], "2026-12-01 02:00").endswith("until for ever")


def test_hours__like_another_one_with_lines_of_its_own() -> None:
    all_three = schedules("""
bank:
  week: {monday-friday: 09:00-18:00, saturday: 10:00-16:00}
  holidays: RU
  exceptions:
    2026-12-31: 09:00-15:00
    every 12-30: 09:00-17:00
cards:
  like: bank
  week: {saturday-sunday: 12:00-14:00}
  exceptions:
    2026-12-31: closed
    every 12-31: 01:00-02:00
east:
  like: cards
  zone: Asia/Vladivostok
  holidays: none
""")
    bank, cards, east = all_three.values()
    assert at(cards, "2026-11-23 17:59").rule == "monday-friday, 09:00-18:00"
    assert at(cards, "2026-11-28 15:00").rule == "saturday-sunday, outside 12:00-14:00"
    assert at(bank, "2026-11-29 12:00").rule == "sunday (not in `week`), closed"
    assert at(cards, "2026-12-30 16:00").rule == "every 12-30, 09:00-17:00"
    assert at(bank, "2026-12-31 12:00").rule == "2026-12-31, 09:00-15:00"
    assert at(cards, "2026-12-31 12:00").rule == "2026-12-31, closed"
    assert at(cards, "2027-12-31 12:00").rule == "every 12-31, outside 01:00-02:00"
    assert at(cards, "2027-01-01 12:00").rule == "public holiday of RU (New Year Holidays), closed"
    assert told(east, "2027-01-01 12:00") == "open: monday-friday, 09:00-18:00; until 2027-01-01 18:00+1000"


def test_hours__own_lines_come_before_those_of_the_other_but_no_weaker_kind_does() -> None:
    """As if the lines of the other stood here, replaced where both name a day in the same way."""
    both = schedules("other:\n  week: 24/7\n  exceptions:\n    2026-06-01: closed\nown:\n  like: other\n"
                     "  exceptions:\n    every 06-01: 10:00-11:00")
    assert at(both["own"], "2026-06-01 10:30").rule == "2026-06-01, closed"
    assert at(both["own"], "2027-06-01 10:30").rule == "every 06-01, 10:00-11:00"


def test_hours__holidays_with_hours_and_weekends_that_are_worked() -> None:
    shop = schedule("week: {monday-thursday: 09:00-18:00, friday: 09:00-17:00}\n"
                    "holidays: {country: RU, hours: 10:00-12:00, worked_weekends: friday}")
    assert at(shop, "2027-06-12 10:00").rule == "public holiday of RU (Russia Day), 10:00-12:00"
    assert at(shop, "2027-02-20 10:00").rule == "working saturday of RU, as on friday, 09:00-17:00"
    assert at(shop, "2027-02-20 17:00").rule == "working saturday of RU, as on friday, outside 09:00-17:00"
    assert at(shop, "2027-02-13 10:00").rule == "saturday (not in `week`), closed"


def test_hours__holidays_of_a_region() -> None:
    for region, rule in (("BY", "public holiday of DE, BY (Epiphany), closed"), ("BE", "every day, 00:00-24:00")):
        one = schedule(f"week: 24/7\nholidays: {{country: DE, region: {region}}}", "Europe/Berlin")
        assert at(one, "2027-01-06 12:00").rule == rule


def test_hours__yearly_ranges_and_leap_days() -> None:
    turn = schedule("week: 24/7\nexceptions:\n  every 12-30 to 01-02: closed\n  every 02-29 to 03-01: closed")
    closed = [day for day in ("2026-12-29", "2026-12-30", "2027-01-02", "2027-01-03", "2027-02-28", "2027-03-01",
                              "2027-03-02", "2028-02-28", "2028-02-29") if not at(turn, f"{day} 12:00").open]
    assert closed == ["2026-12-30", "2027-01-02", "2027-03-01", "2028-02-29"]
    assert at(turn, "2028-02-28 12:00").until == datetime(2028, 2, 29, tzinfo=turn.zone)


def test_hours__the_day_as_stretches() -> None:
    night = schedule("week: {monday: 22:00-04:00 next day, tuesday: 09:00-18:00}")
    assert [(one.begin, one.end, one.open, one.rule) for one in night.day(date(2026, 11, 24))] == [
        (0, 240, True, "monday, 22:00-04:00 next day"), (240, 540, False, "tuesday, outside 09:00-18:00"),
        (540, 1080, True, "tuesday, 09:00-18:00"), (1080, 1440, False, "tuesday, outside 09:00-18:00")]


def test_hours__a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        schedule("week: 24/7").at(datetime(2026, 11, 23, 12))


def test_hours__what_was_compiled_is_kept_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    one = schedule("week: {monday-friday: 09:00-18:00}")
    found = [one.at(datetime(2026, 1, day, 12, tzinfo=UTC)) for day in range(1, 29)]
    assert len(one._compiled) <= schedule_module.MAX_COMPILED
    again = [one.at(datetime(2026, 1, day, 12, tzinfo=UTC)) for day in range(1, 29)]
    assert found == again
    monkeypatch.setattr(schedule_module.Schedule, "day", None)      # nothing is worked out again
    assert one.at(datetime(2026, 1, 28, 12, 59, tzinfo=UTC)) is again[-1]
