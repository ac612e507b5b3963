"""What stands in a menu file and no caller ever meets: allowed, and mostly an option that was forgotten."""

from ivr.base.errors import Fault, Place
from ivr.base.located_yaml import Mapping
from ivr.menu import yaml_words
from ivr.menu.model import Choice, Menu


def leftovers(menu: Menu, text: str) -> list[Fault]:
    """Warnings for menus that no key leads to and prompts that nothing says; `text` is what `menu` was read from."""
    root = yaml_words.load(text, menu.file)
    reached = _reached(menu)
    said = {name for choice in reached for name in choice.said()}
    faults = [Fault(_place(root, "menus", name), f"no caller comes to menu `{name}`",
                    f"write an option with `goto: {name}`, or take the menu out", "warning")
              for name, choice in menu.choices.items() if choice not in reached]
    # Those of a menu that is left over itself are no news.
    said_there = {name for choice in menu.choices.values() if choice not in reached for name in choice.said()}
    faults += [Fault(_place(root, "prompts", name), f"nothing says prompt `{name}`",
                     f"write an option with `say: {name}`, or take the prompt out", "warning")
               for name in menu.prompts if name not in said | said_there]
    return faults


def _reached(menu: Menu) -> list[Choice]:
    found, names = [], [menu.start]
    while names:
        choice = menu.choices[names.pop()]
        if choice not in found:
            found.append(choice)
            names += [name for action in choice.all_actions() for name in action.menus]
    return found


def _place(root: Mapping, section: str, name: str) -> Place:
    entries = root.entries[section]
    return entries.key_places[name] if isinstance(entries, Mapping) else root.place
