"""Starts one of the service's processes.

    python -m ivr.service.start MODULE ...

A process imports a thousand modules, and what they define stays: looking for garbage in it takes a seventh of the time.
"""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """What is made in here stays, and is not looked through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def main() -> int:
    name = sys.argv.pop(1)
    with uncollected():
        module = importlib.import_module(name)
    return int(module.main())


if __name__ == "__main__":
    sys.exit(main())
