"""Every phone there is: those that speak SIP and those in pages, asked and told in one way."""

from typing import Any

from ivr.base.ids import Ids
from ivr.exchange.browser_phones import BrowserPhones
from ivr.exchange.texting.legs import TextLegs
from ivr.sip.commands import Command
from ivr.sip.endpoint import Endpoint
from ivr.sip.registrar.binding import Binding
from ivr.sip.settings import EndpointSettings


class AllPhones(Endpoint):
    """The SIP endpoint with the phones in pages beside it: a command goes to who has its leg, and an account's phones
    are those of both kinds, the page first. Legs that write (`texts`) are found for chats alone."""

    def __init__(self, settings: EndpointSettings, ids: Ids) -> None:
        super().__init__(settings, ids)
        self.pages = BrowserPhones(ids)
        self.texts = TextLegs(ids)

    def handle(self, command: Command, now: float) -> list[Any]:
        if self.texts.is_for(command):
            return self.texts.handle(command, now)
        phone = self.pages.phone_for(command)
        return super().handle(command, now) if phone is None else self.pages.handle(phone, command, now)

    def bindings(self, account: str, now: float) -> tuple[Binding, ...]:
        return (*self.pages.bindings(account), *super().bindings(account, now))

    def phones(self, account: str, now: float) -> tuple[Binding, ...]:
        return (*self.pages.bindings(account), *super().phones(account, now))

    def next_timer(self) -> float | None:
        times = [at for at in (super().next_timer(), self.pages.timers.next_at()) if at is not None]
        return min(times, default=None)

    def handle_timers(self, now: float) -> list[Any]:
        out = super().handle_timers(now)
        while (due := self.pages.timers.pop_due(now)) is not None:
            out += self.pages.fire(due[1], now)
        return out

    def counts(self) -> dict[str, int]:
        return {**super().counts(), "pages": len(self.pages), "chat_legs": len(self.texts)}
