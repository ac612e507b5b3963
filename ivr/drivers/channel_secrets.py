"""The secrets of channels: the token of a bot, and what programs sign their messages with."""

from collections.abc import Mapping

from ivr.base.config import Config
from ivr.drivers.passwords import given_password

SHORTEST_SECRET = 16        # signs of what is signed with: nobody types it
SHORTEST_TOKEN = 8


def channel_secrets(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """By channel (`telegram`, `http/NAME`), of those that are open. Never to be logged. Raises AdminError."""
    channels, found = config.channels, dict[str, str]()
    if channels.telegram.line is not None:
        found["telegram"] = given_password(channels.telegram, "token", environment, SHORTEST_TOKEN) or ""
    if channels.http.line is not None:
        for name, gateway in channels.http.gateways.items():
            found[f"http/{name}"] = given_password(gateway, "secret", environment, SHORTEST_SECRET) or ""
    return found
