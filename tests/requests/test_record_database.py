"""Opening the database: the tables are brought up to date, and what is wrong is said."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from ivr.base.errors import AdminError, Place
from routing.requests.database import make_engine, open_database, why_not
from routing.requests.tables import Base
from tests.postgresql import Cluster


def test_open_database__migrations_build_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_open_database__a_second_time_changes_nothing(url: str) -> None:
    for _ in range(2):
        engine = open_database(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["0019"]
        engine.dispose()


def test_open_database__partial_index_is_partial(engine: Engine) -> None:
    query = {"sqlite": "SELECT sql FROM sqlite_master WHERE name = 'ix_calls_unfinished'",
             "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_calls_unfinished'"
                           " AND schemaname = current_schema()"}
    with engine.connect() as connection:
        assert "outcome IS NULL" in connection.execute(text(query[engine.dialect.name])).scalar_one()


def test_open_database__sqlite_is_durable_and_private(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/record.db")
    with engine.connect() as connection:
        pragmas = {name: connection.execute(text(f"PRAGMA {name}")).scalar()
                   for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 2000}
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("record.db*")} == {0o600}
    engine.dispose()


def test_open_database__written_by_a_newer_version(url: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(AdminError, match=r"9999.*newer hotline wrote it"):
        open_database(url)


@pytest.mark.parametrize(("url", "said"), [
    ("nonsense", "not a database URL"),
    ("mysql://root:secret@host/record", "mysql is not supported"),
    ("postgresql+psycopg2://me:secret@host/record", "write postgresql://"),
    ("sqlite://", "lost with the process"),
    ("sqlite:///:memory:", "lost with the process"),
    ("sqlite:////nowhere/at/all.db", "make the folder first"),
    ("postgresql://me:secret@127.0.0.1:1/record", r"postgresql://me:\*\*\*@127.0.0.1:1/record.*check that the server"),
    ("postgresql://127.0.0.1:1/record?password=secret", r"postgresql://127.0.0.1:1/record: "),
])
def test_open_database__cannot(url: str, said: str) -> None:
    with pytest.raises(AdminError, match=said) as raised:
        open_database(url, Place("config.yaml", 7, 3))
    assert "secret" not in str(raised.value)
    assert str(raised.value).startswith("config.yaml:7:3: error: ")
    assert "\n" not in str(raised.value)


def test_open_database__not_a_database(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(AdminError, match="file is not a database"):
        open_database(f"sqlite:///{tmp_path}/text.db")


def test_open_database__unknown_database_on_postgresql(postgresql: object) -> None:
    with pytest.raises(AdminError, match='database "nowhere" does not exist'):
        open_database(postgresql.url("nowhere"))    # type: ignore[attr-defined]


def test_open_database__of_another_role(postgresql: Cluster) -> None:
    """From PostgreSQL 15 on, only the owner of a database may make tables in it."""
    with psycopg.connect(postgresql.url("postgres"), autocommit=True) as connection:
        if connection.info.server_version < 150_000:
            pytest.skip("before PostgreSQL 15 everybody may make tables")
        connection.execute("CREATE ROLE newcomer LOGIN")
        connection.execute("CREATE DATABASE records")
    url = postgresql.url("records").replace("hotline@", "newcomer@")
    remedy = "give the role the database: alter database records owner to newcomer"
    with pytest.raises(AdminError, match=rf"permission denied for schema public.*\({remedy}\)$"):
        open_database(url)
    fault = why_not(url)
    assert fault is not None
    assert (fault.message.partition(": ")[2], fault.remedy) == ("the role may not make tables", remedy)
    with psycopg.connect(postgresql.url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER DATABASE records OWNER TO newcomer")
    assert why_not(url) is None
    open_database(url).dispose()


def test_why_not__touches_nothing_and_says_what_opening_would(url: str, tmp_path: Path) -> None:
    assert why_not(url) is None
    assert not list(tmp_path.iterdir())
    fault = why_not("postgresql://me:secret@127.0.0.1:1/record", Place("config.yaml"))
    assert fault is not None
    assert str(fault).startswith("config.yaml: error: cannot open postgresql://me:***@127.0.0.1:1/record: ")


def test_open_database__sqlite_locked_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.requests.database.BUSY_TIMEOUT", 0.05)
    other = sqlite3.connect(tmp_path / "record.db")
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AdminError, match="database is locked"):
        open_database(f"sqlite:///{tmp_path}/record.db")
    other.close()


def test_make_engine__does_not_connect() -> None:
    make_engine("postgresql://me@127.0.0.1:1/record").dispose()


def test_open_database__a_folder(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match=r"Is a directory.*must be able to write"):
        open_database(f"sqlite:///{tmp_path}")


def test_make_engine__once_more_in_one_process_costs_nobody_their_rows(tmp_path: Path) -> None:
    """SQLite's locks are the process's: closing the file anywhere in it drops them, and the next process that ends
    deletes the journal that this one goes on writing into."""
    url = f"sqlite:///{tmp_path}/h.db"
    engine = open_database(url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.commit()
        make_engine(url).dispose()
        other = f"import sqlite3; c = sqlite3.connect({str(tmp_path / 'h.db')!r}); print(c.execute('select count(*) " \
                "from t').fetchone()[0]); c.close()"
        assert subprocess.run([sys.executable, "-c", other], capture_output=True, text=True,
                              check=True).stdout == "0\n"
        connection.execute(text("INSERT INTO t VALUES (1)"))
        connection.commit()
        assert subprocess.run([sys.executable, "-c", other], capture_output=True, text=True,
                              check=True).stdout == "1\n"
    engine.dispose()
