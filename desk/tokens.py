"""Named tokens of programs, beside the one of the file `api-token`: with a role, an end, and a last use."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.base.roles import Role
from routing.requests.api_tokens import ApiTokens, TokenView

PREFIX = "hl_"          # so that a token is known where it has leaked, and nothing else is looked for
LENGTH = 46             # with 32 bytes of chance
USED_EVERY = 60.0       # s: a use is written so often at most
REMEMBERED = 1_000      # tokens whose last use is; at the bound the one longest unused is forgotten


class Tokens:
    """May be called from any thread; SQLAlchemyError if the database is away. `clock`: seconds since the epoch."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self.kept = ApiTokens(engine)
        self._clock = clock
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def make(self, name: str, role: Role, days: float, by: str) -> tuple[str, TokenView]:
        """A new token, and what is known of it: the token itself is in no other place. Raises NoRoom."""
        token, now = PREFIX + secrets.token_urlsafe(32), self._now()
        view = TokenView(uuid4().hex[:12], name, role, now, by, now + timedelta(days=days), None, None, None)
        self.kept.make(view, token)
        return token, view

    def role_of(self, token: str) -> tuple[str, Role] | None:
        """Name and role of a token that holds."""
        if len(token) != LENGTH or not token.startswith(PREFIX):
            return None
        found = self.kept.find(token, self._now())
        if found is None:
            return None
        self._note(found.id)
        return found.name, cast(Role, found.role)

    def withdraw(self, token_id: str, by: str) -> None:
        """It holds no longer, from the next request on."""
        self.kept.withdraw(token_id, by, self._now())

    def _note(self, token_id: str) -> None:
        """That it was used, for people; nothing fails for it."""
        now = self._clock()
        with self._lock:
            if now - self._used.get(token_id, -USED_EVERY) < USED_EVERY:
                return
            self._used[token_id] = now
            self._used.move_to_end(token_id)
            if len(self._used) > REMEMBERED:
                self._used.popitem(last=False)
        try:
            self.kept.used(token_id, self._now())
        except SQLAlchemyError:
            return

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
