"""What callers and operators do in the engine: rosters, breaks, phones nobody answers, overflow, calls made again."""

import re
from random import Random

import pytest

from routing.dispatcher import OperatorSettings, QueueSettings, Settings, Status
from routing.reports.simulation.arrivals import Poisson, Recorded
from routing.reports.simulation.building import House, build, clipped, described_sources, staffed
from routing.reports.simulation.distributions import AT_ONCE, INFINITE, exponential, fixed
from routing.reports.simulation.engine import Engine
from routing.reports.simulation.plan import Plan, QueueTraffic, StatusChange
from routing.reports.simulation.requirements import judge, read_requirement
from routing.reports.simulation.results import ALL, Scope, endings, results
from routing.reports.simulation.tally import Tally
from routing.reports.simulation.traffic import UNTIL_THE_LAST, Behaviour, Group, Traffic
from routing.reports.simulation.traffic_file import A_MONDAY
from routing.reports.simulation.ways import Way, straight_to

NAMES = ("anna", "boris")
CARDS = QueueSettings("cards", NAMES, announce_every=0.0, wrap_up=10.0)


def plan(calls: list[tuple[float, str]], queues: tuple[QueueSettings, ...] = (CARDS,), **changed: object) -> Plan:
    """Calls at these seconds into these queues; talks of 100 s; both operators are there from the beginning."""
    settings = Settings(queues, tuple(OperatorSettings(name) for name in NAMES))
    fields: dict[str, object] = {
        "settings": settings, "traffic": {queue.name: QueueTraffic(fixed(100.0)) for queue in queues},
        "sources": (Recorded([(at, Way(queue, queue)) for at, queue in calls]),),
        "roster": tuple(StatusChange(0.0, name, Status.AVAILABLE) for name in NAMES)}
    return Plan(**{**fields, **changed})        # type: ignore[arg-type]


def run(of: Plan) -> Tally:
    (tally,) = Engine(of, Random(1)).run()
    return tally


def test_engine__waits_to_the_second() -> None:
    """Two talk from 1 s to 101 s, then notes for 10 s; the third is answered at 111 s, the fourth at 112 s."""
    tally = run(plan([(1.0, "cards"), (2.0, "cards"), (5.0, "cards"), (6.0, "cards")]))
    assert list(tally.queues["cards"].waits) == [0.0, 0.0, 106.0, 106.0]
    assert tally.queues["cards"].answered_in_time == 2
    # Until the last caller is gone, at 212 s: two talks of 100 s, the first one's notes, and the second's so far.
    assert (tally.operators["anna"].handling, tally.operators["anna"].free) == (211.0, 1.0)


def test_engine__another_roster_meets_the_same_callers() -> None:
    source = Poisson(((0.0, 0.02),), 7200.0, straight_to("cards"))
    traffic = {"cards": QueueTraffic(exponential(100.0), exponential(60.0))}
    both = plan([], sources=(source,), traffic=traffic)
    alone = plan([], sources=(source,), traffic=traffic, roster=(StatusChange(0.0, "anna", Status.AVAILABLE),))
    one, two = run(both), run(alone)
    assert one.queues["cards"].offered == two.queues["cards"].offered > 100
    assert one.queues["cards"].abandoned < two.queues["cards"].abandoned


def test_engine__patience_ends_a_wait() -> None:
    tally = run(plan([(1.0, "cards")] * 3, traffic={"cards": QueueTraffic(fixed(100.0), fixed(15.0))}))
    queue = tally.queues["cards"]
    assert (queue.offered, queue.answered, queue.abandoned, queue.abandoned_in_time) == (3, 2, 1, 1)
    assert queue.wait_sum == 15.0


def test_engine__who_gave_up_calls_again() -> None:
    traffic = QueueTraffic(fixed(100.0), fixed(15.0), retry_share=0.95, retry_after=fixed(300.0))
    tally = run(plan([(1.0, "cards")] * 3, traffic={"cards": traffic}))
    assert tally.retries == 1
    assert (tally.queues["cards"].offered, tally.queues["cards"].answered) == (4, 3)


def test_engine__a_phone_that_rings_too_long_is_no_answer() -> None:
    """25 s are longer than the ring time of 20 s: each is rung, rests, and rung again, until the longest wait."""
    tally = run(plan([(1.0, "cards")], answer=fixed(25.0)))
    queue = tally.queues["cards"]
    assert (queue.answered, queue.overflowed, queue.wait_sum) == (0, 1, 600.0)


def test_engine__answers_take_their_time() -> None:
    assert list(run(plan([(1.0, "cards")], answer=fixed(4.0))).queues["cards"].waits) == [4.0]


def test_engine__overflow_leads_to_the_other_queue() -> None:
    queues = (QueueSettings("loans", ()), CARDS)
    tally = run(plan([(1.0, "loans")], queues, overflow={"loans": "cards"}))
    assert (tally.queues["loans"].overflowed, tally.queues["cards"].answered) == (1, 1)
    circle = run(plan([(1.0, "loans")], (QueueSettings("loans", ()), QueueSettings("cards", ())),
                      overflow={"loans": "cards", "cards": "loans"}))
    assert circle.queues["loans"].overflowed + circle.queues["cards"].overflowed == 6      # the call, and five hops


def test_engine__menu_ends_are_counted_and_queues_come_after_the_menu() -> None:
    calls = Recorded([(1.0, Way("100", "cards", 30.0)), (2.0, Way("100", "", 12.0, "self_served"))])
    tally = run(plan([], sources=(calls,)))
    assert endings([tally]) == {"100": {"queued": 1.0, "self_served": 1.0}}
    assert tally.operators["anna"].free == 31.0


def test_build__roster_with_breaks_and_operators_who_do_not_exist_yet() -> None:
    groups = (Group("day", ("anna",), ((3600.0, 36000.0),), ((7200.0, 9000.0), (80000.0, 81000.0))),
              Group("night", (), ((79200.0, 108000.0),), (), 2, ("cards",)),
              Group("stays", ("boris",), ((0.0, UNTIL_THE_LAST),)))
    traffic = Traffic((0.0, 86400.0), A_MONDAY, 20.0, (), {}, Behaviour(handle=exponential(60.0)), AT_ONCE, 0.0, groups)
    settings = Settings((CARDS,), tuple(OperatorSettings(name, Status.AVAILABLE) for name in NAMES))
    built = build(traffic, House(settings, {}), ())
    assert built.settings.queues[0].operators == ("anna", "boris", "night-1", "night-2")
    assert {each.status for each in built.settings.operators} == {Status.LOGGED_OUT}
    assert [(change.at, change.status) for change in built.roster if change.operator == "anna"] == [
        (3600.0, Status.AVAILABLE), (7200.0, Status.ON_BREAK), (9000.0, Status.AVAILABLE), (36000.0, Status.LOGGED_OUT)]
    assert [(change.at, change.status) for change in built.roster if change.operator == "night-2"] == [
        (0.0, Status.AVAILABLE), (21600.0, Status.LOGGED_OUT), (79200.0, Status.AVAILABLE),
        (108000.0, Status.LOGGED_OUT)]
    assert [change.at for change in built.roster if change.operator == "boris"] == [0.0]
    assert built.groups["night-1"] == "night"
    assert built.traffic["cards"] == QueueTraffic(exponential(60.0), INFINITE)
    assert staffed(settings, ()).queues == settings.queues


def test_build__recorded_times_stand_where_the_file_says_nothing() -> None:
    traffic = Traffic((0.0, 86400.0), A_MONDAY, 20.0, (), {"cards": Behaviour(patience=INFINITE)}, Behaviour(),
                      AT_ONCE, 0.0, ())
    settings = Settings((CARDS, QueueSettings("loans", NAMES)), ())
    built = build(traffic, House(settings, {}), (), {"cards": fixed(9.0)},
                  {"cards": fixed(1.0), "loans": fixed(2.0)})
    assert built.traffic["cards"] == QueueTraffic(fixed(9.0), INFINITE)
    assert built.traffic["loans"] == QueueTraffic(AT_ONCE, fixed(2.0))


def test_clipped__a_rate_holds_from_its_time_on() -> None:
    rates = ((0.0, 1.0), (100.0, 2.0), (200.0, 0.0))
    assert clipped(rates, (50.0, 150.0)) == ((50.0, 1.0), (100.0, 2.0))
    assert clipped(((100.0, 2.0),), (50.0, 150.0)) == ((50.0, 0.0), (100.0, 2.0))


def test_poisson__as_many_as_the_rates_say() -> None:
    source = Poisson(((0.0, 1.0), (1000.0, 0.0), (2000.0, 5.0)), 3000.0, straight_to("cards"))
    times = [at for at, _ in source.arrivals(Random(3))]
    assert times == sorted(times)
    spans = [sum(begin <= at < begin + 1000 for at in times) for begin in (0, 1000, 2000)]
    assert spans == [pytest.approx(1000, rel=0.1), 0, pytest.approx(5000, rel=0.05)]
    traffic = Traffic((0.0, 3000.0), A_MONDAY, 20.0, (), {"cards": Behaviour(rates=((0.0, 0.1),))}, Behaviour(),
                      AT_ONCE, 0.0, ())
    (described,) = described_sources(traffic, lambda line, at: pytest.fail("no line walks a menu"))
    assert 200 < sum(1 for _ in described.arrivals(Random(1))) < 400


def test_results__by_hand() -> None:
    runs = [run(plan([(1.0, "cards"), (2.0, "cards"), (5.0, "cards")], groups={"anna": "day"})) for _ in range(3)]
    found = results(plan([], groups={"anna": "day"}), runs)
    assert list(found) == [Scope("all", ALL), Scope("queue", "cards"), Scope("group", "day")]
    cards = found[Scope("queue", "cards")]
    assert cards["sl"].value == pytest.approx(2 / 3)
    assert cards["wait"].value == pytest.approx(106 / 3)
    assert (cards["p50"].value, cards["p90"].value) == (0.0, 106.0)
    assert cards["offered"].value == 3
    assert found[Scope("group", "day")]["occupancy"].value == pytest.approx(210 / 211)


@pytest.mark.parametrize(("text", "met"), [
    ("sl>=0.2", True), ("sl >= 66%", False), ("sl<=0.99", True), ("queue:cards p90<=106", True),
    ("queue:cards p90 <= 105s", False), ("group:day occupancy>=0.9", True), ("abandoned<=0.5", True)])
def test_requirement__the_whole_interval_must_meet_it(text: str, met: bool) -> None:
    runs = [run(plan([(1.0, "cards"), (2.0, "cards"), (5.0, "cards")], groups={"anna": "day"})) for _ in range(3)]
    found = results(plan([], groups={"anna": "day"}), runs)
    verdict, sentence = judge(read_requirement(text), found)
    assert verdict is met
    assert sentence.startswith("met: " if met else "not met: ")
    assert "95 % interval is" in sentence


@pytest.mark.parametrize(("text", "words"), [
    ("sl=0.8", "is no requirement"), ("sla>=0.8", "did you mean `sl`?"), ("sl>=80", "from 0 to 1, or with %"),
    ("p90<=5%", "not measured in `%`"), ("offered>=5", "there is no figure")])
def test_requirement__what_can_not_be_asked(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_requirement(text)


def test_requirement__of_nobody() -> None:
    runs = [run(plan([])), run(plan([]))]
    found = results(plan([]), runs)
    assert judge(read_requirement("sl>=0.8"), found) == (
        False, "not met: all callers: service level at least 0.8 was required, and nobody was there to tell it of")
    with pytest.raises(ValueError, match="there is no queue cards"):
        judge(read_requirement("queue:cards sl>=0.8"), found)
