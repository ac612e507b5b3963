"""Which channels there are: a new one is its file, its section of the configuration and its line here."""

import hashlib
import hmac

from desk.channels.channel import Channel
from desk.channels.http_channel import HttpGateway
from desk.channels.telegram import Telegram
from ivr.base.config import Config
from ivr.drivers.secrets_file import Secrets


def make_channels(config: Config, secrets: Secrets) -> list[Channel]:
    """Those that are open."""
    found: list[Channel] = []
    http = config.channels.http
    if http.line is not None:
        found += [HttpGateway(name, gateway.url, secrets.channels[f"http/{name}"])
                  for name, gateway in http.gateways.items() if f"http/{name}" in secrets.channels]
    if config.channels.telegram.line is not None and "telegram" in secrets.channels:
        token = secrets.channels["telegram"]
        found.append(Telegram(config.channels.telegram, token, _derived(secrets.session_key, token)))
    return found


def _derived(key: bytes, token: str) -> str:
    """What Telegram is to show at our webhook: the same after a restart, and another one with another token."""
    return hmac.new(key, b"webhook of telegram " + token.encode(), hashlib.sha256).hexdigest()
