"""Reads the file of hours that config.yaml names, and holds what lines say of it against what is there."""

from collections.abc import Iterator

from ivr.base.config import Config
from ivr.base.config_checks import did_you_mean
from ivr.base.errors import AdminError, Fault
from ivr.base.hours.loader import load_hours
from ivr.base.hours.schedule import Hours
from ivr.drivers.config_file import fault_at
from ivr.drivers.text_files import text_of


def read_hours(config_file: str, config: Config) -> Hours:
    """Its schedules; none where no file is named. Raises AdminError with every fault of it and of the lines."""
    if config.hours is None:
        return Hours()
    hours = load_hours(text_of(config.hours), config.hours)
    if faults := list(_unknown(config_file, config, hours)):
        raise AdminError(faults)
    return hours


def _unknown(file: str, config: Config, hours: Hours) -> Iterator[Fault]:
    for index, line in enumerate(config.lines):
        if line.hours is not None and line.hours not in hours.schedules:
            yield fault_at(file, ("lines", index, "hours"), f"there are no hours {line.hours} in {hours.file}",
                           did_you_mean(line.hours, hours.schedules), code="schedule-unknown")
    for name, queue in config.queues.items():
        wanted = queue.callback.hours if queue.callback is not None else None
        if wanted is not None and wanted not in hours.schedules:
            yield fault_at(file, ("queues", name, "callback", "hours"), f"there are no hours {wanted} in {hours.file}",
                           did_you_mean(wanted, hours.schedules), code="schedule-unknown")
