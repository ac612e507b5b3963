"""Dialogues per second: every way through the sample menus, misses and timeouts in every order, in virtual time.

    python bench/bench_dialogues.py [--least 1000]

Each way is a call of its own from its answer to its end, on one core. One JSON line.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from itertools import cycle, islice
from pathlib import Path

from ivr.menu.loader import load_menu
from ivr.menu.model import Menu
from ivr.menu.steps import NoInputCounted, NoMatchCounted
from ivr.menu.testing.lengths import estimated
from ivr.menu.testing.ways import Way, ways

SAMPLES = ("menus/bank.yaml", "bench/menu.yaml", "bench/queue.yaml")
AIM_SECONDS, AIM_DIALOGUES = 1.0, 1000


def all_ways() -> list[tuple[Menu, Mapping[str, float], Way]]:
    """Of every sample, with the menu and the lengths of its prompts."""
    menus = [load_menu(Path(file).read_text(encoding="utf-8"), file, None, None) for file in SAMPLES]
    return [(menu, lengths, way) for menu in menus for lengths in [estimated(menu)] for way in ways(menu, lengths)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--least", type=int, default=AIM_DIALOGUES, help="dialogues; the ways are gone again and again")
    found = all_ways()
    chosen = list(islice(cycle(found), max(parser.parse_args().least, len(found))))
    begin = time.process_time()
    gone = [way.walk(menu, lengths) for menu, lengths, way in chosen]
    seconds = time.process_time() - begin
    misses = sum(isinstance(step, NoInputCounted | NoMatchCounted) for dialogue in gone for _, step in dialogue.taken)
    print(json.dumps({"bench": "dialogues", "ways": len(found), "dialogues": len(chosen), "cpu_s": round(seconds, 3),
                      "dialogues_per_second": round(len(chosen) / seconds),
                      "seconds_for_1000": round(AIM_DIALOGUES * seconds / len(chosen), 3), "aim_s": AIM_SECONDS,
                      "misses_and_timeouts": misses, "calls_of_s": round(sum(one.now for one in gone) / len(gone), 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
