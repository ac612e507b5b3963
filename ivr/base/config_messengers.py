"""The part of config.yaml about channels that somebody else's service brings: programs over HTTP, and Telegram."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import FilePath, Name, Number, VariableName

Patience = Annotated[float, Field(ge=0.5, le=1440)]
Url = Annotated[str, Field(min_length=1, max_length=500)]


class ChannelConfig(Section):
    """What every channel has."""

    line: Number | None = None
    """The number of the line whose menu answers; without it the channel is closed."""
    patience_min: Patience = 5.0
    """How long the menu waits for an answer (minutes) before it asks again, and in the end gives up."""
    max_chats: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    """Chats of this channel at one time; the next visitor is told to come later."""
    messages_per_minute: Annotated[int, Field(ge=5, le=600)] = 40
    """Of one visitor. Beyond it they are slowed down, and refused if they go on."""


class MessengerConfig(ChannelConfig):
    """What every channel has whose visitors are reached through a service of somebody else's."""

    keep_trying_h: Annotated[float, Field(gt=0, le=168)] = 24.0
    """How long a message is tried to be delivered; then it is given up, and the next one goes."""


class HttpGatewayConfig(Section):
    """A program that passes messages on. The key is its name."""

    url: Url = ""
    """Where what is written to visitors is sent: https, or http on this machine."""
    secret_file: FilePath | None = None
    """A file with the secret that both sides sign with."""
    secret_env: VariableName | None = None
    """The same from an environment variable."""


class HttpChannelConfig(MessengerConfig):
    """The channel for programs, over HTTP; docs/channels.md."""

    gateways: Annotated[Mapping[Name, HttpGatewayConfig], Field(max_length=50)] = {}
    """Who may pass messages on, by name."""


class TelegramConfig(MessengerConfig):
    """A bot of Telegram."""

    token_file: FilePath | None = None
    """A file with the token that @BotFather gave."""
    token_env: VariableName | None = None
    """The same from an environment variable."""
    api: Url = "https://api.telegram.org"
    """Where the Bot API answers; another one for a server of your own."""
    webhook: Annotated[str, Field(max_length=500)] = ""
    """The address of this server as Telegram reaches it (`https://hotline.example`). Without it we ask Telegram for
    what came, and nothing of ours need be reachable from outside."""
