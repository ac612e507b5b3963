"""One day of a schedule gets other hours, by a form: checked as `hotline check` does before it is written."""

import codecs
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.menu_files import alone, replace_texts
from ivr.drivers.text_files import text_of
from ivr.menu.loader import version_of
from ivr.service.desk_work.hours_text import DayHours, with_day
from ivr.service.menu_check import check_text


def set_day(config: Config, arguments: Mapping[str, Any], told: Callable[[int, int, str], None]) -> dict[str, Any]:
    """`hours`: {spans, why}, or None to take the day out. `version` is that of the text which the form was filled in
    for. Raises AdminError; then the file is as it was."""
    if config.hours is None:
        raise AdminError([Fault(Place("config.yaml"), "no file of hours is named", "name one under `hours`, and "
                                "restart", code="hours-by-hand")])
    path, given = str(config.hours), arguments.get("hours")
    before = _unchanged(path, arguments["version"])
    hours = DayHours(tuple(given["spans"]), given["why"]) if given is not None else None
    text = with_day(before, path, arguments["schedule"], date.fromisoformat(arguments["day"]), hours)
    if text != before:
        check_text(config, path, text)
        try:
            with alone([path]):
                _unchanged(path, arguments["version"])      # checking takes a while, in which others may write
                replace_texts({path: _as_before(path, text)})
        except OSError as error:
            raise AdminError([Fault(Place(path), f"can't be written: {error.strerror}",
                                    "let the service write there", code="prompts-unwritable")]) from None
    return {"version": version_of(text), "changed": text != before}


def _unchanged(path: str, version: str) -> str:
    """The text, if it is still that one. Raises AdminError."""
    text = text_of(path)
    if version_of(text) != version:
        raise AdminError([Fault(Place(path), "somebody changed the file meanwhile", "look at the day again",
                                code="changed-meanwhile")])
    return text


def _as_before(path: str, text: str) -> str:
    """With the ends of lines, and the mark at the beginning, that the file has. Raises OSError."""
    content = Path(path).read_bytes()
    ended = text.replace("\n", "\r\n") if b"\r\n" in content else text
    return f"\ufeff{ended}" if content.startswith(codecs.BOM_UTF8) else ended
