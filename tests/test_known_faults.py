"""Every fault that users of other systems told of has tests by name: a list that a renamed or deleted test breaks.

The rows are those of the field's own lists of bugs; the numbers are issues there. Where one test shows the machine and
another one phones, both are named.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
QUEUE, EXCHANGE, MENU, KEYS = "routing/test_queue_faults.py", "exchange", "menu", "media/test_keys.py"
HEARD = f"{EXCHANGE}/test_field_faults.py"

FAULTS: dict[str, tuple[str, ...]] = {
    "two operators answer one call: asterisk#176": (
        f"{QUEUE}::test_fault__two_operators_answer_one_call",
        f"{EXCHANGE}/test_queue_rules.py::test_ring_all__the_first_to_answer_has_the_call"),
    "operator rung after the caller hung up: freeswitch#2529": (
        f"{QUEUE}::test_fault__an_operator_is_rung_after_the_caller_hung_up",
        f"{EXCHANGE}/test_queue_rules.py::test_ring_all__the_caller_hangs_up_and_every_phone_stops"),
    "operator drops before the bridge, a new round begins: asterisk#1557": (
        f"{QUEUE}::test_fault__an_operator_drops_before_the_bridge_and_a_new_round_begins",
        f"{EXCHANGE}/test_endings.py::test_ending__operator_answers_and_is_gone_before_the_bridge"),
    "operators reserved or in a call for ever: freeswitch#2540, #1062; OpenSIPS#2530, #3123": (
        f"{QUEUE}::test_fault__operators_stay_reserved_for_ever",
        f"{QUEUE}::test_fault__operators_stay_in_a_call_for_ever",
        f"{EXCHANGE}/test_queue_rules.py::test_lease__whose_call_is_gone_is_freed_with_an_alarm"),
    "a break chosen during an offer is overwritten: twilio flex-project-template#290": (
        f"{QUEUE}::test_fault__a_break_chosen_during_an_offer_is_overwritten",
        f"{EXCHANGE}/test_status_by_phone.py::test_keys__during_a_talk_are_for_the_time_after_it"),
    "an unregistered phone shown as available: fusionpbx#2831": (
        f"{QUEUE}::test_fault__an_unregistered_phone_counts_as_available",),
    "many calls at once all try the same operator: OpenACD#5": (
        f"{QUEUE}::test_fault__many_calls_at_once_all_try_the_same_operator",),
    "one call counted twice under load: asterisk#1736": (
        f"{QUEUE}::test_fault__one_call_is_counted_twice",
        f"{EXCHANGE}/test_accounts.py::test_sums__rows_are_lost_or_come_twice",
        f"{EXCHANGE}/test_storm.py::test_storm__every_call_ends_right"),
    "attended transfer loses queue events, resets wrap-up: asterisk#759, #607": (
        f"{QUEUE}::test_fault__an_attended_transfer_loses_the_wrap_up",
        f"{EXCHANGE}/test_transfer_attended.py::test_attended__consulted_and_joined"),
    "operator answers during an announcement, dead air: freeswitch#1148": (
        f"{HEARD}::test_fault__dead_air_where_an_operator_answers_during_an_announcement",
        "routing/test_dispatcher.py::test_queue__the_place_is_told_while_a_phone_rings_too"),
    "second digit lost during an announcement: FreePBX#424": (
        f"{MENU}/test_menu_keys.py::test_keys__an_early_key_begins_an_entry_that_goes_on",
        f"{MENU}/test_menu_keys.py::test_keys__two_quick_keys_go_through_two_menus"),
    "one press read as three, changed timestamps: rtpengine#1812, #1123": (
        f"{KEYS}::test_keys__timestamps_that_change_with_every_packet",),
    "in-band and event counted both": (
        f"{EXCHANGE}/test_key_source.py::test_keys__tones_and_events_of_each_press_are_one",
        f"{EXCHANGE}/test_key_source.py::test_keys__tones_and_info_of_each_press_are_one"),
    "a long press as two: asterisk-unimrcp#44": (
        f"{KEYS}::test_keys__a_press_longer_than_a_segment", "media/test_key_vectors.py::test_long_press__is_one"),
    "a time condition that points to itself: FreePBX#79": (
        "base/hours/test_hours_faults.py::test_faults__one_mistake",
        "base/hours/test_hours_faults.py::test_faults__a_circle_of_three_is_said_once_and_who_leads_into_it_is_not_to_blame",
        "base/hours/test_hours_faults.py::test_faults__nobody_can_make_it_endless"),
    "local hours evaluated as UTC: fusionpbx#1587, #7732": (
        "base/hours/test_hours_reference.py::test_hours__every_minute_of_two_years",
        f"{EXCHANGE}/test_menu_asks.py::test_menu_asks__hours_count_where_the_line_is"),
    "a prompt in the wrong language: FreePBX#716": (
        f"{HEARD}::test_fault__a_prompt_in_the_wrong_language",),
    "reload wipes counters, logs out, changes a call in flight: asterisk#1255, freeswitch#39": (
        f"{QUEUE}::test_fault__a_reload_logs_out_wipes_counters_or_changes_a_call_in_flight",
        f"{EXCHANGE}/test_menu_versions.py::test_change__a_call_keeps_what_it_came_in_with"),
    "callbacks jump the line: FreePBX#621": (
        f"{EXCHANGE}/test_calling_back.py::test_callbacks__do_not_jump_the_line_freepbx_621",),
    "callbacks several at once: FreePBX#525": (
        f"{EXCHANGE}/test_calling_back.py::test_callbacks__one_attempt_at_a_time_freepbx_525",),
    "waiting callers lost or marked abandoned at a restart: freeswitch#1833": (
        f"{QUEUE}::test_fault__waiting_callers_are_lost_at_a_restart",
        f"{EXCHANGE}/test_calling_back.py::test_restart__open_requests_go_on_in_their_place"),
    "a wait estimate that ignores the place and rises again: Asterisk say_position": (
        "routing/test_estimate.py::test_estimate__grows_with_the_place_and_falls_with_the_operators",
        "routing/test_estimate.py::test_say__falls_only_until_an_operator_leaves_and_then_rises_once",
        "reports/simulation/test_wait_estimate.py::test_say__never_rises_at_any_step_while_nobody_left"),
}


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("fault", FAULTS)
def test_known_fault__is_tested(fault: str) -> None:
    missing = [named for named in FAULTS[fault]
               if not (ROOT / named.partition("::")[0]).exists()
               or named.partition("::")[2] not in named_in(named.partition("::")[0])]
    assert missing == []
