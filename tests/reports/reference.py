"""The figures of a report, counted naively from what truly happened (`day.Told`), with the formulas as people say."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.reports.day import LINES, Told, ToldSpell, ToldStay, ToldTalk

Figures = dict[str, float | None]
OUTCOMES = ("answered", "abandoned", "self_served", "transferred", "overflow", "callback", "voicemail", "closed",
            "refused", "failed")
ENDINGS = ("overflow", "callback", "voicemail", "transferred", "closed", "failed", "waiting")


def local(at: datetime, line: str) -> datetime:
    return at.astimezone(ZoneInfo(LINES[line])).replace(tzinfo=None)


def of_period(told: Sequence[Told], since: datetime, until: datetime) -> list[Told]:
    return [each for each in told if since <= local(each.began, each.line) < until]


def divided(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def figures_of_visits(visits: Sequence[Told]) -> Figures:
    return {"visits": len(visits), "in_progress": sum(each.outcome is None for each in visits),
            **{f"visits_{outcome}": sum(each.outcome == outcome for each in visits) for outcome in OUTCOMES}}


def figures_of_stays(stays: Sequence[ToldStay], threshold: Callable[[str], float], short: float) -> Figures:
    answered = [stay for stay in stays if stay.ending == "answered"]
    abandoned = [stay for stay in stays if stay.ending == "abandoned"]
    answered_in_time = sum(stay.wait <= threshold(stay.queue) for stay in answered)
    abandoned_in_time = sum(stay.wait <= threshold(stay.queue) for stay in abandoned)
    hung_up_at_once = sum(stay.wait < short for stay in abandoned)
    return {
        "offered": len(stays), "answered": len(answered), "abandoned": len(abandoned),
        "abandoned_short": hung_up_at_once,
        **{ending: sum(stay.ending == ending for stay in stays) for ending in ENDINGS},
        "service_level": divided(answered_in_time, len(stays)),
        "service_level_answered": divided(answered_in_time, len(answered)),
        "service_level_2": divided(answered_in_time + abandoned_in_time, len(answered) + len(abandoned)),
        "speed_of_answer": divided(sum(stay.wait for stay in answered), len(answered)),
        "longest_wait": max((stay.wait for stay in stays), default=0.0),
        "abandonment": divided(len(abandoned), len(stays)),
        "abandonment_short": divided(hung_up_at_once, len(stays)),
    }


def figures_of_talks(talks: Sequence[ToldTalk], wrap_up: float) -> Figures:
    talk, hold = sum(each.talk for each in talks), sum(each.hold for each in talks)
    return {"handled": len(talks), "talk_time": divided(talk, len(talks)), "hold_time": divided(hold, len(talks)),
            "wrap_up_time": divided(wrap_up, len(talks)), "handle_time": divided(talk + hold + wrap_up, len(talks))}


def figures_of_opinions(visits: Sequence[Told]) -> Figures:
    answers = [answer for each in visits for answer in each.answers.values()]
    marks = [int(answer) for answer in answers if answer.isdecimal()]
    asked = sum(len(each.asked) for each in visits)
    return {"satisfaction": divided(sum(mark >= 4 for mark in marks), len(marks)), "asked": asked,
            "solved": divided(answers.count("yes"), answers.count("yes") + answers.count("no")),
            "response": divided(len(answers), asked)}


def closed_in(told: Sequence[Told], since: datetime, until: datetime) -> list[tuple[Told, bool]]:
    """Requests that an operator closed in the period, of known callers; and whether the caller came again."""
    found = []
    for one in told:
        if one.request is None or one.number is None:
            continue
        _, operator, opened, closed = one.request
        if not operator or closed is None or not since <= local(closed, one.line) < until:
            continue
        again = any(other.number == one.number and other.topic == one.topic and other.request is not None
                    and opened < other.request[2] <= closed + timedelta(days=7) for other in told)
        found.append((one, again))
    return found


def figures_of_closed(closed: Sequence[tuple[Told, bool]]) -> Figures:
    return {"closed_requests": len(closed),
            "first_contact": divided(sum(not again for _, again in closed), len(closed))}


def wrap_ups(spells: Sequence[ToldSpell], since: datetime, until: datetime) -> list[tuple[ToldSpell, Told, float]]:
    """Of visits of the period, with their seconds; spells that go on are left out by these tests' clock."""
    return [(spell, spell.visit, (spell.ended - spell.began).total_seconds()) for spell in spells
            if spell.state == "wrap_up" and spell.visit is not None and spell.ended is not None
            and of_period([spell.visit], since, until)]


def figures_of_operator(spells: Sequence[ToldSpell], since: datetime, until: datetime, now: datetime) -> Figures:
    """Lines without a zone count by UTC here."""
    times = {"call": 0.0, "idle": 0.0, "break": 0.0}
    for spell in spells:
        begin = max(spell.began, since.replace(tzinfo=UTC))
        seconds = (min(spell.ended or now, until.replace(tzinfo=UTC)) - begin).total_seconds()
        if seconds <= 0:
            continue
        if spell.state in ("on_call", "wrap_up"):
            times["call"] += seconds
        elif spell.state == "ringing":
            times["idle"] += seconds
        elif spell.status == "on_break":
            times["break"] += seconds
        elif spell.status == "available" and spell.reachable:
            times["idle"] += seconds
    return {"on_call": times["call"], "idle": times["idle"], "on_break": times["break"],
            "occupancy": divided(times["call"], times["call"] + times["idle"])}
