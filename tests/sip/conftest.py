from collections.abc import Iterator
from typing import Any

import pytest

from tests.sip.rig import Rig


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Rig:
    """An endpoint over UDP; a failed test prints what happened as a ladder."""
    made = Rig()
    request.node.ladder = made
    return made


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed and hasattr(item, "ladder"):
        report.sections.append(("call flow", str(item.ladder)))
