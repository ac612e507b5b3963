"""What all actions of a menu have in common."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

ON_FAILURE = "on_failure"      # names the block of a menu that no key leads to; no option can be called so
DO = "do"                      # likewise what a menu does that only acts
OTHERWISE = "otherwise"


class Action:
    """One thing that a menu does. Values of subclasses are frozen; printed, they are what the record says."""

    hands_over: ClassVar[bool] = False      # to a person: it is not the menu that serves the caller

    @property
    def said(self) -> tuple[str, ...]:
        """The prompts that it may play."""
        return ()

    @property
    def sounds(self) -> tuple[str, ...]:
        """The clips that it may play besides."""
        return ()

    @property
    def menus(self) -> tuple[str, ...]:
        """The menus that it may enter."""
        return ()

    @property
    def asks_secret(self) -> bool:
        """Whether it asks for a secret: nothing that listens in may keep what is pressed from here on."""
        return False

    @property
    def inner(self) -> tuple[str, ...]:
        """The blocks of its menu that it may go on with."""
        return ()

    def ends(self, blocks: Mapping[str, "Actions"]) -> bool:
        """Whether nothing after it would be done."""
        return False


Actions = tuple[Action, ...]


def ends(actions: Actions, blocks: Mapping[str, Actions]) -> bool:
    """Whether these actions never come to what stands after them."""
    return bool(actions) and actions[-1].ends(blocks)


def endings(actions: Actions, blocks: Mapping[str, Actions]) -> Iterator[Action]:
    """The actions with which these may end, one for each case."""
    if actions and actions[-1].inner and actions[-1].ends(blocks):
        for block in actions[-1].inner:
            yield from endings(blocks[block], blocks)
    elif actions:
        yield actions[-1]


class Ending(Action):
    """An action after which the menu is left, or begins anew."""

    def ends(self, blocks: Mapping[str, Actions]) -> bool:
        return True
