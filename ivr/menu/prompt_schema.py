"""Reads prompts: what is said in each language, and in which file it lies."""

import re
from collections.abc import Mapping

from ivr.base.errors import Place
from ivr.base.located_yaml import Mapping as YamlMapping
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import Reader
from ivr.base.suggestions import nearest
from ivr.menu.model import Piece, Prompt, Spoken, Wording, Written
from ivr.menu.templates import Template, Values, words_of

VOICE, TEXT = "voice", "text"
FOLDER = "folder"        # the key of a menu file that says in which folder of each language its prompts lie
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
CLIP = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*\.(wav|mp3|ogg|flac)")

TOLD = 10           # texts without a sound that are told one by one: a new menu has a hundred, and faults among them


class PromptReader:
    """Reads the prompts of one file.

    `catalogue` maps clips to their length in seconds; None leaves the files unchecked, which is how the texts of
    prompts that have yet to be rendered are read. Names of files begin as `<language>/<folder>` unless given. `values`
    are those that prompts may say; without them braces are mere signs. `owners` is shared by the files of one menu:
    clips, each with the prompt that has it (in words) and its wording; `origin` names this file (" of loans.yaml").
    `others`: wordings in languages that nobody needs may stand there, and are not read.
    """

    def __init__(self, reader: Reader, languages: tuple[str, ...], catalogue: Mapping[str, float] | None,
                 folder: str = "", values: Values | None = None,
                 owners: dict[str, tuple[str, Wording]] | None = None, origin: str = "", others: bool = False) -> None:
        self.reader = reader
        self.languages = languages
        self.catalogue = catalogue
        self.folder = folder
        self.values = values
        self.owners = {} if owners is None else owners
        self.origin = origin
        self.others = others
        self.told = self.silent = 0         # texts without a sound, one by one and beyond

    def prompts(self, entries: Mapping[str, Node], places: Mapping[str, Place]) -> dict[str, Prompt]:
        """All prompts of a mapping of names."""
        found = {name: self.prompt(name, node, places[name]) for name, node in entries.items()}
        if self.silent:
            *_, last = entries
            self.reader.fault(places[last], f"{self.silent} more texts of this file have no sound",
                              "let `hotline prompts build` make them all, or `hotline prompts import` a folder of "
                              "recordings", code="clip-missing")
            self.silent = 0
        return found

    def prompt(self, name: str, node: Node, place: Place) -> Prompt:
        """One prompt; its place is that of its name."""
        what = f"prompt `{name}`"
        fields = self.reader.fields(node, what, self._fields(node))
        is_read = bool(fields)          # even where `barge_in` is all that it says
        barge_in = self.reader.switch(fields.pop("barge_in", None), "barge_in")
        for language in self.languages:
            if is_read and language not in fields:
                self.reader.fault(place, f"{what} is missing in language `{language}`",
                                  f"add a line `{language}:` with its text", code="prompt-language-missing")
        key_places = node.key_places if isinstance(node, YamlMapping) else {}
        wordings = {language: wording for language, value in fields.items()
                    if not self._is_other(language)
                    and (wording := self._wording(name, language, value, key_places[language]))}
        return Prompt(name, barge_in is not False, wordings)

    def _fields(self, node: Node) -> tuple[str, ...]:
        """Languages that could not be read make no second fault at each prompt."""
        if not isinstance(node, YamlMapping):
            return (*self.languages, "barge_in")
        if not self.languages:
            return tuple(node)
        return (*self.languages, "barge_in", *(key for key in node if self._is_other(key)))

    def _is_other(self, key: str) -> bool:
        return self.others and key not in self.languages and LANGUAGE.fullmatch(key) is not None

    def _wording(self, name: str, language: str, node: Node, place: Place) -> Wording | None:
        what = f"`{language}` of prompt `{name}`"
        clip = f"{language}/{self.folder}{name}.wav"
        fields = {VOICE: node} if isinstance(node, Scalar) else self.reader.fields(node, what, (VOICE, TEXT, "file"))
        if not fields:
            return None
        own, fields = (fields.get(TEXT), fields) if VOICE in fields else (None, _voiced(fields))
        text = self.reader.text(fields.get(VOICE), f"the text of {what}")
        if "file" in fields:
            place = fields["file"].place
            clip = self._file(fields["file"], what) or ""
        parts = self._parts(language, clip, fields)
        wording = Wording(clip, text or "", parts, words_of(parts, language), self._written(language, what, own))
        if clip:
            self._look_up_all(name, language, wording, place)
        self._one_text_per_file(name, wording, place)
        return wording

    def _parts(self, language: str, clip: str, fields: Mapping[str, Node]) -> tuple[Piece | Spoken, ...]:
        text = fields.get(VOICE)
        if self.values is None or not isinstance(text, Scalar):
            return ()
        parts = Template(self.values, language, clip, text).parts()
        if parts and "file" in fields:
            self.reader.fault(fields["file"].place, "one file can't hold the values of this prompt",
                              "leave `file:` out: what stands between the values has files of its own",
                              code="template-file")
            return ()
        return parts

    def _written(self, language: str, what: str, node: Node | None) -> Written | None:
        """What is written in the place of what is heard. Its values are subject to the same rules."""
        text = self.reader.text(node, f"what {what} writes")
        if text is None or not isinstance(node, Scalar):
            return None
        parts = Template(self.values, language, "", node).parts() if self.values is not None else ()
        return Written(text, tuple(part for part in parts if isinstance(part, Spoken)))

    def _look_up_all(self, name: str, language: str, wording: Wording, place: Place) -> None:
        """Each recording of a prompt; of the many words that its values may come to, how many there are not."""
        pieces = [part.clip for part in wording.parts if isinstance(part, Piece)]
        for clip in pieces if wording.parts else [wording.clip]:
            self._look_up(name, language, clip, place)
        missing = [clip for clip, _ in wording.words if self.catalogue is not None and clip not in self.catalogue]
        if missing:
            self.reader.fault(place, f"{len(missing)} of the {len(wording.words)} words that the values of prompt "
                                     f"`{name}` need in language `{language}` have no sound, such as "
                                     f"{missing[0]}",
                              "let `hotline prompts build` make them, or record them", code="clip-missing")

    def _file(self, node: Node, what: str) -> str | None:
        file = self.reader.text(node, f"the file of {what}")
        if file is not None and not CLIP.fullmatch(file):
            self.reader.fault(node.place, f"`{file}` can't be a prompt's file",
                              "write it as it lies in the folder of prompts, such as en/welcome.wav; "
                              "Latin letters; wav, mp3, ogg or flac", code="clip-name-invalid")
            return None
        return file

    def _look_up(self, name: str, language: str, clip: str, place: Place) -> None:
        if self.catalogue is None or clip in self.catalogue or not CLIP.fullmatch(clip):
            return
        self.told += 1
        if self.told > TOLD:
            self.silent += 1
            return
        self.reader.fault(place, f"prompt `{name}` has no sound in language `{language}`: "
                                 f"{clip} is missing from the folder of prompts, or unreadable",
                          f"{self._guess(language, clip)}record it or let `hotline prompts build` make it, "
                          "or name another file with `file:`", code="clip-missing")

    def _guess(self, language: str, clip: str) -> str:
        """Names are compared without the language's folder and the ending, which all have in common."""
        there = {_stem(other): other for other in self.catalogue or () if other.startswith(f"{language}/")}
        near = nearest(_stem(clip), there)
        return f"did you mean `{there[near]}`? " if near else ""

    def _one_text_per_file(self, name: str, wording: Wording, place: Place) -> None:
        """Two texts in one file would be rendered over one another."""
        owner, first = self.owners.setdefault(wording.clip, (f"prompt `{name}`{self.origin}", wording))
        alike = first.text == wording.text or (self.origin and not (first.text and wording.text))
        if wording.clip and not alike:      # of several files one may say what the recording of another one is
            other = f", or write `{FOLDER}: NAME` at the left margin of one of the menu files" if self.origin else ""
            self.reader.fault(place, f"{wording.clip} is the file of {owner} too, "
                                     "with another text", f"give one of them another file{other}", code="clip-shared")


def _voiced(fields: Mapping[str, Node]) -> dict[str, Node]:
    """A text alone is heard and written."""
    return {VOICE if key == TEXT else key: node for key, node in fields.items()}


def _stem(clip: str) -> str:
    return clip.partition("/")[2].rpartition(".")[0]
