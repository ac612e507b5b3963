"""What a menu file says, as frozen values: prompts, menus, and what each key does. No logic of a call is here.

What an action is stands with what it does, in `actions`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ivr.base.titles import Titles
from ivr.menu.actions.action import DO, ON_FAILURE, Action, Actions
from ivr.menu.actions.back import Back
from ivr.menu.actions.goto import Goto
from ivr.menu.actions.hangup import Hangup
from ivr.menu.actions.language import Speak
from ivr.menu.actions.queue import Enqueue
from ivr.menu.actions.repeat import Repeat
from ivr.menu.actions.say import Say
from ivr.menu.actions.transfer import Transfer
from ivr.menu.collection import Entry, add_key, close
from ivr.menu.expressions.values import Kind, Value

__all__ = [
    "DO", "ON_FAILURE", "Action", "Actions", "Announcements", "Back", "Choice", "Enqueue", "Goto", "Hangup", "Known",
    "Menu", "MenuFile", "Piece", "Prompt", "Repeat", "Say", "Speak", "Spoken", "Taper", "Transfer", "Variable",
    "Wording", "Written", "clips_of", "texts",
]


@dataclass(frozen=True)
class Known:
    """Names that a menu may use and that are defined in the configuration."""

    queues: frozenset[str]
    transfers: frozenset[str]
    schedules: frozenset[str] | None = None         # None: whatever is asked for goes unchecked
    registers: frozenset[str] | None = None         # of PINs; likewise
    groups: frozenset[str] | None = None            # of callers
    lines: frozenset[str] | None = None             # numbers that can be dialled
    skills: frozenset[str] | None = None            # those that some operator has
    surveys: frozenset[str] = frozenset()           # menus that queues send callers to after the talk
    entries: frozenset[str] = frozenset()           # menus into which queues lead those who wait
    fields: frozenset[str] | None = None            # what requests have, of whatever queue; None: unknown


@dataclass(frozen=True)
class Variable:
    """A name of the file that holds a value. `scope`: "menu" forgets it when the caller leaves the menu; a `secret` is
    neither spoken nor logged nor written down."""

    name: str
    kind: Kind
    default: Value | None = None
    scope: Literal["call", "menu"] = "call"
    secret: bool = False


@dataclass(frozen=True)
class Piece:
    """What stands between the values of a prompt: recorded like a prompt."""

    clip: str
    text: str


@dataclass(frozen=True)
class Spoken:
    """A value in a prompt: the name of what is said, and the form and its detail, as in `ivr.audio.spoken`."""

    name: str
    form: str
    detail: str = ""


@dataclass(frozen=True)
class Written:
    """A text of its own for channels of text; `values` are those of its braces, in order."""

    text: str
    values: tuple[Spoken, ...] = ()


@dataclass(frozen=True)
class Wording:
    """A prompt in one language. `clip` is relative to audio_prompts/; `text` is empty for a mere recording.

    Where values are said in it, there is no such clip: `parts` are played instead, and `words` are all that the values
    may come to, as (clip, word). `written` stands in the place of the text where it is written; None: the same text.
    """

    clip: str
    text: str
    parts: tuple[Piece | Spoken, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    written: Written | None = None

    @property
    def to_write(self) -> Written:
        """What is written, before its values are filled in."""
        return self.written or Written(self.text, tuple(part for part in self.parts if isinstance(part, Spoken)))

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every clip that it may play, with its text."""
        if not self.parts:
            return ((self.clip, self.text),)
        return (*((part.clip, part.text) for part in self.parts if isinstance(part, Piece)), *self.words)


@dataclass(frozen=True)
class Prompt:
    """Something that callers hear, in each language of the file."""

    name: str
    barge_in: bool
    wordings: Mapping[str, Wording]


@dataclass(frozen=True)
class Taper:
    """What is said from the `count`-th noinput or nomatch on, until a taper with a higher count takes over."""

    count: int
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One menu of the file, with everything inherited already filled in. Times are in seconds."""

    name: str
    greeting: tuple[str, ...]              # heard before the prompts, the first time in a call
    prompts: tuple[str, ...]
    all_languages: bool                    # its prompts are heard in every language, one after the other
    options: Mapping[str, Actions]         # by the keys that choose them
    first_key: float
    interdigit: float
    term_char: str                         # "" for none
    attempts: int                          # the noinput or nomatch with this number runs on_failure
    noinput: tuple[Taper, ...]
    nomatch: tuple[Taper, ...]
    on_failure: Actions
    do: Actions = ()                       # what a menu without prompts and options does at once
    nested: Mapping[str, Actions] = field(default_factory=dict)        # the lists of actions that stand within others
    titles: Titles = field(default_factory=dict)                       # for screens, where the file says one

    @cached_property
    def blocks(self) -> Mapping[str, Actions]:
        """Every list of actions of this menu: by the keys that choose it, ON_FAILURE or DO; those that stand within
        an action by its block, its place in it and the case, such as "1/2/otherwise"."""
        return {**self.options, **({ON_FAILURE: self.on_failure} if self.on_failure else {}),
                **({DO: self.do} if self.do else {}), **self.nested}

    @property
    def may_fail(self) -> bool:
        """Whether callers can come to its on_failure: a menu that acts at once and asks nothing has no use for one."""
        return bool(self.options) or any(getattr(action, ON_FAILURE, None) == "" for action in self.all_actions())

    def actions(self, block: str) -> Actions:
        """What the keys `block`, ON_FAILURE, DO or a nested block lead to."""
        return self.blocks[block]

    def all_actions(self) -> Iterator[Action]:
        """Every action of the menu, wherever it stands."""
        for actions in self.blocks.values():
            yield from actions

    def said(self) -> Iterator[str]:
        """Every prompt that the menu may play, as often as it is named."""
        yield from (*self.greeting, *self.prompts)
        for taper in (*self.noinput, *self.nomatch):
            yield from taper.prompts
        for action in self.all_actions():
            yield from action.said

    def add_key(self, typed: str, digit: str) -> tuple[Entry, str]:
        """What a key makes of those typed so far."""
        return add_key(self.options, self.term_char, typed, digit)

    def close(self, typed: str) -> Entry:
        """What was typed, as all that will be."""
        return close(self.options, typed)


@dataclass(frozen=True)
class MenuFile:
    """A file that a menu was read from. `space` stands before the names of its menus and prompts; `version` is the hash
    of its text."""

    path: str
    space: str
    version: str


@dataclass(frozen=True)
class Menu:
    """A whole menu file, with the files that it hands callers over to. `version` is a hash of its text, or of all
    texts: a call keeps the version that it came in with."""

    file: str
    version: str
    languages: tuple[str, ...]
    start: str
    prompts: Mapping[str, Prompt]
    choices: Mapping[str, Choice]
    variables: Mapping[str, Variable] = field(default_factory=dict)
    files: tuple[MenuFile, ...] = ()       # its own first
    surveys: tuple[str, ...] = ()          # menus of it that callers come to after a talk, besides from `start`
    entries: tuple[str, ...] = ()          # and those that keys lead to who waits in a queue

    def file_of(self, name: str) -> tuple[MenuFile, str]:
        """The file of a menu or a prompt, and what it is called there."""
        space, slash, local = name.rpartition("/")
        return next(one for one in self.files if one.space == space + slash), local

    def clips(self) -> tuple[str, ...]:
        """Every clip that the menu may play, sorted."""
        sounds = {clip for choice in self.choices.values() for action in choice.all_actions() for clip in action.sounds}
        return tuple(sorted({*clips_of(self.prompts.values()), *sounds}))


@dataclass(frozen=True)
class Announcements:
    """What callers hear outside menus: their place, the wait, and how things went."""

    file: str
    version: str
    languages: tuple[str, ...]
    prompts: Mapping[str, Prompt]
    places: int                            # the highest place with a sentence of its own
    minutes: int                           # likewise the longest wait

    def clip(self, name: str, language: str) -> str:
        """The clip of one announcement; a language that the file lacks gives the file's first."""
        wordings = self.prompts[name].wordings
        return wordings.get(language, wordings[self.languages[0]]).clip

    def place(self, place: int, language: str) -> str:
        """The clip for a place in the queue, counted from 1."""
        return self.clip(f"place_{max(place, 1)}" if place <= self.places else "place_many", language)

    def wait(self, minutes: int, language: str) -> str:
        """The clip for an expected wait in whole minutes; anything below one is spoken as one."""
        return self.clip(f"wait_{max(minutes, 1)}" if minutes <= self.minutes else "wait_many", language)

    def clips(self) -> tuple[str, ...]:
        """Every announcement's clip, sorted."""
        return clips_of(self.prompts.values())


def clips_of(prompts: Iterable[Prompt]) -> tuple[str, ...]:
    """The clips of these prompts in every language, sorted, each once."""
    return tuple(sorted({clip for prompt in prompts for wording in prompt.wordings.values()
                         for clip, _ in wording.texts()}))


def texts(source: Menu | Announcements) -> dict[str, tuple[str, str]]:
    """What has to be rendered: clip → (language, text). Recordings without a text are left out."""
    return {clip: (language, text) for prompt in source.prompts.values()
            for language, wording in prompt.wordings.items() for clip, text in wording.texts() if text}
