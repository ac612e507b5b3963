"""How long callers have to listen: in all, until they can choose something, and without being able to interrupt."""

from collections.abc import Iterator

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.number_words import named_keys
from ivr.menu.lint.subject import Subject, heard
from ivr.menu.model import Choice


def too_long_menus(subject: Subject) -> Iterator[Fault]:
    """Menus that speak too long before they wait for a key."""
    limit = subject.limits.max_menu_s
    for choice in subject.reached:
        spoken = {language: subject.seconds(heard(choice), language) or 0.0 for language in subject.menu.languages}
        seconds = sum(spoken.values()) if choice.all_languages else max(spoken.values())
        if seconds > limit:
            where = "" if choice.all_languages else f" in `{max(spoken, key=lambda language: spoken[language])}`"
            yield warn("prompt-too-long", subject.places.entry("menus", choice.name, "prompts"),
                       f"menu `{choice.name}` speaks for {seconds:.0f} s{where} before it waits for a key",
                       f"shorten its text or divide the menu; `check.max_menu_s` in config.yaml allows {limit:g} s")


def late_first_options(subject: Subject) -> Iterator[Fault]:
    """Menus that talk long before they name a key. Where all languages are heard, the first one counts."""
    limit = subject.limits.max_first_option_s
    for choice in subject.reached:
        languages = subject.menu.languages[:1] if choice.all_languages else subject.menu.languages
        waits = {language: _until_key(subject, choice, language) for language in languages}
        late = {language: seconds for language, seconds in waits.items() if seconds > limit}
        if late:
            language = max(late, key=lambda one: late[one])
            yield warn("first-option-late", subject.places.entry("menus", choice.name, "prompts"),
                       f"in menu `{choice.name}` callers hear the first key after {late[language]:.0f} s in "
                       f"`{language}`",
                       f"name the keys earlier; `check.max_first_option_s` in config.yaml allows {limit:g} s")


def long_guarded_prompts(subject: Subject) -> Iterator[Fault]:
    """Prompts that no key interrupts and that are long."""
    limit = subject.limits.max_guarded_s
    for name, prompt in subject.menu.prompts.items():
        seconds = max((subject.seconds((name,), language) or 0.0 for language in subject.menu.languages), default=0.0)
        if not prompt.barge_in and seconds > limit:
            yield warn("guarded-too-long", subject.places.entry("prompts", name, "barge_in"),
                       f"for {seconds:.0f} s no key interrupts prompt `{name}`",
                       f"shorten it or take `barge_in: no` out; `check.max_guarded_s` in config.yaml allows "
                       f"{limit:g} s")


def _until_key(subject: Subject, choice: Choice, language: str) -> float:
    """Seconds until a key has been named, by its place in the text; 0 where that is not known."""
    before = 0.0
    for name in heard(choice):
        text, seconds = subject.text((name,), language), subject.seconds((name,), language)
        if not text or seconds is None:
            return 0.0
        asked = [named.end for named in named_keys(text, language) if named.asked]
        if asked:
            return before + seconds * asked[0] / len(text)
        before += seconds
    return 0.0
