"""Verbs that the search does not reach: stories told by a control that dies between turns.

DYING=0.05 in the environment does so with any test of this folder; those fail that change a house by hand, of which no
entry tells, and those of captures, whose messages out are caught where they leave and not in a turn.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.exchange.journal import entries
from ivr.exchange.journal.frames import Journal
from tests.exchange import (
    test_beside_telephone,
    test_by_sip_admitted,
    test_calling_back,
    test_card,
    test_menu_versions,
    test_operator_log,
    test_pages,
    test_queue_rules,
    test_recording,
    test_routes,
    test_texting,
    test_texting_returns,
)
from tests.exchange.test_state_of_stories import STORIES

SHARE = "0.1"
MORE: list[tuple[Callable[[], None], str]] = [
    (test_menu_versions.test_change__a_call_keeps_what_it_came_in_with, "change_menus"),
    (test_menu_versions.test_refused__is_told_and_calls_go_on, "refuse_menus"),
    (test_queue_rules.test_wrap_up__ends_when_the_request_is_saved, "wrap_up_done"),
    (test_card.test_hang_up__is_what_the_phone_would_do, "hang_up"),
    (test_operator_log.test_operator_log__a_shift, "set_status keep_ladders"),
    (test_recording.test_on_demand__twice_in_one_call_makes_two_files, "begin_recording end_recording"),
    (test_routes.TestTls().test_tls_fails__no_key_goes_out_in_the_clear, "looked_up send_failed"),
    (test_beside_telephone.test_telephone__the_operator_is_rung_first_and_then_the_visitor, "wish_call call_them text"),
    (test_by_sip_admitted.test_channel__that_is_closed, "receive"),
    (test_pages.test_tabs__the_second_one_has_to_ask, "page"),
    (test_texting.test_message__too_long_is_refused, "text"),
    (test_texting_returns.test_consultation__goes_on, "transfer"),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
def test_journal__a_story_goes_on(story: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYING", SHARE)
    story()


@pytest.mark.parametrize(("story", "verbs"), MORE, ids=[verbs.replace(" ", "-") for _, verbs in MORE])
def test_journal__the_story_of_a_verb_goes_on(story: Callable[[], None], verbs: str,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    """Before every turn."""
    told: set[str] = set()
    put: Any = Journal.put

    def note(journal: Journal, body: bytes) -> None:
        told.add(entries.verb_of(body))
        put(journal, body)

    monkeypatch.setattr(Journal, "put", note)
    monkeypatch.setenv("DYING", "1")
    story()
    assert told >= set(verbs.split(" "))


def test_journal__a_request_to_call_back_is_the_houses_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no copy of it, which nobody would find: one that was to be called at once is rung, and cancelled."""
    monkeypatch.setenv("DYING", "0")
    story = test_calling_back.house()
    dying: Any = story.hotline.exchange
    test_calling_back.ask(story)
    (request,) = dying.house.callbacks.open
    for verb, given in (("callback_now", ()), ("cancel_callback", ("vera",))):
        dying.take_state()
        story.hotline.carry_out(getattr(dying, verb)(dying.house.callbacks.open[request], *given, story.world.now))
        left = {name: repr(one) for name, one in dying.house.callbacks.open.items()}
        dying.die()
        assert dying.journal.number - dying.journal.first >= 1
        assert {name: repr(one) for name, one in dying.house.callbacks.open.items()} == left
    assert left == {}
