"""Tokens of programs: made, found by their hash, withdrawn. They have 256 bits of chance, so a plain hash will do."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update

from routing.requests.rows import clean
from routing.requests.web_tables import ApiToken

MOST = 200      # tokens that hold, of one house


@dataclass(frozen=True)
class TokenView:
    """What is known of a token, but not the token."""

    id: str
    name: str
    role: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    last_used_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class NoRoom(Exception):
    """There are MOST tokens that hold, or one of this name."""


class ApiTokens:
    """Every method is one short transaction and may be called from any thread; SQLAlchemyError if the database is
    away. `now` is aware."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self, row: TokenView, token: str) -> None:
        """Keep a new token. Raises NoRoom."""
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            holding = _holding(row.made_at)
            names = connection.scalars(select(ApiToken.name).where(*holding)).all()
            if len(names) >= MOST or row.name in names:
                raise NoRoom
            connection.execute(insert(ApiToken), {**vars(row), "sha256": hashed(token)})

    def find(self, token: str, now: datetime) -> TokenView | None:
        """The token, if it holds."""
        return self._one(ApiToken.sha256 == hashed(token), *_holding(now))

    def get(self, token_id: str) -> TokenView | None:
        return self._one(ApiToken.id == clean(token_id))

    def all(self) -> tuple[TokenView, ...]:
        """Those that hold and those that did, the newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(ApiToken.made_at.desc(), ApiToken.id).limit(10 * MOST))
            return tuple(TokenView(*row) for row in rows)

    def used(self, token_id: str, now: datetime) -> None:
        self._change(ApiToken.id == token_id, last_used_at=now)

    def withdraw(self, token_id: str, by: str, now: datetime) -> None:
        self._change((ApiToken.id == token_id) & ApiToken.withdrawn_at.is_(None), withdrawn_at=now, withdrawn_by=by)

    def forget(self, before: datetime) -> int:
        """Those that held for the last time before that. Returns how many."""
        ended = func.coalesce(ApiToken.withdrawn_at, ApiToken.expires_at)
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            return connection.execute(delete(ApiToken).where(ended < before)).rowcount

    def _one(self, *conditions: Any) -> TokenView | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(*_COLUMNS).where(*conditions)).first()
        return None if row is None else TokenView(*row)

    def _change(self, condition: Any, **columns: Any) -> None:
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            connection.execute(update(ApiToken).where(condition).values(**columns))


_COLUMNS: list[Any] = [getattr(ApiToken, name) for name in TokenView.__dataclass_fields__]


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _holding(now: datetime) -> list[Callable[..., Any] | Any]:
    return [ApiToken.withdrawn_at.is_(None), ApiToken.expires_at > now]
