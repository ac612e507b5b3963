"""How long prompts last while nobody has measured their sound."""

from ivr.menu.model import Menu, texts
from ivr.menu.taking import BEEP

LETTERS_A_SECOND = 14.0      # of speech; measured on the rendered prompts of the sample, which have 13 to 16
BEFORE_AND_AFTER = 0.3       # seconds of breath
WORD = 0.6                   # seconds of a clip that no prompt names: a word of a spoken value
BEEP_SECONDS = 0.3           # of the one that is shipped
UNKNOWN = 3.0                # seconds of a recording whose text is not written down


class Lengths(dict[str, float]):
    """Seconds by clip."""

    def __missing__(self, clip: str) -> float:
        return WORD


def estimated(menu: Menu) -> Lengths:
    """Seconds of every clip of the menu, from its text."""
    said = texts(menu)
    return Lengths({clip: BEFORE_AND_AFTER + len(said[clip][1]) / LETTERS_A_SECOND if clip in said
                    else BEEP_SECONDS if clip == BEEP else UNKNOWN
                    for clip in menu.clips()})
