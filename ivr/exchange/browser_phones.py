"""The phones in pages: who is there, which leg is whose, and how long one that is gone is waited for.

A logged-in person has one phone, under the name of their account, whichever page it is in; `tab` tells which. Who is
not logged in has a phone under a name that the web process made.
"""

from dataclasses import dataclass
from typing import Any

from ivr.base.ids import Ids
from ivr.base.timers import Timers
from ivr.base.values import frozen
from ivr.call.browser_leg import (
    TRANSPORT,
    Address,
    BrowserPhone,
    PageDials,
    PageLeft,
    PageMoved,
    PhoneState,
)
from ivr.sip import commands, events
from ivr.sip.message.uri import Uri
from ivr.sip.registrar.binding import Binding

GRACE = 10.0             # s that a page which is gone may take to come back: a reload, another network
MOST = 1_000             # phones in pages; the next one is refused
MOST_STRANGERS = 500     # of them: the others are left to people who are logged in
STRANGE = "~"            # how the names of phones begin that are nobody's
FOR_EVER = 365 * 86_400.0        # s: a page is registered as long as it is there


@dataclass(frozen=True)
class NotOpened:
    """Why a page has no phone: a word for programs and a sentence for people."""

    code: str
    reason: str


@frozen
class GraceOver:
    """Timer: the page has not come back."""

    phone: str


@dataclass
class Page:
    """A phone and what is known of its page. `attached`: its socket is open; `vouched`: somebody who is logged in, so
    what holds for strangers does not."""

    phone: BrowserPhone
    tab: str
    since: float
    user_agent: str = ""
    vouched: bool = False
    attached: bool = True

    @property
    def binding(self) -> Binding:
        host, port = self.phone.remote
        contact = Uri("sip", self.phone.phone, None, host, port, (("transport", "ws"),))
        return Binding(self.phone.account or "", contact, self.phone.flow, 1.0, self.since + FOR_EVER, self.user_agent,
                       since=self.since)


class BrowserPhones:
    """All of them. Every verb returns events of SIP and `PageTold`, in order."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._pages: dict[str, Page] = {}
        self._legs: dict[str, str] = {}
        self._strangers = 0
        self.timers = Timers()

    def __len__(self) -> int:
        return len(self._pages)

    def __contains__(self, phone: object) -> bool:
        return phone in self._pages

    def get(self, phone: str) -> Page | None:
        return self._pages.get(phone)

    def of_leg(self, leg: str) -> str:
        """The phone that has this leg; "" if none does."""
        return self._legs.get(leg, "")

    def accounts(self) -> list[str]:
        """Of people who have a page."""
        return [page.phone.account for page in self._pages.values() if page.phone.account is not None]

    def bindings(self, account: str) -> tuple[Binding, ...]:
        """The page of an account, if it has one."""
        page = self._pages.get(account)
        return (page.binding,) if page is not None and page.phone.account == account else ()

    # --- pages come and go ------------------------------------------------------------------------------------------
    def obstacle(self, phone: str, tab: str, *, take: bool = False) -> NotOpened | None:
        """Why this page can't have the phone: another one of the same person has it, and it does not say `take`."""
        page = self._pages.get(phone)
        if page is None:
            return NotOpened("full", "There are too many phones in pages.") if self._is_full(phone) else None
        if page.attached and page.tab != tab and not take:
            return NotOpened("elsewhere", "The phone is in another tab or window.")
        return None

    def _is_full(self, phone: str) -> bool:
        return len(self._pages) >= MOST or (phone.startswith(STRANGE) and self._strangers >= MOST_STRANGERS)

    def open(self, phone: str, account: str | None, tab: str, remote: Address, name: str, now: float, *,
             user_agent: str = "", vouched: bool = False, take: bool = False) -> list[Any]:
        """A page is there, for the first time or again: then its call goes on. Nothing where there is an `obstacle`."""
        if self.obstacle(phone, tab, take=take) is not None:
            return []
        page = self._pages.get(phone)
        if page is None:
            return self._opened(phone, account, tab, remote, name, now, user_agent, vouched)
        page.tab, page.user_agent, page.vouched, page.attached = tab, user_agent, vouched, True
        self.timers.cancel(phone)
        return page.phone.handle(PageMoved(remote), now) if remote != page.phone.remote else []

    def _opened(self, phone: str, account: str | None, tab: str, remote: Address, name: str, now: float,
                user_agent: str, vouched: bool) -> list[Any]:
        made = BrowserPhone(phone, account, name, remote, self._ids.uint32())
        page = self._pages[phone] = Page(made, tab, now, user_agent, vouched)
        self._strangers += phone.startswith(STRANGE)
        return [events.BindingsChanged(account, (page.binding,), came=(page.binding,))] if account is not None else []

    def lost(self, phone: str, tab: str, now: float) -> list[Any]:
        """Its socket is closed. A page that lost its phone to another one says nothing of that one, and a stranger's
        without a call has nothing to come back to."""
        page = self._pages.get(phone)
        if page is None or page.tab != tab or not page.attached:
            return []
        if page.phone.account is None and page.phone.state is PhoneState.IDLE:
            return self.close(phone, now)
        page.attached = False
        self.timers.start(phone, now + GRACE, GraceOver(phone))
        return []

    def all_lost(self, now: float) -> list[Any]:
        """The web process is gone."""
        return [effect for phone, page in list(self._pages.items()) for effect in self.lost(phone, page.tab, now)]

    def close(self, phone: str, now: float, cause: str = "the page is gone") -> list[Any]:
        """Its call ends, and it can't be called any more."""
        page = self._pages.get(phone)
        if page is None:
            return []
        left = self._settle(page, page.phone.handle(PageLeft(cause), now))
        del self._pages[phone]
        self._strangers -= phone.startswith(STRANGE)
        self.timers.cancel(phone)
        account = page.phone.account
        gone = [] if account is None else [events.BindingsChanged(account, (), gone=(page.binding,),
                                                                  cause="connection_closed")]
        return [*left, *gone]

    # --- what pages do, and what is asked of them -------------------------------------------------------------------
    def dial(self, phone: str, number: str, now: float) -> list[Any]:
        page = self._pages.get(phone)
        if page is None:
            return []
        return self._do(page, PageDials(self._ids.token(10), number), now)

    def do(self, phone: str, event: Any, now: float) -> list[Any]:
        """An event of `browser_leg` that people cause."""
        page = self._pages.get(phone)
        return self._do(page, event, now) if page is not None else []

    def phone_for(self, command: commands.Command) -> str | None:
        """Whose a command is; None: SIP's."""
        if isinstance(command, commands.DialLeg):
            to = command.target
            return to.contact.plain_user if isinstance(to, Binding) and to.flow.transport == TRANSPORT else None
        return self._legs.get(command.leg)

    def handle(self, phone: str, command: commands.Command, now: float) -> list[Any]:
        page = self._pages.get(phone)
        if page is None:                 # gone since it was looked up
            return [events.LegEnded(command.leg, "network", 480, "the page is gone")]
        return self._do(page, command, now)

    def fire(self, due: GraceOver, now: float) -> list[Any]:
        return self.close(due.phone, now, "the page did not come back")

    def _do(self, page: Page, event: Any, now: float) -> list[Any]:
        return self._settle(page, page.phone.handle(event, now))

    def _settle(self, page: Page, effects: list[Any]) -> list[Any]:
        """Keep which leg is whose."""
        for effect in effects:
            if isinstance(effect, events.LegEnded):
                self._legs.pop(effect.leg, None)
        if page.phone.state is not PhoneState.IDLE:
            self._legs[page.phone.leg] = page.phone.phone
        return effects
