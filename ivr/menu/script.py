"""A caller written as a script of keys.

    walk(menu, lengths, "1 listen 2 silence 0")

Its words: keys to press one after the other; `listen` (hear out all that plays); `silence` (then press nothing until
the menu acts); seconds to wait, such as `3s`; `speaks12s`: to speak for so long where the caller is recorded.
"""

import re
from collections.abc import Mapping

from ivr.menu.dialogue import Dialogue
from ivr.menu.model import Menu

WORD = re.compile(r"(?P<keys>[0-9*#]+)|(?P<listen>listen)|(?P<silence>silence)|"
                  r"speaks(?P<speaks>[0-9]+(\.[0-9]+)?)s|(?P<seconds>[0-9]+(\.[0-9]+)?)s")


def walk(menu: Menu, lengths: Mapping[str, float], script: str, language: str | None = None) -> Dialogue:
    """Play a script (see above) to a menu. Raises ValueError with the word that is none of a script."""
    dialogue = Dialogue(menu, lengths, language)
    for word in script.split():
        perform(dialogue, word)
    return dialogue


def perform(dialogue: Dialogue, word: str) -> None:
    """Do one word of a script. Raises ValueError if it is none."""
    found = WORD.fullmatch(word)
    if found is None:
        raise ValueError(f"`{word}` is no word of a script: keys, listen, silence, speaks12s, or seconds such as 3s")
    if found["keys"]:
        dialogue.press(found["keys"])
    elif found["speaks"]:
        dialogue.speak(float(found["speaks"]))
    elif found["seconds"]:
        dialogue.wait(float(found["seconds"]))
    elif found["listen"]:
        dialogue.listen()
    else:
        dialogue.silence()
