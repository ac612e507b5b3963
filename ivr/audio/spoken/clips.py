"""The file that a word's recording stands in: ASCII, in small letters, one for each word."""

import re
from zlib import crc32

_LATIN = {"а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i",
          "й": "j", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
          "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
          "э": "eh", "ю": "yu", "я": "ya", ".": "", "'": "", ",": "pause"}
_CYRILLIC = {latin: letter for letter, latin in _LATIN.items() if letter.isalpha() and latin}
_LATIN_LETTERS = re.compile("|".join(sorted(_CYRILLIC, key=len, reverse=True)))


def plain_name(word: str) -> str:
    """двадцать is dvadtsat, of November is of_november. Two words can have one plain name: мел, мель."""
    latin = "".join(_LATIN.get(letter, letter) for letter in word.lower())
    return re.sub("[^a-z0-9]+", "_", latin).strip("_")


def numbered_name(word: str) -> str:
    """The plain name, a hyphen and eight digits that tell the word from all others of that name."""
    return f"{plain_name(word) or 'word'}-{crc32(word.encode()):08x}"


def says_its_word(word: str, russian: bool) -> bool:
    """True if the word can be read back from its plain name, so that no other word like it has the same."""
    letters = plain_name(word).replace("_", " ")
    if russian:
        letters = _LATIN_LETTERS.sub(lambda found: _CYRILLIC[found[0]], letters)
    return bool(word) and letters == word
