"""Whether what a menu says agrees with what its keys do. Where its text or language is not known, nothing is found."""

from collections.abc import Iterator, Mapping

from ivr.base.errors import Fault
from ivr.base.findings.codes import warn
from ivr.menu.lint.number_words import mentioned, named_keys, understood
from ivr.menu.lint.subject import Subject, heard, listed, tapers
from ivr.menu.model import Choice


def unnamed_options(subject: Subject) -> Iterator[Fault]:
    """Options that callers are not told of."""
    for choice in subject.reached:
        named = _named(subject, choice)
        missing = {keys: [language for language, those in named.items() if keys not in those]
                   for keys in choice.options}
        if not named or not any(missing.values()):
            continue
        place = subject.places.entry("menus", choice.name, "prompts")
        if not any(keys in those for keys in choice.options for those in named.values()):
            yield warn("option-not-named", place, f"menu `{choice.name}` names none of its keys",
                       'say in its prompt what they do, such as "for cards, press one"')
            continue
        for keys, languages in missing.items():
            if languages:
                yield warn("option-not-named", subject.places.option(choice.name, keys),
                           f"menu `{choice.name}` does not tell callers of key {keys}{_within(languages)}",
                           "say in its prompt what the key does, or take the option out")


def dead_keys(subject: Subject) -> Iterator[Fault]:
    """Keys that callers are told to press and that do nothing; each once for a prompt, whoever says it."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}     # prompt and key → menu → languages
    for choice in subject.reached:
        for name in dict.fromkeys((*heard(choice), *(one for taper in tapers(choice) for one in taper.prompts))):
            for language in subject.menu.languages:
                told = (subject.text((name,), language), subject.own_text(name, language))
                for keys in dict.fromkeys(keys for text in told for keys in _dead(text, language, choice)):
                    found.setdefault((name, keys), {}).setdefault(choice.name, []).append(language)
    for (name, keys), menus in found.items():
        languages = next(iter(menus.values()))
        where = listed([f"`{menu}`" for menu in menus])
        yield warn("key-does-nothing", subject.places.entry("prompts", name, languages[0]),
                   f"prompt `{name}` tells callers to press {keys}{_within(languages)}, which does nothing in "
                   f"{'menus' if len(menus) > 1 else 'menu'} {where}",
                   f"add the option {keys}, or correct the text")


def _named(subject: Subject, choice: Choice) -> Mapping[str, set[str]]:
    """The keys that the menu names in each language; together, where callers hear all; empty where that is unknown."""
    languages = subject.menu.languages
    texts = {language: subject.text(heard(choice), language) for language in languages}
    if choice.all_languages:
        known = all(text and understood(language) for language, text in texts.items())
        return {"": {keys for language, text in texts.items() for keys in mentioned(text, language)}} if known else {}
    return {language: mentioned(text, language) for language, text in texts.items() if text and understood(language)}


def _dead(text: str, language: str, choice: Choice) -> Iterator[str]:
    longest = max(map(len, choice.options), default=0)
    for named in named_keys(text, language):
        ends_others = named.keys == choice.term_char and longest > 1
        # A longer number is a telephone's, or how many digits something has.
        if (named.asked and len(named.keys) <= longest and not ends_others
                and not any(keys.startswith(named.keys) for keys in choice.options)):
            yield named.keys


def _within(languages: list[str]) -> str:
    return f" in {listed([f'`{language}`' for language in languages])}" if any(languages) else ""
