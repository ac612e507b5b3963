"""Reads the file of announcements: the sentences that callers hear outside menus, above all while they wait."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node
from ivr.base.reader import Reader
from ivr.base.suggestions import did_you_mean
from ivr.menu import yaml_words
from ivr.menu.expressions.values import Kind
from ivr.menu.loader import version_of
from ivr.menu.model import Announcements, Prompt, Variable, Wording
from ivr.menu.prompt_schema import PromptReader
from ivr.menu.spots import Spots
from ivr.menu.templates import Values

PLACES = 20       # whole sentences: numbers put together from pieces sound wrong in Russian, which inflects them
MINUTES = 10      # what a caller is told beyond this is no longer a number
FOLDER = "queue/"
NOTICES_FOLDER = "notices/"

WAITED = {"wait": Variable("wait", Kind.DURATION)}      # in front of an operator: how long the caller has waited

NAMES = (
    *(f"place_{place}" for place in range(1, PLACES + 1)), "place_many",
    *(f"wait_{minutes}" for minutes in range(1, MINUTES + 1)), "wait_many",
    "hold", "connecting", "transfer_failed", "nobody_available", "technical_error", "goodbye",
)


def load_announcements(text: str, file: str, catalogue: Mapping[str, float] | None,
                       languages: tuple[str, ...]) -> Announcements:
    """Every announcement of NAMES in every one of `languages` (those of the menus); what the file has in others is
    left, so that the sample serves a house of one language.

    A clip is `<language>/queue/<name>.wav` unless the file names another; that of a notice, whose names are the admin's
    own, lies in `notices/`. `catalogue` as for menus. Raises
    AdminError with every fault.
    """
    reader = Reader()
    root = yaml_words.load(text, file)
    entries = reader.fields(root, "a file of announcements", ("announcements", "notices"),
                            required=("announcements",))
    node = reader.mapping(entries.get("announcements"), "`announcements`") or YamlMapping({}, {}, root.place)
    for name in node:
        if name not in NAMES:
            reader.fault(node.key_places[name], f"nothing ever says announcement `{name}`", did_you_mean(name, NAMES),
                         code="announcement-unknown")
    for name in NAMES if node.entries else ():
        if name not in node.entries:
            reader.fault(node.place, f"announcement `{name}` is missing", f"add a line `{name}:` with its texts",
                         code="announcement-missing")
    prompts = PromptReader(reader, languages, catalogue, FOLDER, others=True).prompts(
        {name: value for name, value in node.entries.items() if name in NAMES}, node.key_places)
    prompts |= _notices(reader, entries.get("notices"), catalogue, languages, Values(reader, Spots(text), WAITED))
    reader.refuse_faulty()
    return Announcements(file, version_of(text), languages, prompts, PLACES, MINUTES)


def _notices(reader: Reader, node: Node | None, catalogue: Mapping[str, float] | None,
             languages: tuple[str, ...], values: Values) -> dict[str, Prompt]:
    """What lines can be made to say before their menus, and what operators hear of a call: there values may be said."""
    if node is None:
        return {}
    notices = reader.mapping(node, "`notices`") or YamlMapping({}, {}, node.place)
    for name in notices:
        if name in NAMES:
            reader.fault(notices.key_places[name], f"`{name}` is an announcement already", "choose another name",
                         code="notice-twice")
    own = {name: value for name, value in notices.entries.items() if name not in NAMES}
    prompts = PromptReader(reader, languages, catalogue, NOTICES_FOLDER, values, others=True)
    return prompts.prompts(own, notices.key_places)


def with_spoken(announcements: Announcements, spoken: Mapping[str, Mapping[str, str]],
                catalogue: Mapping[str, float] | None) -> Announcements:
    """With notices that were made while the service runs: texts by name and language, "" for a recording.

    In a language that one lacks its first is heard: that happens when a language is added later. One whose name the
    file has, or without any sound, is left out; `catalogue` as for menus.
    """
    added: dict[str, Prompt] = {}
    for name, texts in spoken.items():
        clips = {language: f"{language}/{NOTICES_FOLDER}{name}.wav" for language in texts}
        there = {language: Wording(clip, texts[language]) for language, clip in clips.items()
                 if catalogue is None or clip in catalogue}
        if there and name not in announcements.prompts:
            first = Wording(next(iter(there.values())).clip, "")
            missing = {language: first for language in announcements.languages if language not in there}
            added[name] = Prompt(name, False, {**there, **missing})
    return replace(announcements, prompts={**announcements.prompts, **added}) if added else announcements
