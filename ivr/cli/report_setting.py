"""What `hotline report` and `hotline staff --records` read first: configuration, zones of lines, database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ivr.base.config import Config
    from routing.reports.period import Period

AS = "write 2026-12-31, or 2026-12-31T23:59"


@dataclass(frozen=True)
class Setting:
    """`zone` is that of what belongs to no line."""

    config: "Config"
    zone: tzinfo
    zones: dict[str, tzinfo]

    def period(self, since: str | None, until: str | None, now: datetime) -> "Period":
        """From and to as people wrote them: a day that is named last is in it. Without them: today."""
        from routing.reports.period import Period

        today = now.astimezone(self.zone).date()
        begin = bound(since, "--from", last=False) if since else datetime.combine(today, time())
        end = bound(until, "--to", last=True) if until else datetime.combine(today + timedelta(days=1), time())
        if end <= begin:
            raise typer.BadParameter("it ends before it begins", param_hint="--to")
        return Period(begin, end, self.zone, self.zones)


def bound(text: str, option: str, last: bool) -> datetime:
    """A local time. A day alone is its beginning, or, as the `last` one, its end."""
    try:
        if len(text) > len("2026-12-31"):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                raise ValueError
            return moment
        return datetime.combine(date.fromisoformat(text) + timedelta(days=last), time())
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no local time: {AS}", param_hint=option) from None


def read_setting(config_file: Path) -> Setting:
    """Raises AdminError for files that can't be read."""
    from ivr.drivers.config_file import load_config
    from ivr.drivers.hours_file import read_hours
    from ivr.drivers.own_zone import own_zone
    from routing.reports.line_zones import line_zones

    config = load_config(config_file)
    zone, zones = line_zones(config, read_hours(str(config_file), config), own_zone())
    return Setting(config, zone, zones)


@contextmanager
def open_record(setting: Setting, config_file: Path) -> Iterator["Engine"]:
    """The database, whether the service runs or not. Raises AdminError where it can't be read."""
    from sqlalchemy.exc import SQLAlchemyError

    from ivr.cli.database_source import engine_of, unread

    engine = engine_of(setting.config, config_file)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise unread(setting.config, config_file, error) from None
    finally:
        engine.dispose()
