"""Who may begin a chat by SIP MESSAGE, in virtual time: lines, callers, the channel, room, floods."""

from ivr.call.record import Outcome
from tests.support.by_sip_scene import done, scene
from tests.support.virtual_messenger import Messenger


def test_line__that_is_none_and_one_that_takes_no_messages() -> None:
    lines = [{"numbers": ["100", "101"], "menu": "menus/bank.yaml"}, {"numbers": ["200"], "menu": "menus/bank.yaml"},
             {"numbers": ["300"], "menu": "menus/bank.yaml"}]
    story, phone, _ = scene(lines=lines, channels={"sip": {"line": "100", "also": ["300"]}})
    for number in ("999", "200", "101"):
        phone.say("Hello", number)
    assert phone.statuses == [404, 405, 200]
    phone.say("stop", "101")
    story.world.run(5)
    phone.say("Hello", "300")
    assert phone.statuses[-1] == 200
    assert sorted(row.line for row in story.rows().values()) == ["100", "300"]
    phone.say("stop")
    done(story)


def test_line__for_named_callers_alone_refuses_others() -> None:
    story, phone, _ = scene(lines=[{"numbers": ["100"], "menu": "menus/bank.yaml",
                                    "callers": {"accounts": ["anna"]}}])
    phone.say("Hello")
    assert phone.statuses == [403]
    done(story)
    assert story.row().outcome == Outcome.REFUSED


def test_channel__that_is_closed() -> None:
    story, phone, _ = scene(channels={})
    phone.say("Hello")
    assert phone.statuses == [405]
    done(story)
    assert story.rows() == {}


def test_room__for_so_many_chats_and_a_service_that_goes_down() -> None:
    story, phone, _ = scene(channels={"sip": {"line": "100", "max_chats": 1}})
    other = Messenger(story, "127.0.9.71")
    phone.say("Hello")
    other.say("Hello")
    assert other.statuses == [480]
    story.hotline.carry_out(story.hotline.exchange.drain(story.world.now))
    phone.say("English")
    assert phone.statuses == [200, 200], "who has a chat may go on"
    other.say("Hello")
    assert other.statuses == [480, 503]
    phone.say("stop", wait=5)
    done(story)


def test_flood__of_one_visitor_is_refused_and_another_goes_on() -> None:
    story, phone, _ = scene()
    other = Messenger(story, "127.0.9.71", "boris")
    phone.say("Hello")
    for _ in range(200):
        phone.say("spam", wait=0.001)
    story.world.run(10)
    assert phone.statuses.count(480) > 150
    assert phone.statuses.count(200) <= 22
    other.say("Hello")
    other.say("English")
    assert other.statuses == [200, 200]
    assert len(other.read) == 2
    for one in (phone, other):
        one.world.run(60)
        one.say("stop", wait=5)
    done(story)


def test_room__strangers_of_one_address_have_twenty_chats_and_others_still_get_in() -> None:
    story, _, _ = scene()
    many = [Messenger(story, user=f"u{number}") for number in range(21)]
    for one in many:
        story.world.hosts[one.host] = one
        one.answers = 200
        one.say("Hello", wait=1)
    other = Messenger(story, "127.0.9.71")
    other.say("Hello")
    assert [one.statuses for one in many] == [[200]] * 20 + [[480]]
    assert other.statuses == [200]
