"""What a caller puts into the record must not reach into the terminal of whoever reads it."""

import pytest

from ivr.cli.records import CALLS, NARROW, show
from ivr.cli.source import Source


@pytest.mark.parametrize("number", ["[/red]", "[bold]x", "[link=http://example.com]1[/link]"])
def test_show__a_number_that_looks_like_markup(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    class Record:
        name = "a test"

    source: Source = Record()       # type: ignore[assignment]
    show(source, "calls", [{"id": "1", "caller_number": number}], CALLS, False, NARROW)
    assert number in capsys.readouterr().out
