"""Whatever keys come and whenever: nothing raises, every state is legal, and the state can be written and read back."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.base.errors import AdminError
from ivr.menu.announcements import load_announcements
from ivr.menu.dialogue import Dialogue
from ivr.menu.events import (
    Event,
    InputTimeout,
    KeyPressed,
    KeyReleased,
    LookUpAnswered,
    PlaybackFinished,
    Returned,
)
from ivr.menu.interpreter import Interpreter
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Known, Menu
from ivr.menu.playing import MAX_EARLY
from ivr.menu.steps import EnterQueue, HangUp, Play, SetTimer, TransferTo
from tests.support.rewritten_menu import rewritten

MENUS = """
  first:
    greeting: hello
    prompts: [notice, ask]
    options:
      "1": {goto: second}
      "12": [{say: news}, {goto: second}]
      "3": [{say: [news, notice, more]}, {say: more}, {goto: third}]
      "4": [{language: ru}, {say: [notice, news]}, repeat]
      "5":
        - say: news
        - collect: {into: code, prompts: [hello, notice], as: pin, digits: {min: 4, max: 5}, attempts: 2}
        - collect: {into: sum, prompts: ask, as: number, point: "*", anew: "#", confirm: more, on_failure: {say: news}}
        - switch:
            - when: sum > 100
              do: [{set: {tries: tries + 1}}, {say: more}, {switch: [{when: tries > 1, do: {goto: asking}}]}]
            - {when: known(sum), do: {goto: asking}}
        - {goto: third}
      "*": repeat
  asking:
    do:
      - http:
          url: "https://core.example/{sum}"
          meanwhile: more
          into: balance
          answers: {amount: number}
          on_failure: [{say: news}, {goto: third}]
      - switch: [{when: balance.amount > 5, do: {goto: first}}]
      - queue: cards
  second:
    all_languages: yes
    prompts: ask
    on_failure: {goto: third}
    options:
      "1": {queue: cards}
      "123": {transfer: branch}
      "5": [{say: more}, hangup]
      "#": back
  third:
    prompts: [ask, notice]
    term_char: ""
    attempts: 1
    noinput: []
    nomatch: []
    on_failure: [{say: [news, notice]}, {queue: general}]
    options:
      "1": {goto: first}
      "2": {say: news}
      "11": hangup
      "#": back
"""
VARIABLES = "variables: {tries: {kind: number, default: 0, scope: menu}}\n"
CAN_WAIT = {Phase.PROMPTING, Phase.WAITING, Phase.COLLECTING, Phase.SAYING, Phase.LOOKING_UP, Phase.AWAY, Phase.ENDED}
DIGITS = st.sampled_from("0123456789*#A")
TIMES = st.floats(0, 30, allow_nan=False)
SIGHTLESS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(interpreter: Interpreter, menu: Menu) -> None:
    """What holds after every event."""
    memory = interpreter.memory
    assert interpreter.state in CAN_WAIT
    assert len(set(memory.path)) == len(memory.path)
    assert set(memory.path) | set(memory.greeted) <= set(menu.choices)
    assert set(memory.guarded) <= set(range(1, memory.next_play_id))
    assert len(memory.early) <= MAX_EARLY
    assert memory.noinput <= interpreter.choice.attempts
    assert all(block in interpreter.choice.blocks for block, _ in memory.stack)
    asks = interpreter.state in (Phase.PROMPTING, Phase.WAITING, Phase.COLLECTING)
    assert asks or not memory.asked
    assert memory.secret <= (asks or interpreter.state is Phase.SAYING), "who is not asked is not masked"
    if interpreter.state is Phase.LOOKING_UP:
        assert memory.timer_at is not None
    if interpreter.state in (Phase.WAITING, Phase.COLLECTING):
        assert memory.timer_at is not None
        assert not memory.plays
    if interpreter.state is Phase.PROMPTING:
        assert memory.plays
    if interpreter.state is Phase.SAYING:
        assert memory.plays or memory.timer_at is not None
    if interpreter.state in (Phase.AWAY, Phase.ENDED):
        assert memory.timer_at is None
        assert not memory.plays
        assert not memory.early
    if interpreter.state is not Phase.COLLECTING:
        assert not memory.typed


ANSWERS = st.sampled_from([None, {}, {"amount": 3}, {"amount": 7}, {"amount": "x"}])
ANY_EVENT = st.one_of(
    st.builds(KeyPressed, DIGITS, TIMES), st.builds(KeyReleased, DIGITS, TIMES),
    st.builds(PlaybackFinished, st.integers(0, 12), st.booleans()), st.just(InputTimeout()),
    st.just(Returned("overflow")), st.builds(LookUpAnswered, st.integers(0, 3), ANSWERS, st.sampled_from(["", "x"])))


@SIGHTLESS
@given(events=st.lists(st.tuples(st.floats(0, 10), ANY_EVENT), max_size=40))
def test_random__any_event_at_any_time(menu_of: Callable[[str], Menu], events: list[tuple[float, Event]]) -> None:
    menu = menu_of(MENUS + VARIABLES)
    interpreter, now = Interpreter(menu), 0.0
    interpreter.start(now)
    for passed, event in events:
        now += passed
        interpreter.handle(event, now)
        check(interpreter, menu)


ACTS = st.one_of(
    st.tuples(st.just("press"), DIGITS), st.tuples(st.just("down"), DIGITS), st.tuples(st.just("up"), DIGITS),
    st.tuples(st.just("wait"), st.floats(0, 12)), st.tuples(st.just("listen"), st.none()),
    st.tuples(st.just("silence"), st.none()), st.tuples(st.just("give_back"), st.just("overflow")),
    st.tuples(st.just("press"), st.sampled_from(["5", "51234", "512345", "200#", "50*5", "1"])),
    st.tuples(st.just("tell"), st.builds(LookUpAnswered, st.integers(1, 2), ANSWERS)))


def act(dialogue: Dialogue, verb: str, what: object) -> None:
    getattr(dialogue, verb)(*([] if what is None else [what]))


@SIGHTLESS
@given(acts=st.lists(ACTS, max_size=30))
def test_random__every_caller_who_falls_silent_comes_to_an_end(
        menu_of: Callable[[str], Menu], lengths: dict[str, float], acts: list[tuple[str, object]]) -> None:
    menu = menu_of(MENUS + VARIABLES)
    dialogue = Dialogue(menu, lengths)
    for verb, what in acts:
        act(dialogue, verb, what)
        check(dialogue.interpreter, menu)
    dialogue.wait(1000)
    assert isinstance(dialogue.end, EnterQueue | TransferTo | HangUp)
    assert dialogue.interpreter.state in (Phase.AWAY, Phase.ENDED)
    plays = [step.play_id for _, step in dialogue.taken if isinstance(step, Play)]
    assert plays == sorted(set(plays))


@SIGHTLESS
@given(acts=st.lists(ACTS, max_size=20))
def test_random__a_state_read_back_goes_on_in_the_same_way(
        menu_of: Callable[[str], Menu], lengths: dict[str, float], acts: list[tuple[str, object]]) -> None:
    menu = menu_of(MENUS + VARIABLES)
    first, second = Dialogue(menu, lengths), Dialogue(menu, lengths)
    for verb, what in acts:
        act(first, verb, what)
        act(second, verb, what)
        second.interpreter = rewritten(second.interpreter)
    assert first.taken == second.taken
    assert first.interpreter.memory == second.interpreter.memory


@SIGHTLESS
@given(acts=st.lists(ACTS, max_size=20))
def test_random__the_bank_hears_everybody_out(bank: Menu, acts: list[tuple[str, object]]) -> None:
    dialogue = Dialogue(bank, dict.fromkeys(bank.clips(), 2.0))
    for verb, what in acts:
        act(dialogue, verb, what)
        check(dialogue.interpreter, bank)
    dialogue.wait(1000)
    assert dialogue.end is not None
    assert all(step.at is None or step.at >= at - 30 for at, step in dialogue.taken if isinstance(step, SetTimer))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random__a_damaged_file_raises_nothing_but_admin_error(
        bank_text: str, known: Known, data: st.DataObject) -> None:
    text = bank_text[:6000]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from(["", "*", "#", "&a ", "*a", "\t", "\n", "[", "}", "'", '"', ": ", "- ", "\x01",
                                         "1", "null", "!!x ", "<<: ", "а", "{}", "[]", "9" * 30, "---\n", "%"]))
        text = text[:at] + put + text[at + gone:]
    for load in (lambda: load_menu(text, "f", {}, known), lambda: load_announcements(text, "f", {}, ("en", "ru"))):
        with pytest.raises(AdminError) as caught:
            load()
        assert all(fault.place.line >= 1 and fault.place.column >= 1 for fault in caught.value.faults)
