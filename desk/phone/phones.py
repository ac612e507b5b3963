"""All pages with a phone: who may have one, what control says to whom, how they come through a restart of control."""

import asyncio
import contextlib
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from desk.chat.codes import Codes
from desk.phone.audio import AudioPort
from desk.phone.page import PageSocket
from desk.phone.protocol import NOT_LOGGED_IN, TAKEN_OVER
from desk.phone.stream import Stream
from desk.phone.try_limit import TryLimit
from desk.phone.words import PlainNames, Words
from desk.snapshots import Control
from ivr.base.config import Config
from ivr.drivers.control_link import ControlAway, ControlRefused
from ivr.drivers.log import Log

FIGURES_EVERY = 2        # s
SESSIONS_EVERY = 2       # s: how soon a socket ends after its session did
TOKEN_BYTES = 16
MISSED = 64              # messages for a page that is being opened; what comes later is told by its state
_log = Log("pages")


class Phones:
    """`is_valid` says whether a session's cookie still counts."""

    def __init__(self, config: Config, link: Control, is_valid: Callable[[str], bool],
                 words: Words | None = None, clock: Callable[[], float] = time.monotonic,
                 codes: Codes | None = None) -> None:
        self.config, self.link = config, link
        self.words: Words = words or PlainNames()
        self.strangers = TryLimit(config)
        self.codes = codes or Codes(clock)
        self._is_valid, self._clock = is_valid, clock
        self._audio: AudioPort | None = None
        self._by_phone: dict[str, PageSocket] = {}
        self._opening: set[PageSocket] = set()
        self._seconds = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._by_phone)

    async def listening(self) -> None:
        """Control is there, and knows of no page: every phone is opened anew. Raises what the link raises."""
        for page in list(self._by_phone.values()):
            await self._reopen(page)

    def close(self) -> None:
        """Nobody is heard any more."""
        if self._audio is not None:
            self._audio.close()

    # --- pages come and go ------------------------------------------------------------------------------------------
    async def open(self, page: PageSocket, resume: str, *, take: bool) -> None:
        """Give the page its phone: the one it had, if it names its token. Raises ControlRefused, ControlAway, and
        OSError where our address for audio can't be bound."""
        audio = self._audio_port()
        self._opening.add(page)
        try:
            shown = await self._given(page, resume, take=take)
        except BaseException:           # it may be open all the same, and nobody would ever close it
            self._spawn(self._tell_lost(page))
            raise
        finally:
            self._opening.discard(page)
        before = self._by_phone.get(page.phone)
        self._by_phone[page.phone] = page
        if before is not None and before is not page:
            audio.remove(before)
            self._spawn(before.outbox.close(TAKEN_OVER, "taken over"))
        page.stream = _new_stream()
        audio.add(page)
        self.strangers.came(page.phone)
        self._stands(page, shown)
        page.ready()
        missed, page.missed = page.missed, []
        for message in missed:
            self.pushed(message)

    async def _given(self, page: PageSocket, resume: str, *, take: bool) -> dict[str, Any]:
        """How the phone stands that control gives the page."""
        shown = await self._resumed(page, resume) if resume and page.account is None else None
        if shown is None:
            _name(page, resume if page.account is not None and resume else secrets.token_urlsafe(TOKEN_BYTES))
            page.missed.clear()
            shown = await self._ask(page, take=take)
        return shown

    async def _resumed(self, page: PageSocket, token: str) -> dict[str, Any] | None:
        """A stranger's phone that is there still. A token that nobody was given opens nothing: who comes with one of
        their own making gets another."""
        _name(page, token)
        try:
            return await self._ask(page, take=True, known=True)
        except ControlRefused as refused:
            if refused.code != "unknown_phone":
                raise
            return None

    async def dial(self, page: PageSocket, number: str) -> None:
        """Of a chat's page the number is the code that its chat was told. Raises ControlRefused and ControlAway."""
        op, wanted = "browser_dial", {"number": number}
        if page.kind == "chat":
            op, wanted = "browser_call_me", {"channel": "web", "visitor": self.codes.take(number)}
            if not wanted["visitor"]:
                raise ControlRefused("no_code", "This call was made already, or asked for too long ago.")
        if page.kind == "try" and not page.vouched:
            calls = sum(one.kind == "try" and one.state.get("state") != "idle" for one in self._by_phone.values())
            obstacle = self.strangers.obstacle(page.host, number, calls, self._clock())
            if obstacle is not None:
                raise ControlRefused(*obstacle)
        before, dialled = page.state, {**page.state, "state": "calling"}
        page.state = dialled            # counted before control's word of it: others dial meanwhile
        try:
            await self.link.call(op, phone=page.phone, **wanted)
        except (ControlRefused, ControlAway):
            page.state = before if page.state is dialled else page.state
            raise

    def lost(self, page: PageSocket) -> None:
        """Its socket is closed."""
        if self._audio is not None:
            self._audio.remove(page)
        if self._by_phone.get(page.phone) is page:
            del self._by_phone[page.phone]
            if not page.vouched and page.state.get("state") != "idle":
                self.strangers.went(page.phone, self._clock())
            self._spawn(self._tell_lost(page))

    async def _tell_lost(self, page: PageSocket) -> None:
        """Unless the same tab is back already: then that would take its phone away."""
        now = self._by_phone.get(page.phone)
        if any(one.tab == page.tab for one in (*self._opening, *((now,) if now is not None else ()))):
            return
        with contextlib.suppress(ControlAway, ControlRefused):
            await self.link.call("browser_lost", phone=page.phone, tab=page.tab)

    async def _reopen(self, page: PageSocket) -> None:
        """Control is another one, and knows of no page. One that lost its phone meanwhile must not take it back."""
        if self._by_phone.get(page.phone) is not page:
            return
        try:
            self._stands(page, await self._ask(page, take=True))
            page.ready()
        except ControlRefused as refused:
            page.refuse(refused.code, refused.message)

    async def _ask(self, page: PageSocket, *, take: bool, known: bool = False) -> dict[str, Any]:
        host, port = self._audio_port().address
        return await self.link.call("browser_open", phone=page.phone, account=page.account, tab=page.tab, host=host,
                                    port=port, user_agent=page.user_agent, vouched=page.vouched, take=take, known=known)

    def _audio_port(self) -> AudioPort:
        if self._audio is None:
            self._audio = AudioPort(self.config.page_host, self._each_second)
        return self._audio

    # --- what is told -----------------------------------------------------------------------------------------------
    def pushed(self, message: dict[str, Any]) -> None:
        """Of control; what is for a page that is gone is for nobody."""
        phone = str(message.get("phone", ""))
        for opening in self._opening:
            if opening.phone == phone and len(opening.missed) < MISSED:
                opening.missed.append(message)          # which comes between the answer and us
        page = self._by_phone.get(phone)
        if page is None:
            return
        kind = str(message.get("kind", ""))
        if kind in ("state", "ended"):
            self._connect(page, message)
        page.pushed(kind, message, self.words)

    def _stands(self, page: PageSocket, shown: dict[str, Any]) -> None:
        page.note(shown)
        self._connect(page, shown)

    def _connect(self, page: PageSocket, fields: dict[str, Any]) -> None:
        plane = fields.get("plane")
        if self._audio is not None:
            self._audio.connect(page, (str(plane[0]), int(plane[1])) if plane else None)

    def _each_second(self) -> None:
        """Of the ticker."""
        self._seconds += 1
        for page in list(self._by_phone.values()):
            if self._seconds % FIGURES_EVERY == 0:
                page.figures()
            if self._seconds % SESSIONS_EVERY == 0 and page.cookie is not None and not self._is_valid(page.cookie):
                self._spawn(page.outbox.close(NOT_LOGGED_IN, "the session is over"))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def fingerprint(token: str) -> str:
    """Names a page without giving away the token that it comes back with."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()[:20]


def _name(page: PageSocket, token: str) -> None:
    """After its token, and after whoever is logged in."""
    page.token, page.tab = token, fingerprint(token)
    page.phone = page.account if page.account is not None else f"~{page.tab}"


def _new_stream() -> Stream:
    """Unpredictable, as RFC 3550 §5.1 wants it."""
    return Stream(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
