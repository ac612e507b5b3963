"""How far a long command is: a bar on a terminal, lines or nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int, int, str], None]      # how many are done, of how many, and the one that is done


@contextmanager
def progress(title: str, lines: bool = False) -> Iterator[Advance]:
    """`lines`: without a terminal a line for each step."""
    from rich.console import Console
    from rich.progress import Progress

    if not sys.stderr.isatty():
        yield _line if lines else _nothing
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=f"{title} {name}")


def counted(count: int, noun: str) -> str:
    """As "1 clip", "2 clips"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _line(done: int, total: int, name: str) -> None:
    print(f"{done}/{total} {name}", flush=True)


def _nothing(done: int, total: int, name: str) -> None:
    pass
