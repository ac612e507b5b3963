"""The part of config.yaml about people who write instead of calling: one section for each channel."""

from typing import Annotated, Literal

from pydantic import Field

from ivr.base.config_messengers import ChannelConfig, HttpChannelConfig, TelegramConfig
from ivr.base.config_section import Section
from ivr.base.config_words import ListOf, Number

Origin = Annotated[str, Field(max_length=255, pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$")]


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
    """The largest file or picture that a visitor or an operator may send; 0: none."""

    @property
    def calls(self) -> tuple[str, ...]:
        """The ways that are open: `page`, `telephone`, both or none."""
        return {"off": (), "browser": ("page",), "telephone": ("telephone",)}.get(self.call_me, ("page", "telephone"))


class SipMessagesConfig(ChannelConfig):
    """SIP MESSAGE, of softphones and by trunks."""

    also: Annotated[ListOf[Number], Field(max_length=1000)] = ()
    """Further lines whose numbers take messages, each with its own menu."""

    def answers(self, numbers: tuple[str, ...]) -> bool:
        """Whether messages to a line with these numbers are taken."""
        return self.line is not None and (self.line in numbers or any(number in numbers for number in self.also))


class ChannelsConfig(Section):
    """People who write, by channel; docs/text.md."""

    web: WebChatConfig = WebChatConfig()
    sip: SipMessagesConfig = SipMessagesConfig()
    http: HttpChannelConfig = HttpChannelConfig()
    telegram: TelegramConfig = TelegramConfig()

    @property
    def framed_by(self) -> tuple[str, ...]:
        """Whose pages may show the chat, as a browser's policy (`frame-ancestors`) has it; () for nobody."""
        return ("'self'", *self.web.origins) if self.web.line is not None else ()

    @property
    def any_open(self) -> bool:
        """Whether there can be chats."""
        return any(self.of(name) is not None for name in type(self).model_fields)

    @property
    def chat_speaks(self) -> bool:
        """Whether visitors of the web chat may speak in their pages."""
        return self.web.line is not None and "page" in self.web.calls

    def of(self, channel: str) -> ChannelConfig | None:
        """The channel of this name, if it is open."""
        found = getattr(self, channel, None) if channel in type(self).model_fields else None
        return found if isinstance(found, ChannelConfig) and found.line is not None else None
