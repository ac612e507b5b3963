"""60 visitors and 3 operators whose connections are cut at random, and web and control killed under them."""

import os
from pathlib import Path

import pytest

from tests.support.chat_drill import Drill, drilled, settings
from tests.support.service import running_service

HOST, WIRE = "127.0.74.101", "127.0.74.102"


@pytest.mark.timeout(180)
def test_chats__cut_while_web_and_control_are_killed__nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    drill = Drill(seed=int.from_bytes(os.urandom(4)))
    print(drill)
    with running_service(tmp_path, host=HOST, **settings(tmp_path, drill)) as service:
        outcome = drilled(service, drill, WIRE)
        assert "rows_lost" not in service.log
    print(outcome.figures)
    assert outcome.faults == [], drill
    assert outcome.figures["cuts"] > 50
    assert outcome.figures["returns"] > 60
    assert outcome.figures["went_on"] > 40      # all that had begun when control was killed
