"""CPU of one whole call in two trees of this project, block about block, so that a shared machine disturbs both alike.

    python bench/bench_paired.py OTHER [--rounds 60] [--calls 100] [--warm 1000] [--queue]

OTHER is the folder of the other version (`git worktree add OTHER COMMIT`). Each is a process that stands ready; in
every round one makes its calls and then the other. One JSON line: of each tree the median of its blocks and the best
one in ms a call, and the median of the rounds' ratios, which is the figure to believe.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
WORKER = """
import gc, sys
sys.path.insert(0, sys.argv[1])
from bench.bench_exchange import STEPS, Bench
import ivr
assert sys.argv[1] in ivr.__path__[0], ivr.__path__
calls, warm, queue = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "queue"
bench, number = Bench(), 0
for number in range(warm):
    bench.call(number, queue)
gc.collect()
gc.freeze()
gc.disable()            # the same for both, whatever their services do
print("ready", flush=True)
for _ in sys.stdin:
    bench.spent = dict.fromkeys(STEPS, 0.0)
    for number in range(number + 1, number + 1 + calls):
        bench.call(number, queue)
    print(sum(bench.spent.values()) / calls * 1000, flush=True)
"""


class Tree:
    """A process that makes calls in one version when told to."""

    def __init__(self, folder: Path, given: argparse.Namespace) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), str(given.calls), str(given.warm),
             "queue" if given.queue else "plain"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def heard(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def block(self) -> float:
        """ms of CPU a call."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return float(self.heard())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("other", type=Path)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--warm", type=int, default=1000)
    parser.add_argument("--queue", action="store_true")
    given = parser.parse_args()
    other, this = Tree(given.other.resolve(), given), Tree(HERE, given)
    for tree in (other, this):
        if tree.heard() != "ready":
            sys.exit("a tree could not start")
    rounds = [(other.block(), this.block()) for _ in range(given.rounds)]
    for tree in (other, this):
        tree.process.communicate()
    before, after = zip(*rounds, strict=True)
    print(json.dumps({
        "bench": "paired", "queue": given.queue, "rounds": given.rounds,
        "other_ms": round(statistics.median(before), 4), "this_ms": round(statistics.median(after), 4),
        "other_best_ms": round(min(before), 4), "this_best_ms": round(min(after), 4),
        "ratio": round(statistics.median(now / then for then, now in rounds), 4)}))


if __name__ == "__main__":
    main()
