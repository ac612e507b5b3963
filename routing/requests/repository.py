"""Reads the record for screens, the API and the command; erases persons."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, case, desc, literal, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ivr.base.trace import Row
from ivr.call.record import EntryRow, LegRow, Outcome, RequestRow, TraceRow
from routing.requests import worked
from routing.requests.paging import PAGE, page
from routing.requests.recordings import Recordings
from routing.requests.rows import clean, from_columns
from routing.requests.tables import Call, Entry, Leg, Person, Request, RequestWork, Trace
from routing.requests.views import CallFilter, CallStory, CallView, EntryFilter, Page, RequestFilter, RequestView
from routing.requests.work import together

MOST_ENTRIES = 10_000    # of one call: a week in a menu
MOST_LEGS = 500          # of one call: a queue that rings everybody, again and again

_CALL_COLUMNS: list[Any] = [Call.id, Call.node, Call.line, Call.dialled, Call.language, Person.caller_number,
                            Person.caller_name, Call.began_at, Call.answered_at, Call.ended_at, Call.outcome,
                            Call.ended_by, Call.reason, Call.queue, Call.operator, Call.wait_time, Call.talk_time,
                            Call.menu_version, Call.sip_call_id, Call.request_id, Call.direction, Call.channel]
_REQUEST_COLUMNS: list[Any] = [Request.id, Request.call_id, Person.caller_number, Person.caller_name, Call.line,
                               Call.dialled, Request.language, Request.path, Request.subject, Request.opened_at,
                               Call.wait_time, Call.talk_time, Call.outcome, Request.kind, Request.recording_id,
                               case((Request.kind == "callback", Person.callback_number)).label("callback_number"),
                               Person.filled.label("filled_by_menu"), *worked.COLUMNS]
_LEG_COLUMNS: list[Any] = [Leg.id, Leg.call_id, Leg.party, Leg.codec, Leg.encrypted, Leg.closed_at, Leg.figures]
_ENTRY_COLUMNS: list[Any] = [Entry.id, Entry.call_id, Entry.position, Entry.at, Entry.kind, Entry.details]


class Repository:
    """Every method is one short transaction and may be called from any thread; SQLAlchemyError if the database is away.

    Lists come newest first; `cursor` is the `next_cursor` of the page before, ValueError if it is anything else.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.recordings = Recordings(engine)

    @property
    def engine(self) -> Engine:
        """For those who count: reports, and what holds the record against what control wrote."""
        return self._engine

    def calls(self, wanted: CallFilter | None = None, cursor: str | None = None,
              limit: int = PAGE) -> Page[CallView]:
        wanted = wanted or CallFilter()
        conditions = _equal(Call, wanted, "node", "line", "dialled", "language", "queue", "operator", "outcome",
                            "direction", "channel")
        conditions += _equal(Person, wanted, "caller_number") + _between(Call.began_at, wanted)
        if wanted.in_progress is not None:
            conditions.append(Call.outcome.is_(None) if wanted.in_progress else Call.outcome.is_not(None))
        if wanted.seen is not None:
            conditions.append(worked.seen(wanted.seen, Call.operator, Call.queue))
        conditions += _of_reports(wanted)
        return page(self._engine, _calls().where(*conditions), Call.began_at, Call.id, cursor, limit, _call_view)

    def requests(self, wanted: RequestFilter | None = None, cursor: str | None = None,
                 limit: int = PAGE) -> Page[RequestView]:
        wanted = wanted or RequestFilter()
        conditions = _equal(Request, wanted, "call_id", "language", "subject", "kind") + worked.equal(wanted)
        conditions += _equal(Call, wanted, "line", "outcome") + _equal(Person, wanted, "caller_number")
        conditions += _between(Request.opened_at, wanted)
        return page(self._engine, _requests().where(*conditions), Request.opened_at, Request.id, cursor, limit,
                    _request_view)

    def entries(self, wanted: EntryFilter | None = None, cursor: str | None = None,
                limit: int = PAGE) -> Page[EntryRow]:
        wanted = wanted or EntryFilter()
        conditions = _equal(Entry, wanted, "call_id", "kind") + _between(Entry.at, wanted)
        return page(self._engine, select(*_ENTRY_COLUMNS).where(*conditions), Entry.at, Entry.id, cursor, limit, _entry)

    def call(self, call_id: str) -> CallStory | None:
        """One visit with its requests (oldest first), its entries, its ladder and its legs."""
        call_id = clean(call_id)
        with self._engine.connect() as connection:
            found = connection.execute(_calls().where(Call.id == call_id)).mappings().first()
            if found is None:
                return None
            requests = connection.execute(
                _requests().where(Request.call_id == call_id).order_by(Request.opened_at)).mappings()
            entries = connection.execute(
                select(*_ENTRY_COLUMNS).where(Entry.call_id == call_id).order_by(Entry.position)
                .limit(MOST_ENTRIES)).mappings()
            trace = connection.execute(select(Trace.call_id, Trace.rows).where(Trace.call_id == call_id)).mappings()
            legs = connection.execute(select(*_LEG_COLUMNS).where(Leg.call_id == call_id)
                                      .order_by(Leg.closed_at, Leg.id).limit(MOST_LEGS)).mappings()
            return CallStory(_call_view(found), tuple(map(_request_view, requests)), tuple(map(_entry, entries)),
                             _ladder(trace.first()), tuple(from_columns(LegRow, leg) for leg in legs))

    def request(self, request_id: str) -> RequestView | None:
        with self._engine.connect() as connection:
            found = connection.execute(_requests().where(Request.id == clean(request_id))).mappings().first()
        return None if found is None else _request_view(found)

    def had_caller(self, operator: str, call_id: str) -> bool:
        """Whether the operator talked with the caller of this call, whoever did after them."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(select(worked.had(operator, literal(clean(call_id))))))

    def call_ids(self, prefix: str, limit: int = 10) -> tuple[str, ...]:
        """Calls whose id begins with `prefix`, the newest first: people type the first digits."""
        query = select(Call.id).where(Call.id.startswith(clean(prefix), autoescape=True)).order_by(desc(Call.began_at))
        with self._engine.connect() as connection:
            return tuple(connection.scalars(query.limit(limit)))

    def request_ids(self, prefix: str, limit: int = 10) -> tuple[str, ...]:
        """The same of requests."""
        query = (select(Request.id).where(Request.id.startswith(clean(prefix), autoescape=True))
                 .order_by(desc(Request.opened_at)))
        with self._engine.connect() as connection:
            return tuple(connection.scalars(query.limit(limit)))

    def erase_person(self, call_id: str, at: datetime) -> bool:
        """Forget who called; a batch that comes late does not bring it back. False if the call is not known."""
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            if connection.scalar(select(Call.id).where(Call.id == clean(call_id))) is None:
                return False
            erased = {"caller_number": None, "caller_name": None, "callback_number": None, "filled": None,
                      "erased_at": at}
            changed = connection.execute(update(Person).where(Person.call_id == call_id).values(erased))
            if changed.rowcount == 0:
                connection.execute(Person.__table__.insert(), {"call_id": call_id, **erased})    # type: ignore[attr-defined]
        return True


def _calls() -> Any:
    return select(*_CALL_COLUMNS).outerjoin(Person, Person.call_id == Call.id)


def _requests() -> Any:
    return worked.joined(select(*_REQUEST_COLUMNS).join(Call, Call.id == Request.call_id)
                         .outerjoin(Person, Person.call_id == Call.id))


def _equal(table: type, wanted: object, *names: str) -> list[ColumnElement[bool]]:
    return [getattr(table, name) == literal(clean(str(value))) for name in names
            if (value := getattr(wanted, name)) is not None]


def _of_reports(wanted: CallFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.ids is not None:
        conditions.append(Call.id.in_(wanted.ids))
    if wanted.wait_from is not None:
        conditions.append(Call.wait_time >= wanted.wait_from)
    if wanted.wait_to is not None:
        conditions.append(Call.wait_time < wanted.wait_to)
    if wanted.topic is not None:
        conditions.append(Call.request_id.in_(
            select(Request.id).outerjoin(RequestWork, RequestWork.request_id == Request.id)
            .where(literal(clean(wanted.topic)) == worked.TOPIC)))
    return conditions


def _between(at: InstrumentedAttribute[datetime], wanted: CallFilter | RequestFilter | EntryFilter,
             ) -> list[ColumnElement[bool]]:
    """`since` is included, `until` is not."""
    bounds = []
    if wanted.since is not None:
        bounds.append(at >= wanted.since)
    if wanted.until is not None:
        bounds.append(at < wanted.until)
    return bounds


def _call_view(row: RowMapping) -> CallView:
    return CallView(**{**row, "outcome": _outcome(row)})


def _request_view(row: RowMapping) -> RequestView:
    shaped, columns = from_columns(RequestRow, row), dict(row)
    filled = together(columns.pop("filled_by_menu"), columns["filled"])
    return RequestView(**{**columns, "outcome": _outcome(row), "path": shaped.path, "status": shaped.status,
                          "filled": filled})


def _outcome(row: RowMapping) -> Outcome | None:
    return None if row["outcome"] is None else Outcome(row["outcome"])


def _entry(row: RowMapping) -> EntryRow:
    return from_columns(EntryRow, row)    # type: ignore[no-any-return]


def _ladder(row: RowMapping | None) -> tuple[Row, ...]:
    return () if row is None else from_columns(TraceRow, row).rows
