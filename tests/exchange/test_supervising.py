"""Supervisors of a call: who hears whom, every ending, every race, and what the record says of it."""

import random
from typing import Any

import numpy as np
import pytest

from ivr.audio.g711 import decode_alaw, decode_ulaw, encode_alaw, encode_ulaw
from ivr.call.record import Outcome
from ivr.call.supervising import RING_TIME, Mode
from ivr.exchange.supervising import NotSupervised
from ivr.exchange.virtual_phone import PhoneBehaviour, VirtualPhone
from tests.support.operators_phones import (
    QUICK,
    add_phone,
    entries,
    finish,
    state_of,
    take_place,
    talking_with_anna,
)
from tests.support.virtual_house import HOTLINE, Story, base_config, register

TONES = {"caller": 410.0, "anna": 730.0, "boris": 1130.0, "carol": 1790.0}
LOUD, THERE, ABSENT = 6000.0, 0.5, -40.0        # amplitude; dB
CODECS: dict[str, Any] = {"PCMU": encode_ulaw, "PCMA": encode_alaw}
CAROLS_HOST, BUSY, NEVER = "127.0.9.50", PhoneBehaviour(486, 0.5), PhoneBehaviour(None)
ACCOUNTS = {"accounts": {"carol": {}, "dora": {}}}


def supervised(carol: PhoneBehaviour = QUICK, *, audio: bool = True, **config: Any) -> Story:
    """The caller talks with anna; carol, no operator, has a phone."""
    story = talking_with_anna({**ACCOUNTS, **config}, audio=audio)
    add_phone(story, "carol", CAROLS_HOST, carol)
    register(story, "carol")
    for name in TONES:
        speak(story.phones[name], TONES[name])
    return story


def speak(phone: VirtualPhone, hertz: float) -> None:
    def say(frame: int) -> bytes:
        assert phone.negotiated is not None
        time = np.arange(160 * frame, 160 * frame + 160) / 8000
        samples = np.rint(LOUD * np.sin(2 * np.pi * hertz * time)).astype(np.int16)
        return bytes(CODECS[phone.negotiated.codec](samples).tobytes())

    phone.tone = say


def supervise(story: Story, who: str, mode: Mode, *, seconds: float = 0.8) -> Any:
    hotline = story.hotline
    asked = hotline.exchange.supervise(call_of(story), who, mode, story.world.now)
    if not isinstance(asked, NotSupervised):
        hotline.carry_out(asked)
        story.world.run(seconds)
    return asked


def end(story: Story, who: str) -> None:
    asked = story.hotline.exchange.end_supervision(call_of(story), who, story.world.now)
    assert not isinstance(asked, NotSupervised)
    story.hotline.carry_out(asked)


def call_of(story: Story) -> str:
    return next((call for call, opened in story.hotline.exchange.house.calls.items()
                 if opened.call.visit.call.direction == "inbound"), "")


def hears(story: Story, listener: str) -> set[str]:
    """Whose tone came to a phone of late; that each is there as it was sent, or not at all, is asserted."""
    got = [(kind, payload) for _, kind, _, payload in story.phones[listener].heard if kind in (0, 8)][-20:]
    samples = np.concatenate([(decode_ulaw if kind == 0 else decode_alaw)(np.frombuffer(payload, np.uint8))
                              for kind, payload in got]) if got else np.zeros(160)
    there = set()
    for name, hertz in TONES.items():
        turning = np.exp(-2j * np.pi * hertz / 8000 * np.arange(len(samples)))
        level = 20 * np.log10(max(2 * abs((samples * turning).mean()), 1.0) / LOUD)
        assert abs(level) < THERE or level < ABSENT, (listener, name, level)
        there |= {name} if level > ABSENT else set()
    return there


def heard_by_all(story: Story, *who: str) -> list[set[str]]:
    story.world.run(0.6)
    return [hears(story, name) for name in (*(who or ("caller", "anna", "carol")),)]


MATRIX: dict[Mode, list[set[str]]] = {
    "listen": [{"anna"}, {"caller"}, {"caller", "anna"}],
    "whisper": [{"anna"}, {"caller", "carol"}, {"caller", "anna"}],
    "barge": [{"anna", "carol"}, {"caller", "carol"}, {"caller", "anna"}]}


def test_supervising__each_mode_and_from_one_to_the_other() -> None:
    story = supervised()
    for mode in ("listen", "whisper", "barge", "listen", "barge", "whisper"):
        supervise(story, "carol", mode)
        assert heard_by_all(story) == MATRIX[mode], mode
    story.phones["carol"].hang_up()
    assert heard_by_all(story, "caller", "anna") == [{"anna"}, {"caller"}]
    story.caller.hang_up()
    row = finish(story)
    assert (row.outcome, row.operator, row.ended_by) == (Outcome.ANSWERED, "anna", "caller")
    assert entries(story, "supervision_asked") == [{"by": "carol", "mode": "listen"}]
    assert entries(story, "supervision_began") == [{"by": "carol", "mode": "listen"}]
    assert [entry["mode"] for entry in entries(story, "supervision_mode")] == [
        "whisper", "barge", "listen", "barge", "whisper"]
    (over,) = entries(story, "supervision_ended")
    assert (over["by"], over["mode"], over["reason"]) == ("carol", "whisper", "hung up")
    assert 7 < over["seconds"] < 9
    ladder = story.ladder()
    for said in ("carol is rung, to listen", "carol whispers to the operator", "carol talks with both",
                 "carol is off the call: hung up"):
        assert said in ladder


@pytest.mark.parametrize(("who", "mode"), [("caller", "whisper"), ("caller", "barge"), ("anna", "listen"),
                                           ("anna", "barge"), ("request", "whisper"), ("request", "barge"),
                                           ("house", "listen")])
def test_supervising__the_end_of_the_call_is_its_end(who: str, mode: Mode) -> None:
    story = supervised(audio=who == "request")
    supervise(story, "carol", mode)
    if who == "request":
        end(story, "carol")
        assert heard_by_all(story, "caller", "anna") == [{"anna"}, {"caller"}]
        story.caller.hang_up()
    elif who == "house":
        story.hotline.carry_out(story.hotline.exchange.end_calls("the service stopped", story.world.now))
    else:
        story.phones[who].hang_up()
    assert finish(story).outcome is Outcome.ANSWERED
    assert [phone.talking for phone in story.phones.values()] == [False] * 4
    (over,) = entries(story, "supervision_ended")
    assert over["reason"] == ("ended on request" if who == "request" else "the call ended")


@pytest.mark.parametrize("after", [0.0, 0.01, 0.499, 0.505, 0.51])
@pytest.mark.parametrize("who", ["caller", "anna", "request"])
def test_supervising__all_over_while_the_supervisor_rings_or_picks_up(who: str, after: float) -> None:
    story = supervised(PhoneBehaviour(200, 0.49), audio=False)
    supervise(story, "carol", "barge", seconds=after)
    if who == "request":
        end(story, "carol")
        story.world.run(2)
        story.caller.hang_up()
    else:
        story.phones[who].hang_up()
    assert finish(story).outcome is Outcome.ANSWERED
    assert not story.phones["carol"].talking
    assert len(entries(story, "supervision_failed")) + len(entries(story, "supervision_ended")) == 1


@pytest.mark.parametrize(("behaviour", "reason"), [(BUSY, "Busy Here"), (NEVER, "no answer")])
def test_supervising__a_supervisor_who_does_not_come(behaviour: PhoneBehaviour, reason: str) -> None:
    story = supervised(behaviour, audio=False)
    supervise(story, "carol", "listen", seconds=3 if behaviour is BUSY else RING_TIME + 2)
    assert entries(story, "supervision_failed") == [{"by": "carol", "mode": "listen", "reason": reason}]
    assert story.caller.talking
    assert supervise(story, "carol", "listen", seconds=1) != []         # and again
    story.caller.hang_up()
    finish(story)


def test_supervising__another_mode_while_the_phone_rings() -> None:
    story = supervised(PhoneBehaviour(200, 3.0))
    supervise(story, "carol", "listen", seconds=1)
    supervise(story, "carol", "barge", seconds=3)
    assert heard_by_all(story) == MATRIX["barge"]
    assert entries(story, "supervision_began") == [{"by": "carol", "mode": "barge"}]
    story.caller.hang_up()
    finish(story)


def test_supervising__an_operator_supervises_and_is_rung_for_nobody_meanwhile() -> None:
    story = supervised()
    supervise(story, "boris", "whisper")
    assert state_of(story, "boris") == "on_call"
    assert heard_by_all(story, "caller", "anna", "boris") == [{"anna"}, {"caller", "boris"}, {"caller", "anna"}]
    story.phones["boris"].hang_up()
    story.world.run(1)
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("on_call", "idle")
    story.caller.hang_up()
    assert finish(story).operator == "anna"


def test_supervising__two_supervisors() -> None:
    story = supervised()
    supervise(story, "carol", "listen")
    supervise(story, "boris", "whisper")
    everybody = ("caller", "anna", "carol", "boris")
    assert heard_by_all(story, *everybody) == [
        {"anna"}, {"caller", "boris"}, {"caller", "anna", "boris"}, {"caller", "anna"}]
    supervise(story, "carol", "barge")
    assert heard_by_all(story, *everybody) == [
        {"anna", "carol"}, {"caller", "boris", "carol"}, {"caller", "anna", "boris"}, {"caller", "anna", "carol"}]
    story.phones["boris"].hang_up()
    assert heard_by_all(story) == MATRIX["barge"]
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_supervising__the_operator_holds_the_caller(mode: Mode) -> None:
    story = supervised()
    supervise(story, "carol", mode)
    anna = story.phones["anna"]
    anna.hold()
    story.world.run(1)
    assert story.clips_heard()[-1] == "music/hold.wav"
    assert story.heard()[-1][0] == "music/hold.wav"
    assert hears(story, "carol") == {"caller", "anna"}      # some phones talk on while they hold, as this one does
    anna.hold(False)
    assert heard_by_all(story) == MATRIX[mode]
    story.caller.hang_up()
    finish(story)


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_supervising__the_caller_is_sent_on_to_a_colleague(mode: Mode) -> None:
    story = supervised()
    supervise(story, "carol", mode)
    story.phones["anna"].transfer(f"sip:boris@{HOTLINE}")
    story.world.run(3)
    swapped = [{"boris" if name == "anna" else name for name in names} for names in MATRIX[mode]]
    assert heard_by_all(story, "caller", "boris", "carol") == swapped
    story.caller.hang_up()
    assert finish(story).operator == "boris"


@pytest.mark.parametrize("target", ["general", "100"])
def test_supervising__nobody_listens_to_a_queue_or_a_menu(target: str) -> None:
    story = supervised(queues=base_config()["queues"] | {"general": {"operators": ["boris"]}})
    supervise(story, "carol", "barge")
    story.phones["anna"].transfer(f"sip:{target}@{HOTLINE}")
    story.world.run(0.1)
    assert not story.phones["carol"].talking
    assert [entry["reason"] for entry in entries(story, "supervision_ended")] == ["the talk is over"]
    story.world.run(3)
    assert hears(story, "caller") == ({"boris"} if target == "general" else set())
    story.caller.hang_up()
    finish(story)


def test_supervising__the_supervisor_takes_the_call_over() -> None:
    story = supervised()
    supervise(story, "boris", "whisper")
    other = VirtualPhone(story.world, "127.0.9.60", "other", story.ids, account="boris")    # another phone of theirs
    story.phones["other"] = other
    register(story, "other")
    speak(other, TONES["boris"])
    take_place(other, story.phones["anna"])
    story.world.run(3)
    assert not story.phones["boris"].talking
    assert heard_by_all(story, "caller", "other") == [{"boris"}, {"caller"}]
    assert (state_of(story, "anna"), state_of(story, "boris")) == ("idle", "on_call")
    assert [entry["reason"] for entry in entries(story, "supervision_ended")] == ["took the call"]
    story.caller.hang_up()
    assert finish(story).operator == "boris"


def test_supervising__a_supervisor_sends_nobody_on_and_gives_nobody_their_place() -> None:
    story = supervised()
    supervise(story, "carol", "listen")
    carol = story.phones["carol"]
    carol.transfer(f"sip:boris@{HOTLINE}")
    take_place(story.phones["boris"], carol)
    story.world.run(3)
    assert not story.phones["boris"].talking
    assert heard_by_all(story) == MATRIX["listen"]
    story.caller.hang_up()
    finish(story)


def test_supervising__their_keys_are_for_nobody() -> None:
    story = supervised()
    supervise(story, "carol", "barge")
    story.phones["carol"].press("1")
    story.caller.press("2")
    story.world.run(2)
    assert {kind for _, kind, _, _ in story.phones["anna"].heard[-50:]} <= {0, 8}
    assert heard_by_all(story) == MATRIX["barge"]
    story.caller.hang_up()
    finish(story)


def test_supervising__refused() -> None:
    story = supervised(audio=False)

    def code(who: str) -> str:
        asked = supervise(story, who, "listen")
        return asked.code if isinstance(asked, NotSupervised) else ""

    assert story.hotline.exchange.supervise("nobody's", "carol", "listen", 0.0).code == "unknown_call"  # type: ignore[union-attr]
    assert story.hotline.exchange.end_supervision(call_of(story), "carol", 0.0).code == "not_supervised"  # type: ignore[union-attr]
    assert code("stranger") == "unknown_account"
    assert code("anna") == "on_this_call"
    assert code("dora") == "no_phone"
    story.phones["boris"].call(f"sip:anna@{HOTLINE}")
    story.phones["boris"].hang_up()
    story.world.run(1)
    story.phones["anna"].transfer(f"sip:100@{HOTLINE}")
    story.world.run(1)
    assert code("carol") == "not_talking"
    story.caller.hang_up()
    finish(story)


def test_supervising__a_busy_operator_is_not_rung() -> None:
    story = supervised(audio=False)
    story.phones["boris"].call(f"sip:branch@{HOTLINE}")
    story.world.run(0.2)
    asked = supervise(story, "boris", "listen")
    assert isinstance(asked, NotSupervised)
    assert asked.code == "busy"
    story.phones["boris"].hang_up()
    story.caller.hang_up()
    finish(story)


def test_supervising__the_plane_dies() -> None:
    story = supervised()
    supervise(story, "carol", "barge")
    story.hotline.carry_out(story.hotline.exchange.plane_lost(0, story.world.now))
    assert finish(story).outcome is Outcome.FAILED
    assert not story.phones["carol"].talking


@pytest.mark.parametrize("seed", range(8))
def test_supervising__whatever_happens_when(seed: int) -> None:
    """Everybody does anything at any moment: in the end nothing is left and every call has its outcome."""
    chance = random.Random(seed)
    story = supervised(PhoneBehaviour(chance.choice([200, 486]), chance.random()), audio=False)
    phones = story.phones

    def ask(who: str) -> None:
        supervise(story, who, chance.choice(("listen", "whisper", "barge")), seconds=0)

    def end_of(who: str) -> None:
        asked = story.hotline.exchange.end_supervision(call_of(story), who, story.world.now)
        story.hotline.carry_out(asked if isinstance(asked, list) else [])

    deeds: list[Any] = [lambda: ask("carol"), lambda: ask("boris"), lambda: ask("carol"), lambda: end_of("carol"),
                        lambda: phones["carol"].leg and phones["carol"].hang_up(),
                        lambda: phones["anna"].talking and phones["anna"].hold(chance.random() < 0.5),
                        lambda: phones["anna"].talking and phones["anna"].transfer(
                            f"sip:{chance.choice(('boris', 'general', '100'))}@{HOTLINE}"),
                        lambda: phones["boris"].leg and phones["boris"].hang_up()]
    for _ in range(14):
        chance.choice(deeds)()
        story.world.run(chance.choice((0.0, 0.003, 0.01, 0.4, 1.5)))
    for phone in ("caller", "anna", "boris", "carol"):
        if phones[phone].leg:
            phones[phone].hang_up()
    story.settle(180)
    story.assert_clean()
