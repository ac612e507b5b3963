import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from routing.requests.database import open_database
from routing.requests.spool import Spool
from routing.requests.writer import RecordWriter
from tests.postgresql import Cluster, cluster
from tests.requests.visits import Notices

Start = Callable[..., tuple[RecordWriter, Notices]]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A running PostgreSQL; who stops or freezes it starts it again."""
    yield from cluster()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/record.db"
    return request.getfixturevalue("postgresql").new_database()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The same with its tables."""
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(engine, **bounds of the spool)` gives a running writer with its notices; it is closed at the end."""
    with contextlib.ExitStack() as stack:

        def start(engine: Engine, **bounds: int) -> tuple[RecordWriter, Notices]:
            notices = Notices()
            spool = Spool(tmp_path / "spool", **{"reserve": 10_000, **bounds})
            writer = RecordWriter(engine, spool, notices)
            writer.start()
            stack.callback(lambda: writer._ending or writer.close())
            return writer, notices

        yield start
