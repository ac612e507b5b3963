"""A spare waits for long: what changes in the files meanwhile it has when it is told, as control has it."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from ivr.service import spare
from ivr.service.spare import Brought, bring, wait
from tests.support.service import ROOT, make_config

PATIENCE = 30.0


class Files:
    """A house of its own."""

    def __init__(self, folder: Path) -> None:
        self.menu, self.prompts, self.customers = folder / "menus/bank.yaml", folder / "prompts", folder / "few.csv"
        shutil.copytree(ROOT / "menus", folder / "menus")
        shutil.copytree(ROOT / "audio_prompts", self.prompts, copy_function=os.symlink)
        self.customers.write_text("number\n+74950000001\n")
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump(make_config(
            folder, lines=[{"numbers": ["100"], "menu": str(self.menu), "callers": {
                "file": str(self.customers), "accounts": ["softphone"]}}],
            prompts={"folder": str(self.prompts), "announcements": str(folder / "menus/announcements.yaml")})))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("spare_files"))


@pytest.fixture
def begin(files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], "Waiting"]]:
    """One spare that waits."""
    monkeypatch.setattr(spare, "LOOK_EVERY", 0.05)
    with ThreadPoolExecutor(1) as pool:
        yield lambda: Waiting(files, pool)


class Waiting:
    def __init__(self, files: Files, pool: ThreadPoolExecutor) -> None:
        heir, self._pipe = os.pipe()
        self.before = bring(str(files.config))
        self._done: Future[Brought | None] = pool.submit(wait, heir, self.before, str(files.config))

    def told(self) -> Brought:
        os.write(self._pipe, b"1")
        brought = self._done.result(PATIENCE)
        os.close(self._pipe)
        assert brought is not None
        return brought

    def left(self) -> Brought | None:
        os.close(self._pipe)
        return self._done.result(PATIENCE)


def in_time() -> None:
    """Long enough for two looks that see the same, and for reading."""
    time.sleep(3.0)


def test_nothing_changed__what_was_brought_is_given(begin: Callable[[], Waiting]) -> None:
    waiting = begin()
    assert waiting.told() is waiting.before


def test_nobody_tells_any_more(begin: Callable[[], Waiting]) -> None:
    assert begin().left() is None


def test_menus_and_customers_change__the_configuration_stays(files: Files, begin: Callable[[], Waiting]) -> None:
    waiting = begin()
    files.menu.write_text(files.menu.read_text() + "# a remark\n")
    files.customers.write_text("number\n+74950000001\n+74950000002\n")
    settings = files.config.read_text()
    files.config.write_text("nonsense")
    in_time()
    brought = waiting.told()
    files.config.write_text(settings)
    before, after = (each.loaded for each in (waiting.before, brought))
    assert after.menus[str(files.menu)].version != before.menus[str(files.menu)].version
    assert (len(before.customers[str(files.customers)]), len(after.customers[str(files.customers)])) == (1, 2)
    assert after.config is before.config


def test_customers_change_in_the_last_moment(files: Files, begin: Callable[[], Waiting]) -> None:
    waiting = begin()
    files.customers.write_text("number\n+74950000003\n+74950000004\n+74950000005\n")
    assert len(waiting.told().loaded.customers[str(files.customers)]) == 3


def test_a_faulty_menu__what_was_there_is_given(files: Files, begin: Callable[[], Waiting]) -> None:
    waiting, good = begin(), files.menu.read_text()
    files.menu.write_text(good.replace("{goto: cards}", "{goto: crads}"))
    in_time()
    brought = waiting.told()
    files.menu.write_text(good)
    assert brought.loaded.menus == waiting.before.loaded.menus
