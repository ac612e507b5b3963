"""What a menu and its keys are called on a screen: as the file titles it, else in the words that callers hear.

Few menus have a `title:`; its own prompt has one: "Cards. To change your limits, press three." gives the menu `Cards`
and the key 3 `Change your limits`. Where the prompt has none for a key, or its language is not understood, what the key
does is said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ivr.base.titles import title_in
from ivr.menu.actions.action import Action
from ivr.menu.actions.back import Back
from ivr.menu.actions.goto import Goto
from ivr.menu.actions.hangup import Hangup
from ivr.menu.actions.language import Speak
from ivr.menu.actions.queue import Enqueue
from ivr.menu.actions.repeat import Repeat
from ivr.menu.actions.say import Say
from ivr.menu.actions.transfer import Transfer
from ivr.menu.lint.number_words import ASKING, BETWEEN, JOINING, named_keys
from ivr.menu.model import Choice, Menu

LONGEST_TITLE = 40      # characters of a first sentence that is one
LONGEST_LABEL = 80      # of what is shown on a button
SENTENCE = re.compile(r"[.!?;]+(?=\s|$)\s*")
EDGES = " \t\n,.:;!?—–-"
# What stands before the matter itself: "for cards", "and for loans", "to speak to an operator".
LEADING = {"en": re.compile(r"(?:and |or )?(?:for |to |if you want to |if you would like to )?", re.IGNORECASE),
           "ru": re.compile(r"(?:и |или |а )?(?:чтобы |для того чтобы |если вы хотите )?", re.IGNORECASE)}
DOES: Mapping[str, Mapping[type[Action], str]] = {
    "en": {Back: "Back", Repeat: "Again", Hangup: "End the call"},
    "ru": {Back: "Назад", Repeat: "Ещё раз", Hangup: "Закончить разговор"},
}


@dataclass(frozen=True)
class Titled:
    """A menu as a page shows it: `options` are keys with their labels, in the order of the file."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...]


def titled(menu: Menu, name: str, language: str) -> Titled:
    """The menu `name` in this language. Raises KeyError if there is no such menu."""
    choice = menu.choices[name]
    told = dict(_told(menu, choice, language))
    options = ((keys, told.get(keys) or _does(menu, actions, language)) for keys, actions in choice.options.items())
    return Titled(name, title_of(menu, name, language), tuple((keys, label[:LONGEST_LABEL]) for keys, label in options))


def labels_in(menu: Menu, name: str, languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What each option of the menu is called in each of these languages, by its keys, in the order of the file: the
    label of `titled` first, none twice. Raises KeyError."""
    choice = menu.choices[name]
    alone = replace(choice, all_languages=False)
    shown = dict(titled(menu, name, languages[0]).options)
    found: dict[str, list[str]] = {keys: [label] for keys, label in shown.items()}
    for language in languages:
        told = dict(_told(menu, alone, language))
        for keys, actions in choice.options.items():
            found[keys].append(told.get(keys) or _does(menu, actions, language))
    return {keys: tuple(dict.fromkeys(filter(None, labels))) for keys, labels in found.items()}


def title_of(menu: Menu, name: str, language: str) -> str:
    """Its own title, else its first sentence if that is a mere heading, else its name. Raises KeyError."""
    if title := title_in(menu.choices[name].titles, language):
        return title
    for one, text in _heard(menu, menu.choices[name], language):
        first = SENTENCE.split(text, maxsplit=1)[0].strip(EDGES)
        if 0 < len(first) <= LONGEST_TITLE and not named_keys(first, one):
            return first
    return _human(name)


def _heard(menu: Menu, choice: Choice, language: str) -> Iterator[tuple[str, str]]:
    """(language, text) of what callers hear in the menu before they choose; values in it are left out."""
    languages = menu.languages if choice.all_languages else (language,)
    for one in languages:
        wordings = [menu.prompts[prompt].wordings.get(one) for prompt in choice.prompts]
        text = " ".join(wording.text for wording in wordings if wording is not None)
        yield one, re.sub(r"\{[^}]*\}", "…", text)


def _told(menu: Menu, choice: Choice, language: str) -> Iterator[tuple[str, str]]:
    """(keys, label) for each key whose matter the prompts name."""
    seen: set[str] = set()
    for one, text in _heard(menu, choice, language):
        after = 0
        for named in named_keys(text, one):
            label = _matter(text, after, named.end, len(named.numbers), one) if named.asked else ""
            after = named.end
            if label and named.keys not in seen:
                seen.add(named.keys)
                yield named.keys, label


def _matter(text: str, after: int, end: int, numbers: int, language: str) -> str:
    """What stands before "press two" in its sentence, or behind it: "press two for cards"."""
    sentence = SENTENCE.split(text[after:end])[-1]
    words = sentence.split()[:-numbers]
    while words and _asks(words[-1].strip(EDGES).lower(), language):
        words.pop()
    before = _shortened(" ".join(words), language)
    if before:
        return before
    behind = SENTENCE.split(text[end:], maxsplit=1)[0]
    goes_on = behind.lstrip().startswith(",") or behind.split()[:1] in [[word] for word in JOINING]     # "or hold on"
    return "" if goes_on or named_keys(behind, language) else _shortened(behind, language)


def _asks(word: str, language: str) -> bool:
    """Whether a word belongs to "press", "press the key" or is a mere dash."""
    return (not word or word in ("please", "пожалуйста") or word in BETWEEN.get(language, ())
            or (language in ASKING and ASKING[language].fullmatch(word.replace("ё", "е")) is not None))


def _shortened(text: str, language: str) -> str:
    plain = text.strip(EDGES)
    leading = LEADING[language].match(plain) if language in LEADING else None
    return _capital(plain[leading.end():] if leading else plain)


def _does(menu: Menu, actions: tuple[Action, ...], language: str) -> str:
    """What an option does, in a few words."""
    words = DOES.get(language, DOES["en"])
    for action in actions:
        if isinstance(action, Enqueue):
            return _human(action.subject)
        if isinstance(action, Transfer):
            return _human(action.target)
        if isinstance(action, Goto):
            return title_of(menu, action.menu, language) if action.menu in menu.choices else _human(action.menu)
        if isinstance(action, Say):
            return _human(action.prompts[0])
        if isinstance(action, Speak) and len(actions) == 1:
            return action.language
        if type(action) in words:
            return words[type(action)]
    return _human(str(actions[0])) if actions else ""


def _human(name: str) -> str:
    """`lost_card` of the file `loans/` is "Lost card"."""
    return _capital(name.rpartition("/")[2].replace("_", " ").strip())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
