"""What must hold in config.yaml around people who write."""

from collections.abc import Iterator

from ivr.base.access_checks import Found
from ivr.base.config import Config
from ivr.base.suggestions import did_you_mean


def channel_faults(config: Config) -> Iterator[Found]:
    """Lines that are none."""
    numbers = [number for line in config.lines for number in line.numbers]
    named: list[tuple[tuple[str | int, ...], str | None]] = [
        ((name, "line"), getattr(config.channels, name).line) for name in type(config.channels).model_fields]
    named += [(("sip", "also", place), number) for place, number in enumerate(config.channels.sip.also)]
    for path, line in named:
        if line is not None and line not in numbers:
            yield (("channels", *path), f"there is no line {line}", did_you_mean(line, numbers), "line-unknown")


def closed_channels(config: Config) -> Iterator[Found]:
    """Lines that take no messages, though they are named."""
    sip = config.channels.sip
    if sip.line is None and sip.also:
        yield (("channels", "sip", "also"), "nobody can write to these lines: the channel is closed",
               "name channels.sip.line", "channel-closed")
