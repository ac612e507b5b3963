"""Tables of the command line: no column vanishes on a terminal, and nothing is cut in a pipe."""

import re
import sys
from collections.abc import Callable

import pytest

from ivr.cli import lines, records
from ivr.cli.table import Narrow, print_table

PHONE = {"account": "anna", "kind": "operator", "transport": "udp", "address": "192.0.2.77:40123",
         "contact": "sip:anna@192.168.178.20:5060;transport=udp;ob=yes", "user_agent": "A desk phone of some maker 1.2",
         "expires_in_s": "3471.2", "since_s": "86400.5", "nat": "yes", "refused": "192.0.2.78:5060, 12 s ago"}
TABLES = [(lines.PHONES, lines.NARROW_PHONES), (lines.TRUNKS, lines.NARROW_TRUNKS), (records.CALLS, records.NARROW),
          (records.REQUESTS, records.NARROW), (records.OPERATORS, records.NARROW)]

Printed = Callable[[dict[str, str], dict[str, str], Narrow, int | None], list[str]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    def run(columns: dict[str, str], row: dict[str, str], narrow: Narrow, terminal: int | None) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(terminal or 80))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal is not None)
        print_table("a title", columns, [row], narrow)
        out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        return [line.rstrip() for line in out.splitlines() if line.strip()]

    return run


def test_table__phones_on_a_narrow_terminal(printed: Printed) -> None:
    _, head, _, row = printed(lines.PHONES, PHONE, lines.NARROW_PHONES, 80)
    assert head.split() == ["account", "transport", "address", "wrong", "passwo…", "phone", "expires", "in", "s", "NAT"]
    assert row.split()[:3] == ["anna", "udp", "192.0.2.77:40123"]
    assert row.split()[-2:] == ["3471.2", "yes"]
    assert "…" in row
    assert max(len(head), len(row)) <= 80


def test_table__a_wide_terminal_shows_all(printed: Printed) -> None:
    row = printed(lines.PHONES, PHONE, lines.NARROW_PHONES, 200)[3]
    assert all(cell in row for cell in PHONE.values())


@pytest.mark.parametrize(("columns", "narrow"), TABLES)
@pytest.mark.parametrize("terminal", [20, 80, 100, 120])
def test_table__no_column_vanishes(printed: Printed, columns: dict[str, str], narrow: Narrow,
                                   terminal: int) -> None:
    row = {key: PHONE.get(key, "x" * 12) for key in columns}
    shown = printed(columns, row, narrow, terminal)[3]
    for key, cell in row.items():
        if key not in narrow.cut and key not in narrow.left_out:
            assert cell in shown
    assert next(iter(row.values())) == shown.split()[0]


@pytest.mark.parametrize(("columns", "narrow"), TABLES)
def test_table__a_pipe_gets_every_cell_whole(printed: Printed, columns: dict[str, str],
                                             narrow: Narrow) -> None:
    row = {key: f"{key} {'x' * 60}" for key in columns}
    assert printed(columns, row, narrow, None)[3].split() == " ".join(row.values()).split()
