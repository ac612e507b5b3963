"""A peer that is missing: a skipped test that says what to do, and a failure in CI."""

import pytest

from tests.support.peers import need_module, need_program


def test_missing_peer__skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"needs no_such_phone: see \.ci/run"):
        need_program("no_such_phone")


def test_missing_peer__fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs no_such_module"):
        need_module("no_such_module")
