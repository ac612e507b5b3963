"""Opens the database that a URL names: SQLite in a file, or PostgreSQL through psycopg."""

import errno
import json
import os
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from ivr.base.errors import AdminError, Fault, Place

# Seconds. A writer that waits longer than the first is better off with the spool; the others free a thread whose
# server is gone. A server that is alive and stopped keeps its connection: nothing but the spool helps there.
BUSY_TIMEOUT = 2.0
CONNECT_TIMEOUT = 3
STATEMENT_TIMEOUT = 10.0
LOCK_TIMEOUT = 5.0
PEER_TIMEOUT = 10.0
MIGRATION_LOCK = 7_305_114_120   # any number that every node of ours agrees on
ALLOWED = "allowed: sqlite:///path/to/file.db or postgresql://user:password@host/database"
NOT_PERMITTED = "42501"              # SQLSTATE insufficient_privilege
# Tables that stand need no such right; from PostgreSQL 15 on, only the owner of a database has it in `public`.
MAY_MAKE_TABLES = ("SELECT to_regclass('alembic_version') IS NOT NULL"
                   " OR has_schema_privilege(current_schema(), 'CREATE')")
_URL_PLACE = Place("database.url")


def open_database(url: str, place: Place = _URL_PLACE) -> Engine:
    """Connect, bring the tables up to date, and return the engine.

    Raises AdminError at `place` with the URL (its password hidden), what the database said and what to do.
    """
    engine = make_engine(url, place)
    try:
        with engine.connect().execution_options(immediate=True) as connection, connection.begin():
            _check_durable(connection)
            _migrate(connection)
    except (SQLAlchemyError, _Unknown, OSError, AdminError) as error:
        engine.dispose()
        if isinstance(error, AdminError):
            raise
        _refuse(place, f"cannot open {shown(engine.url)}: {_reason(error)}", _remedy(engine.url, error))
    return engine


def make_engine(url: str, place: Place = _URL_PLACE) -> Engine:
    """An engine for `url` that has not connected yet: for a process that must start while the database is away.

    A transaction begun under `execution_options(immediate=True)` takes SQLite's write lock at once. AdminError if the
    URL itself is wrong.
    """
    parsed = _parse(url, place)
    try:
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, place)
        return _postgresql(parsed)
    except ModuleNotFoundError as error:
        _refuse(place, f"{shown(parsed)} needs the Python package {error.name}",
                ".venv/bin/pip install -e '.[postgresql]'")


def why_not(url: str, place: Place = _URL_PLACE) -> Fault | None:
    """What would keep `open_database` from PostgreSQL now; nothing is changed there. A file of SQLite's is not touched.

    Raises AdminError if the URL itself is wrong.
    """
    if sqlite_file(url) is not None:
        return None
    engine = make_engine(url, place)
    try:
        with engine.connect() as connection:
            if connection.scalar(text(MAY_MAKE_TABLES)):
                return None
            return Fault(place, f"{shown(engine.url)}: the role may not make tables", _ownership(engine.url))
    except SQLAlchemyError as error:
        return Fault(place, f"cannot open {shown(engine.url)}: {_reason(error)}", _remedy(engine.url, error))
    finally:
        engine.dispose()


def shown(url: URL) -> str:
    """The URL as it may be shown: without passwords, wherever they stand in it."""
    secret = [key for key in url.query if "pass" in key.lower()]
    plain = url.difference_update_query(secret).set(drivername=url.get_backend_name())
    return plain.render_as_string(hide_password=True)


DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database. Raises AdminError for no URL at all."""
    parsed = _parse(url, _URL_PLACE)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def unreadable(url: str, place: Place, error: SQLAlchemyError) -> Fault:
    """The fault of a database that is there and could not be read."""
    parsed = _parse(url, place)
    reason = _reason(error)
    empty = "no such table" in reason or "does not exist" in reason
    remedy = "its tables are made at the first start: hotline serve" if empty else _remedy(parsed, error)
    return Fault(place, f"cannot read {shown(parsed)}: {reason}", remedy)


def _parse(url: str, place: Place) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Not shown: where a password stands in a URL that cannot be read is anybody's guess.
        _refuse(place, "not a database URL", ALLOWED)
    backend = parsed.drivername.partition("+")[0]
    if backend not in DRIVERS:
        _refuse(place, f"{backend} is not supported", ALLOWED)
    if parsed.drivername not in (backend, DRIVERS[backend]):
        _refuse(place, f"{parsed.drivername} is not the driver that the hotline uses", f"write {backend}://…")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        _refuse(place, "a database in memory is lost with the process", "name a file: sqlite:///hotline.db")
    return parsed.set(drivername=DRIVERS[backend])


def _sqlite(url: URL, place: Place) -> Engine:
    _make_file(Path(str(url.database)), place)
    # No error text may carry a caller's number: parameters are hidden.
    engine = create_engine(url, json_serializer=to_json, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None    # the driver would begin transactions late and only before some statements
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_size_limit = 67108864")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer fails at once if another wrote meanwhile: writers take the lock first.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _make_file(path: Path, place: Place) -> None:
    """Callers' numbers stand in it: nobody else may read it. SQLite gives the files beside it the same mode.

    One that is there is not opened: closing it would drop the locks of this whole process on it (POSIX), and then the
    next process that closes the database takes itself for the last one, and deletes the journal that others write into.
    """
    try:
        if path.is_file():
            if not os.access(path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        remedy = "make the folder first" if missing else "the service must be able to write it"
        _refuse(place, f"cannot open sqlite:///{path}: {error.strerror}", remedy)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url, json_serializer=to_json, hide_parameters=True, pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT, "application_name": "hotline", "keepalives": 1,
                      "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
                      "tcp_user_timeout": int(PEER_TIMEOUT * 1000)})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, entry: ConnectionPoolEntry) -> None:
        # Not as start options of the connection, which pgbouncer refuses.
        connection.autocommit = True
        connection.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT * 1000:.0f}")
        connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT * 1000:.0f}")
        connection.autocommit = False

    return engine


def to_json(value: Any) -> str:
    """Raises ValueError for NaN, which is no JSON, and about which the databases disagree: both refuse such a row."""
    text = _QUICK.encode(value).decode()
    return _STRICT.encode(value) if "null" in text else text        # for msgspec NaN is null


_QUICK = msgspec.json.Encoder(enc_hook=str)
_STRICT = json.JSONEncoder(allow_nan=False, ensure_ascii=False, default=str)


def _check_durable(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    mode = connection.execute(text("PRAGMA journal_mode")).scalar()
    if mode != "wal":
        raise OSError(f"the journal is in mode {mode}: this file system cannot carry a write-ahead log")


def _migrate(connection: Connection) -> None:
    """Nodes that start together take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    # Only the parent comes here: no other process has to load what follows.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "routing.requests:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise _Unknown(str(error)) from None


class _Unknown(Exception):
    """The tables are in a state that no step of ours leads to or from."""


def _reason(error: Exception) -> str:
    said = getattr(error, "orig", None) or error
    return " ".join(str(said).split())[:300]


def _remedy(url: URL, error: Exception) -> str:
    if isinstance(error, _Unknown):
        return "a newer hotline wrote it: run that version, or name another database"
    if url.get_backend_name() == "sqlite":
        return "the file must be a SQLite database that the service can write, on a local disk"
    if getattr(getattr(error, "orig", None), "sqlstate", None) == NOT_PERMITTED:
        return _ownership(url)
    return "check that the server runs, and host, port, user, password and database of the URL"


def _ownership(url: URL) -> str:
    return f"give the role the database: alter database {url.database} owner to {url.username or 'ROLE'}"


def _refuse(place: Place, message: str, remedy: str) -> NoReturn:
    raise AdminError([Fault(place, message, remedy)])
