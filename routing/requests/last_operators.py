"""Who talked with whom last, for operators whom callers know (`sticky_s`): read when control starts."""

from datetime import datetime

from sqlalchemy import Engine, select

from routing.requests.tables import Call, Person

LOOKED_AT = 5           # calls for each number that is wanted, at most: a number may have called often


def last_talks(engine: Engine, since: datetime, limit: int) -> dict[str, str]:
    """Caller's number -> operator, of `limit` callers who rang `since` then and talked with somebody; who rang last is
    last. Along the index of times, from the latest back. SQLAlchemyError if the database is away."""
    latest = (select(Person.caller_number, Call.operator).join(Person, Person.call_id == Call.id)
              .where(Call.began_at >= since, Call.operator != "", Call.direction == "inbound",
                     Person.caller_number.is_not(None), Person.caller_number != "")
              .order_by(Call.began_at.desc(), Call.id.desc()).limit(LOOKED_AT * limit))
    found: dict[str, str] = {}
    with engine.connect() as connection:
        for number, operator in connection.execute(latest):
            if len(found) == limit:
                break
            found.setdefault(str(number), operator)
    return dict(reversed(found.items()))
