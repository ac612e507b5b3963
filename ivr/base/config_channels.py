"""The part of config.yaml about people who write instead of calling: one section for each channel."""

from typing import Annotated

from pydantic import Field

from ivr.base.config_messengers import ChannelConfig, HttpChannelConfig, TelegramConfig
from ivr.base.config_section import Section
from ivr.base.config_words import ListOf

Origin = Annotated[str, Field(max_length=255, pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$")]


class WebChatConfig(ChannelConfig):
    """The chat in a page of yours, and at `/chat`."""

    origins: Annotated[ListOf[Origin], Field(max_length=100)] = ()
    """Pages that may show the chat, as `https://bank.example`; those of this server may always."""
    chats_per_hour: Annotated[int, Field(ge=1, le=1000)] = 30
    """New chats from one address within an hour."""
    max_file_mb: Annotated[float, Field(ge=0, le=100)] = 10.0
    """The largest file or picture that a visitor may send; 0: none."""


class ChannelsConfig(Section):
    """People who write, by channel; docs/text.md."""

    web: WebChatConfig = WebChatConfig()
    http: HttpChannelConfig = HttpChannelConfig()
    telegram: TelegramConfig = TelegramConfig()

    @property
    def framed_by(self) -> tuple[str, ...]:
        """Whose pages may show the chat, as a browser's policy (`frame-ancestors`) has it; () for nobody."""
        return ("'self'", *self.web.origins) if self.web.line is not None else ()

    def of(self, channel: str) -> ChannelConfig | None:
        """The channel of this name, if it is open."""
        found = getattr(self, channel, None) if channel in type(self).model_fields else None
        return found if isinstance(found, ChannelConfig) and found.line is not None else None
