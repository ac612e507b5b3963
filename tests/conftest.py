"""What holds for every test."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from ivr.service.start import uncollected

OURS = "hotline"


# Files that take longest, or wait most, are begun first: else one worker has such a file when the others have nothing
# left. Those that wait stand between those that reckon.
LONGEST = (
    "routing/test_dispatcher_search.py", "exchange/test_exchange_search.py", "media/test_talk_off.py",
    "cli/test_cli_visible.py", "exchange/test_calling_back.py", "cli/test_cli_menu.py", "exchange/test_supervising.py",
    "cli/test_cli_records.py", "reports/test_report.py", "drivers/test_softphone_calls.py",
    "exchange/test_consulting.py", "cli/test_cli_menus.py", "media/test_plane_process.py", "exchange/test_turns.py",
    "requests/test_record_writer.py", "cli/test_cli_announce_text.py", "requests/test_record_killed.py",
    "sip/test_arrivals.py", "cli/test_cli_usage.py", "exchange/test_queue_rules.py",
    "requests/test_record_repository.py", "media/test_bad_network.py", "requests/test_request_work.py",
    "service/test_parent_killed.py", "bench/test_load.py", "exchange/test_menu_versions.py")


# Files that share what is dear to start (their folder's conftest.py): one process runs them one after the other.
TOGETHER = (
    ("pages/test_admin_pages.py", "pages/test_editor_page.py", "pages/test_pages_account.py",
     "pages/test_supervisor_pages.py"),
    ("pages/test_pages_desk.py", "pages/test_pages_try.py"))
WITH = {f"tests/{name}": f"tests/{names[0]}" for names in TOGETHER for name in names}


class Together(LoadFileScheduling):
    """`--dist loadfile` that takes those files as one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return WITH.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What tests are made of stays, and a worker looks through it for garbage neither now nor later."""
    with uncollected():
        return (yield)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """A test that sets up the log of a process takes it from no other: events go to `logging` again, for all to see."""
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    levels, handlers = (root.level, ours.level), list(root.handlers)
    yield
    for added in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(added)
        added.close()
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
