"""Which channels there are: a new one is its file, its section of the configuration and its line here."""

from collections.abc import Mapping

from desk.channels.channel import Channel
from desk.channels.http_channel import HttpGateway
from ivr.base.config import Config


def make_channels(config: Config, secrets: Mapping[str, str]) -> list[Channel]:
    """Those that are open. `secrets`: of `ivr.drivers.channel_secrets`."""
    found: list[Channel] = []
    http = config.channels.http
    if http.line is not None:
        found += [HttpGateway(name, gateway.url, secrets[f"http/{name}"])
                  for name, gateway in http.gateways.items() if f"http/{name}" in secrets]
    return found
