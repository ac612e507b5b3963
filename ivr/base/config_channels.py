"""The part of config.yaml about people who write instead of calling: one section for each channel."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_section import Section
from ivr.base.config_words import ListOf, Number

Patience = Annotated[float, Field(ge=0.5, le=1440)]
Origin = Annotated[str, Field(max_length=255, pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$")]


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


class WebChatConfig(ChannelConfig):
    """The chat in a page of yours, and at `/chat`."""

    origins: Annotated[ListOf[Origin], Field(max_length=100)] = ()
    """Pages that may show the chat, as `https://bank.example`; those of this server may always."""
    chats_per_hour: Annotated[int, Field(ge=1, le=1000)] = 30
    """New chats from one address within an hour."""
    call_me: Literal["off", "browser", "telephone", "both"] = "browser"
    """How visitors may speak with the operator of their chat: in their page, by the telephone number that they give, or
    not at all. A telephone is called once the operator says so, and only a number that `outbound` allows."""
    calls_per_hour: Annotated[int, Field(ge=1, le=1000)] = 12
    """How often somebody of one address may ask for it within an hour."""
    max_file_mb: Annotated[float, Field(ge=0, le=100)] = 10.0
    """The largest file or picture that a visitor may send; 0: none."""


    @property
    def calls(self) -> tuple[str, ...]:
        """The ways that are open: `page`, `telephone`, both or none."""
        return {"off": (), "browser": ("page",), "telephone": ("telephone",)}.get(self.call_me, ("page", "telephone"))


class ChannelsConfig(Section):
    """People who write, by channel; docs/text.md."""

    web: WebChatConfig = WebChatConfig()

    @property
    def framed_by(self) -> tuple[str, ...]:
        """Whose pages may show the chat, as a browser's policy (`frame-ancestors`) has it; () for nobody."""
        return ("'self'", *self.web.origins) if self.web.line is not None else ()

    @property
    def chat_speaks(self) -> bool:
        """Whether visitors of the web chat may speak in their pages."""
        return self.web.line is not None and "page" in self.web.calls

    def of(self, channel: str) -> ChannelConfig | None:
        """The channel of this name, if it is open."""
        found = getattr(self, channel, None) if channel in type(self).model_fields else None
        return found if isinstance(found, ChannelConfig) and found.line is not None else None
