"""`hotline report --check`: whether the record accounts for every caller."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from ivr.cli.report_setting import open_record, read_setting
from ivr.cli.table import Narrow, print_table
from routing.reports.balance import MEANINGS, Account, Balance, balance

OPEN = {"line": "in progress", "queue": "waiting"}


def check_record(config: Path, since: str | None, until: str | None, as_json: bool) -> None:
    """Exits with 1 where somebody is not accounted for."""
    setting = read_setting(config)
    with open_record(setting, config) as engine:
        found = balance(engine, setting.period(since, until, datetime.now(UTC)))
    if as_json:
        Console().print_json(data=found.as_data())
    else:
        _print(found)
    if not found.holds:
        raise typer.Exit(1)


def _print(found: Balance) -> None:
    for noun, accounts in (("line", found.lines), ("queue", found.queues)):
        rows = [_row(name, account) for name, account in sorted(accounts.items())]
        columns = {"name": noun, "offered": "offered", "over": "ended", "open": OPEN[noun],
                   "unaccounted": "unaccounted", "how": "of the ended"}
        print_table(f"{'visits' if noun == 'line' else 'stays'}: offered = ended + {OPEN[noun]}", columns, rows,
                    Narrow(cut=("how",)))
    for sort, (count, calls) in found.faults.items():
        typer.echo(f"{sort}: {MEANINGS[sort]}: {count} ({', '.join(calls)})")
    typer.echo("Everybody is accounted for." if found.holds else "Somebody is not accounted for.")


def _row(name: str, account: Account) -> dict[str, str]:
    return {"name": name, "offered": str(account.offered), "over": str(sum(account.over.values())),
            "open": str(account.open), "unaccounted": str(account.unaccounted),
            "how": ", ".join(f"{how} {count}" for how, count in sorted(account.over.items()))}
