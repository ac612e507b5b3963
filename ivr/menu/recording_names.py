"""Finds the prompts that a folder of recordings is meant for, by the names of its files.

A studio names files its own way: `en/welcome.wav`, `welcome_en.mp3`, `EN-Welcome.wav`, `ru/take 2/welcome.flac`. Signs
and capitals count for nothing; a language may stand in a folder's or in the file's name.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.base.suggestions import nearest
from ivr.menu.needed_clips import NeededClip

GUESSES = 30              # comparing a name with all prompts takes milliseconds, and the wrong folder has thousands
NAMED_AT_MOST = 4         # clips that a name could mean, in a message
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"^\d+_+(?=\D)")

Index = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Unmatched:
    """A recording that no prompt takes, or that several could."""

    recording: str
    message: str
    remedy: str


@dataclass
class Matches:
    """`clips`: recording → the clip that it is for."""

    clips: dict[str, str] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)


class RecordingNames:
    """The names that prompts can be meant by. `language` is that of recordings whose names tell none."""

    def __init__(self, needed: Iterable[NeededClip], language: str = "") -> None:
        self._languages = {one.clip: one.language for one in needed}
        self._language = language
        self._folded = {_folded(name): name for name in self._languages.values() if name}
        self._indexes = _indexes(self._languages)
        self._guesses = 0

    def match(self, recordings: Iterable[str]) -> Matches:
        """Recordings are paths relative to their folder. Of several for one prompt none is taken."""
        found = Matches()
        meant: defaultdict[str, list[str]] = defaultdict(list)
        for recording in sorted(recordings):
            clips = self._clips(recording)
            if len(clips) == 1:
                meant[clips[0]].append(recording)
            else:
                found.unmatched.append(self._several(recording, clips) if clips else self._none(recording))
        for clip, rivals in meant.items():
            if len(rivals) == 1:
                found.clips[rivals[0]] = clip
            else:
                found.unmatched += [_rival(one, clip, rivals) for one in rivals]
        found.unmatched.sort(key=lambda one: one.recording)
        return found

    def _clips(self, recording: str) -> list[str]:
        """Those that the strictest reading of the name gives: with its folders first, its number at the front last."""
        parts = _parts(recording)
        names = ["_".join(parts[start:]) for start in range(len(parts))]
        names += [bare for name in names[-1:] if (bare := _NUMBERED.sub("", name)) != name]
        language = self._told(parts) or self._language
        for index in self._indexes:
            for name in names:
                clips = sorted(index.get(name, ()))
                kept = [clip for clip in clips if self._languages[clip] in (language, "")] if language else clips
                if kept:
                    return kept
        return []

    def _told(self, parts: list[str]) -> str:
        """The language that a name tells, "" for none: the last of its folders, else a word at either end of it."""
        words = parts[-1].split("_")
        told = [words[0], words[-1], *parts[:-1]] if len(words) > 1 else parts[:-1]
        return next((self._folded[part] for part in reversed(told) if part in self._folded), "")

    def _several(self, recording: str, clips: list[str]) -> Unmatched:
        named = ", ".join(clips[:NAMED_AT_MOST]) + (" …" if len(clips) > NAMED_AT_MOST else "")
        by_language = len({self._languages[clip] for clip in clips}) > 1
        remedy = "put it into a folder of its language, or say --language" if by_language else "name it as one of them"
        return Unmatched(recording, f"it could be several prompts: {named}", remedy)

    def _none(self, recording: str) -> Unmatched:
        self._guesses += 1
        near = self._nearest(_parts(recording)) if self._guesses <= GUESSES else None
        hint = f"did you mean `{near}`? name it so" if near else "name it as its prompt, such as en/welcome.wav"
        return Unmatched(recording, "no prompt has this name", hint)

    def _nearest(self, parts: list[str]) -> str | None:
        language = self._told(parts) or self._language
        names: dict[str, str] = {}
        for clip, theirs in self._languages.items():
            if language in (theirs, ""):
                names.setdefault(_parts(clip)[-1], clip)
                names.setdefault(_path(clip, theirs), clip)
        words = parts[-1].split("_")
        kept = "_".join(word for word in words if word not in self._folded) or parts[-1]
        near = nearest(_NUMBERED.sub("", kept), names)
        return names[near] if near else None


def _indexes(languages: Mapping[str, str]) -> list[Index]:
    """By how much of its path a name gives, the most first: so `goodbye` is en/goodbye.wav and not en/queue/…"""
    indexes: list[defaultdict[str, set[str]]] = [defaultdict(set) for _ in range(4)]
    for clip, language in languages.items():
        for index, names in zip(indexes, _names(clip, language), strict=True):
            for name in names:
                index[name].add(clip)
    return list(indexes)


def _names(clip: str, language: str) -> Iterator[tuple[str, ...]]:
    """The names of a clip: path and language; path alone; name and language; name alone."""
    folded, name = _folded(language), _parts(clip)[-1]
    path, whole = _path(clip, language), "_".join(_parts(clip))
    yield (whole, f"{path}_{folded}", f"{folded}_{path}") if folded else (whole,)
    yield (path,)
    yield (f"{name}_{folded}", f"{folded}_{name}") if folded else (name,)
    yield (name,)


def _path(clip: str, language: str) -> str:
    """Below the language's folder."""
    return "_".join(_parts(clip.removeprefix(f"{language}/")))


def _parts(path: str) -> list[str]:
    """The folders and the name of a file without its ending, as they are compared."""
    *folders, name = path.split("/")
    return [part for part in (*map(_folded, folders), _folded(name.rpartition(".")[0] or name)) if part] or [""]


def _folded(text: str) -> str:
    return _SEPARATORS.sub("_", unicodedata.normalize("NFKC", text).casefold()).strip("_")


def _rival(recording: str, clip: str, rivals: list[str]) -> Unmatched:
    others = ", ".join(one for one in rivals if one != recording)
    return Unmatched(recording, f"{others} would be {clip} too", "leave the better one in the folder")
