"""Machines that the search does not reach: stories told once more, with a house that goes through JSON at many steps.

`bench.soak.rewritten` does so at every step of random episodes; REWRITTEN=0.1 in the environment with any test of this
folder (some look at objects that are then others).
"""

from collections.abc import Callable

import pytest

from tests.exchange import (
    test_briefing,
    test_calling_back,
    test_capturing,
    test_consulting,
    test_intervening,
    test_line_orders,
    test_menu_versions,
    test_pages,
    test_recording,
    test_supervising,
    test_survey,
    test_transfer_attended,
    test_trunks,
    test_verifying,
    test_voicemail,
)

STORIES = [
    test_trunks.test_up_and_down__in_log_snapshot_and_metrics,
    test_pages.test_pages__caller_to_operator_held_resumed_and_ended,
    test_pages.test_web_process__gone_and_back_takes_nobodys_call,
    test_recording.test_recording__goes_on_through_hold_and_transfer,
    test_recording.test_secret__that_has_just_been_asked_when_a_recording_begins,
    test_calling_back.test_operator_first__bridged_and_answered,
    test_calling_back.test_caller_first__the_operator_is_kept_and_rung_last,
    test_capturing.test_rtp__every_stream_of_the_call_and_the_files_end,
    test_consulting.test_keys__ask_join_and_hand_over,
    test_intervening.test_take__out_of_the_queue_by_an_operator,
    test_intervening.test_take__the_queue_is_quicker,
    test_menu_versions.test_change__a_call_keeps_what_it_came_in_with,
    test_supervising.test_supervising__the_supervisor_takes_the_call_over,
    test_survey.test_survey__the_operator_hangs_up_and_the_caller_is_asked,
    test_transfer_attended.test_attended__consulted_and_joined,
    test_verifying.test_verify__wrong_over_several_calls_locks_the_right_pin_too,
    test_voicemail.test_voicemail__heard_before_it_is_kept,
    test_line_orders.test_closure__taken_back_and_over_by_itself,
    test_briefing.test_ring_all__who_is_told_first_has_it_once_they_press,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
def test_state__a_story_goes_on(story: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REWRITTEN", "0.05")
    story()
