"""The simulation against Erlang, a day of 100,000 calls, and the wait estimate over days of different kinds.

    python -m bench.simulation simulate_erlang|simulate_day|estimate [--table]

One JSON line; --table: a table instead, as docs/simulate.md has it. Nothing but this machine's CPU is needed; progress
goes to stderr.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from bench.progress import EVERY, say
from ivr.menu.loader import load_menu
from ivr.menu.testing.lengths import estimated
from routing.dispatcher import OperatorSettings, QueueSettings, Settings, Status
from routing.reports.simulation.arrivals import Poisson
from routing.reports.simulation.distributions import exponential, lognormal
from routing.reports.simulation.engine import Engine
from routing.reports.simulation.erlang_runs import CASES, Case, figures
from routing.reports.simulation.menu_ways import Entrance, walk_all
from routing.reports.simulation.plan import Plan, QueueTraffic, StatusChange
from routing.reports.simulation.tally import Tally
from routing.reports.simulation.wait_trial import DAYS, Trial

Figures = dict[str, Any]
HOUR = 3600.0
LEVEL = 0.99
WIDEST = 0.01               # half-width of shares; of the mean wait as a part of it, at most WIDEST_WAIT
WIDEST_WAIT = 0.05
BATCHES = 50
# Calls a batch: what the half-widths ask for. A queue that is nearly full forgets slowly: C_11 takes 7,600 s.
BATCH_CALLS = {"C_11": 50_000, "C_12": 26_000, "C_14": 25_000, "A_8": 8_000, "A_10": 8_000, "A_12": 10_000,
               "A_14": 25_000}
ERLANG_SEED, DAY_SEED, TRIAL_SEEDS = 1, 1, (11, 12, 13)
DAY_CALLS, DAY_AIM = 100_000, 20.0
BANK = Path("menus/bank.yaml")
HABITS = {
    "language": {"1": 70.0, "2": 27.0, "silence": 3.0},
    "main": {"1": 6.0, "2": 30.0, "3": 18.0, "4": 10.0, "5": 14.0, "6": 8.0, "7": 5.0, "0": 6.0, "hangup": 3.0},
    "cards": {"1": 20.0, "2": 10.0, "3": 25.0, "0": 25.0, "hangup": 20.0},
    "loans": {"1": 15.0, "2": 15.0, "0": 50.0, "hangup": 20.0},
    "deposits": {"1": 20.0, "2": 10.0, "0": 50.0, "hangup": 20.0},
    "transfers": {"1": 25.0, "2": 5.0, "0": 50.0, "hangup": 20.0},
    "corporate": {"1": 20.0, "2": 20.0, "0": 50.0, "hangup": 10.0},
    "branches": {"1": 40.0, "2": 30.0, "3": 10.0, "0": 20.0},
}
SHAPE = (2, 2, 2, 2, 2, 4, 10, 30, 70, 100, 110, 100, 90, 95, 100, 100, 90, 80, 60, 45, 30, 20, 10, 5)
# Queue -> share of the operators who serve it first, and how long its calls take. Everybody serves `general` too.
DESKS = {"cards": (0.34, 170.0), "loans": (0.18, 260.0), "deposits": (0.13, 200.0), "transfers": (0.13, 190.0),
         "corporate": (0.11, 300.0), "lost_card": (0.11, 120.0)}


# --- Erlang -----------------------------------------------------------------------------------------------------------
def simulate_erlang() -> Figures:
    """Every reference value of Erlang C and A in the 99 % interval of the real dispatcher, half a width of 1 point."""
    begin = time.process_time()
    rows = [row for case in CASES for row in _erlang_rows(case)]
    return {"level": LEVEL, "rows": rows, "calls": sum({row["case"]: row["calls"] for row in rows}.values()),
            "held": all(row["held"] for row in rows), "narrow": all(row["narrow"] for row in rows),
            "cpu_s": round(time.process_time() - begin, 1)}


def _erlang_rows(case: Case) -> Iterator[Figures]:
    plan = case.plan(BATCHES, BATCH_CALLS[case.name])
    tallies = _run(plan, Random(ERLANG_SEED), case.name, plan.warm_up + plan.batch * BATCHES)
    calls = sum(tally.queues["calls"].offered for tally in tallies)
    for name, found in figures(tallies, LEVEL).items():
        widest = WIDEST_WAIT * found.value if name == "wait" else WIDEST
        yield {"case": case.name, "figure": name, "erlang": case.expected[name], "simulated": round(found.value, 4),
               "half_width": round(found.half_width, 4), "calls": calls,
               "held": _rounded(case.expected[name], found.low, found.high), "narrow": found.half_width <= widest}


def _rounded(expected: float, low: float, high: float) -> bool:
    """The reference values have four digits or two decimals: half of the last one is nobody's error."""
    slack = 0.005 if expected > 1 else 0.00005
    return low - slack <= expected <= high + slack


# --- a day ------------------------------------------------------------------------------------------------------------
def simulate_day() -> Figures:
    """A day of 100,000 calls through the sample's menus and six queues: CPU, menus included."""
    begin = time.process_time()
    plan, walks = day_plan()
    menus = time.process_time() - begin
    (tally,) = _run(plan, Random(DAY_SEED), "a day", 24 * HOUR)
    seconds = time.process_time() - begin
    queues = {name: {"offered": queue.offered, "in_time": round(queue.answered_in_time / queue.offered, 3),
                     "abandoned": round(queue.abandoned / queue.offered, 3)}
              for name, queue in sorted(tally.queues.items()) if queue.offered}
    visits = sum(sum(ended.values()) for ended in tally.visits.values())
    return {"calls": visits, "queued": sum(queue["offered"] for queue in queues.values()), "cpu_s": round(seconds, 2),
            "of_it_menus_s": round(menus, 2), "ways_walked": walks, "cpu_us_per_call": round(1e6 * seconds / visits, 1),
            "aim_s": DAY_AIM, "operators": len(plan.settings.operators), "queues": queues}


def day_plan() -> tuple[Plan, int]:
    """And how many ways through the menu were walked for it. Nobody is planned well: some queues drown at noon."""
    menu = load_menu(BANK.read_text(encoding="utf-8"), str(BANK), None, None)
    walked = walk_all(menu, estimated(menu), Entrance("100"), HABITS)
    operators = 560
    names = [f"operator{number}" for number in range(operators)]
    served: dict[str, list[str]] = {"general": names}
    first = 0
    for queue, (share, _) in DESKS.items():
        count = round(share * operators)
        served[queue] = names[first:first + count]
        first += count
    queues = tuple(QueueSettings(queue, tuple(of), max_waiting=1000, wrap_up=15.0) for queue, of in served.items())
    times = {queue: lognormal(mean, 1.1) for queue, (_, mean) in DESKS.items()} | {"general": lognormal(150.0, 1.1)}
    rates = tuple((hour * HOUR, DAY_CALLS * part / sum(SHAPE) / HOUR) for hour, part in enumerate(SHAPE))
    return Plan(
        Settings(queues, tuple(OperatorSettings(name) for name in names)),
        {queue: QueueTraffic(handle, exponential(240.0), 0.3, exponential(600.0)) for queue, handle in times.items()},
        (Poisson(rates, 24 * HOUR, walked.ways),), tuple(_roster(names)), answer=exponential(3.0), missed_share=0.01,
    ), walked.walks


def _roster(names: Sequence[str]) -> Iterator[StatusChange]:
    """One in thirty works at night, the others in two shifts that overlap, with a break of half an hour."""
    changes = []
    for number, name in enumerate(names):
        if number % 30 == 0:
            changes.append(StatusChange(0.0, name, Status.AVAILABLE))
            continue
        begin = (7 + (number % 8) / 2) * HOUR if number % 3 else (11 + (number % 6) / 2) * HOUR
        pause = begin + (3 + number % 7 / 3) * HOUR
        changes += [StatusChange(begin, name, Status.AVAILABLE), StatusChange(pause, name, Status.ON_BREAK),
                    StatusChange(pause + HOUR / 2, name, Status.AVAILABLE),
                    StatusChange(begin + 9 * HOUR, name, Status.LOGGED_OUT)]
    return iter(sorted(changes, key=lambda change: change.at))


# --- the wait estimate ------------------------------------------------------------------------------------------------
def estimate() -> Figures:
    """The 80 % range of the wait estimate over days of thirteen kinds, three of each: how many true waits it holds."""
    begin, rows = time.process_time(), list[Figures]()
    for number, (kind, plan) in enumerate(DAYS.items(), 1):
        say(f"  {number}/{len(DAYS)} {kind}")
        for seed in TRIAL_SEEDS:
            for queue, found in Trial(plan(), seed).run().items():
                rows.append({
                    "day": kind, "queue": queue, "estimates": found.judged, "coverage": round(found.coverage, 3),
                    "below": round(found.below / found.judged, 3), "above": round(found.above / found.judged, 3),
                    "bias": round(found.bias, 2), "mean_wait_s": round(found.waited / found.judged, 1),
                    "mean_width_s": round(found.width / found.judged, 1),
                    "said_kept": round(found.said_kept / found.said, 3), "given_up": found.given_up,
                    "given_up_above": found.given_up_above})
    return {"aim": [0.75, 0.85], "held": all(0.75 <= row["coverage"] <= 0.85 for row in rows), "rows": rows,
            "cpu_s": round(time.process_time() - begin, 1)}


# --- both -------------------------------------------------------------------------------------------------------------
def _run(plan: Plan, chance: Random, name: str, length: float) -> list[Tally]:
    told = [time.monotonic()]

    def progress(now: float) -> None:
        if time.monotonic() - told[0] >= EVERY:
            told[0] = time.monotonic()
            say(f"  {name}: {now / length:.0%}")

    return Engine(plan, chance).run(progress, length / 10_000)


STEPS: dict[str, Callable[[], Figures]] = {step.__name__: step for step in (simulate_erlang, simulate_day, estimate)}


def of_days(rows: Sequence[Figures]) -> list[Figures]:
    """The rows of one day and queue as one: seeds apart where they matter."""
    found: dict[tuple[str, str], list[Figures]] = {}
    for row in rows:
        found.setdefault((row["day"], row["queue"]), []).append(row)
    return [{"day": day, "queue": queue, "estimates": sum(row["estimates"] for row in seeds),
             "coverage": ", ".join(f"{row['coverage']:.2f}" for row in seeds),
             **{key: _span(seeds, key) for key in ("bias", "mean_wait_s", "mean_width_s", "said_kept")},
             "given_up": sum(row["given_up"] for row in seeds),
             "given_up_above": sum(row["given_up_above"] for row in seeds)} for (day, queue), seeds in found.items()]


def of_cases(rows: Sequence[Figures]) -> list[Figures]:
    """The rows of one case as one: Erlang's value, and the simulated one with half of its interval."""
    found: dict[str, Figures] = {}
    for row in rows:
        case = found.setdefault(row["case"], {"case": row["case"].replace("_", ", n = "), "calls": row["calls"]})
        held = "" if row["held"] and row["narrow"] else " MISSED"
        case[row["figure"]] = f"{row['erlang']:.4g}: {row['simulated']:.4g} ± {row['half_width']:.2g}{held}"
    return list(found.values())


def _span(rows: Sequence[Figures], key: str) -> str:
    values = [row[key] for row in rows]
    return f"{min(values):.3g} to {max(values):.3g}"


def table(rows: Sequence[Figures]) -> str:
    """In Markdown."""
    rows = of_days(rows) if "day" in rows[0] else of_cases(rows)
    heads = [key.replace("_", " ") for key in rows[0]]
    lines = [heads, ["---"] * len(heads), *([_cell(value) for value in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    found = STEPS[given.step]()
    print(table(found["rows"]) if given.table and "rows" in found else json.dumps({"bench": given.step, **found}))


if __name__ == "__main__":
    main()
