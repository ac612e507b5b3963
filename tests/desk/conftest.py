"""The desk that every test of this folder turns."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.requests.database import make_engine, open_database
from routing.requests.transaction import write
from tests.desk.desk_rig import Rig, visit
from tests.desk.editor_rig import EditorRig


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with five calls, made once."""
    path = tmp_path_factory.mktemp("record") / "hotline.db"
    engine = open_database(f"sqlite:///{path}")
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [visit(number) for number in range(5)])
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def rig(tmp_path: Path, recorded: Path) -> Iterator[Rig]:
    shutil.copy(recorded, tmp_path / "hotline.db")
    engine = make_engine(f"sqlite:///{tmp_path}/hotline.db")
    rig = Rig(tmp_path, engine)
    yield rig
    rig.close()
    engine.dispose()


@pytest.fixture(scope="session")
def editor_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EditorRig]:
    """One for all: its workshop takes a second to start."""
    rig = EditorRig(tmp_path_factory.mktemp("editor"))
    yield rig
    rig.close()


@pytest.fixture
def editor(editor_house: EditorRig) -> Iterator[EditorRig]:
    """The editor's desk, a second later, with its files as they were."""
    editor_house.clock.now += 1
    yield editor_house
    editor_house.write()
