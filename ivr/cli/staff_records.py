"""What `hotline staff --records` takes from the database. Apart from the command: SQLAlchemy is slow to import."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.report_setting import open_record, read_setting
from routing.reports.traffic import Seen, seen


def seen_in_records(config: Path, days: int, queue: str | None) -> Seen:
    """Of the last whole days. Raises AdminError where nobody called."""
    setting, now = read_setting(config), datetime.now(UTC)
    today = now.astimezone(setting.zone).date()
    period = setting.period((today - timedelta(days=days)).isoformat(), (today - timedelta(days=1)).isoformat(), now)
    with open_record(setting, config) as engine:
        found = seen(engine, period, queue, now)
    if not found.intervals:
        what = f"queue {queue}" if queue is not None else "any queue"
        raise AdminError([Fault(Place(str(config)), f"nobody came into {what} in these {days} days",
                                "say the traffic yourself: --calls or --arrivals")])
    return found
