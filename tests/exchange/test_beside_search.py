"""Calls beside chats, in virtual time: a search through what anybody may do at any moment."""

import random
from typing import Any

import pytest

from tests.exchange.test_outbound import CARRIER, CONFIG, NUMBER
from tests.support.beside_scene import QUICK, WRITTEN, Scene
from tests.support.operators_phones import add_phone
from tests.support.virtual_house import base_config


def acts(scene: Scene) -> dict[str, Any]:
    """What anybody may do at any moment."""
    return {
        "call_me": scene.call_me, "page_hangs_up": scene.page.hang_up, "anna_hangs_up": scene.phone.hang_up,
        "anna_answers": scene.phone.answer, "page_lost": lambda: (scene.page.lose(), scene.page.open()),
        "page_closed": lambda: (scene.page.close(), scene.page.open()),
        "anna_dials": lambda: scene.phone.dial("branch"),
        "anna_gone": lambda: (scene.phone.close(), scene.phone.open()),
        "chat_taken": lambda: scene.anna.accept() if scene.anna.offered else None,
        "anna_leaves": lambda: scene.anna.leave() if scene.anna.legs else None,
        "visitor_leaves": lambda: scene.visitor.leave() if scene.visitor.legs else None,
        "visitor_writes": lambda: scene.visitor.say("0") if scene.visitor.legs else None,
        "desk_calls": lambda: by_desk(scene), "passes": lambda: scene.story.world.run(20),
    }


def by_desk(scene: Scene) -> None:
    """Anna presses, whatever stands on her screen by now."""
    exchange, now = scene.story.hotline.exchange, scene.story.world.now
    called = exchange.call_them(scene.chat, "anna", NUMBER, now) if scene.chat in exchange.house.calls else None
    if isinstance(called, list):
        scene.story.hotline.carry_out(called)


@pytest.mark.parametrize("seed", range(40))
def test_search__whatever_anybody_does_everybody_is_let_go_and_one_request_has_all(seed: int) -> None:
    chance = random.Random(seed)
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "max_wait_s": 600, "survey": "after_call"}}
    scene = Scene(menu=WRITTEN, config=CONFIG | {"queues": queues}, seed=seed)
    scene.story.hotline.carry_out(scene.story.hotline.exchange.start(scene.story.world.now))
    add_phone(scene.story, "carrier", CARRIER, QUICK)
    add_phone(scene.story, "branch", "127.0.9.30", QUICK)
    scene.anna.answers()
    scene.begin("1234")
    done = []
    possible = acts(scene)
    for _ in range(14):
        done.append(chance.choice(list(possible)))
        possible[done[-1]]()
        scene.story.world.run(chance.choice((0.05, 0.5, 3)))
        scene.story.assert_accounted()
    if scene.visitor.legs:
        scene.visitor.leave()
    for page in (scene.page, scene.phone):
        page.hang_up()
    scene.story.world.run(60)
    scene.page.close()
    scene.phone.close()
    scene.done()
    beside = {row.request_id for row in scene.story.rows().values() if row.queue == "cards"}
    assert len(beside - {None}) <= 1, done
    assert not scene.story.hotline.exchange.house.counters.get("operators_freed_late"), done
    assert not [one for one in scene.story.hotline.reports if one.level == "error"], done
