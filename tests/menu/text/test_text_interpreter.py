"""The menu of a chat: messages answer what is asked, words come out, options are offered; its state is plain values."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.menu.events import InputTimeout, KeyPressed, LookUpAnswered, PlaybackFinished, RecordingEnded, RequestKept
from ivr.menu.loader import load_menu
from ivr.menu.memory import Phase
from ivr.menu.model import Menu
from ivr.menu.steps import (
    EndRecording,
    EnterQueue,
    KeysTaken,
    LeaveRequest,
    NoInputCounted,
    NoMatchCounted,
    Play,
    PlayRecording,
    RecordCaller,
    SecretInput,
    SetTimer,
    Step,
    SurveyAnswered,
    ValueTaken,
)
from ivr.menu.taking import BEEP
from ivr.menu.text.events import Typed
from ivr.menu.text.interpreter import TextInterpreter
from ivr.menu.text.offered import options_of, secret_asked
from tests.menu.test_menu_random import MENUS as RANDOM
from tests.menu.test_menu_random import VARIABLES
from tests.support.rewritten_menu import rewritten

MENU = """
languages: [en, ru]
start: first
defaults: {on_failure: {queue: general}, nomatch: [{count: 1, say: what}], noinput: [{count: 1, say: there}]}
menus:
  first:
    all_languages: yes
    prompts: language
    options:
      "1": [{language: en}, {goto: main}]
      "2": [{language: ru}, {goto: main}]
  main:
    greeting: hello
    prompts: options
    options:
      "1": {queue: cards, subject: cards}
      "2":
        - collect: {into: amount, prompts: how_much, as: money, currency: RUB, point: "*", confirm: is_it_right}
        - collect: {into: code, prompts: which_code, as: pin, digits: 4}
        - collect: {into: due, prompts: when, as: date}
        - say: told
        - queue: loans
      "3":
        - survey: {name: service, question: solved, prompts: solved, answers: yes_no}
        - survey: {name: service, question: friendly, prompts: friendly}
        - queue: general
      "4":
        - voicemail: {queue: cards, prompts: speak, min_s: 5, review: keep, done: thanks}
        - hangup
      "*": repeat
prompts:
  language: {en: "For English, press one.", ru: "Чтобы говорить по-русски, нажмите два."}
  hello: {en: "Welcome.", ru: {voice: "Здравствуйте! Вы позвонили нам.", text: "Здравствуйте! Вы нам написали."}}
  options:
    en: "This is our bank. For cards, press one. To pay, press two. To rate us, press three. To leave a message, press
      four. To hear this again, press star."
    ru: "Это наш банк. Карты — один. Платежи — два. Оценить нас — три. Оставить сообщение — четыре.
      Ещё раз — звёздочка."
  how_much: {en: "How much?", ru: "Сколько?"}
  is_it_right:
    en: "{amount}. If that is right, press one; else two."
    ru: "{amount}. Если верно, нажмите один; иначе два."
  which_code: {en: "Your code?", ru: {voice: "Наберите код.", text: "Напишите код."}}
  when: {en: "When?", ru: "Когда?"}
  told: {en: "{amount} on {due}.", ru: {voice: "{amount}, {due}.", text: "{due} спишем {amount}."}}
  solved:
    en: "Could we help? For yes, press one; for no, two."
    ru: "Мы помогли? Если да, нажмите один; если нет, два."
  friendly: {en: "How friendly were we? Press a key from one to five.", ru: "Оцените нас от одного до пяти."}
  speak: {en: "Leave a message after the beep.", ru: {voice: "Говорите после сигнала.", text: "Напишите нам."}}
  keep:
    en: "To keep it, press one. To hear it, two. To begin again, three."
    ru: "Сохранить — один. Прослушать — два. Заново — три."
  thanks: {en: "Thank you.", ru: "Спасибо."}
  what: {en: "Pardon?", ru: "Простите?"}
  there: {en: "Are you there?", ru: "Вы здесь?"}
"""


class Chat:
    """A driver in ten lines: every play is over at once, recordings and look-ups wait to be told."""

    def __init__(self, menu: Menu, language: str | None = None, patience: float = 300.0) -> None:
        self.interpreter = TextInterpreter(menu, language, patience=patience)
        self.taken: list[Step] = []
        self.now = 100.0
        self.do(self.interpreter.start(self.now))

    def do(self, taken: list[Step]) -> list[Step]:
        """All that follows from it."""
        found = list(taken)
        for step in taken:
            if isinstance(step, Play | PlayRecording):
                found += self.do(self.interpreter.handle(PlaybackFinished(step.play_id, stopped=False), self.now))
            elif isinstance(step, LeaveRequest):
                found += self.do(self.interpreter.handle(RequestKept(True), self.now))
        self.taken += taken
        return found

    def types(self, text: str) -> list[Step]:
        self.now += 1
        self.interpreter = rewritten(self.interpreter)
        return self.do(self.interpreter.handle(Typed(text, self.now), self.now))


def words(taken: list[Step]) -> list[str]:
    return [line for step in taken if isinstance(step, Play) for line in step.words]


@pytest.fixture
def menu() -> Menu:
    return load_menu(MENU, "m.yaml", None, None)


@pytest.fixture
def chat(menu: Menu) -> Chat:
    return Chat(menu)


@pytest.fixture
def russian(chat: Chat) -> Chat:
    chat.types("по-русски")
    return chat


def test_options__buttons_instead_of_sentences(chat: Chat) -> None:
    assert words(chat.taken) == []
    assert options_of(chat.interpreter) == (("1", "English"), ("2", "Говорить по-русски"))
    said = chat.types("русский")
    assert words(said) == ["Здравствуйте! Вы нам написали.", "Это наш банк."]
    (played,) = [step for step in said if isinstance(step, Play)]
    assert played.clips == ("ru/hello.wav", "ru/options.wav")
    assert options_of(chat.interpreter) == (
        ("1", "Карты"), ("2", "Платежи"), ("3", "Оценить нас"), ("4", "Оставить сообщение"), ("*", "Ещё раз"))


def test_message__a_word_chooses_and_stands_in_no_step(russian: Chat) -> None:
    missed = russian.types("мой пароль 12345")
    assert NoMatchCounted("main", 1, "") in missed
    assert words(missed) == ["Простите?", "Это наш банк."]
    taken = russian.types("КАРТЫ!")
    assert [(step.menu, step.keys) for step in taken if isinstance(step, KeysTaken)] == [("main", "1")]
    assert taken[-1] == EnterQueue("cards", "cards")
    assert "12345" not in repr(russian.taken)
    assert "12345" not in repr(Typed("12345", 0.0))
    assert russian.types("карты") == [], "an operator answers now"


def test_collect__a_payment_in_words(russian: Chat) -> None:
    assert words(russian.types("платежи")) == ["Сколько?"]
    assert options_of(russian.interpreter) == ()
    assert words(russian.types("1 200,50 руб.")) == ["1\u00a0200,50\u00a0₽."]
    assert options_of(russian.interpreter) == (("1", "Да"), ("2", "Нет"))
    assert words(russian.types("нет")) == ["Сколько?"]
    russian.types("12")
    asked = russian.types("да")
    assert ValueTaken("main", "amount") in asked
    assert words(asked) == ["Напишите код."]
    assert asked.index(SecretInput(True)) < asked.index(next(step for step in asked if isinstance(step, Play)))
    assert secret_asked(russian.interpreter)
    assert words(russian.types("2468")) == ["Когда?"]
    assert not secret_asked(russian.interpreter)
    told = russian.types("31 декабря 2026 года")
    assert words(told) == ["31 декабря 2026\u00a0г. спишем 12\u00a0₽."]
    assert EnterQueue("loans", "loans") in told
    assert "2468" not in repr(russian.taken)


def test_survey__yes_in_words_and_a_mark(russian: Chat) -> None:
    assert words(russian.types("оценить")) == ["Мы помогли?"]
    assert options_of(russian.interpreter) == (("1", "Да"), ("2", "Нет"))
    assert SurveyAnswered("main", "service", "solved", "yes") in russian.types("Yes")
    assert options_of(russian.interpreter) == tuple((mark, mark) for mark in "12345")
    assert any(isinstance(step, NoMatchCounted) for step in russian.types("6"))
    assert SurveyAnswered("main", "service", "friendly", "4") in russian.types("4")


def test_survey__what_marks_mean_is_written(chat: Chat) -> None:
    chat.types("English")
    chat.types("rate us")
    assert words(chat.types("no")) == ["How friendly were we? Press a key from one to five."]


def test_voicemail__the_next_message_is_the_recording(russian: Chat) -> None:
    asked = russian.types("сообщение")
    assert words(asked) == ["Напишите нам."]
    assert [step.clips for step in asked if isinstance(step, Play)][-1] == (BEEP,)
    (recorded,) = [step for step in asked if isinstance(step, RecordCaller)]
    assert asked[-1] == SetTimer(russian.now + 300)
    assert russian.types("это сообщение") == [], "whoever carries it tells it as the end of the recording"
    ended = RecordingEnded(recorded.number, "message-1", 0.1)
    assert russian.interpreter.message(ended) == LeaveRequest("voicemail", "cards", "cards", "", "message-1")
    reviewed = russian.do(russian.interpreter.handle(ended, russian.now))
    assert words(reviewed) == []
    assert options_of(russian.interpreter) == (("1", "Отправить"), ("2", "Показать"), ("3", "Заново"))
    shown = russian.types("показать")
    assert PlayRecording(next(step.play_id for step in shown if isinstance(step, PlayRecording)), 1) in shown
    assert russian.interpreter.state is Phase.WAITING, "and asked again"
    left = russian.types("отправить")
    assert LeaveRequest("voicemail", "cards", "cards", "", "message-1") in left
    assert words(left) == ["Спасибо."]


def test_voicemail__nothing_comes(russian: Chat) -> None:
    russian.types("4")
    russian.now += 300
    (ends, _) = russian.interpreter.handle(InputTimeout(), russian.now)
    assert ends == EndRecording(1)
    asked = russian.do(russian.interpreter.handle(RecordingEnded(1, "", 0.0), russian.now))
    assert NoInputCounted("main", 1) in asked
    assert words(asked) == ["Вы здесь?", "Напишите нам."]


def test_patience__is_the_channels(menu: Menu) -> None:
    chat = Chat(menu, patience=45.0)
    assert SetTimer(145.0) in chat.taken
    assert chat.interpreter.handle(InputTimeout(), 144.0) == []
    taken = chat.do(chat.interpreter.handle(InputTimeout(), 145.0))
    assert NoInputCounted("first", 1) in taken
    assert words(taken) == ["Are you there?", "Вы здесь?"]
    assert rewritten(chat.interpreter).patience == 45.0


def test_message__while_words_are_not_yet_handed_over(menu: Menu) -> None:
    """A driver that is slow: the answer counts, and the end of the play is late."""
    interpreter = TextInterpreter(menu)
    (played,) = [step for step in interpreter.start(0.0) if isinstance(step, Play)]
    assert interpreter.state is Phase.PROMPTING
    assert any(isinstance(step, KeysTaken) for step in interpreter.handle(Typed("1", 1.0), 1.0))
    assert interpreter.handle(PlaybackFinished(played.play_id, stopped=False), 1.0) == []


WAITS = """
  first:
    do:
      - http: {url: "https://core.example/", meanwhile: news, into: it, answers: {amount: number}}
      - callback: {queue: cards, meanwhile: more}
      - queue: general
"""


def test_look_up__what_is_heard_meanwhile_is_written_once(menu_of: Callable[[str], Menu]) -> None:
    chat = Chat(menu_of(WAITS))
    assert words(chat.taken) == ["This is the news."]
    assert chat.types("are you there?") == [], "nothing is asked"
    chat.now += 100
    taken = chat.do(chat.interpreter.handle(LookUpAnswered(1, {"amount": 1}), chat.now))
    assert isinstance(taken[-1], EnterQueue)


def test_prompt__whose_value_is_missing_is_not_written(menu: Menu) -> None:
    chat = Chat(menu, "en")
    chat.types("english")
    chat.types("pay")
    chat.interpreter.assign("due", None)
    assert chat.interpreter.pieces(("told",), chat.now) == []


EVENTS = st.one_of(
    st.builds(Typed, st.one_of(st.text(max_size=20), st.sampled_from(["1", "5", "12", "1234", "да", "more", "3,5"])),
              st.just(0.0)),
    st.builds(PlaybackFinished, st.integers(0, 12), st.booleans()), st.just(InputTimeout()),
    st.builds(KeyPressed, st.sampled_from("123#"), st.just(0.0)),
    st.builds(LookUpAnswered, st.integers(0, 3), st.sampled_from([None, {"amount": 7}]), st.sampled_from(["", "x"])))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(st.tuples(st.floats(0, 400), EVENTS), max_size=30))
def test_random__any_event_at_any_time(menu_of: Callable[[str], Menu], events: list[tuple[float, object]]) -> None:
    """Nothing raises, and a state that is read back goes on in the same way."""
    menu = menu_of(RANDOM + VARIABLES)
    first, second, now = TextInterpreter(menu), TextInterpreter(menu), 0.0
    assert first.start(now) == second.start(now)
    for passed, event in events:
        now += passed
        second = rewritten(second)      # type: ignore[assignment]
        assert first.handle(event, now) == second.handle(event, now)        # type: ignore[arg-type]
        offered = options_of(first)
        assert len({keys for keys, _ in offered}) == len(offered)
        assert all(label for _, label in offered)
    assert first.memory == second.memory
