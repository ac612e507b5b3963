"""What a figure counts, so that it can be opened: the calls behind a count, behind the parts of a share, behind a mean.
Pure."""

from collections.abc import Callable, Mapping

from routing.reports.figure import Figure
from routing.reports.figures import STAYS, VISITS
from routing.reports.replies import REPLIES
from routing.reports.tally import Tally

Count = Callable[[Tally], float | None]
# Of requests, whose calls may have begun in another period.
OF_CLOSED: Mapping[str, Count] = {
    "closed_requests": lambda tally: tally.closed, "repeated": lambda tally: tally.repeated,
    "not_repeated": lambda tally: tally.closed - tally.repeated}
OF_DUE: Mapping[str, Count] = {
    "due_requests": lambda tally: tally.due, "done_in_time": lambda tally: tally.due_in_time,
    "done_late": lambda tally: tally.due - tally.due_in_time}
OF_SOLVED: Mapping[str, Count] = {"solved_requests": lambda tally: len(tally.resolutions)}
_COUNTS_OF_VISITS = {figure.name: figure.value for figure in (*VISITS, *STAYS, *REPLIES) if figure.unit == "count"}
OF_VISITS: Mapping[str, Count] = {
    **_COUNTS_OF_VISITS,
    "answered_in_time": lambda tally: tally.answered_in_time,
    "answered_late": lambda tally: tally.answered - tally.answered_in_time,
    "abandoned_in_time": lambda tally: tally.abandoned_in_time,
    "settled": lambda tally: tally.answered + tally.abandoned,
    "settled_in_time": lambda tally: tally.answered_in_time + tally.abandoned_in_time,
    "handled": lambda tally: tally.handled, "rung": lambda tally: tally.rung, "missed": lambda tally: tally.missed,
    "marks": lambda tally: tally.marks, "content": lambda tally: tally.content,
    "discontent": lambda tally: tally.marks - tally.content,
    "solved_said": lambda tally: tally.solved, "unsolved_said": lambda tally: tally.unsolved,
    "solved_or_not": lambda tally: tally.solved + tally.unsolved,
    "asked": lambda tally: tally.asked, "replied": lambda tally: tally.replied,
    "entered": lambda tally: tally.entered, "contained": lambda tally: tally.contained,
    "left": lambda tally: tally.left, "to_queue": lambda tally: tally.to_queue,
}
COUNTS: Mapping[str, Count] = {**OF_VISITS, **OF_CLOSED, **OF_SOLVED, **OF_DUE}

_OPENED: Mapping[str, tuple[str, ...]] = {
    "service_level": ("answered_in_time", "offered"), "service_level_answered": ("answered_in_time", "answered"),
    "service_level_2": ("settled_in_time", "settled"), "speed_of_answer": ("answered",), "longest_wait": ("offered",),
    "abandonment": ("abandoned", "offered"), "abandonment_short": ("abandoned_short", "offered"),
    "talk_time": ("handled",), "hold_time": ("handled",), "wrap_up_time": ("handled",), "handle_time": ("handled",),
    "first_contact": ("not_repeated", "closed_requests"), "closed_in_time": ("done_in_time", "due_requests"),
    "satisfaction": ("content", "marks"), "solved": ("solved_said", "solved_or_not"), "response": ("replied", "asked"),
    "containment": ("contained", "entered"),
    "first_response": ("replies",), "first_response_90": ("replies",), "first_response_begun": ("replies",),
    "first_response_begun_90": ("replies",), "resolution_time": ("solved_requests",),
    "resolution_median": ("solved_requests",), "resolution_90": ("solved_requests",),
}


def opened(figure: Figure) -> tuple[str, ...]:
    """The counts whose calls stand behind a figure: itself, the part and the whole of a share, what a mean is over.
    None behind times of operators, bounds and estimates."""
    return (figure.name,) if figure.name in COUNTS else _OPENED.get(figure.name, ())


def counts(tally: Tally) -> dict[str, int]:
    """Those that are not 0."""
    return {name: number for name, count in COUNTS.items() if (number := int(count(tally) or 0))}
