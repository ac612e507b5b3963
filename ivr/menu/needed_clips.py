"""Which sound files there have to be, and what is said in each: the list that build, audit and import work from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.menu.model import Announcements, Menu, texts


@dataclass(frozen=True, order=True)
class NeededClip:
    """One file below audio_prompts/. `text` is empty for a mere recording, `language` for music."""

    clip: str
    language: str
    text: str


def needed_clips(sources: Iterable[Menu | Announcements]) -> Iterator[NeededClip]:
    """Every clip of the sources. A clip of several sources comes once for each of its texts."""
    found: dict[NeededClip, None] = {}
    for source in sources:
        found.update(dict.fromkeys(NeededClip(clip, *said) for clip, said in texts(source).items()))
        found.update(dict.fromkeys(NeededClip(wording.clip, language, "") for prompt in source.prompts.values()
                                   for language, wording in prompt.wordings.items() if not wording.text))
    with_text = {needed.clip for needed in found if needed.text}
    yield from (needed for needed in found if needed.text or needed.clip not in with_text)


def twice_told(needed: Iterable[NeededClip]) -> dict[str, tuple[NeededClip, NeededClip]]:
    """Clips that two files want with different texts: whichever is rendered last would be heard for both."""
    first: dict[str, NeededClip] = {}
    found: dict[str, tuple[NeededClip, NeededClip]] = {}
    for one in needed:
        other = first.setdefault(one.clip, one)
        if other != one:
            found.setdefault(one.clip, (other, one))
    return found


def clash_of(one: NeededClip, other: NeededClip) -> tuple[str, str]:
    """Two that twice_told() found, in words: what is wrong, and what to do."""
    texts = " and ".join(f"`{text if len(text) <= 40 else text[:39] + '…'}`" for text in (one.text, other.text))
    return f"two menus want it with different texts: {texts}", "give one of them another file with `file:`"
