"""What must hold in config.yaml around the page from which anybody can call."""

from collections.abc import Iterator

from ivr.base.access_checks import Found
from ivr.base.config import Config
from ivr.base.suggestions import did_you_mean


def try_page_faults(config: Config) -> Iterator[Found]:
    """Lines that are none."""
    numbers = [number for line in config.lines for number in line.numbers]
    for index, number in enumerate(config.web.try_page.lines):
        if number not in numbers:
            yield (("web", "try_page", "lines", index), f"there is no line {number}", did_you_mean(number, numbers),
                   "line-unknown")
