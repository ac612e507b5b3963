"""The log: one line per event, nothing personal in it, and never in the way of a call."""

import io
import logging
import threading
import time
from typing import Any

import pytest

from ivr.drivers import log as log_file
from ivr.drivers.log import Log, masked, set_up_log, written


def lines(full_numbers: bool = False, level: str = "debug", **fields: Any) -> list[str]:
    stream = io.StringIO()
    set_up_log("control", level, full_numbers, stream)
    Log("call").info("call_offered", **fields)
    logging.getLogger().handlers[-1].close()
    return stream.getvalue().splitlines()


def test_log__one_line_per_event() -> None:
    [line] = lines(call="3f0c", line="100", queue=None, wait=1.23456)
    at, rest = line.split(" ", 1)
    assert rest == "info control call_offered call=3f0c line=100 queue=- wait=1.235"
    assert at.endswith("Z")
    assert len(at) == len("2026-11-22T14:46:01.123Z")


@pytest.mark.parametrize("value", ["a b", 'a"b', "a\nb", "a=b", "", "\x1b[31m", "a\x7fb", "a\\b"])
def test_log__dangerous_values_are_quoted(value: str) -> None:
    [line] = lines(text=value)
    shown = line.partition("text=")[2]
    assert shown.startswith('"')
    assert all(ord(letter) >= 32 and ord(letter) != 127 for letter in line)


def test_log__personal_numbers_show_two_digits() -> None:
    [line] = lines(caller_number="+79161234567", digits="12")
    assert line.endswith("caller_number=**********67 digits=**")
    assert "7916" not in line


def test_log__a_number_inside_a_text_is_masked_too() -> None:
    [line] = lines(reason="no answer from sip:+79161234567@host; tel:+4930123456", to="sip:100@host")
    assert "sip:**********67@host" in line
    assert "30123456" not in line
    assert "sip:100@host" in line


def test_log__full_numbers_where_the_configuration_says_so() -> None:
    [line] = lines(full_numbers=True, caller_number="+79161234567", reason="sip:+79161234567@host")
    assert line.count("+79161234567") == 2


def test_log__level() -> None:
    assert lines(level="warning", call="1") == []


def test_log__an_error_has_its_traceback_in_the_line() -> None:
    stream = io.StringIO()
    set_up_log("web", "info", False, stream)
    try:
        raise ValueError("sip:+79161234567@host")
    except ValueError as error:
        Log("desk").error("page_failed", error, path="/")
    logging.getLogger("uvicorn.error").warning("of a library: %s", "x")
    logging.getLogger().handlers[-1].close()
    first, second = stream.getvalue().splitlines()
    assert "error web page_failed path=/ traceback=" in first
    assert "ValueError" in first
    assert "7916" not in first
    assert second.endswith('warning web uvicorn.error message="of a library: x"')


def test_log__a_stream_that_does_not_take_lines_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LINES_WAITING", 10)
    monkeypatch.setattr(log_file, "FLUSH_SECONDS", 0.05)
    gate = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            gate.wait(5)
            return super().write(text)

    stream = Stuck()
    set_up_log("control", "info", False, stream)
    began = time.monotonic()
    for number in range(100):
        Log("call").info("tick", number_of_tick=number)
    assert time.monotonic() - began < 0.5
    gate.set()
    time.sleep(0.05)
    Log("call").info("after")
    logging.getLogger().handlers[-1].close()
    text = stream.getvalue()
    assert "log_lines_dropped lines=" in text
    assert "after" in text


def test_masked() -> None:
    assert [masked("1"), masked("12"), masked("123"), masked("")] == ["*", "**", "*23", ""]
    assert len(masked("1" * 100)) == 32


def test_written() -> None:
    assert written("a") == "a"
    assert written("a b") == '"a b"'
