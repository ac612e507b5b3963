"""Chats that are taken up after a restart, in virtual time: who has them, and where they are."""

from ivr.call.record import Outcome
from ivr.call.state import CallState
from ivr.exchange.texting import absent
from ivr.menu.loader import load_menu
from ivr.menu.model import Known
from tests.support.chat_scene import MENU, Scene, over, shown, talking
from tests.support.restarting import left_in, restart
from tests.support.virtual_chat import VirtualVisitor


def test_operator__is_busy_with_it_from_the_start_and_keeps_it_once_their_desk_is_back() -> None:
    scene = talking(config_operators={"anna": {"chats": 1}, "boris": {"chats": 1}})
    restart(scene.story)
    assert (shown(scene, "anna")["chats"], shown(scene, "anna")["chats_reachable"]) == (1, False)
    scene.story.world.run(absent.WAIT - 5)
    scene.desks["anna"].answers()
    scene.story.world.run(absent.WAIT * 2)
    assert (scene.call.operator, scene.call.state) == ("anna", CallState.BRIDGED)
    scene.answers("anna", "Here again", "x")
    assert scene.visitor.read()[-1] == ("anna", "Here again")
    over(scene)
    assert scene.story.row().operator == "anna"


def test_operator__who_writes_is_there_whether_their_desk_answers_more_or_not() -> None:
    scene = talking()
    restart(scene.story)
    scene.answers("anna", "Here", "x")
    scene.story.world.run(absent.WAIT * 2)
    assert scene.call.operator == "anna"
    over(scene)


def test_operator__whose_page_is_there_keeps_it_though_they_write_nothing() -> None:
    scene = talking()
    restart(scene.story)
    absent.heard_of(scene.story.hotline.exchange.house, "boris")
    assert scene.story.hotline.exchange.house.endpoint.texts.awaited == {scene.leg("anna"): "anna"}
    absent.heard_of(scene.story.hotline.exchange.house, "anna")
    scene.story.world.run(absent.WAIT * 2)
    assert scene.call.operator == "anna"
    over(scene)


def test_operator__whose_desk_does_not_come_back_gives_the_visitor_to_the_front_of_the_queue() -> None:
    scene = talking()
    restart(scene.story)
    scene.desks["boris"].answers()
    scene.story.world.run(absent.WAIT + 2)
    assert (scene.call.state, scene.call.operator) == (CallState.CONNECTING, "boris")
    assert scene.call.priority >= 1000
    scene.takes("boris")
    assert shown(scene, "anna")["chats"] == 0
    (lost,) = [entry for entry in scene.story.entries() if entry.kind == "operator_lost"]
    assert lost.details["operator"] == "anna"
    over(scene)
    assert scene.story.row().operator == "boris"
    assert len(scene.story.requests()) == 1


def test_waiting__in_the_old_places_while_no_desk_is_back() -> None:
    scene = Scene(queue={"operators": ["anna"]})
    scene.desks["anna"].answers()
    others = [VirtualVisitor(scene.story, scene.chats, f"v{number}") for number in range(3)]
    scene.desks["anna"].answers(answers=False)
    scene.desks["anna"].answers()
    for one in others:
        one.open()
        one.say("2")
        scene.story.world.run(3)
    calls = list(scene.story.hotline.exchange.house.calls)
    left = left_in(scene.story.hotline.stored)
    restart(scene.story, left=list(reversed(left)))          # the store's order says nothing
    queue = scene.story.hotline.exchange.house.dispatcher
    assert [queue.place("cards", call) for call in calls] == [1, 2, 3]
    waits = next(one for one in queue.snapshot(scene.story.world.now)["queues"] if one["name"] == "cards")
    assert waits["waiting"] == 3
    scene.story.world.run(30)                               # nobody serves them yet, and nobody is sent away for that
    assert [queue.place("cards", call) for call in calls] == [1, 2, 3]
    scene.desks["anna"].answers()
    scene.story.world.run(2)
    assert queue.place("cards", calls[0]) == 1
    assert scene.story.hotline.exchange.house.calls[calls[0]].call.state is CallState.CONNECTING
    for one in others:
        one.leave(scene.story.hotline.exchange.house.endpoint.texts.by_visitor[one.visitor])
    scene.story.settle()
    scene.story.assert_clean()


def test_waiting__nobody_comes_back_to_serve_them() -> None:
    scene = Scene()
    scene.opens()
    scene.says("2", "a")
    restart(scene.story)
    scene.story.world.run(200)
    scene.story.settle()
    scene.story.assert_clean()
    assert scene.story.row().outcome is Outcome.OVERFLOW


def test_menu__that_is_another_by_now_the_chat_keeps_its_own() -> None:
    scene = Scene()
    scene.opens()
    scene.says("1", "a")
    known = scene.story.hotline.exchange.house.config
    names = Known(frozenset(known.queues), frozenset(known.transfers))
    newer = load_menu(MENU.replace("Welcome.", "Good day."), "bank.yaml", None, names)
    older = scene.call.settings.menu
    left = left_in(scene.story.hotline.stored)
    restart(scene.story, menu=newer)
    assert scene.story.hotline.exchange.house.calls == {}
    restart(scene.story, left=left, menus={("100", older.version): older})
    assert scene.call.settings.menu is older
    scene.desks["anna"].answers()
    scene.says("1", "b")
    assert "Welcome." in scene.visitor.read()[-1][1]
    scene.says("2", "c")
    scene.takes("anna")
    other = VirtualVisitor(scene.story, scene.chats, "other")
    other.open()
    assert "Good day." in other.read()[0][1]
    other.leave()
    over(scene)


def test_killed__again_and_again() -> None:
    scene = talking()
    for number in range(4):
        restart(scene.story)
        scene.desks["anna"].answers()
        scene.answers("anna", f"answer {number}", f"x{number}")
        scene.says(f"yes {number}", f"y{number}")
    over(scene)
    bodies = [row.body for row in scene.rows()]
    assert len(set(bodies)) == len(bodies)


def test_killed__while_the_database_does_not_answer_nothing_is_acknowledged_that_is_not_there() -> None:
    scene = talking()
    stored = len(scene.story.hotline.stored)
    scene.story.hotline.database_answers = False
    scene.visitor.say("not safe", scene.call.caller_leg, key="u")
    assert "u" not in [one["key"] for one in scene.visitor.kinds("kept")]
    del scene.story.hotline.stored[stored:]                 # what the writer held in memory dies with the process
    restart(scene.story)
    scene.desks["anna"].answers()
    scene.says("not safe", "u")
    assert [row.body for row in scene.rows()].count("not safe") == 1
    over(scene)


def test_ended__by_the_house_chats_go_on_and_calls_end() -> None:
    scene = talking()
    hotline = scene.story.hotline
    hotline.carry_out(hotline.exchange.drain(scene.story.world.now))
    assert hotline.exchange.idle
    hotline.carry_out(hotline.exchange.end_calls("the service stopped", scene.story.world.now))
    assert scene.call.state is CallState.BRIDGED
    restart(scene.story)
    scene.desks["anna"].answers()
    scene.answers("anna", "after the upgrade", "x")
    over(scene)


def test_supervisor__who_looked_on_is_gone_and_the_chat_goes_on() -> None:
    scene = talking()
    exchange = scene.story.hotline.exchange
    scene.story.hotline.carry_out(exchange.supervise(scene.call.call, "boris", "listen",      # type: ignore[arg-type]
                                                     scene.story.world.now))
    scene.story.world.run(1)
    scene.desks["boris"].accept()
    scene.says("who reads?", "c")
    restart(scene.story)
    assert not any(one.lasts for one in scene.story.hotline.exchange.house.calls[scene.call.call].supervisions.values())
    scene.desks["anna"].answers()
    scene.answers("anna", "go on", "x")
    over(scene)


def test_consultation__goes_on() -> None:
    scene = talking()
    exchange = scene.story.hotline.exchange
    scene.story.hotline.carry_out(exchange.transfer(scene.call.call, "boris", scene.story.world.now,
                                                    attended=True))          # type: ignore[arg-type]
    scene.story.world.run(1)
    scene.desks["boris"].accept()
    scene.says("hello?", "c")
    restart(scene.story)
    for desk in scene.desks.values():
        desk.answers()
    exchange = scene.story.hotline.exchange
    done = exchange.end_consultation(scene.call.call, "hand_over", scene.story.world.now)
    scene.story.hotline.carry_out(done)      # type: ignore[arg-type]
    scene.story.world.run(1)
    assert scene.call.operator == "boris"
    scene.answers("boris", "mine now", "x")
    over(scene)
