"""One menu file checked whole, with those that it hands over to: what `hotline check`, the page and CI say about them.
Pure: text in, findings out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.base.config_check import CheckConfig
from ivr.base.errors import AdminError, Fault
from ivr.base.findings.allowances import sift
from ivr.menu import yaml_words
from ivr.menu.lint.places import Places
from ivr.menu.lint.rules import lint
from ivr.menu.lint.subject import Staff, Subject
from ivr.menu.loader import load_menu
from ivr.menu.model import Known, Menu
from ivr.menu.sources import ALONE, Sources


@dataclass(frozen=True)
class Surroundings:
    """What is known around a menu file.

    `catalogue`: clips that exist to their length in seconds; None leaves sounds unchecked. `known`: queues and
    transfers of the configuration; None leaves them unchecked. `staff`: who answers each queue. `first_languages`:
    those in which calls begin; "" and those that the file lacks stand for its first. `orders_by`: as of a Subject.
    """

    catalogue: Mapping[str, float] | None = None
    known: Known | None = None
    staff: Mapping[str, Staff] = field(default_factory=dict)
    first_languages: frozenset[str] = frozenset([""])
    limits: CheckConfig = field(default_factory=CheckConfig)
    orders_by: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class Checked:
    """`menu` is None where the file has an error; `allowed` are findings that remarks in the file silence."""

    menu: Menu | None
    findings: tuple[Fault, ...]
    allowed: tuple[Fault, ...] = ()


def check_menu(text: str, file: str, around: Surroundings, others: Sources = ALONE) -> Checked:
    """Read a menu file, with the `others` that it hands over to, and look for everything that is wrong with them."""
    try:
        menu = load_menu(text, file, around.catalogue, around.known, others)
    except AdminError as error:
        return Checked(None, tuple(error.faults))
    findings, allowed = warnings_of(menu, text, around, others)
    return Checked(menu, tuple(findings), tuple(allowed))


def warnings_of(menu: Menu, text: str, around: Surroundings,
                others: Sources = ALONE) -> tuple[list[Fault], list[Fault]]:
    """What may let callers down in a menu that was read from `text` and `others`, and what remarks in them allow."""
    texts = {menu.file: text, **others.texts}
    first_languages = frozenset(language if language in menu.languages else menu.languages[0]
                                for language in around.first_languages)
    roots = {one.space: yaml_words.load(texts[one.path], one.path) for one in menu.files}
    subject = Subject(menu, Places(roots), around.limits, around.catalogue or {}, around.staff, first_languages,
                      around.orders_by)
    kept, allowed = lint(subject), list[Fault]()
    for one in menu.files:
        kept, silenced = sift(kept, one.path, texts[one.path])
        allowed += silenced
    return kept, allowed
