"""`hotline dial`: what is wrong is said before anybody is called, and nobody waits for a hotline that is not there."""

from pathlib import Path
from typing import Any

import pytest

from ivr.base.errors import AdminError
from ivr.drivers import softphone
from ivr.drivers.softphone import Target, dial, read_target
from tests.support.peers import need_module

NOBODY = Target("100", "127.0.13.1", 5999)


@pytest.mark.parametrize("uri", ["100@host", "sip:100", "sip:@127.0.0.1", "sip:100@127.0.0.1:x", "sip:100@127.0.0.1:0",
                                 "sip:100@127.0.0.1:99999", f"sip:100@{'a' * 80}", "sip:100@no..dots"])
def test_target__is_refused(uri: str) -> None:
    with pytest.raises(AdminError):
        read_target(uri)


def test_target__is_read() -> None:
    assert read_target("sip:100@127.0.0.1:5070") == Target("100", "127.0.0.1", 5070)


def call(keys: str = "", record: Path | None = None) -> Any:
    return dial(NOBODY, "softphone", "secret", keys, pause=0.1, duration=1.0, record=record, say=print)


def test_dial__wrong_keys_and_files_are_told_first(tmp_path: Path) -> None:
    with pytest.raises(AdminError, match="is no key"):
        call(keys="1,x")
    with pytest.raises(AdminError, match="can't be written"):
        call(record=tmp_path / "no folder" / "heard.wav")


def test_dial__nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    need_module("pyVoIP")
    monkeypatch.setattr(softphone, "REGISTER_TIMEOUT", 0.2)
    with pytest.raises(AdminError, match="could not register"):
        call()
