"""Whether all that control wrote has arrived in the database: its sums of an hour against a query of that hour.

Control's sums only grow, and rows arrive some seconds behind. So what the database has of an hour lies between the sums
of a minute or two before the query and those right after it: less means that rows were lost on their way, more that
some came twice.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, case, func, select

from routing.requests.tables import Call, Entry

Counts = Mapping[str, Mapping[str, int]]        # by line: offered, over, queued, ended
FIGURES = {"offered": "visits", "over": "outcomes of visits", "queued": "entries of stays",
           "ended": "entries of ends"}


def arrived(engine: Engine, node: str, boot_id: str, hour: str) -> dict[str, dict[str, int]]:
    """What the database has of the visits that this run of control took in this hour of UTC, by line. Raises
    SQLAlchemyError if it is away."""
    begin = datetime.fromisoformat(hour).replace(tzinfo=UTC)
    of_hour = (Call.node == node, Call.boot_id == boot_id, Call.began_at >= begin,
               Call.began_at < begin + timedelta(hours=1))
    calls = select(Call.line, func.count(), func.count(Call.outcome)).where(*of_hour).group_by(Call.line)
    entries = (select(Call.line, *(func.sum(case((Entry.kind == kind, 1), else_=0)) for kind in ("queued", "ended")))
               .join(Entry, Entry.call_id == Call.id).where(*of_hour, Entry.kind.in_(("queued", "ended")))
               .group_by(Call.line))
    with engine.connect() as connection:
        found = {line: {"offered": offered, "over": over, "queued": 0, "ended": 0}
                 for line, offered, over in connection.execute(calls)}
        for line, queued, ended in connection.execute(entries):
            found[line] |= {"queued": int(queued), "ended": int(ended)}
    return found


def differences(hour: str, before: Counts, found: Counts, after: Counts) -> Iterator[str]:
    """In words, what lies outside of its bounds."""
    for line in sorted({*before, *found, *after}):
        for figure, name in FIGURES.items():
            least, there, most = (counts.get(line, {}).get(figure, 0) for counts in (before, found, after))
            if there < least:
                yield f"line {line}, {hour} UTC: {least - there} of {least} {name} did not arrive in the database"
            elif there > most:
                yield f"line {line}, {hour} UTC: the database has {there - most} {name} more than there were ({most})"


def hours_of(accounts: Mapping[str, Any]) -> dict[str, Counts]:
    """The hours of control's snapshot."""
    hours: dict[str, Counts] = accounts.get("hours", {})
    return hours
