"""What must hold in config.yaml around people who write."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from ivr.base.access_checks import Found
from ivr.base.config import Config
from ivr.base.suggestions import did_you_mean


def channel_faults(config: Config) -> Iterator[Found]:
    """Lines that are none, secrets that are lacking, addresses that nothing may be sent to, telephones that nobody may
    call."""
    numbers = [number for line in config.lines for number in line.numbers]
    named: list[tuple[tuple[str | int, ...], str | None]] = [
        ((name, "line"), getattr(config.channels, name).line) for name in type(config.channels).model_fields]
    named += [(("sip", "also", place), number) for place, number in enumerate(config.channels.sip.also)]
    for path, line in named:
        if line is not None and line not in numbers:
            yield (("channels", *path), f"there is no line {line}", did_you_mean(line, numbers), "line-unknown")
    web = config.channels.web
    if web.line is not None and "telephone" in web.calls and not config.outbound.allow:
        yield (("channels", "web", "call_me"), "visitors may ask to be called, and no number may be called",
               "name the beginnings of numbers in `outbound.allow`, or write `call_me: browser`", "call-me-no-number")
    yield from _http(config)
    if config.channels.telegram.line is not None:
        yield from _telegram(config)


def channel_secrets(config: Config) -> Iterator[tuple[tuple[str | int, ...], Any, str]]:
    """Every place where a channel is given a secret: path of the section, the section, the key without _file or
    _env."""
    yield ("channels", "telegram"), config.channels.telegram, "token"
    for name, gateway in config.channels.http.gateways.items():
        yield ("channels", "http", "gateways", name), gateway, "secret"


def _http(config: Config) -> Iterator[Found]:
    http = config.channels.http
    if http.line is not None and not http.gateways:
        yield (("channels", "http"), "no program may pass messages on", "name one under `gateways`, with its `url` and "
               "`secret_file`", "gateway-missing")
    for name, gateway in http.gateways.items():
        path = ("channels", "http", "gateways", name)
        if gateway.secret_file is None and gateway.secret_env is None:
            yield path, f"{name} has no secret", "give secret_file or secret_env", "password-missing"
        yield from _address((*path, "url"), gateway.url)


def _telegram(config: Config) -> Iterator[Found]:
    telegram, path = config.channels.telegram, ("channels", "telegram")
    if telegram.token_file is None and telegram.token_env is None:
        yield path, "the bot has no token", "give token_file or token_env: @BotFather has it", "password-missing"
    yield from _address((*path, "api"), telegram.api)
    if telegram.webhook:
        yield from _address((*path, "webhook"), telegram.webhook)


def _address(path: tuple[str | int, ...], text: str) -> Iterator[Found]:
    """What is sent there is what people write: nobody on the way may read it."""
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        host, port = "", 0
    if not host or port == 0 or url.scheme not in ("http", "https") or url.username is not None \
            or not text.isprintable() or " " in text:
        yield path, "this is no address", "write it like https://host/path, without user and password", "url-invalid"
    elif url.scheme == "http" and not _is_here(host):
        yield path, "whoever is on the way could read this", "write https://; http:// only on this machine", "url-plain"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def closed_channels(config: Config) -> Iterator[Found]:
    """Lines that take no messages, though they are named."""
    sip = config.channels.sip
    if sip.line is None and sip.also:
        yield (("channels", "sip", "also"), "nobody can write to these lines: the channel is closed",
               "name channels.sip.line", "channel-closed")
