"""What must hold in config.yaml around people who write."""

from collections.abc import Iterator

from ivr.base.access_checks import Found
from ivr.base.config import Config
from ivr.base.suggestions import did_you_mean


def channel_faults(config: Config) -> Iterator[Found]:
    """Lines that are none, and telephones that nobody may call."""
    numbers = [number for line in config.lines for number in line.numbers]
    for name in type(config.channels).model_fields:
        line = getattr(config.channels, name).line
        if line is not None and line not in numbers:
            yield (("channels", name, "line"), f"there is no line {line}", did_you_mean(line, numbers), "line-unknown")
    web = config.channels.web
    if web.line is not None and "telephone" in web.calls and not config.outbound.allow:
        yield (("channels", "web", "call_me"), "visitors may ask to be called, and no number may be called",
               "name the beginnings of numbers in `outbound.allow`, or write `call_me: browser`", "call-me-no-number")
