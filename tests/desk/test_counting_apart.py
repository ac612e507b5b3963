"""Figures counted in a real process of their own: asked again, after it died, after whoever asked had enough of it."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from desk.counting_apart import CountingProcess
from ivr.base.config import Config
from routing.reports.questions import Question

ASKED = Question(datetime(2026, 11, 20), datetime(2026, 11, 21), ("queue",))


def config(tmp_path: Path) -> Config:
    return Config.model_validate({"state_dir": str(tmp_path), "lines": [{"numbers": "100", "menu": "bank.yaml"}]})


def running(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 60))


def test_counting__goes_on_whatever_becomes_of_the_process(tmp_path: Path, recorded: Path) -> None:
    async def story() -> None:
        counting = CountingProcess(config(tmp_path), f"sqlite:///{recorded}")
        try:
            told = await counting.count(ASKED)
            assert told["reports"]["queue"]["total"]["counts"]["visits"] == 5
            first = counting._process
            assert first is not None
            assert (await counting.count(ASKED)) == told
            assert counting._process is first
            os.kill(first.pid, signal.SIGKILL)
            await first.wait()
            assert (await counting.count(ASKED)) == told
            asking = asyncio.create_task(counting.count(ASKED))
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert counting._process is None        # its answer would be taken for that of the next question
        finally:
            await counting.close()
        assert first.returncode == -signal.SIGKILL

    running(story())


def test_counting__a_database_that_is_away(tmp_path: Path) -> None:
    async def story() -> None:
        counting = CountingProcess(config(tmp_path), f"sqlite:///{tmp_path}/empty.db")
        try:
            with pytest.raises(SQLAlchemyError):
                await counting.count(ASKED)
        finally:
            await counting.close()

    running(story())
