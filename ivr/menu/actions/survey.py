"""`survey:` asks for the caller's opinion: a mark from 1 to 5, or yes or no. Who does not answer simply goes on.

    - survey: {name: service, question: friendly, prompts: how_friendly}
    - survey: {name: service, question: solved, prompts: was_it_solved, answers: yes_no, into: solved}
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node
from ivr.base.reader import NAME as NAMED
from ivr.menu import steps
from ivr.menu.actions import shapes
from ivr.menu.actions.action import Action
from ivr.menu.actions.scope import Parameters, Row, Scope
from ivr.menu.asking import Asker
from ivr.menu.collection import Entry, add_key, close
from ivr.menu.expressions.values import Kind, Value
from ivr.menu.model import Variable
from ivr.menu.settings import KEYS, SHAPES, Asking, Settings, read_settings
from ivr.menu.steps import Step

if TYPE_CHECKING:
    from ivr.menu.interpreter import Interpreter

NAME = "survey"
OWN = ("name", "question", "prompts", "answers", "into")
REQUIRED = ("name", "question", "prompts")


@dataclass(frozen=True)
class Answers:
    """What can be answered: the word of each key as the record has it; `value(key)` is what `into` becomes."""

    kind: Kind
    words: Mapping[str, str]
    value: Callable[[str], Value]


ANSWERS: Mapping[str, Answers] = {
    "marks": Answers(Kind.NUMBER, {key: key for key in "12345"}, Decimal),
    "yes_no": Answers(Kind.FLAG, {"1": "yes", "2": "no"}, lambda key: key == "1"),
}
KEY_OF: Mapping[str, str] = {word: key for answers in ANSWERS.values() for key, word in answers.words.items()}


@dataclass(frozen=True)
class Survey(Asking, Action):
    """One question of the survey `name`. `into` ("": none) is the variable that the answer becomes too."""

    name: str
    question: str
    prompts: tuple[str, ...]
    answers: str
    settings: Settings
    into: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        return (*self.prompts, *self.tapered)

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]:
        return add_key(ANSWERS[self.answers].words, "", typed, digit)

    def close(self, typed: str) -> Entry:
        return close(ANSWERS[self.answers].words, typed)

    def __str__(self) -> str:
        return f"survey {self.name} {self.question}"


# --- reading --------------------------------------------------------------------------------------------------------
def parse(scope: Scope, node: Node, parameters: Parameters) -> Survey | None:
    reader = scope.reader
    fields = reader.fields(node, "`survey`", (*OWN, *KEYS), required=REQUIRED)
    if not fields:
        return None
    name, question = (_name(scope, fields.get(key), key) for key in ("name", "question"))
    prompts = reader.some_of(fields.get("prompts"), "prompt", scope.prompts)
    answers = reader.one_of(fields.get("answers"), "sort of answer", ANSWERS) or "marks"
    into = _into(scope, fields.get("into"), ANSWERS[answers])
    settings = read_settings(reader, scope.prompts, fields, scope.settings or Settings())
    return Survey(name, question, prompts, answers, settings, into) if name and question and prompts else None


def _name(scope: Scope, node: Node | None, key: str) -> str | None:
    name = scope.reader.text(node, f"`{key}`")
    if name is None or node is None or NAMED.fullmatch(name):
        return name
    scope.reader.fault(node.place, f"`{name}` can't be the {key} of a survey",
                       "it has small Latin letters, digits and _, and begins with a letter: what callers hear stands "
                       "in `prompts`", code="name-invalid")
    return None


def _into(scope: Scope, node: Node | None, answers: Answers) -> str:
    name = scope.reader.text(node, "`into`")
    if name is None or node is None:
        return ""
    variable = scope.variables.get(name)
    if variable is None or not NAMED.fullmatch(name):
        scope.reader.fault(node.place, f"`{name}` can't be a variable",
                           "a name has small Latin letters, digits and _, and begins with a letter",
                           code="name-invalid")
    elif variable.kind is not answers.kind:
        scope.reader.fault(node.place, f"variable `{name}` is a {variable.kind.value}, and this is a "
                           f"{answers.kind.value}", "give it another name", code="variable-kind")
    elif variable.secret:
        scope.reader.fault(node.place, f"variable `{name}` is secret, and answers of a survey stand in the record",
                           "give it another name", code="secret-told")
    return name


def bring(node: YamlMapping) -> Iterator[Variable]:
    """The variable that an answer becomes need not be declared."""
    into, answers = (getattr(node.entries.get(key), "text", "") for key in ("into", "answers"))
    if NAMED.fullmatch(into):
        yield Variable(into, ANSWERS.get(answers, ANSWERS["marks"]).kind)


# --- doing ----------------------------------------------------------------------------------------------------------
def perform(menu: "Interpreter", action: Survey, now: float) -> list[Step]:
    if action.into:
        menu.assign(action.into, None)
    return [*menu.mask(False), steps.SurveyAsked(menu.choice.name, action.name, action.question),
            *menu.ask(NAME, now)]


def _asked(menu: "Interpreter") -> Survey:
    action = menu.under_way()
    assert isinstance(action, Survey)
    return action


def _answered(menu: "Interpreter", keys: str, now: float) -> list[Step]:
    action, memory = _asked(menu), menu.memory
    answers = ANSWERS[action.answers]
    if action.into:
        menu.assign(action.into, answers.value(keys))
    memory.asked, memory.chosen, memory.idle = "", True, 0
    answered = steps.SurveyAnswered(menu.choice.name, action.name, action.question, answers.words[keys])
    return [answered, *menu.go_on(None, now)]


def _unanswered(menu: "Interpreter", now: float) -> list[Step]:
    """An opinion is a favour: nobody is kept for it, and that it was not given is no failure of the call."""
    menu.memory.asked = ""
    return menu.go_on(None, now)


ASKER = Asker(_asked, _answered, _unanswered)
ROW = Row(Survey, parse, perform, "survey: {name, question, prompts}", shape=shapes.record({
    "name": shapes.NAME, "question": shapes.NAME, "prompts": shapes.one_or_more(shapes.PROMPT),
    "answers": {"enum": list(ANSWERS)}, "into": shapes.NAME, **SHAPES}, required=REQUIRED))
