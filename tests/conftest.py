"""What holds for every test."""

import logging
from collections.abc import Iterator

import pytest

from ivr.service.start import uncollected

OURS = "hotline"


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
