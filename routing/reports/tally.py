"""The counts and sums of a group of visits: every figure of a report is made of one of these. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from routing.estimate import Calibration
from routing.reports.facts import WAITING, Offer, Stay, Talk, Visit
from routing.reports.times import Times

CONTENT = frozenset("45")       # of the marks 1 to 5: these are content callers
MARKS = frozenset("12345")


@dataclass(frozen=True)
class Bounds:
    """Seconds: until `threshold` a caller counts as answered in time, `thresholds` for single queues; who hangs up
    within `short` did so at once."""

    threshold: float = 20.0
    short: float = 5.0
    thresholds: dict[str, float] = field(default_factory=dict)

    def of(self, queue: str) -> float:
        return self.thresholds.get(queue, self.threshold)


@dataclass(slots=True)
class Tally:
    """Counts; times are sums in seconds."""

    visits: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)     # of visits that are over
    in_progress: int = 0
    # stays in queues
    offered: int = 0
    endings: Counter[str] = field(default_factory=Counter)      # and "waiting"
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    abandoned_short: int = 0
    wait_answered: float = 0.0
    wait_all: float = 0.0       # of stays that are over
    longest_wait: float = 0.0
    # operators
    rung: int = 0
    missed: int = 0
    handled: int = 0
    talk: float = 0.0
    hold: float = 0.0
    wrap_up: float = 0.0
    on_call: float = 0.0
    ringing: float = 0.0
    idle: float = 0.0
    wrapping: float = 0.0
    on_break: float = 0.0
    # requests
    closed: int = 0             # by an operator, of callers who are known by their number
    repeated: int = 0
    due: int = 0
    due_in_time: int = 0
    resolutions: Times = field(default_factory=Times)
    # chats: how soon a person wrote, since the queue and since the beginning
    replies: Times = field(default_factory=Times)
    replies_begun: Times = field(default_factory=Times)
    # opinions
    asked: int = 0
    replied: int = 0
    marks: int = 0
    content: int = 0
    solved: int = 0             # of yes and no
    unsolved: int = 0
    # menus
    entered: int = 0
    contained: int = 0
    left: int = 0
    to_queue: int = 0
    # wait estimates
    estimates: Calibration = field(default_factory=Calibration)

    @property
    def answered(self) -> int:
        return self.endings["answered"]

    @property
    def abandoned(self) -> int:
        return self.endings["abandoned"]

    def add_visit(self, visit: Visit) -> None:
        self.visits += 1
        if visit.outcome is None:
            self.in_progress += 1
        else:
            self.outcomes[visit.outcome] += 1

    def add_stay(self, stay: Stay, bounds: Bounds) -> None:
        self.offered += 1
        self.endings[stay.ending] += 1
        if stay.ending == WAITING:
            return
        wait = stay.wait
        in_time = wait <= bounds.of(stay.queue)
        self.wait_all += wait
        self.longest_wait = max(self.longest_wait, wait)
        if stay.ending == "answered":
            self.wait_answered += wait
            self.answered_in_time += in_time
        elif stay.ending == "abandoned":
            self.abandoned_in_time += in_time
            self.abandoned_short += wait < bounds.short

    def add_offer(self, offer: Offer) -> None:
        self.rung += 1
        self.missed += offer.missed

    def add_talk(self, talk: Talk) -> None:
        self.handled += 1
        self.talk += talk.talk
        self.hold += talk.hold

    def add_opinions(self, visit: Visit) -> None:
        """Who answered must have been asked, also where the entry of that is not there (of an older version)."""
        self.asked += len(visit.asked | visit.answers.keys())
        self.replied += len(visit.answers)
        for answer in visit.answers.values():
            self.marks += answer in MARKS
            self.content += answer in CONTENT
            self.solved += answer == "yes"
            self.unsolved += answer == "no"

    def add_menu(self, visit: Visit, menu: str) -> None:
        """`menu` is one of those that the visit came into."""
        last = visit.last_menu == menu
        self.entered += 1
        self.contained += last and visit.outcome == "self_served"
        self.left += last and visit.outcome == "abandoned" and not visit.stays
        self.to_queue += bool(visit.stays) and visit.menu_of_queue == menu

    def add_menus(self, visit: Visit) -> None:
        """The same of all menus together, for a visit that came into one."""
        self.entered += 1
        self.contained += visit.outcome == "self_served"
        self.left += visit.outcome == "abandoned" and not visit.stays
        self.to_queue += bool(visit.stays) and visit.menu_of_queue != ""
