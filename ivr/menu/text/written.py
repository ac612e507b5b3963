"""What a channel of text writes in the place of what callers hear."""

from collections.abc import Collection, Iterable, Mapping

from ivr.menu.expressions.values import Value
from ivr.menu.model import Menu
from ivr.menu.prompting import Piece
from ivr.menu.prompting import pieces as heard


def pieces(menu: Menu, prompts: Iterable[str], languages: tuple[str, ...], values: Mapping[str, Value],
           offered: Collection[str]) -> list[Piece]:
    """The prompts in each of `languages` as one piece, which has the clips that callers hear beside the words."""
    said = heard(menu, prompts, languages, lambda: values)
    words = tuple(menu.prompts[name].wordings[language].text for language in languages for name in prompts)
    return [Piece(False, tuple(clip for piece in said for clip in piece.clips), words)] if said else []
