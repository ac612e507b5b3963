"""Good menus to spoil, and how a spoiled one says what it expects.

A mutation is a list of (old, new): the first `old` in the text becomes `new`. Where a finding is expected, `new` has
its code between two §, just before the sign that the finding points to: `{goto: §menu-unknown§nwes}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.base.config_check import CheckConfig
from ivr.menu.lint.checked import Checked, Surroundings, check_menu
from ivr.menu.lint.subject import Staff
from ivr.menu.model import Known

MARK = re.compile("§([a-z-]+)§")
Found = list[tuple[str, int, int]]      # code, line, column

# One language, three menus, every action; nothing to complain about.
SHOP = """\
languages: [en]
start: main
defaults:
  first_key_s: 5
  interdigit_s: 2.5
  term_char: "#"
  attempts: 3
  noinput:
    - {count: 1, say: sorry}
  nomatch:
    - {count: 1, say: wrong}
  on_failure:
    - say: helping
    - queue: general
menus:
  main:
    greeting: welcome
    prompts: main_options
    options:
      "1": {queue: cards, subject: my card}
      "2": {goto: news}
      "3": {transfer: branch}
      "0": {queue: general}
      "*": repeat
  news:
    prompts: news_options
    options:
      "1": {say: hours}
      "2":
        - say: [hours, bye]
        - hangup
      "3": {goto: press}
      "#": back
  press:
    prompts: press_options
    options:
      "1": {queue: general}
      "#": back
prompts:
  welcome: {en: "Welcome."}
  main_options:
    en: "For cards, press one. For news, press two. For our branch, press three. For an operator, press zero.
      To hear this again, press star."
  news_options:
    en: "For our hours, press one. To hear them and leave, press two. For the press, three. To go back, press hash."
  press_options:
    en: "To talk to our press officer, press one. To go back, press hash."
  hours:
    barge_in: no
    en: "We are open all day."
  bye: {en: "Goodbye."}
  sorry: {en: "We heard no key."}
  wrong: {en: "There is nothing under this key."}
  helping: {en: "An operator will help you."}
"""

# Two languages; which one is chosen by a key.
BILINGUAL = """\
languages: [en, ru]
start: language
menus:
  language:
    all_languages: yes
    prompts: choose
    options:
      "1":
        - language: en
        - goto: main
      "2":
        - language: ru
        - goto: main
    on_failure: {queue: general}
  main:
    prompts: options
    options:
      "1": {queue: cards}
      "2": {queue: general}
    on_failure: {queue: general}
prompts:
  choose:
    en: "For English, press one."
    ru: "По-русски — два."
  options:
    en: "Cards: press one. Everything else: press two."
    ru: "Карты — один. Остальное — нажмите клавишу два."
"""

# Options of several keys.
EXTENSIONS = """\
languages: [en]
start: main
menus:
  main:
    interdigit_s: 2
    prompts: options
    options:
      "11": {queue: cards}
      "12": {queue: general}
      "130": {transfer: branch}
    on_failure: {queue: general}
prompts:
  options:
    en: "For cards, press eleven. For an operator, press one two. For the branch, press 130."
"""

# The sample of the house; its sounds are not looked at here.
BANK = (Path(__file__).parent.parent.parent.parent / "menus/bank.yaml").read_text(encoding="utf-8")
BANK_KNOWN = Known(frozenset(["lost_card", "cards", "loans", "deposits", "transfers", "corporate", "general"]),
                   frozenset(["branch"]))

KNOWN = Known(frozenset(["cards", "general"]), frozenset(["branch"]))
STAFF = {"cards": Staff(True), "general": Staff(True)}
CLIP_S = 2.0
CLIPS = {f"{language}/{name}.wav": CLIP_S for language in ("en", "ru") for base in (SHOP, BILINGUAL, EXTENSIONS)
         for name in re.findall(r"^  ([a-z_]+):", base.rpartition("\nprompts:\n")[2], re.MULTILINE)}


@dataclass(frozen=True)
class Mutation:
    """A change of a good menu, or of what is known around it. `lengths`: seconds of clips that have not CLIP_S."""

    name: str
    base: str
    changes: tuple[tuple[str, str], ...]
    lengths: Mapping[str, float] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=lambda: STAFF)
    first: str = ""
    gone: tuple[str, ...] = ()
    limits: CheckConfig = field(default_factory=CheckConfig)
    sounds: bool = True


def spoiled(mutation: Mutation) -> str:
    """The text, marks included."""
    text = mutation.base
    for old, new in mutation.changes:
        assert old in text, f"{mutation.name}: {old!r} is not in the menu"
        text = text.replace(old, new, 1)
    return text


def expected(marked: str) -> tuple[str, Found]:
    """The text without its marks, and the findings that they announce."""
    found: Found = []
    while mark := MARK.search(marked):
        marked = marked[:mark.start()] + marked[mark.end():]
        before = marked[:mark.start()]
        found.append((mark[1], before.count("\n") + 1, mark.start() - before.rfind("\n")))
    return marked, sorted(found)


def checked(text: str, mutation: Mutation) -> Checked:
    """What the check says of a text, with what is known around it."""
    catalogue = {clip: seconds for clip, seconds in (CLIPS | dict(mutation.lengths)).items()
                 if clip not in mutation.gone}
    known = BANK_KNOWN if mutation.base == BANK else KNOWN
    around = Surroundings(catalogue if mutation.sounds and mutation.base != BANK else None, known, mutation.staff,
                          frozenset([mutation.first]), mutation.limits)
    return check_menu(text, "m.yaml", around)


def places(result: Checked) -> Found:
    """Code, line and column of each finding."""
    return sorted((fault.code, fault.place.line, fault.place.column) for fault in result.findings)
