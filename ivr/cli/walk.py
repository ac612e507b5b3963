"""`hotline call`: a menu without a telephone. What is said stands there as text, keys are typed."""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.base.errors import AdminError, Fault, Place
from ivr.cli.options import CONFIG, ConfigOption

if TYPE_CHECKING:
    from ivr.base.config import Config
    from ivr.base.config_lines import LineConfig
    from ivr.menu.dialogue import Dialogue, Heard
    from ivr.menu.testing.surroundings import Asked

MOMENTS = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
KEYS = "0123456789*#"
SPEAKS, SPEECH_S = "s", 5.0
USAGE = "keys 0-9 * #, s speaks for five seconds, q hangs up"
USAGE_FAST = f"{USAGE}, Enter: press nothing in time"
Say = Callable[[str], None]


def call_command(
    number: Annotated[str, typer.Argument(help="The number to dial; without it the first of the configuration.",
                                          show_default=False)] = "",
    fast: Annotated[bool, typer.Option("--fast", help="Wait for nothing: what would be heard stands there at once.")]
        = False,
    language: Annotated[str | None, typer.Option(help="Of the first words.")] = None,
    caller: Annotated[str, typer.Option(help="The caller's number.")] = "",
    at: Annotated[datetime | None, typer.Option(formats=MOMENTS, help="When the call comes, by the clock of the line.")]
        = None,
    group: Annotated[list[str] | None, typer.Option(help="A group of callers in which the caller is; several: once "
                                                         "for each.")] = None,
    answer: Annotated[Path | None, typer.Option(help="A file that says what look-ups answer and whose PINs registers "
                                                     "have: `lookups:` and `pins:` as in a dialogue. Without it you "
                                                     "are asked, or they fail.")] = None,
    menu: Annotated[Path | None, typer.Option(help="A menu file to walk instead of the line's.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """At a terminal keys are typed. Through a pipe come the words of a script: 1 listen 2 silence 3s 0."""
    from ivr.base.suggestions import did_you_mean
    from ivr.drivers.config_file import load_config
    from ivr.menu.testing.loader import YEARS, load_answers
    from ivr.menu.testing.model import Circumstances
    from ivr.menu.testing.runner import begin
    from ivr.menu.testing.surroundings import Asked
    from ivr.service.tested_menus import read_menu, shown, text_of

    if at is not None and at.year not in YEARS:
        raise typer.BadParameter(f"a year from {YEARS[0]} to {YEARS[-1]}", param_hint="--at")
    loaded = load_config(config)
    line = _line(loaded, number, config)
    read = read_menu(menu or Path(line.menu), loaded, config)
    if language is not None and language not in read.menu.languages:
        raise typer.BadParameter(f"{language!r} is none of {', '.join(read.menu.languages)}", param_hint="--language")
    groups = tuple(group or ())
    for name in groups:
        if name not in loaded.groups:
            raise typer.BadParameter(f"there is no group {name}: {did_you_mean(name, loaded.groups)}",
                                     param_hint="--group")
    said = load_answers(text_of(answer), shown(answer), read.menu, read.known) if answer else Circumstances()
    circumstances = Circumstances(number or line.numbers[0], caller, at, language or line.language, groups=groups)
    asked = Asked(said.lookups, said.pins)
    typer.echo(_dialled(circumstances.line, caller, at, read.menu.file))

    def call() -> "Dialogue":
        return begin(circumstances, read.menu, read.lengths, read.around, asked)

    dialogue = _by_hand(call, asked, fast) if sys.stdin.isatty() else _by_script(call(), sys.stdin.read(), fast)
    from ivr.menu.testing.outcome import where

    for name in dict.fromkeys((*asked.unanswered, *asked.unregistered)):
        typer.echo(f"`{name}` was asked, and failed: --answer FILE says what it answers", err=True)
    typer.echo(f"the caller {where(dialogue)}")


def _line(loaded: "Config", number: str, config: Path) -> "LineConfig":
    line = loaded.line_for(number) if number else loaded.lines[0]
    if line is None:
        numbers = ", ".join(each for one in loaded.lines for each in one.numbers)
        raise AdminError([Fault(Place(str(config)), f"{number} is no line", f"there is {numbers}")])
    return line


def _dialled(number: str, caller: str, at: datetime | None, file: str) -> str:
    parts = [f"call to {number}", f"from {caller}" if caller else "", f"at {at:%Y-%m-%d %H:%M}" if at else "",
             f"({file})"]
    return " ".join(filter(None, parts))


# --- a script through a pipe ------------------------------------------------------------------------------------------
def _by_script(dialogue: "Dialogue", script: str, fast: bool) -> "Dialogue":
    """All of it is walked first; then the lines come, each at its time."""
    from ivr.menu.script import perform
    from ivr.menu.testing.story import lines

    for word in script.replace(",", " ").split():
        try:
            perform(dialogue, word)
        except ValueError as error:
            raise AdminError([Fault(Place("standard input"), str(error))]) from None
    dialogue.settle()
    if dialogue.end is None:
        dialogue.hang_up()
    began = time.monotonic()
    for line in lines(dialogue):
        if not fast:
            time.sleep(max(0.0, began + float(line.split()[0]) - time.monotonic()))
        typer.echo(line)
    return dialogue


# --- somebody at a terminal -------------------------------------------------------------------------------------------
def _by_hand(call: Callable[[], "Dialogue"], asked: "Asked", fast: bool) -> "Dialogue":
    from ivr.cli.keypad import typed

    typer.echo(USAGE_FAST if fast else USAGE)
    with typed() as keypad:
        asking = Asking(keypad.line)
        asked.ask = asking.ask
        dialogue = call()
        screen = Screen(dialogue, typer.echo)
        began = time.monotonic()
        asking.took = 0.0
        while dialogue.end is None and not dialogue.hung_up:
            if fast:
                screen.hear_out()
                if dialogue.end is None:
                    take_key(dialogue, keypad.wait(None), seconds=0.0, fast=True)
            else:
                screen.catch_up()
                due = screen.due()
                key = keypad.wait(max(0.0, began + asking.took + due - time.monotonic()))
                passed = due if key is None else min(due, time.monotonic() - began - asking.took)
                take_key(dialogue, key, seconds=passed - dialogue.now, fast=False)
    screen.catch_up()
    return dialogue


class Asking:
    """Asks whoever sits at the terminal what another system shall answer. The clock of the call stands meanwhile, for
    `took` seconds."""

    def __init__(self, line: Callable[[], str]) -> None:
        self._line = line
        self.took = 0.0

    def ask(self, name: str, values: tuple[str, ...]) -> dict[str, str] | None:
        """The values that were typed; None where nothing was, and then it fails."""
        began = time.monotonic()
        given: dict[str, str] = {}
        for value in values:
            nothing = "none" if given else "it fails"
            typer.echo(f"          what shall {name} answer? {value} (Enter: {nothing}): ", nl=False)
            text = self._line()
            if not text and not given:
                break
            given |= {value: text} if text else {}
        self.took += time.monotonic() - began
        return given or None


def take_key(dialogue: "Dialogue", key: str | None, seconds: float, fast: bool) -> None:
    """Let time pass, then the key act; None is none, and what is no key does nothing."""
    from ivr.cli.keypad import ENTER, HANG_UP

    dialogue.wait(max(0.0, seconds))
    if key in HANG_UP:
        dialogue.hang_up()
    elif fast and key in ENTER:
        dialogue.silence()
    elif key == SPEAKS:
        dialogue.speak(SPEECH_S)
    elif key is not None and key in KEYS:
        dialogue.press(key, hold=0.0, pause=0.0)


class Screen:
    """Shows what is new: what the menu did, and each clip when it begins."""

    def __init__(self, dialogue: "Dialogue", say: Say) -> None:
        self._dialogue, self._say = dialogue, say
        self._shown = 0
        self._began: tuple[float, str] | None = None

    def catch_up(self) -> None:
        from ivr.menu.testing.story import told

        for at, step in self._dialogue.taken[self._shown:]:
            if line := told(step):
                self._say(f"{at:8.1f}  {line}")
        self._shown = len(self._dialogue.taken)
        heard = self._dialogue.speaking
        if heard is not None and (heard.at, heard.clip) != self._began:
            self._began = heard.at, heard.clip
            self._say(f"{heard.at:8.1f}  {self._words(heard)}")

    def due(self) -> float:
        """When something is new again: the clip ends, or the menu acts."""
        heard, acts = self._dialogue.speaking, self._dialogue.next_at()
        ends = heard.at + self._dialogue.lengths[heard.clip] if heard else None
        return min((at for at in (ends, acts) if at is not None), default=self._dialogue.now)

    def hear_out(self) -> None:
        """All that is said, until the menu waits for the first key or is left."""
        self.catch_up()
        while self._dialogue.speaking is not None:
            self._dialogue.wait(max(0.0, self.due() - self._dialogue.now))
            self.catch_up()

    def _words(self, heard: "Heard") -> str:
        from ivr.menu.testing.story import sentence

        return sentence(heard, self._dialogue)
