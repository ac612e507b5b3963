"""Keys typed at a terminal, one by one, without Enter."""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

HANG_UP = ("q", "\x04", "")      # q, Ctrl-D, and a terminal that is gone
ENTER = ("\n", "\r")
ERASE = ("\x7f", "\b")


class Keypad:
    """The terminal at standard input. Use within `typed`."""

    def __init__(self) -> None:
        self._file = sys.stdin.fileno()

    def wait(self, seconds: float | None) -> str | None:
        """The next key within `seconds` (None: however long it takes); None if there was none, "" at the end."""
        ready, _, _ = select.select([self._file], [], [], seconds)
        return os.read(self._file, 1).decode("ascii", "replace") if ready else None


    def line(self) -> str:
        """A line that is typed, with Enter at its end, and shown while it is typed."""
        typed: list[str] = []
        while (key := self.wait(None)) not in (*ENTER, "", "\x04"):
            if key in ERASE and typed:
                typed.pop()
                print("\b \b", end="", flush=True)
            elif key is not None and key.isprintable():
                typed.append(key)
                print(key, end="", flush=True)
        print()
        return "".join(typed).strip()


@contextmanager
def typed() -> Iterator[Keypad]:
    """Keys come at once and are not echoed; afterwards the terminal is as it was. Ctrl-C still ends the program."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield Keypad()
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
