"""One line per event on stderr: time, level, process, event, then key=value. All processes write this way.

    2026-11-22T14:46:01.123Z info control call_offered call=3f0c… line=100 caller_number=*********67

Numbers of people and keys they press are personal: under the keys of PERSONAL, and as the user part of SIP addresses
in any text, only the last two digits are written, unless the configuration says otherwise.
"""

import atexit
import json
import logging
import queue
import re
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

PERSONAL = frozenset({"caller_number", "caller_name", "number", "digits", "keys", "from_number"})
VALUE_LENGTH = 500          # a longer value is cut: a line is read by people
TRACEBACK_LENGTH = 4000
LINES_WAITING = 10_000      # when stderr does not take them (a stopped terminal), newer lines are dropped and counted
GATHER = 0.05               # s that a line waits for others: a thread that wakes for each takes time from the calls
FLUSH_SECONDS = 2.0

_USER_PART = re.compile(r"(?<=sip:)\+?[0-9]{5,}|(?<=tel:)\+?[0-9]{5,}")
_PLAIN = re.compile(r"[^\s\"=\\\x00-\x1f\x7f]+")


class Log:
    """Writes events of one part of the service: `log.info("call_offered", call=call, line=line)`."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"hotline.{name}")

    def debug(self, event: str, **fields: Any) -> None:
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, error: BaseException | None = None, **fields: Any) -> None:
        """`error`: what was caught; its traceback goes into the line, with the newlines escaped."""
        self._write(logging.ERROR, event, fields, error)

    def _write(self, level: int, event: str, fields: Mapping[str, Any], error: BaseException | None = None) -> None:
        """Straight to the output of `set_up_log`: a record for `logging` costs more than the line that comes of it."""
        if not self._logger.isEnabledFor(level):
            return
        output = _output            # another thread may close it meanwhile
        if output is not None:
            output.put(time.time(), level, event, fields, error)
            return
        caught = (type(error), error, error.__traceback__) if error is not None else None
        record = logging.LogRecord(self._logger.name, level, "", 0, event, None, caught)
        record.fields = fields
        self._logger.handle(record)


class Lines:
    """Makes one line of an event."""

    def __init__(self, process: str, full_numbers: bool) -> None:
        self._process = process
        self._full = full_numbers
        self._clock = 0, ""         # of the last line: most share it with the one before

    def line(self, at: float, level: int, event: str, fields: Mapping[str, Any], error: BaseException | None) -> str:
        """Of an event at `at` (s since 1970)."""
        words = [self._time(at), logging.getLevelName(level).lower(), self._process, written(event)]
        words += [f"{key}={self._value(key, value)}" for key, value in fields.items()]
        if error is not None:
            text = "".join(traceback.format_exception(error))[-TRACEBACK_LENGTH:]
            words.append(f"traceback={json.dumps(self._masked(text), ensure_ascii=False)}")
        return " ".join(words)

    def _time(self, at: float) -> str:
        second, shown = self._clock
        if int(at) != second:
            second = int(at)
            shown = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._clock = second, shown      # in one step: other threads write lines, too
        return f"{shown}.{int(1000 * (at - second)):03}Z"

    def _value(self, key: str, value: Any) -> str:
        if value is None:
            return "-"
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        if key in PERSONAL and not self._full:
            return written(masked(text))
        return written(self._masked(text)[:VALUE_LENGTH])

    def _masked(self, text: str) -> str:
        return text if self._full or ":" not in text else _USER_PART.sub(lambda found: masked(found[0]), text)


def masked(text: str) -> str:
    """All but the last two characters as stars; a text of up to two is stars altogether."""
    return "*" * min(len(text), 30) if len(text) <= 2 else "*" * min(len(text) - 2, 30) + text[-2:]


def written(text: str) -> str:
    """A value as it stands if it is one plain word, else in quotes with everything dangerous escaped."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class _StreamThread(logging.Handler):
    """Hands lines to a thread that writes them, so that a slow stderr never holds a call.

    Events of ours come by `put`, records of libraries by `emit`.
    """

    def __init__(self, stream: TextIO, lines: Lines) -> None:
        super().__init__()
        self._stream = stream
        self._form = lines
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._dropped = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def put(self, at: float, level: int, event: str, fields: Mapping[str, Any], error: BaseException | None) -> None:
        if self._lines.qsize() >= LINES_WAITING:
            self._dropped += 1
            return
        try:
            self._lines.put(self._form.line(at, level, event, fields, error))
        except Exception as fault:          # a value that can't be shown must not end a call
            self._lines.put(self._form.line(at, logging.ERROR, event, {"not_shown": type(fault).__name__}, None))

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        try:
            text = record.getMessage()
        except Exception:
            self.handleError(record)
            return
        self.put(record.created, record.levelno, record.name, {"message": text}, error)

    def close(self) -> None:
        """Write what is waiting, for up to FLUSH_SECONDS."""
        global _output
        if _output is self:
            _output = None
        self._closing.set()
        self._lines.put(None)
        self._thread.join(FLUSH_SECONDS)
        super().close()

    def _write(self) -> None:
        ended = False
        while not ended:
            lines = [self._lines.get()]
            if lines[0] is not None:
                self._closing.wait(GATHER)
            lines += [self._lines.get() for _ in range(self._lines.qsize())]
            ended = None in lines
            dropped, self._dropped = self._dropped, 0
            if dropped:
                lines.append(f"log_lines_dropped lines={dropped}")
            try:
                self._stream.write("".join(f"{line}\n" for line in lines if line is not None))
                self._stream.flush()
            except (OSError, ValueError):
                continue    # stderr is gone; there is nowhere left to say so


_output: _StreamThread | None = None       # of `set_up_log`; without it events go to `logging`, for a test to see


def set_up_log(process: str, level: str = "info", full_numbers: bool = False, stream: TextIO | None = None) -> None:
    """Send the log of this process, libraries included, to `stream` (stderr). Calling it again replaces the former."""
    global _output
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, _StreamThread):
            root.removeHandler(old)
            atexit.unregister(old.close)
            old.close()
    _output = output = _StreamThread(stream or sys.stderr, Lines(process, full_numbers))
    root.addHandler(output)
    root.setLevel(logging.WARNING)      # libraries
    logging.getLogger("hotline").setLevel(level.upper())
    atexit.register(output.close)
