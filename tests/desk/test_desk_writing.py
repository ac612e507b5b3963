"""Two who change menus and hours at the same time: one after the other, and nobody's change is lost."""

import asyncio
import dataclasses
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from desk.menu_editing import MenuEditing
from desk.menu_files import Change, write_all
from desk.problems import Refusal
from ivr.base.config import Config
from ivr.base.errors import AdminError
from ivr.menu.loader import version_of
from ivr.service.desk_work import hours_days
from tests.desk.admin_rig import HOURS, config_of, here
from tests.desk.editor_rig import BANK, EditorRig

DAY = {"schedule": "bank", "day": "2026-11-25", "hours": {"spans": ["10:00-14:00"], "why": ""},
       "version": version_of(HOURS)}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_of(tmp_path / "house")


def test_day__and_a_publication_of_the_hours__the_second_is_told(config: Config, monkeypatch: Any) -> None:
    """Another process writes the day; ours comes between its last look at the file and its writing."""
    file, written = str(config.hours), hours_days.replace_texts
    change = Change(file, version_of(HOURS), HOURS + "# ours\n")
    refused: list[Refusal] = []

    def ours() -> None:
        try:
            write_all([change])
        except Refusal as refusal:
            refused.append(refusal)

    second = threading.Thread(target=ours)

    def slow(texts: Mapping[str, str]) -> None:
        second.start()
        second.join(0.3)            # as long as it may take where nothing holds it back
        written(texts)

    monkeypatch.setattr(hours_days, "replace_texts", slow)
    hours_days.set_day(config, DAY, lambda *step: None)
    second.join()
    assert [one.problem.code for one in refused] == ["changed_meanwhile"]
    assert "Compare your text with theirs" in refused[0].problem.message
    text = Path(file).read_text()
    assert "2026-11-25: 10:00-14:00" in text
    assert "# ours" not in text


def test_publication__and_a_day__the_second_is_told(config: Config) -> None:
    write_all([Change(str(config.hours), version_of(HOURS), HOURS + "# ours\n")])
    with pytest.raises(AdminError, match="somebody changed the file meanwhile"):
        hours_days.set_day(config, DAY, lambda *step: None)
    assert Path(str(config.hours)).read_text() == HOURS + "# ours\n"


def test_day__waits_until_a_publication_is_checked_and_written(
        editor: EditorRig, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A menu names schedules: what it was checked with must be what it is published beside."""
    done: list[str] = []

    async def work(name: str, *rest: Any) -> Any:
        done.append(name)
        return await here(name, *rest)

    monkeypatch.setattr("desk.apart._run", work)
    editor.app.state.desk = dataclasses.replace(editor.app.state.desk, config=config)
    own = MenuEditing._lines
    begun: list[asyncio.Task[Any]] = []

    async def slow(self: MenuEditing, old: str, new: str) -> dict[str, int]:
        begun.append(asyncio.ensure_future(editor.program.put_later(
            "/api/hours/bank/days/2026-11-25", {"spans": [], "version": version_of(HOURS)})))
        await asyncio.sleep(0.3)
        lines = await own(self, old, new)
        done.append("published")
        return lines

    monkeypatch.setattr(MenuEditing, "_lines", slow)
    assert editor.publish(BANK + "# more\n").status_code == 200
    answers: Sequence[Any] = editor.run(_all(begun))
    assert [one.status_code for one in answers] == [200]
    assert done == ["published", "set_hours"]


async def _all(tasks: Sequence[asyncio.Task[Any]]) -> list[Any]:
    return list(await asyncio.gather(*tasks))
