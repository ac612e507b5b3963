"""Verbs that the search does not reach: stories told by a control that dies between turns."""

from collections.abc import Callable

import pytest

from tests.exchange.test_state_of_stories import STORIES

SHARE = "0.1"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
def test_journal__a_story_goes_on(story: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYING", SHARE)
    story()
