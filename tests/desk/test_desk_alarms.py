"""Alarms: what is wrong now, in both languages, the worst first; and nothing where nothing is."""

from string import Formatter
from typing import Any

import pytest

from desk.alarm_words import WORDS
from desk.alarms import LEVELS, Situation, alarms
from desk.channels.channels import Shown

QUEUE = {"name": "cards", "waiting": 0, "longest_wait": 0.0, "operators_in_service": 1}
WORKER = {"worker": 0, "ready": True, "streams": 100, "in_use": 10, "free": 90}
WELL: dict[str, Any] = {
    "state": "running", "queues": [QUEUE], "plane": {"up": True, "workers": [WORKER], "clocks": []},
    "trunks": [{"name": "city", "registration": "registered", "ping": "up", "reason": "", "ping_reason": ""}],
    "database": {"away": False, "spool_full": False}, "menus": {"refused": [], "lines": []}, "orders": [],
    "recordings": {"fault": ""}, "accounts": {"faults": []}}


def codes(**changed: Any) -> list[tuple[str, str, str]]:
    found = alarms(Situation({**WELL, **changed}, {"cards": 20.0}))
    return [(each.code, each.level, each.subject) for each in found]


def worker(**changed: Any) -> dict[str, Any]:
    return {"up": True, "workers": [{**WORKER, **changed}], "clocks": []}


def trunk(**changed: Any) -> list[dict[str, Any]]:
    return [{**WELL["trunks"][0], **changed}]


def test_alarms__none_where_all_is_well() -> None:
    assert codes() == []
    assert codes(queues=[{**QUEUE, "waiting": 3, "longest_wait": 19.9}]) == []
    assert codes(trunks=trunk(registration="registering", ping="")) == []


SAID: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"queues": [{**QUEUE, "waiting": 2, "operators_in_service": 0}]}, ("queue_unstaffed", "bad", "cards")),
    ({"queues": [{**QUEUE, "waiting": 2, "chats_waiting": 1, "chats_in_service": 0}]},
     ("queue_unstaffed", "bad", "cards")),
    ({"queues": [{**QUEUE, "waiting": 1, "longest_wait": 21.0}]}, ("queue_waits_long", "warn", "cards")),
    ({"queues": [{**QUEUE, "waiting": 1, "longest_wait": 61.0}]}, ("queue_waits_long", "bad", "cards")),
    ({"plane": {"up": False}}, ("plane_away", "bad", "")),
    ({"plane": worker(ready=False)}, ("worker_away", "warn", "0")),
    ({"plane": worker(in_use=98)}, ("plane_full", "bad", "0")),
    ({"plane": worker(in_use=85)}, ("plane_nearly_full", "warn", "0")),
    ({"plane": {**worker(), "clocks": [{"late_p99_ms": 40.0, "late_for_s": 12.0}]}}, ("audio_late", "warn", "")),
    ({"trunks": trunk(registration="refused", reason="403")}, ("trunk_refused", "bad", "city")),
    ({"trunks": trunk(registration="waiting")}, ("trunk_unregistered", "bad", "city")),
    ({"trunks": trunk(ping="down", registration="")}, ("trunk_silent", "bad", "city")),
    ({"database": {"away": True}}, ("database_away", "warn", "")),
    ({"database": {"away": True, "spool_full": True}}, ("spool_full", "bad", "")),
    ({"state": "draining"}, ("draining", "warn", "")),
    ({"menus": {"refused": ["bank.yaml:3:1"]}}, ("menus_refused", "warn", "")),
    ({"menus": {"lines": [{"line": "100", "returned": "ab12"}]}}, ("trial_returned", "warn", "100")),
    ({"recordings": {"fault": "no space"}}, ("recording_failed", "warn", "")),
    ({"accounts": {"faults": ["one"]}}, ("callers_unaccounted", "warn", "")),
    ({"orders": [{"line": "100", "kind": "closure", "by": "eva"}]}, ("line_closed", "info", "100")),
    ({"orders": [{"line": "100", "kind": "announcement", "by": "eva"}]}, ("line_announcement", "info", "100")),
]


@pytest.mark.parametrize(("changed", "said"), SAID)
def test_alarms__each(changed: dict[str, Any], said: tuple[str, str, str]) -> None:
    assert codes(**changed) == [said]


def test_alarms__of_others_than_control() -> None:
    assert [each.code for each in alarms(Situation(None))] == ["control_away"]
    found = alarms(Situation(WELL, {}, {"cards": 2, "loans": 0}, unaccounted=1, database=False))
    assert [each.code for each in found] == ["database_not_read", "requests_overdue", "callers_unaccounted"]
    assert "(database)" not in found[0].words("en")[0]


def test_alarms__the_worst_first() -> None:
    found = alarms(Situation({**WELL, "orders": [{"line": "100", "kind": "closure"}], "state": "draining",
                              "plane": {"up": False}}))
    assert [each.level for each in found] == list(LEVELS)


def test_words__both_languages_say_the_same_things() -> None:
    """Each code that can come has words in both, with the same figures; and no others have."""
    assert set(WORDS) == {said[0] for _, said in SAID} | {"control_away", "database_not_read", "requests_overdue",
                                                    "channel_away", "channel_fault"}
    for code, words in WORDS.items():
        en, ru = (sorted(name for text in words[language] for _, name, _, _ in Formatter().parse(text) if name)
                  for language in ("en", "ru"))      # type: ignore[index]
        assert en == ru, code
    for changed, _ in SAID:
        (alarm,) = alarms(Situation({**WELL, **changed}, {"cards": 20.0}))
        assert all(text and "{" not in text for language in ("en", "ru") for text in alarm.words(language))  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "code"), [("away", "channel_away"), ("fault", "channel_fault")])
def test_alarms__a_channel_through_which_nothing_goes(state: str, code: str) -> None:
    shown = Shown("telegram", state, "can't be reached", None, 3, 7, "")
    (alarm,) = alarms(Situation(WELL, channels=(shown,)))
    assert (alarm.code, alarm.level, alarm.subject) == (code, "bad", "telegram")
    for language in ("en", "ru"):
        message, remedy = alarm.words(language)     # type: ignore[arg-type]
        assert "can't be reached" in message
        assert "7" in message
        assert remedy
