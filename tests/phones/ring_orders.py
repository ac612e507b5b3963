"""Each strategy's order with real phones: whose telephone gets the INVITE, after a history of calls."""

import time
from datetime import datetime

from tests.phones.rack import pause
from tests.phones.ring_house import Line, asked, at, name_of, rows_of
from tests.phones.stage import Scene, Stage
from tests.phones.talking import entries_of

FOUR = ("anna", "boris", "clara", "dmitri")
SECOND_TIER, THIRD_TIER = 2.0, 4.0      # seconds
ROUNDED = 0.01               # seconds of a time in the record


def crew_of(strategy: str, size: int) -> tuple[str, ...]:
    return tuple(f"{strategy}_{name}" for name in FOUR[:size])


ALL, IDLE, ROBIN, FEWEST, TALK, LINEAR, RANDOM, WEIGHTED, TIERS = (
    crew_of(*crew) for crew in (("all", 4), ("idle", 4), ("robin", 4), ("fewest", 3), ("talk", 3), ("linear", 3),
                                ("random", 4), ("weighted", 3), ("tiers", 3)))
STRATEGIES = {
    "301": {"strategy": "ring_all", "ring_at_most": 3, "operators": ALL},
    "302": {"strategy": "longest_idle", "operators": IDLE},
    "303": {"strategy": "round_robin", "operators": ROBIN},
    "304": {"strategy": "fewest_calls", "operators": FEWEST},
    "305": {"strategy": "least_talk", "operators": TALK},
    "306": {"strategy": "linear", "operators": LINEAR},
    "307": {"strategy": "random", "operators": RANDOM},
    "308": {"strategy": "weighted_random", "operators": WEIGHTED,
            "operator_weights": {WEIGHTED[0]: 0, WEIGHTED[1]: 1000, WEIGHTED[2]: 0.001}},
    "309": {"operators": TIERS[:1], "tiers": [{"operators": TIERS[1:2], "after_s": SECOND_TIER},
                                              {"operators": TIERS[2:], "after_s": THIRD_TIER}]},
    "310": {"operators": TIERS[:1], "tiers": [{"operators": TIERS[1:2], "after_s": 600}]}}
ORDER_QUEUES = {number: {**queue, **{key: list(queue[key]) for key in ("operators",)}}
                for number, queue in STRATEGIES.items()}


def line_of(stage: Stage, number: str, *crew: str, callers: int = 1) -> Line:
    line = Line(stage, number, stage.rack(*crew, callers=callers))
    stage.begin()
    return line


# --- scenes ---------------------------------------------------------------------------------------------------------
def ring_all(stage: Stage) -> None:
    """Three of four at most ring at one time: those who are free for longest. The first to answer stops the others, and
    that is no missed call."""
    line = line_of(stage, "301", *ALL)
    rack = line.rack
    for name in ALL:
        rack[name].habit(0)
    waiting = set(ALL)
    answering: list[str] = []
    for _ in range(3):
        since = len(rack.events)
        caller = line.comes()
        rack.until(lambda since=since: len(rack.rang(since)) == 3, "three did not ring")
        rang = rack.rang(since)
        assert not answering or answering[-1] not in rang, "who has just talked is idle for the shortest time"
        first = next(name for name in rang if name not in answering)
        before = {name: len(rack[name].events("state", state="DISCONNECTED")) for name in rang}
        rack[first].do("answer", status=200)
        for name in rang:
            if name != first:
                rack[name].over(before[name] + 1)
        rack[first].wait("state", answering.count(first) + 1, state="CONFIRMED")
        rack[first].hang_up()
        answering.append(first)
        call = rows_of(stage, caller)
        assert [each["operator"] for _, each in entries_of(call, "operator_offered")] == rang
        assert {(each["operator"], each["reason"]) for _, each in entries_of(call, "offer_failed")} == {
            (name, "answered_elsewhere") for name in rang if name != first}
        assert (call["call"]["operator"], call["call"]["outcome"]) == (first, "answered")
        waiting -= set(rang)
    assert not waiting
    assert {stage.service.operators()[name]["missed"] for name in ALL} == {0}


def longest_idle(stage: Stage) -> None:
    line = line_of(stage, "302", *IDLE)
    begun = [line.rings() for _ in IDLE]
    assert sorted(begun) == sorted(IDLE)
    freed = [IDLE[number] for number in (2, 0, 3, 1)]
    line.over(*freed)
    rung = [line.rings() for _ in IDLE]
    assert rung == freed
    line.over(*IDLE)
    assert line.served_by() == begun + rung


def round_robin(stage: Stage) -> None:
    """Who was rung last is remembered, whoever is idle for longest; who is busy is passed over."""
    anna, boris, clara, dmitri = ROBIN
    line = line_of(stage, "303", *ROBIN)
    rung = [line.rings() for _ in range(3)]
    line.over(clara, boris, anna)
    rung += [line.rings() for _ in range(2)]
    for _ in range(2):
        rung.append(line.rings())
        line.ends(rung[-1])
    rung.append(line.rings())
    assert rung == [anna, boris, clara, dmitri, anna, boris, clara, boris]
    line.over(dmitri, anna, boris)
    assert line.served_by() == rung


def fewest_calls(stage: Stage) -> None:
    """One has had two calls, and is idle for longer than one of those who had one."""
    line = line_of(stage, "304", *FEWEST)
    first, second, third = rung = [line.rings() for _ in FEWEST]
    assert set(rung) == set(FEWEST)
    line.over(first, second)
    rung.append(line.rings())
    line.over(first, third)
    rung += [line.rings() for _ in FEWEST]
    assert rung[3:] == [first, second, third, first]
    line.over(*FEWEST)
    assert line.served_by() == rung


def least_talk(stage: Stage) -> None:
    """The longest talk was the first to end, so whoever had it is idle for longest."""
    line = line_of(stage, "305", *TALK)
    rung, talked = [], {}
    for length in (2.0, 0.1, 1.0):
        rung.append(line.rings())
        begun = time.monotonic()
        pause(length)
        line.ends(rung[-1])
        talked[rung[-1]] = time.monotonic() - begun
    assert set(rung) == set(TALK)
    by_talk = sorted(talked, key=talked.__getitem__)
    assert by_talk != rung, talked
    rung += [line.rings() for _ in TALK]
    assert rung[3:] == by_talk
    line.over(*TALK)
    assert line.served_by() == rung


def linear(stage: Stage) -> None:
    """Always the first of the list who is free; and callers are served as they came."""
    anna, boris, clara = LINEAR
    line = line_of(stage, "306", *LINEAR, callers=2)
    rung = [line.rings()]
    line.ends(anna)
    rung += [line.rings() for _ in range(3)]
    line.ends(clara)
    rung.append(line.rings())
    line.ends(anna)
    rung.append(line.rings())
    assert rung == [anna, anna, boris, clara, clara, anna]
    waiting = [line.comes() for _ in range(3)]
    asked(lambda: waits(stage, "306") == 3, 30, "three do not wait")
    for name, caller in zip((boris, anna, clara), waiting, strict=True):
        before = line.rack[name].rings
        line.ends(name)
        assert caller.name in line.rack[name].wait("incoming", before + 1)["caller"]
        line.talks(name, caller)
    line.over(*LINEAR)
    assert line.served_by() == [*rung, boris, anna, clara]


def by_chance(stage: Stage) -> None:
    """Everybody is reached, nobody who is busy, and not as the list has them."""
    line = line_of(stage, "307", *RANDOM)
    rounds: list[list[str]] = []
    while len(rounds) < 2 or (len(rounds) < 6 and all(each == list(RANDOM) for each in rounds)):
        rounds.append([line.rings() for _ in RANDOM])
        line.over(*RANDOM)
    assert all(sorted(each) == sorted(RANDOM) for each in rounds)
    assert any(each != list(RANDOM) for each in rounds)
    assert line.served_by() == [name for each in rounds for name in each]


def by_weighted_chance(stage: Stage) -> None:
    """One is a million times as likely as another; the one with the weight 0 is rung if nobody else is there."""
    anna, boris, clara = WEIGHTED
    line = line_of(stage, "308", *WEIGHTED)
    rung: list[str] = []
    for _ in range(2):
        rung += [line.rings() for _ in WEIGHTED]
        line.over(*WEIGHTED)
    assert rung == [boris, clara, anna] * 2
    assert line.served_by() == rung


def tiers_widen(stage: Stage) -> None:
    """A tier opens for who has waited long enough, and at once where nobody before it is in service; of those that are
    open the first is asked first."""
    anna, boris, clara = TIERS
    line = line_of(stage, "309", *TIERS)
    rung = [line.rings() for _ in TIERS]
    line.over(*TIERS)
    rung.append(line.rings())
    assert rung == [anna, boris, clara, anna]
    line.ends(anna)
    for caller, least in zip(line.callers, (0, SECOND_TIER, THIRD_TIER, 0), strict=True):
        call = rows_of(stage, caller)
        queued, offered = (datetime.fromisoformat(at(call, kind)) for kind in ("queued", "operator_offered"))
        assert (offered - queued).total_seconds() >= least - ROUNDED
    assert line.served_by() == rung
    stage.service.api(f"/api/operators/{anna}/status", {"status": "on_break"})
    away = Line(stage, "310", line.rack)
    assert away.rings() == boris, "ten minutes before the tier opens by waiting"
    away.ends(boris)
    assert away.served_by() == [boris]


def waits(stage: Stage, number: str) -> int:
    """Callers in the queue of a line, as the service counts them."""
    queues = stage.service.api("/api/queues")["queues"]
    return next(int(queue["waiting"]) for queue in queues if queue["name"] == name_of(number))


ORDER_SCENES: tuple[Scene, ...] = (ring_all, longest_idle, round_robin, fewest_calls, least_talk, linear, by_chance,
                                   by_weighted_chance, tiers_widen)
