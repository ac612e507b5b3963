"""Thousands of objects that all stay: looking for garbage among them, time and again, takes longer than making them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_looked_for() -> Iterator[None]:
    """Within it nobody looks for cycles that nothing needs any more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
