"""Codes of the file of hours, and of what config.yaml says of it."""

from ivr.base.findings.code import error

CODES = {
    "hours-file-missing": error("A line has hours, and no file of hours is named.", "Add `hours:` to config.yaml."),
    "schedule-unknown": error("There is no schedule of this name.", "Correct it, or add it to the file of hours."),
    "schedules-too-many": error("There are more schedules than any house needs.", "Lines can share one."),
    "schedule-circle": error("A schedule is like itself: nobody knows its hours.", "Give one of the circle its own."),
    "schedule-too-deep": error("Too many schedules are like one another.", "Let it be like one with its own hours."),
    "zone-missing": error("Nothing says in which time zone the hours are.", "Add a line like `zone: Europe/Moscow`."),
    "zone-unknown": error("There is no such time zone.", "Take its name from the list of IANA: Europe/Moscow."),
    "hours-missing": error("Nothing says when it is open: callers would meet a hole.", "Write hours, or `closed`."),
    "hours-unreadable": error("These are no hours.", "Write them like 09:00-18:00."),
    "hours-no-time": error("There is no such time of a day.", "A day goes from 00:00 to 24:00."),
    "hours-overlap": error("Two spans of hours overlap.", "Let them meet, or join them."),
    "hours-too-many": error("A day has too many spans of hours.", "Join those that touch."),
    "hours-day-twice": error("A day of the week has two lines.", "Keep one of the two."),
    "hours-date-twice": error("A date has two lines.", "Keep one of the two."),
    "week-unreadable": error("This is no week.", "Write `always`, `closed`, or lines for its days."),
    "weekday-unknown": error("There is no such day of the week.", "Take one that is listed."),
    "weekdays-backward": error("Days go from monday to sunday.", "Write other days in lines of their own."),
    "date-unreadable": error("This is no date.", "Year, month, day; or month and day for every year."),
    "date-impossible": error("There is no such day.", "Correct it."),
    "date-far-away": error("The date lies too far away: mostly a slip of the pen.", "Correct the year."),
    "dates-backward": error("The dates end before they begin.", "The earlier one stands first."),
    "dates-too-long": error("The dates span more than a year.", "Change the week instead."),
    "country-unknown": error("No public holidays of this country are known.", "Its two letters, such as RU."),
    "region-unknown": error("The country has no such region with holidays of its own.", "Take one that is listed."),
}
