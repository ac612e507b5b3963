"""Tables of the command line: on a terminal as wide as that, in a pipe as wide as they must be."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

MIN_CUT = 12             # columns that a cut cell keeps, its ellipsis with it


@dataclass(frozen=True)
class Narrow:
    """What gives way where a terminal is too narrow: keys left out, in this order, then keys whose cells are cut."""

    left_out: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


def print_table(title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, str]], narrow: Narrow) -> None:
    console = Console()
    terminal = console.width if sys.stdout.isatty() else None
    natural = {key: max(cell_len(text) for text in (head, *(row[key] for row in rows)))
               for key, head in columns.items()}
    padding, widths = fitted(natural, narrow, terminal)
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=(0, padding))
    for key, width in widths.items():
        table.add_column(columns[key], no_wrap=True, width=width)
    for row in rows:
        # As Text: what a caller calls himself may look like rich's markup.
        table.add_row(*(Text(row[key]) for key in widths))
    # Never narrower than the table: rich would take away whole columns, a terminal only folds the line.
    width = max(terminal or 0, _total(widths, padding), cell_len(title))
    Console(width=width, height=console.height).print(table)      # both, or a dumb terminal would be taken for 80 wide


def fitted(natural: Mapping[str, int], narrow: Narrow, terminal: int | None) -> tuple[int, dict[str, int]]:
    """The padding of every cell and the width of every column that is shown."""
    widths = dict(natural)
    if terminal is None or _total(widths, 1) <= terminal:
        return 1, widths
    for key in narrow.left_out:
        if _total(widths, 0, narrow.cut) > terminal:
            widths.pop(key, None)
    for key in narrow.cut:
        if key in widths:
            over = max(0, _total(widths, 0) - terminal)
            widths[key] = max(min(MIN_CUT, widths[key]), widths[key] - over)
    return 0, widths


def _total(widths: Mapping[str, int], padding: int, cut: tuple[str, ...] = ()) -> int:
    """Columns of the whole table, with those of `cut` as narrow as they may become; box.SIMPLE has 1 between."""
    cells = sum(min(width, MIN_CUT) if key in cut else width for key, width in widths.items())
    return cells + len(widths) * (2 * padding + 1) + 1
