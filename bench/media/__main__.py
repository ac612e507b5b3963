"""What the media plane needs and how many calls it holds: `python -m bench.media`. Rows as they come, then tables.

The short form takes under 15 minutes; `--matrix` is every ladder, 40 minutes; `--whole` the same in longer windows,
each ladder three times: two hours and more. One JSON line a row on stdout, progress on stderr; the tables stand in
var/bench-media.md (bench-media-matrix.md, soak-media.md). What was broken off goes on with the ladders that are not
done; `--fresh` begins anew, `--only WORDS` climbs the ladders with these words in their name again, `--table` only
prints what there is, `--doc` puts it into docs/performance.md.
"""

import argparse
import sys

from bench import generator
from bench.media.runs import MATRIX_RUN, SHORT_RUN, WHOLE_RUN
from bench.media.table import put_into
from bench.progress import say
from tests.support.service import ROOT

PAGE = ROOT / "docs/performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.media", description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--matrix", action="store_true", help="every ladder once")
    form.add_argument("--whole", action="store_true", help="every ladder three times, in longer windows")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs have measured")
    parser.add_argument("--only", metavar="WORDS", help="such as 'menu uring', 'pairs recording', 'floor'")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    parser.add_argument("--doc", action="store_true", help="the same, and into docs/performance.md")
    chosen = parser.parse_args()
    lacking = generator.missing()
    if lacking:
        say(f"bench: {lacking}")
        return 1
    run = WHOLE_RUN if chosen.whole else MATRIX_RUN if chosen.matrix else SHORT_RUN
    if chosen.fresh:
        run.forget()
    if not chosen.table and not chosen.doc:
        run.climb(chosen.only)
    print(run.table())
    if chosen.doc:
        PAGE.write_text(put_into(PAGE.read_text(), run.rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
