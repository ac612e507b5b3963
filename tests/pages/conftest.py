"""What files of this folder share: a browser and two houses stand from the first test that asks for them to the last
one of the folder. Files that share a house run one after the other, in one process (tests/conftest.py)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.pages.admin_house import office_house
from tests.pages.desk_house import DeskHouse, desk_house
from tests.pages.rig import chromium
from tests.support.service import Service

OFFICE_HOST = "127.0.84.1"
DESK_HOST = "127.0.46.1"


class Kept:
    """What was made stays until the end: the next file finds it."""

    def __init__(self) -> None:
        self._stack, self._made = ExitStack(), dict[str, Any]()

    def of(self, name: str, make: Callable[[], AbstractContextManager[Any]]) -> Any:
        if name not in self._made:
            self._made[name] = self._stack.enter_context(make())
        return self._made[name]

    def end(self) -> None:
        self._made.clear()
        self._stack.close()


KEPT = Kept()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A driver of browsers keeps an event loop running in its thread: no other folder's test may find it there."""
    try:
        return (yield)
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            KEPT.end()


@pytest.fixture(scope="module")
def browser() -> Browser:
    opened: Browser = KEPT.of("browser", chromium)
    return opened


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Administrators, supervisors and editors at work; every test leaves it without a call."""
    running: Service = KEPT.of("office", lambda: office_house(tmp_path_factory.mktemp("office") / "house", OFFICE_HOST))
    return running


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> DeskHouse:
    """Operators and their callers; every test leaves it without a call, and the operators free."""
    house: DeskHouse = KEPT.of("desks", lambda: desk_house(tmp_path_factory.mktemp("desks"), DESK_HOST))
    return house
