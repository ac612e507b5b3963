"""Which steps are done, kept in a file so that a bench that was broken off goes on; and what is going on, on stderr."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EVERY = 1.0 if sys.stderr.isatty() else 15.0        # seconds between signs of life


class Finished:
    """The results of finished steps, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text().splitlines() if path.exists() else []
        self.results: dict[str, dict[str, Any]] = {result["bench"]: result for result in map(json.loads, lines)}

    def add(self, result: Mapping[str, Any]) -> None:
        self.results[result["bench"]] = dict(result)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text("".join(f"{json.dumps(each)}\n" for each in self.results.values()))

    def forget(self) -> None:
        self.results.clear()
        self._path.unlink(missing_ok=True)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def going_on(text: str, seconds: float) -> Iterator[None]:
    """Say on stderr what runs now, for about so long, and how far it is."""
    over, began_at = threading.Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(EVERY):
            print(f"  {text}: {time.monotonic() - began_at:.0f} of about {seconds:.0f} s", file=sys.stderr,
                  end="\r" if EVERY < 2 else "\n", flush=True)

    say(f"  {text}, about {seconds:.0f} s")
    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
