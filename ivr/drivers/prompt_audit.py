"""Looks at the whole folder of prompts: what is missing, unused, broken, badly recorded, or says an older text."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ivr.audio.clip_verdicts import LONGEST, form_verdicts, verdicts
from ivr.base.suggestions import nearest
from ivr.drivers.clip_decoding import MUSIC_FOLDER
from ivr.drivers.prompt_files import sound_files
from ivr.drivers.prompt_manifest import Manifest, maker, read_manifest, retold
from ivr.drivers.prompt_measuring import Measured, Progress, measure_folder, read_known, write_known
from ivr.menu.needed_clips import NeededClip, clash_of, twice_told

COMPARISONS = 20_000         # of names, at 10 µs each: with more there are no guesses

RENDER = "let `hotline prompts build` render it, or record it"
RECORD = "record it"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with one clip."""

    code: str
    severity: Literal["error", "warning"]
    clip: str
    message: str
    remedy: str


@dataclass(frozen=True)
class AuditedClip:
    """A clip that is needed or lies there. `made_by`: engine, person or unknown; "" where there is no file."""

    clip: str
    language: str
    text: str
    used: bool
    made_by: str
    measured: Measured | None
    findings: tuple[Finding, ...]


@dataclass
class Audit:
    """One look at a folder; `cache` is the file that keeps the figures of files, `longest` is in seconds."""

    needed: Collection[NeededClip]
    folder: Path
    cache: Path
    longest: float = LONGEST
    progress: Progress = field(default=lambda done, total, clip: None)

    def run(self) -> tuple[AuditedClip, ...]:
        """Every clip, sorted by name. Raises AdminError if the manifest can't be read or the cache not be written."""
        known = read_known(self.cache)
        measured = measure_folder(self.folder, sound_files(self.folder), known, self.progress)
        if measured != known:
            write_known(self.cache, measured)
        manifest = read_manifest(self.folder)
        needed = {one.clip: one for one in sorted(self.needed, reverse=True)}
        unused = [clip for clip in measured if clip not in needed]
        guesses = _Guesses(unused, sum(clip not in measured for clip in needed))
        clashes = twice_told(sorted(self.needed))
        found = [self._needed(one, measured.get(one.clip), manifest, guesses, clashes) for one in needed.values()]
        found += [_unused(clip, measured[clip], manifest) for clip in unused]
        return tuple(sorted(found, key=lambda one: one.clip))

    def _needed(self, one: NeededClip, measured: Measured | None, manifest: Manifest, guesses: "_Guesses",
                clashes: Mapping[str, tuple[NeededClip, NeededClip]]) -> AuditedClip:
        findings: list[Finding] = []
        if one.clip in clashes:
            findings.append(Finding("prompt-two-texts", "error", one.clip, *clash_of(*clashes[one.clip])))
        if measured is None:
            findings.append(Finding("prompt-missing", "error", one.clip, "there is no such file",
                                    guesses.of(one.clip) + (RENDER if one.text else RECORD)))
            return AuditedClip(one.clip, one.language, one.text, True, "", None, tuple(findings))
        findings += _unreadable(one.clip, measured) or self._of_file(one, measured, manifest)
        return AuditedClip(one.clip, one.language, one.text, True, maker(manifest.get(one.clip), measured.sha256),
                           measured, tuple(findings))

    def _of_file(self, one: NeededClip, measured: Measured, manifest: Manifest) -> Iterator[Finding]:
        assert measured.figures is not None
        yield from _of_text(one, measured, manifest)
        ending = one.clip.rpartition(".")[2].lower()
        said = [*form_verdicts(ending, measured.form, measured.encoding, measured.figures.rate),
                *verdicts(measured.figures, bool(one.text), one.clip.startswith(MUSIC_FOLDER), self.longest)]
        for verdict in said:
            yield Finding(verdict.code, "warning", one.clip, verdict.message, verdict.remedy)


def _of_text(one: NeededClip, measured: Measured, manifest: Manifest) -> Iterator[Finding]:
    origin = manifest.get(one.clip)
    made_by = maker(origin, measured.sha256)
    if not one.text:
        return
    if origin is None or made_by == "unknown":
        yield Finding("prompt-unlisted", "warning", one.clip, "nobody wrote down which text it says",
                      "hear it; if it says its text: `hotline prompts keep` and its name")
    elif retold(origin, one.language, one.text):
        was = "rendered" if made_by == "engine" else "recorded"
        yield Finding("prompt-retold", "warning", one.clip, f"its text has changed since it was {was}",
                      "let `hotline prompts build` render it anew" if made_by == "engine" else
                      "record it anew; if it is right as it is: `hotline prompts keep` and its name")


def _unreadable(clip: str, measured: Measured) -> list[Finding]:
    if measured.figures is not None:
        return []
    return [Finding("prompt-unreadable", "error", clip, measured.trouble, measured.remedy)]


def _unused(clip: str, measured: Measured, manifest: Manifest) -> AuditedClip:
    finding = Finding("prompt-unused", "warning", clip, "no menu, announcement or queue plays it",
                      "delete it, or name it in a menu")
    return AuditedClip(clip, "", "", False, maker(manifest.get(clip), measured.sha256), measured, (finding,))


class _Guesses:
    """Unused files that may be the missing ones under another name."""

    def __init__(self, unused: Iterable[str], missing: int) -> None:
        self._by_folder: dict[str, dict[str, str]] = {}
        for clip in unused:
            folder, name = _name(clip)
            self._by_folder.setdefault(folder, {})[name] = clip
        self._few = missing * max(map(len, self._by_folder.values()), default=0) <= COMPARISONS

    def of(self, clip: str) -> str:
        folder, name = _name(clip)
        names = self._by_folder.get(folder, {})
        near = name if name in names else nearest(name, names) if self._few else None
        return f"is it `{names[near]}`, which nothing uses? else " if near else ""


def _name(clip: str) -> tuple[str, str]:
    """Its folder, and its name without the ending."""
    folder, _, name = clip.rpartition("/")
    return folder, name.rpartition(".")[0].casefold()


def by_severity(clips: Iterable[AuditedClip]) -> list[Finding]:
    """All findings, errors first."""
    return sorted((finding for one in clips for finding in one.findings),
                  key=lambda finding: (finding.severity, finding.clip, finding.code))
