"""From a traffic file, the configuration and its menus to a plan that the engine runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from routing.dispatcher import OperatorSettings, QueueSettings, Settings, Status
from routing.reports.simulation.arrivals import Poisson, Source
from routing.reports.simulation.distributions import AT_ONCE, INFINITE, Distribution
from routing.reports.simulation.menu_ways import Walked
from routing.reports.simulation.plan import Plan, QueueTraffic, StatusChange
from routing.reports.simulation.traffic import UNTIL_THE_LAST, Group, LineTraffic, Rates, Stretch, Traffic
from routing.reports.simulation.ways import straight_to

SLOT = 1800.0       # hours of the menu are looked at every half hour, and hold until the next
DAY = 86_400.0
WalkedAt = Callable[[LineTraffic, float], Walked]
"""The ways of a line's callers at a second of the day."""


@dataclass(frozen=True)
class House:
    """What the configuration says: the dispatcher's settings, and which queue a queue's overflow leads to."""

    settings: Settings
    overflow: Mapping[str, str]


def described_sources(traffic: Traffic, walked_at: WalkedAt) -> tuple[Source, ...]:
    """Arrivals as the file describes them: through the menus of lines, and straight into queues."""
    lines = [source for line in traffic.lines for source in _line_sources(line, traffic.day, walked_at)]
    queues = [Poisson(clipped(behaviour.rates, traffic.day), traffic.day[1], straight_to(name))
              for name, behaviour in traffic.queues.items() if behaviour.rates]
    return (*lines, *queues)


def _line_sources(line: LineTraffic, day: Stretch, walked_at: WalkedAt) -> Iterator[Poisson]:
    """A source for each stretch in which callers go the same ways."""
    at = day[0]
    while at < day[1]:
        end, ways = at + SLOT, walked_at(line, at).ways
        while end < day[1] and walked_at(line, end).ways is ways:
            end += SLOT
        yield Poisson(clipped(line.rates, (at, min(end, day[1]))), min(end, day[1]), ways)
        at = end


def clipped(rates: Rates, stretch: Stretch) -> Rates:
    """What holds within the stretch; before its first time a rate is 0."""
    begin, end = stretch
    held = [rate for at, rate in rates if at <= begin]
    return ((begin, held[-1] if held else 0.0), *((at, rate) for at, rate in rates if begin < at < end))


def build(traffic: Traffic, house: House, sources: tuple[Source, ...],
          handles: Mapping[str, Distribution] | None = None, patiences: Mapping[str, Distribution] | None = None,
          days: int = 1) -> Plan:
    """The plan of `days` days with the same roster. `handles` and `patiences` are recorded ones, by queue; what the
    file says goes before. A queue of which neither says how long calls take has calls of no length: nobody comes."""
    settings = staffed(house.settings, traffic.groups)
    found = {}
    for queue in settings.queues:
        said, recorded = traffic.behaviour(queue.name), (handles or {}).get(queue.name)
        named = traffic.queues.get(queue.name), traffic.every_queue
        patience = next((each.patience for each in named if each and each.patience), None)
        found[queue.name] = QueueTraffic(said.handle or recorded or AT_ONCE,
                                         patience or (patiences or {}).get(queue.name) or INFINITE,
                                         said.retry_share or 0.0, said.retry_after or AT_ONCE)
    # From the day before on, of which night shifts reach into the first one.
    roster = [change for day in range(-1, days) for group in traffic.groups for change in _changes(group, day * DAY)]
    return Plan(settings=settings, traffic=found, sources=sources,
                roster=tuple(sorted(roster, key=lambda change: change.at)), overflow=house.overflow,
                groups={name: group.name for group in traffic.groups for name in group.names},
                answer=traffic.answer, missed_share=traffic.missed_share, threshold=traffic.threshold,
                until=traffic.day[1] + (days - 1) * DAY)


def staffed(settings: Settings, groups: Sequence[Group]) -> Settings:
    """With the operators that the roster invents; all begin logged out, and who is in no group stays so."""
    new = {name: group.queues for group in groups for name in group.names[len(group.operators):]}
    queues = tuple(_with_operators(queue, [name for name, served in new.items() if queue.name in served])
                   for queue in settings.queues)
    operators = (*(replace(each, status=Status.LOGGED_OUT) for each in settings.operators),
                 *(OperatorSettings(name, skills=_skills_for(settings, served)) for name, served in new.items()))
    return replace(settings, queues=queues, operators=operators)


def _skills_for(settings: Settings, served: Sequence[str]) -> dict[str, int]:
    """What the queues of an invented operator ask of everybody; languages they speak all."""
    wanted: dict[str, int] = {}
    for queue in settings.queues:
        for skill, level in queue.skills if queue.name in served else ():
            wanted[skill] = max(level, wanted.get(skill, 0))
    return wanted


def _with_operators(queue: QueueSettings, names: list[str]) -> QueueSettings:
    return replace(queue, operators=(*queue.operators, *names)) if names else queue


def _changes(group: Group, day: float) -> Iterator[StatusChange]:
    spans = [(max(0.0, day + begin), day + end) for begin, end in group.spans
             if day + end > 0 and (end < UNTIL_THE_LAST or not day)]
    pauses = [(day + begin, day + end) for begin, end in group.breaks if day + begin >= 0]
    for name in group.names:
        for begin, end in spans:
            yield StatusChange(begin, name, Status.AVAILABLE)
            if end < UNTIL_THE_LAST:
                yield StatusChange(end, name, Status.LOGGED_OUT)
        for begin, end in pauses:
            if any(first <= begin < last for first, last in spans):
                yield StatusChange(begin, name, Status.ON_BREAK, "break")
            if any(first < end < last for first, last in spans):
                yield StatusChange(end, name, Status.AVAILABLE)
