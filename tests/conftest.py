"""Which tests may run beside each other where `make test` gives each group a process of its own."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever is in no group is one itself: what listens closely to a running service does so one after the other.

    Other groups are for what mostly waits, or does not care how long anything takes.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("listening"))
