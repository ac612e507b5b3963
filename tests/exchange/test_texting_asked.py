"""Questions to other systems and registers that are under way when control is killed, in virtual time."""

from ivr.exchange.effects import ToOtherSystem, ToPinRegister
from ivr.exchange.texting import returning
from ivr.exchange.texting.from_text import ChatSaid
from tests.support.chat_scene import Scene, over
from tests.support.restarting import mortal, restart

MENU = """
languages: [en]
start: main
defaults: {on_failure: {queue: general}}
menus:
  main:
    prompts: main
    options:
      1:
        - http: {url: "https://bank.example/block", method: post, timeout_s: 20,
                 on_failure: [{say: failed}, {goto: main}]}
        - say: blocked
        - goto: main
      2:
        - collect: {into: number, prompts: number, digits: 4}
        - collect: {into: pin, prompts: pin, as: pin, digits: 4}
        - verify: {register: customers, customer: number, pin: pin, on_failure: [{say: failed}, {goto: main}]}
        - say: blocked
        - goto: main
prompts:
  main: {en: "Block a card, press 1. A PIN, press 2."}
  number: {en: "Your number?"}
  pin: {en: "Your PIN?"}
  failed: {en: "That did not work."}
  blocked: {en: "It is done."}
"""


def begun() -> tuple[Scene, list[object]]:
    """A scene, and what is asked of others from now on, by whichever control."""
    scene = Scene(menu=MENU, config={"pins": {"customers": {"file": "customers.pins", "tries": 1}}})
    mortal(scene.story, -1, lost=False)         # `restart` is the end of it, its answers to come included
    scene.opens()
    return scene, note(scene, [])


def note(scene: Scene, asked: list[object]) -> list[object]:
    hotline = scene.story.hotline
    carry_out = hotline.carry_out

    def noted(effects: list[object]) -> None:
        asked.extend(effect for effect in effects if isinstance(effect, ToOtherSystem | ToPinRegister))
        carry_out(effects)

    hotline.carry_out = noted           # type: ignore[method-assign]
    return asked


def goes_on_at_once(scene: Scene, asked: list[object]) -> None:
    (once,) = asked
    restart(scene.story, later=0.0)
    note(scene, asked)
    scene.story.world.run(1.0)
    assert scene.visitor.read()[-1] == ("hotline", "That did not work.\nBlock a card, press 1. A PIN, press 2.")
    scene.story.world.run(60.0)
    assert asked == [once], "what may have changed something is not asked again"
    over(scene)


def test_other_system__its_answer_is_lost_and_the_menu_goes_its_way_of_failure_at_once() -> None:
    scene, asked = begun()
    scene.visitor.say("1")
    goes_on_at_once(scene, asked)
    (said,) = [entry for entry in scene.story.entries() if entry.details.get("reason") == returning.LOST]
    assert said.details["host"] == "bank.example"


def test_register__its_verdict_is_lost_and_the_pin_counts_for_nothing() -> None:
    scene, asked = begun()
    for text in ("2", "4711"):
        scene.says(text, text)
    scene.visitor.ask(ChatSaid(scene.visitor.legs[-1], "pin", "2468"))
    goes_on_at_once(scene, asked)
    assert len(scene.story.hotline.exchange.house.pin_tries) == 0
