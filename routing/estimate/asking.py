"""Who stands before a caller, and who serves them, where not everybody serves everybody.

Skills, languages and tiers make the operators of a caller a part of the queue's; queues share operators, by their
weights. What counts is how many *openings* it takes: of those operators one becomes free so often. Others take openings
away, each group of them (those who ask for the same, those of another queue) as far as it shares operators with the
caller, and never more than the part of the openings that are of shared operators: thirty who wait for the one operator
that speaks their language don't stand before somebody whom ten others can serve.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from routing.estimate.mirror import PLAIN, Class, Line, Mirror, Waiting
from routing.skills import Demand, demand_of

MOST_KNOWN = 256        # demands of a queue of which it is remembered who can serve them
TINY = 1e-9


class Able(NamedTuple):
    """Who can serve a demand: kinds of operators, and what they share with other queues: name -> (part of that
    queue's operators that are among them, part of them that are of that queue)."""

    classes: tuple[Class, ...]
    shares: dict[str, tuple[float, float]]


class Group(NamedTuple):
    """So many callers, as far as they are served by the caller's operators; `part` of the openings can be theirs."""

    callers: float
    part: float


class Standing(NamedTuple):
    """`ahead`: openings that go to others; `able`: the caller's operators; `busy`: these, by the queue of the call that
    they are on."""

    ahead: float
    servers: int
    busy: Counter[str]
    able: Able


def asked(line: Line, skills: Iterable[tuple[str, int]], language: str) -> Demand:
    """What a caller of the queue asks for."""
    settings = line.settings
    language = language if settings.match_language else ""
    if not skills and not settings.skills and not language:
        return PLAIN
    demand = demand_of(skills, settings.skills, language)
    return PLAIN if demand == PLAIN else demand


def standing(mirror: Mirror, line: Line, waiting: Waiting, now: float, until: float) -> Standing:
    """Of a caller who waits, and will until then, as far as that is known: for queues of other weights it counts."""
    if waiting.plain and line.alike and not line.settings.tiers and not line.asking:
        return _of_all(mirror, line, waiting)
    able = able_of(mirror, line, waiting, now)
    busy = line.busy if waiting.plain and not line.settings.tiers else _sum(line, able)
    servers = line.servers if busy is line.busy else sum(busy.values())
    own, others = _of_queue(mirror, line, waiting, able, servers), _of_others(mirror, line, waiting, able, now, until)
    return Standing(openings([*own, *others]) - 1, servers, busy, able)


def _of_all(mirror: Mirror, line: Line, waiting: Waiting) -> Standing:
    """The same where everybody asks for the same, which most do: in a third of the time."""
    able: Able = line.whole if line.whole is not None else _able(mirror, line, PLAIN, 0)
    line.whole = able
    before, lines = line.before(waiting), mirror.lines
    others = [Group(theirs * number, ours) for name, (theirs, ours) in able.shares.items()
              if lines[name].spots and (number := lines[name].before(waiting))]
    ahead = openings([Group(before, 1.0), *others]) - 1 if others else before
    return Standing(ahead, line.servers, line.busy, able)


def openings(groups: Iterable[Group]) -> float:
    """The number, 1 for the caller with it, of which each group has taken what it can: the one K for which
    K = 1 + Σ min(n, p K). Those who are served before their part is used up are found first."""
    some = sorted((group for group in groups if group.callers > 0 and group.part > 0),
                  key=lambda group: group.callers / group.part)
    taken, parts = 1.0, sum(group.part for group in some)
    for group in some:
        if parts < 1 - TINY and group.callers * (1 - parts) >= group.part * taken:
            break
        taken += group.callers
        parts -= group.part
    return taken / (1 - parts) if parts > TINY else taken


def able_of(mirror: Mirror, line: Line, waiting: Waiting, now: float) -> Able:
    """Who can serve the caller now: what they ask for falls with time, and tiers open."""
    demand, tier = waiting.demand, 0
    for step in line.steps:
        if step.at > now - waiting.since:
            break
        tier = step.tier
        if not waiting.plain and step.relaxations:
            demand = waiting.demand.relaxed(step.relaxations)
    return _able(mirror, line, demand, tier)


def _able(mirror: Mirror, line: Line, demand: Demand, tier: int) -> Able:
    found: Able | None = line.able.get((demand, tier))
    if found is None:
        classes = [one for one in line.classes if demand.met_by(one[1])]
        reached = [one for one in classes if one[0] <= tier] or classes
        names = {name for name, one in line.members.items() if one in reached}
        shares = {}
        for other, its in mirror.lines.items():
            if other != line.name and (common := len(names & its.members.keys())):
                shares[other] = common / len(its.members), common / len(names)
        if len(line.able) >= MOST_KNOWN:
            line.able.clear()
        found = line.able[demand, tier] = Able(tuple(reached), shares)
    return found


def _sum(line: Line, able: Able) -> Counter[str]:
    busy: Counter[str] = Counter()
    for one in able.classes:
        busy.update(line.classes[one])
    return busy


def _there(line: Line, classes: Iterable[Class]) -> int:
    return sum(sum(line.classes[one].values()) for one in classes)


# --- groups -----------------------------------------------------------------------------------------------------------
def _of_queue(mirror: Mirror, line: Line, waiting: Waiting, able: Able, servers: int) -> Iterator[Group]:
    """Callers of the same queue who are served sooner, by what they ask for."""
    before = line.before(waiting)
    for demand, spots in line.asking.items():
        number = bisect_left(spots, (waiting.rank, waiting.call))
        before -= number
        if demand == waiting.demand:
            yield Group(number, 1.0)
        elif number:
            theirs = _able(mirror, line, demand, len(line.settings.tiers)).classes
            common = _there(line, [one for one in theirs if one in able.classes])
            yield Group(number * common / max(_there(line, theirs), 1), common / max(servers, 1))
    if waiting.plain or not before:
        yield Group(before, 1.0)
    else:
        yield Group(before * servers / max(line.servers, servers, 1), 1.0)


def _of_others(mirror: Mirror, line: Line, waiting: Waiting, able: Able, now: float, until: float) -> Iterator[Group]:
    """Callers of queues that share operators, who are served sooner: where the weights are alike those who came
    earlier. Where not, each one's waiting counts by the weight: who comes later to a heavier queue may go first."""
    for name, (theirs, ours) in able.shares.items():
        other = mirror.lines[name]
        ratio = line.settings.weight / other.settings.weight
        if ratio == 1.0:
            number: float = other.before(waiting)
        else:
            since = waiting.rank[0]
            last = since + (max(until, now) - since) * (1 - ratio)
            number = bisect_left(other.spots, ((last,), ""))
            if last > now:
                number += (last - now) * sum(rate for _, rate in other.pace.arrivals_above(-1_000_000, now))
        yield Group(theirs * number, ours)
