"""What a menu file says, as frozen values: prompts, menus, and what each key does. No logic of a call is here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ON_FAILURE = "on_failure"      # names the actions of a menu that no key leads to; no option can be called so


@dataclass(frozen=True)
class Known:
    """Names that a menu may use and that are defined in the configuration."""

    queues: frozenset[str]
    transfers: frozenset[str]


@dataclass(frozen=True)
class Wording:
    """A prompt in one language. `clip` is relative to audio_prompts/; `text` is empty for a mere recording."""

    clip: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """Something that callers hear, in each language of the file."""

    name: str
    barge_in: bool
    wordings: Mapping[str, Wording]


@dataclass(frozen=True)
class Say:
    """Plays prompts, then goes on with the next action."""

    prompts: tuple[str, ...]

    def __str__(self) -> str:
        return f"say {' '.join(self.prompts)}"


@dataclass(frozen=True)
class Goto:
    """Enters a menu."""

    menu: str

    def __str__(self) -> str:
        return f"goto {self.menu}"


@dataclass(frozen=True)
class Enqueue:
    """Lets the caller wait for an operator; `subject` is what the request will be about."""

    queue: str
    subject: str

    def __str__(self) -> str:
        return f"queue {self.queue}"


@dataclass(frozen=True)
class Transfer:
    """Connects the caller to a number that the configuration names."""

    target: str

    def __str__(self) -> str:
        return f"transfer {self.target}"


@dataclass(frozen=True)
class Speak:
    """From now on the call goes in this language."""

    language: str

    def __str__(self) -> str:
        return f"language {self.language}"


@dataclass(frozen=True)
class Repeat:
    """The menu's prompts once more; counts stay as they are."""

    def __str__(self) -> str:
        return "repeat"


@dataclass(frozen=True)
class Back:
    """The menu that the caller came from."""

    def __str__(self) -> str:
        return "back"


@dataclass(frozen=True)
class Hangup:
    """Ends the call from our side."""

    def __str__(self) -> str:
        return "hangup"


Action = Say | Goto | Enqueue | Transfer | Speak | Repeat | Back | Hangup
Actions = tuple[Action, ...]


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

    def actions(self, slot: str) -> Actions:
        """What the keys `slot`, or ON_FAILURE, lead to."""
        return self.on_failure if slot == ON_FAILURE else self.options[slot]


@dataclass(frozen=True)
class Menu:
    """A whole menu file. `version` is a hash of its text: a call keeps the version that it came in with."""

    file: str
    version: str
    languages: tuple[str, ...]
    start: str
    prompts: Mapping[str, Prompt]
    choices: Mapping[str, Choice]

    def clips(self) -> tuple[str, ...]:
        """Every clip that the menu may play, sorted."""
        return clips_of(self.prompts.values())


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
    return tuple(sorted({wording.clip for prompt in prompts for wording in prompt.wordings.values()}))


def texts(source: Menu | Announcements) -> dict[str, tuple[str, str]]:
    """What has to be rendered: clip → (language, text). Recordings without a text are left out."""
    return {wording.clip: (language, wording.text)
            for prompt in source.prompts.values() for language, wording in prompt.wordings.items() if wording.text}
