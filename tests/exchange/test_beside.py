"""Calls beside chats, in virtual time: who writes speaks with the operator of the chat, and goes on writing."""

import random
from typing import Any

import pytest

from ivr.call.record import CallRow, MessageRow, Outcome
from ivr.exchange import calling_beside, card
from ivr.exchange.from_pages import PageDialled
from ivr.exchange.virtual_phone import PhoneBehaviour
from tests.exchange.test_outbound import CARRIER, CONFIG, NUMBER
from tests.exchange.test_pages import ANNA, CALLER
from tests.support.operators_phones import add_phone
from tests.support.virtual_chat import Chats, VirtualDesk, VirtualVisitor
from tests.support.virtual_house import base_config, make_story
from tests.support.virtual_page import Pages, VirtualPage

SILENT = PhoneBehaviour(status=None, codecs=("PCMU",))
QUICK = PhoneBehaviour(200, 0.5, codecs=("PCMU",))
WRITTEN = """
languages: [en]
start: first
defaults: {on_failure: {queue: cards}}
variables: {account: {kind: text}}
menus:
  first:
    do:
      - collect: {into: account, prompts: which, as: digits, digits: 4}
      - queue: cards
  after_call:
    do:
      - survey: {name: service, question: friendly, prompts: how, attempts: 1}
      - hangup
prompts:
  which: {en: "Which account?"}
  how: {en: "How was it?"}
  recorded: {en: "This call is recorded."}
"""


class Scene:
    """A visitor with a chat and a phone in their page; anna with a desk and a phone in hers. Boris has a desk."""

    def __init__(self, **given: Any) -> None:
        self.story = make_story(**{"operators": {"anna": SILENT, "boris": SILENT}, "registered": False, **given})
        chats, pages = Chats(self.story), Pages(self.story)
        self.visitor = VirtualVisitor(self.story, chats, "maria")
        self.anna, self.boris = VirtualDesk(self.story, chats, "anna"), VirtualDesk(self.story, chats, "boris")
        self.page = VirtualPage(self.story, pages, "~maria", "127.0.9.60")
        self.phone = VirtualPage(self.story, pages, "anna", "127.0.9.61", "anna")
        self.page.tone, self.phone.tone = (lambda frame: CALLER), (lambda frame: ANNA)
        self.page.open()
        self.phone.open()
        self.chat = ""

    def begin(self, *answers: str) -> None:
        self.visitor.open()
        self.chat = next(row.id for row in self.story.rows().values() if row.channel == "web")
        for answer in answers or ("English", "cards", "0"):
            self.visitor.say(answer)

    def to_anna(self, *answers: str) -> str:
        self.anna.answers()
        self.begin(*answers)
        assert self.story.world.run(5, lambda: bool(self.anna.offered))
        leg = self.anna.accept()
        self.story.world.run(1)
        return leg

    def call_me(self) -> None:
        self.page.ask(PageDialled(self.page.phone, "100", self.chat))
        self.story.world.run(0.2)

    def answer(self) -> None:
        assert self.story.world.run(5, lambda: self.phone.state["state"] == "ringing")
        self.phone.answer()
        self.story.world.run(2)

    @property
    def voice(self) -> CallRow:
        return next(row for row in self.story.rows().values() if row.channel == "voice")

    def states(self, who: str = "anna") -> dict[str, str]:
        """Of the cards on a desk, by channel."""
        cards = card.at_desk(self.story.hotline.exchange.house, who, self.story.world.now)["cards"]
        return {one["channel"]: one["state"] for one in cards}

    def told(self) -> list[str]:
        return [one["how"] for one in self.visitor.kinds("voice")]

    def notes(self) -> list[str]:
        found: list[MessageRow] = [row for batch in self.story.hotline.stored for row in batch.messages]
        return [str(row.body) for row in found if row.kind == "call"]

    def done(self) -> None:
        self.story.settle()
        self.story.assert_clean()
        assert self.story.hotline.exchange.house.legs.planes.texts.in_use == 0


def test_beside__the_same_operator_both_hear_each_other_and_the_chat_goes_on() -> None:
    scene = Scene()
    leg = scene.to_anna()
    scene.call_me()
    assert scene.states() == {"voice": "ringing", "web": "talking"}
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    assert scene.phone.heard[-20:] == [CALLER] * 20
    scene.visitor.say("I write this while we talk")
    assert ("caller", "I write this while we talk") in scene.anna.read()
    scene.page.hang_up()
    scene.story.world.run(1)
    assert scene.states() == {"web": "talking"}
    scene.anna.say("anything else?", leg)
    assert scene.visitor.read()[-1] == ("anna", "anything else?")
    scene.anna.leave(leg)
    scene.done()
    voice, (request,) = scene.voice, scene.story.requests()
    chat = scene.story.rows()[scene.chat]
    assert (voice.outcome, voice.operator, voice.queue, voice.ended_by) == (Outcome.ANSWERED, "anna", "cards", "caller")
    assert voice.request_id == chat.request_id == request.id
    assert [scene.told()[0], *scene.told()[-2:]] == ["rings", "talks", "over"]
    assert scene.notes() == ["over 2"]


def test_beside__the_card_of_the_call_has_the_story_of_the_chat() -> None:
    scene = Scene(menu=WRITTEN)
    scene.to_anna("1234")
    scene.call_me()
    cards = card.at_desk(scene.story.hotline.exchange.house, "anna", scene.story.world.now)["cards"]
    voice, chat = (next(one for one in cards if one["channel"] == channel) for channel in ("voice", "web"))
    assert voice["told"] == chat["told"] == [{"name": "account", "value": "1234"}]
    assert (voice["request"], voice["language"], voice["path"]) == (chat["request"], chat["language"], chat["path"])
    assert (voice["beside"], chat["beside"]) == (chat["call"], voice["call"])
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__the_chat_ends_and_the_voice_stays() -> None:
    scene = Scene()
    scene.to_anna()
    scene.call_me()
    scene.answer()
    scene.visitor.leave()
    scene.story.world.run(2)
    assert scene.states() == {"voice": "talking"}
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.phone.hang_up()
    scene.done()
    (request,) = scene.story.requests()
    assert (request.operator, str(request.status)) == ("anna", "answered")


@pytest.mark.parametrize("first", ["voice", "chat"])
def test_beside__the_survey_comes_once_after_the_last_of_both(first: str) -> None:
    queues = base_config()["queues"] | {"cards": {"operators": ["anna"], "survey": "after_call"}}
    scene = Scene(menu=WRITTEN, config={"queues": queues})
    leg = scene.to_anna("1234")
    scene.call_me()
    scene.answer()
    if first == "voice":
        scene.phone.hang_up()
        scene.story.world.run(1)
        assert not scene.page.talking
        scene.anna.leave(leg)
        scene.story.world.run(1)
        assert scene.visitor.read()[-1] == ("hotline", "How was it?")
        scene.visitor.say("5")
    else:
        scene.anna.leave(leg)
        scene.story.world.run(1)
        assert not scene.visitor.legs
        scene.phone.hang_up()
        scene.story.world.run(1)
        assert "en/how.wav" in {scene.story.frames.get(frame, ("", 0))[0] for frame in scene.page.heard}
        scene.page.press("5")
    scene.done()
    begun = [entry for entry in scene.story.entries() if entry.kind == "survey_begun"]
    assert [entry.call_id == scene.chat for entry in begun] == [first == "voice"]


def test_beside__who_will_be_recorded_is_told_before_the_operator_is_rung() -> None:
    settings = {"operators": ["anna"], "record": "always", "recording_notice": "recorded"}
    scene = Scene(menu=WRITTEN, config={"queues": base_config()["queues"] | {"cards": settings},
                                        "recordings": {"folder": "/recordings"}})
    scene.to_anna("1234")
    scene.call_me()
    assert scene.states() == {"voice": "waits", "web": "talking"}
    assert scene.phone.state["state"] == "idle"
    scene.answer()
    heard = [scene.story.frames.get(frame, ("", 0)) for frame in scene.page.heard]
    assert max(number for name, number in heard if name == "en/recorded.wav") > 40, "to its end: it has 50 frames"
    recorded = {row.call_id for batch in scene.story.hotline.stored for row in batch.recordings}
    assert recorded == {scene.voice.id}, "and nothing of the chat"
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def in_another_call(scene: Scene) -> None:
    """Anna has called the branch."""
    branch = add_phone(scene.story, "branch", "127.0.9.30", QUICK)
    scene.phone.dial("branch")
    assert scene.story.world.run(5, lambda: branch.talking)


def test_beside__who_is_in_another_call_is_kept_and_rung_next() -> None:
    scene = Scene()
    scene.to_anna()
    in_another_call(scene)
    scene.call_me()
    assert scene.told() == ["waits"]
    scene.phone.hang_up()
    assert scene.story.world.run(5, lambda: scene.phone.state["state"] == "ringing")
    assert scene.told() == ["waits", "rings"]
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__the_operator_refuses_and_the_chat_goes_on() -> None:
    scene = Scene()
    leg = scene.to_anna()
    scene.call_me()
    assert scene.story.world.run(5, lambda: scene.phone.state["state"] == "ringing")
    scene.phone.hang_up()
    scene.story.world.run(1)
    assert scene.voice.outcome is Outcome.REFUSED
    assert scene.told()[-1] == "over"
    assert scene.visitor.kinds("voice")[-1]["reason"].startswith("603")
    scene.anna.say("I can't talk here", leg)
    assert scene.visitor.read()[-1] == ("anna", "I can't talk here")
    scene.visitor.leave()
    scene.done()


def test_beside__in_the_queue_the_voice_has_the_place_of_the_chat_and_brings_it_along() -> None:
    scene = Scene()
    scene.anna.answers()
    scene.begin()
    assert scene.story.world.run(5, lambda: bool(scene.anna.offered))
    scene.call_me()                     # the chat is offered to her, and now the phone rings as well
    scene.answer()
    scene.story.world.run(1)
    assert scene.states() == {"voice": "talking", "web": "talking"}
    scene.page.hang_up()
    scene.visitor.leave()
    scene.done()
    (request,) = scene.story.requests()
    assert {row.request_id for row in scene.story.rows().values()} == {request.id}
    assert request.operator == "anna"


def test_beside__in_the_queue_the_chat_is_first_and_the_voice_follows_to_its_operator() -> None:
    scene = Scene(operators={"anna": SILENT})
    in_another_call(scene)
    scene.anna.answers()
    scene.begin()
    assert scene.story.world.run(5, lambda: bool(scene.anna.offered))
    scene.call_me()
    assert scene.told() == ["queued"]
    scene.anna.accept()
    assert scene.told()[-1] == "waits"
    scene.phone.hang_up()
    scene.answer()
    assert scene.page.heard[-20:] == [ANNA] * 20
    scene.phone.hang_up()
    scene.visitor.leave()
    scene.done()


def test_beside__not_in_the_menu_and_not_twice() -> None:
    scene = Scene()
    scene.begin("English")
    scene.call_me()
    assert scene.visitor.kinds("voice")[-1]["reason"] == "menu"
    assert scene.page.state["state"] == "idle"
    scene.anna.answers()
    for answer in ("cards", "0"):
        scene.visitor.say(answer)
    scene.anna.accept()
    scene.call_me()
    house = scene.story.hotline.exchange.house
    assert calling_beside.obstacle(house, house.calls[scene.chat]) == "has_call"
    scene.page.close()
    scene.visitor.leave()
    scene.done()


def with_carrier(called: PhoneBehaviour) -> Scene:
    scene = Scene(config=CONFIG)
    scene.story.hotline.carry_out(scene.story.hotline.exchange.start(scene.story.world.now))
    add_phone(scene.story, "carrier", CARRIER, called)
    return scene


def desk_calls(scene: Scene, number: str = NUMBER) -> None:
    house, now = scene.story.hotline.exchange.house, scene.story.world.now
    chat = house.calls[scene.chat]
    dialled, reason = calling_beside.wished_number(house, chat, number)
    assert (dialled, reason) == (NUMBER, "")
    exchange = scene.story.hotline.exchange
    scene.story.hotline.carry_out(exchange.wish_call(scene.chat, dialled, now))
    called = exchange.call_them(scene.chat, "anna", dialled, now)
    assert isinstance(called, list)
    scene.story.hotline.carry_out(called)


def test_telephone__the_operator_is_rung_first_and_then_the_visitor() -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    desk_calls(scene, "8 (495) 123-45-67")
    scene.answer()
    scene.story.world.run(3)
    assert scene.story.phones["carrier"].talking
    assert scene.told()[-2:] == ["dials", "talks"]
    assert scene.states() == {"voice": "talking", "web": "talking"}
    scene.phone.hang_up()
    scene.story.world.run(1)
    scene.visitor.leave()
    scene.done()
    voice, (request,) = scene.voice, scene.story.requests()
    assert (voice.direction, voice.outcome, voice.dialled) == ("outbound", Outcome.ANSWERED, "+7495…")
    assert voice.request_id == request.id
    assert scene.notes()[0] == f"wish {NUMBER}"


@pytest.mark.parametrize("before", [True, False])
def test_telephone__a_callback_that_was_left_before_stays_at_its_own_number(before: bool) -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    house, now = scene.story.hotline.exchange.house, scene.story.world.now
    chat = house.calls[scene.chat]
    if before:
        chat.call.visit.leave_request(now, "callback", "loans", "a loan", "+74957654321")
    scene.story.hotline.carry_out(scene.story.hotline.exchange.wish_call(scene.chat, NUMBER, now))
    assert chat.talk is not None
    assert (chat.talk.wish, chat.call.visit.person.callback_number) == (NUMBER, "+74957654321" if before else NUMBER)
    scene.visitor.leave()
    scene.done()


def test_telephone__the_visitor_does_not_answer() -> None:
    scene = with_carrier(PhoneBehaviour(486, 0.5))
    scene.to_anna()
    desk_calls(scene)
    scene.answer()
    scene.story.world.run(5)
    assert scene.voice.outcome is Outcome.REFUSED
    scene.visitor.leave()
    scene.done()


@pytest.mark.parametrize(("number", "reason"), [
    ("112", "bad_number"), ("", "bad_number"), ("+79261234567", "not_allowed"), ("+74959001234", "not_allowed")])
def test_telephone__only_numbers_that_operators_may_call(number: str, reason: str) -> None:
    scene = with_carrier(QUICK)
    scene.to_anna()
    house = scene.story.hotline.exchange.house
    assert calling_beside.wished_number(house, house.calls[scene.chat], number) == ("", reason)
    scene.visitor.leave()
    scene.done()


# --- and back: a call that goes on in writing -------------------------------------------------------------------------
def talking_on_the_phone(**given: Any) -> Scene:
    """Anna talks with a caller from a page, and her desk answers chats."""
    scene = Scene(menu=WRITTEN, **given)
    scene.anna.answers()
    scene.page.dial("100")
    for key in "1234":
        scene.story.world.run(1.5)
        scene.page.press(key)
    scene.answer()
    return scene


def invite(scene: Scene, who: str = "anna") -> str | calling_beside.RingsNobody:
    house = scene.story.hotline.exchange.house
    return calling_beside.invite(house, scene.voice.id, who, scene.story.world.now)


def writes_with(scene: Scene, code: str) -> str:
    """The caller opens the chat with the code: what control does for it."""
    house = scene.story.hotline.exchange.house
    call = house.invites.take(code, scene.story.world.now)
    if call:
        house.invites.coming[scene.visitor.visitor.name] = call
    scene.visitor.open(name="Maria")
    return call


@pytest.mark.parametrize("first", ["voice", "chat"])
def test_invited__the_caller_writes_to_the_same_operator_in_the_same_request(first: str) -> None:
    scene = talking_on_the_phone()
    code = invite(scene)
    assert isinstance(code, str)
    assert len(code) == 6
    assert writes_with(scene, code) == scene.voice.id
    assert scene.states() == {"voice": "talking", "web": "ringing"}
    leg = scene.anna.accept()
    scene.story.world.run(1)
    scene.visitor.say("the number is 40817810")
    assert ("caller", "the number is 40817810") in scene.anna.read()
    assert [sender for sender, _ in scene.visitor.read()] == [], "no menu asks anything again"
    assert scene.page.heard[-20:] == [ANNA] * 20
    if first == "voice":
        scene.page.hang_up()
        scene.story.world.run(1)
        scene.anna.say("I go on here", leg)
        assert scene.visitor.read()[-1][1] == "I go on here"
        scene.visitor.leave()
    else:
        scene.visitor.leave()
        scene.story.world.run(1)
        assert scene.states() == {"voice": "talking"}
        scene.page.hang_up()
    scene.done()
    (request,) = scene.story.requests()
    assert {row.request_id for row in scene.story.rows().values()} == {request.id}
    assert {row.outcome for row in scene.story.rows().values()} == {Outcome.ANSWERED}
    assert str(request.status) == "answered"


def test_invited__a_code_is_good_once_for_a_while_and_of_who_has_the_call() -> None:
    scene = talking_on_the_phone()
    before, code = invite(scene), invite(scene)
    house = scene.story.hotline.exchange.house
    assert isinstance(before, str)
    assert isinstance(code, str)
    assert house.invites.take(before, scene.story.world.now) == "", "a new one ends the one before"
    assert house.invites.take(code, scene.story.world.now + 901) == ""
    assert isinstance(invite(scene, "boris"), calling_beside.RingsNobody)
    scene.anna.answers(answers=False)
    refused = invite(scene)
    assert isinstance(refused, calling_beside.RingsNobody)
    assert refused.code == "desk_closed"
    scene.page.hang_up()
    scene.done()


def test_invited__who_comes_when_the_call_is_over_begins_as_anybody_does() -> None:
    scene = talking_on_the_phone()
    code = invite(scene)
    assert isinstance(code, str)
    scene.page.hang_up()
    scene.story.world.run(40)
    writes_with(scene, code)
    assert scene.visitor.read()[-1] == ("hotline", "Which account?")
    scene.visitor.leave()
    scene.done()


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
