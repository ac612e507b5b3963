"""What visitors of one channel are told: one message of a visitor at a time, in order, until it arrived.

The database is the queue, and each chat's row says how far it is: so a web process that is killed loses nothing. What
was sent and not yet marked is sent again under the same id.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from desk.channels.channel import Away, Gone, NotTaken, Outgoing, Refused, TryLater
from desk.channels.gateway import Gateway
from desk.channels.standing import MOST_OF_ONE, backed_off
from ivr.base.file_said import in_words
from ivr.drivers.control_link import ControlAway
from ivr.drivers.log import Log
from routing.requests import deliveries
from routing.requests.deliveries import Place
from routing.requests.messages import ChatMessage

T = TypeVar("T")
EVERY = 2.0              # s between two looks into the database
LAST_WORDS = 1.5         # s after its end in which messages of a chat may still be written down
AT_A_LOOK = 200          # visitors; who waited longest comes first
FINISH = 1.5             # s that what is on its way gets when the process ends
MOST_NAMED = 10_000      # visitors of whom there was a hint; others are found by the next look
OTHERS = "hotline"       # who writes when it is no person
ENDED = "ended"
_log = Log("channels")


class Outbox:
    """Of one gateway. `names`: how operators are called to visitors."""

    def __init__(self, gateway: Gateway, names: Mapping[str, str], keep_trying: float) -> None:
        self.gateway, self.standing = gateway, gateway.standing
        self._names, self._keep_trying = names, timedelta(seconds=keep_trying)
        self._busy: dict[str, asyncio.Task[None]] = {}      # by visitor
        self._again: set[str] = set()                       # of these: there was something new meanwhile
        self._chance, self._ending = random.Random(), False
        self._hint = asyncio.Event()
        self._named: dict[str, None] = {}                   # visitors for whom there may be something

    def hint(self, visitor: str) -> None:
        """There may be something for this visitor."""
        if len(self._named) < MOST_NAMED:
            self._named[visitor] = None
        self._hint.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except SQLAlchemyError:
                    pass                            # the database is away: what waits stands in it
                except Exception as error:          # a bug of ours: it must not end this for good
                    _log.error("channel_not_served", error, channel=self.gateway.name)
                await self._until_next()
        finally:
            for task in list(self._busy.values()):
                task.cancel()

    async def look(self) -> None:
        """Begin whatever may be sent now. Raises SQLAlchemyError."""
        if not self.standing.may(self.gateway.clock()):
            return
        now, name, node = self._now(), self.gateway.name, self.gateway.node
        due = await self._ask(deliveries.waiting, node, name, now, now - timedelta(seconds=LAST_WORDS), AT_A_LOOK)
        self.standing.chats, self.standing.waiting = await self._ask(deliveries.counts, node, name)
        for visitor in due:
            self._begin(visitor)

    async def finish(self) -> None:
        """Nothing more is begun; what is on its way may arrive and be marked, so that a restart sends nothing twice."""
        self._ending = True
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=FINISH)

    async def settled(self) -> None:
        """Wait until nothing is being sent."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))

    async def _until_next(self) -> None:
        """A look is due; meanwhile those are served of whom there was a hint, or for whom there is room now."""
        end = asyncio.get_running_loop().time() + EVERY
        while (left := end - asyncio.get_running_loop().time()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._hint.wait()
            except TimeoutError:
                return
            self._hint.clear()
            named, self._named = self._named, {}
            if self.standing.may(self.gateway.clock()):
                for visitor in named:
                    self._begin(visitor)

    def _begin(self, visitor: str) -> None:
        """While nothing arrives at all one visitor tries for all."""
        if self._ending:
            return
        if visitor in self._busy:
            self._again.add(visitor)
        elif len(self._busy) < (1 if self.standing.reason else self.gateway.channel.at_once):
            task = asyncio.create_task(self._serve(visitor))
            self._busy[visitor] = task
            task.add_done_callback(lambda done: self._done(visitor))
        elif len(self._named) < MOST_NAMED:
            self._named[visitor] = None

    def _done(self, visitor: str) -> None:
        self._busy.pop(visitor, None)
        if visitor in self._again:
            self._again.discard(visitor)
            self._named[visitor] = None
        if self._named:
            self._hint.set()

    async def _serve(self, visitor: str) -> None:
        """All that there is for one visitor, until nothing is left, or it does not arrive."""
        try:
            while not self._ending and self.standing.may(self.gateway.clock()) and await self._next(visitor):
                pass
        except SQLAlchemyError:
            return                              # it stands in the database, and is looked for again
        except Exception as error:              # a bug of a channel: that visitor waits, others don't
            _log.error("message_not_sent", error, channel=self.gateway.name)
            await self._quietly(visitor, "a fault of the channel")

    async def _next(self, visitor: str) -> bool:
        """Send one message, whole, or end a chat; False where nothing is to be done now. Raises SQLAlchemyError."""
        place = await self._ask(deliveries.place_of, self.gateway.node, self.gateway.name, visitor)
        if place is None or place.next_at > self._now():
            return False
        row = await self._ask(deliveries.next_message, place.call, place.position)
        if row is not None:
            return await self._message(place, row)
        if await self._ask(deliveries.is_over, place.call, self._now() - timedelta(seconds=LAST_WORDS)):
            return await self._ended(place)
        return False

    async def _message(self, place: Place, row: ChatMessage) -> bool:
        if row.body is None:                    # it was erased before it was told
            await self._ask(deliveries.arrived, place.call, row.position)
            return True
        message = await self._outgoing(place, row)
        bodies = self.gateway.channel.pieces(message)
        for number in range(place.piece, len(bodies)):
            last = number == len(bodies) - 1
            piece = replace(message, id=message.id if number == 0 else f"{message.id}.{number}", body=bodies[number],
                            options=message.options if last else (), secret=message.secret and last)
            if self._ending or not await self._sent(place, piece, row.at):
                return False
            done = (row.position, 0) if last else (place.position, number + 1)
            await self._ask(deliveries.arrived, place.call, *done)
            place = replace(place, attempts=0)
        return True

    async def _ended(self, place: Place) -> bool:
        end = Outgoing(f"{place.call}/end", place.call, place.position, self._now(), OTHERS, "", ENDED, "")
        if not await self._sent(place, end, self._now()):
            return False
        await self._ask(deliveries.close, place.call, self._now())
        return True

    async def _sent(self, place: Place, message: Outgoing, written: datetime) -> bool:
        """Whether the next thing may follow: it arrived, or never will."""
        standing, gateway = self.standing, self.gateway
        try:
            await gateway.channel.send(place.visitor, message)
        except NotTaken as error:
            _log.warning("message_not_taken", channel=gateway.name, call=place.call, position=message.position,
                         reason=str(error))
            standing.last_error = str(error)
            return True
        except Gone as gone:
            await self._gone(place, str(gone))
            return False
        except TryLater as later:
            return await self._later(place, message, later, written)
        if standing.works():
            _log.info("channel_works", channel=gateway.name)
            self._hint.set()
        return True

    async def _later(self, place: Place, message: Outgoing, later: TryLater, written: datetime) -> bool:
        if self._now() - written > self._keep_trying and message.kind != ENDED:
            _log.warning("message_given_up", channel=self.gateway.name, call=place.call, position=message.position,
                         reason=str(later))
            return True
        if later.whole or self.standing.stumbles(place.visitor, str(later)):
            if self.standing.fails(str(later), later.seconds, self.gateway.clock(), self.gateway.wall_clock(),
                                   fault=later.fault):
                _log.warning("channel_away", channel=self.gateway.name, reason=str(later))
            # Half as long again as all others: what is wrong may be with this one, and another one tries next.
            wait = 1.5 * (self.standing.until - self.gateway.clock())
        else:
            wait = backed_off(place.attempts, MOST_OF_ONE, self._chance) if later.seconds is None else later.seconds
        await self._ask(deliveries.put_off, place.call, place.attempts + (not later.whole),
                        self._now() + timedelta(seconds=wait), str(later))
        return False

    async def _gone(self, place: Place, reason: str) -> None:
        """Whoever of ours is in the chat sees that the visitor left; and nothing is sent any more."""
        _log.info("visitor_gone", channel=self.gateway.name, call=place.call, reason=reason)
        await self._ask(deliveries.close, place.call, self._now(), reason)
        try:
            if (await self.gateway.find(place.visitor)).get("call") == place.call:
                await self.gateway.left(place.visitor)
        except (Away, ControlAway, Refused):
            return                              # the menu's patience ends it

    async def _quietly(self, visitor: str, reason: str) -> None:
        try:
            place = await self._ask(deliveries.place_of, self.gateway.node, self.gateway.name, visitor)
            if place is not None:
                wait = backed_off(place.attempts + 3, MOST_OF_ONE, self._chance)
                await self._ask(deliveries.put_off, place.call, place.attempts + 1,
                                self._now() + timedelta(seconds=wait), reason)
        except SQLAlchemyError:
            return

    async def _outgoing(self, place: Place, row: ChatMessage) -> Outgoing:
        ours = row.sender == OTHERS
        secret, language = await self._asks(place) if ours else (False, self._known(place.visitor)[1])
        body = in_words(row.body or "", language) if row.kind == "file" else row.body or ""
        return Outgoing(f"{place.call}/m{row.position}", place.call, row.position, row.at,
                        OTHERS if ours else "operator", self._names.get(row.sender, ""), "text", body,
                        tuple((keys, label) for keys, label in row.options), secret, language)

    async def _asks(self, place: Place) -> tuple[bool, str]:
        """Whether the visitor is asked for a secret now, and the language; as far as it is known while control is
        away."""
        try:
            found = await self.gateway.find(place.visitor)
        except (ControlAway, Refused):
            return self._known(place.visitor)
        if found.get("call") != place.call:
            return False, self._known(place.visitor)[1]
        return found.get("secret") is True, str(found.get("language") or "")

    def _known(self, visitor: str) -> tuple[bool, str]:
        return self.gateway.asked.get(visitor, (False, ""))

    async def _ask(self, question: Callable[..., T], *arguments: Any) -> T:
        return await run_in_threadpool(question, self.gateway.engine, *arguments)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.gateway.wall_clock(), UTC)
