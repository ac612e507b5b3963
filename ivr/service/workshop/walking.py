"""A simulated call to a draft, told from its beginning: what the caller hears as text, and where they are then."""

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ivr.base.errors import AdminError
from ivr.drivers.text_files import drafted
from ivr.menu.dialogue import Dialogue
from ivr.menu.model import texts
from ivr.menu.script import perform
from ivr.menu.steps import EnterQueue, HangUp, TransferTo
from ivr.menu.testing.loader import MOMENT, YEARS, load_answers
from ivr.menu.testing.model import Circumstances
from ivr.menu.testing.outcome import outcome, prompts_of, where
from ivr.menu.testing.runner import begin
from ivr.menu.testing.story import told
from ivr.menu.testing.surroundings import Asked
from ivr.service.tested_menus import Read, read_menu
from ivr.service.workshop.bench import Bench, Unwanted, shown

MOST_STEPS = 300
MOST_TOLD = 2000         # lines of a story
ANSWERS = "answers"


def walk(bench: Bench, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call the menu file `root` and do `steps` (words of a script, as `hotline call` takes them); before each the
    caller hears out what is said. `faults` where the draft can't be called."""
    steps = list(islice(arguments.get("steps") or (), MOST_STEPS + 1))
    if len(steps) > MOST_STEPS:
        raise Unwanted("too_many_steps", f"A call from here takes at most {MOST_STEPS} steps.")
    with drafted(arguments["drafts"], bench.within):
        try:
            read = read_menu(Path(arguments["root"]), bench.config, Path(bench.config_file))
            circumstances = _circumstances(bench, arguments, read)
        except AdminError as error:
            return {"faults": [shown(fault) for fault in error.faults]}
    asked = Asked(circumstances.lookups, circumstances.pins)
    dialogue = begin(circumstances, read.menu, read.lengths, read.around, asked)
    for step in steps:
        _do(dialogue, str(step))
    dialogue.listen()
    return {"faults": [], "story": _story(dialogue, read), **_place(dialogue),
            "unanswered": list(dict.fromkeys((*asked.unanswered, *asked.unregistered)))}


def _circumstances(bench: Bench, arguments: dict[str, Any], read: Read) -> Circumstances:
    """Raises AdminError for answers that can't be read, Unwanted for the rest."""
    language, at = arguments.get("language") or None, arguments.get("at") or ""
    line = next((line for line in bench.config.lines if str(line.menu) == arguments["root"]), bench.config.lines[0])
    if language is not None and language not in read.menu.languages:
        raise Unwanted("unknown_language", f"The menu does not speak {language}.")
    said = Circumstances()
    if arguments.get(ANSWERS):
        said = load_answers(arguments[ANSWERS], ANSWERS, read.menu, read.known)
    groups = tuple(name for name in arguments.get("groups") or () if name in bench.config.groups)
    return Circumstances(arguments.get("line") or line.numbers[0], arguments.get("caller") or "", _moment(at),
                         language or line.language, groups=groups, lookups=said.lookups, pins=said.pins)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, MOMENT) if text else None
    except ValueError:
        moment = datetime(1, 1, 1)
    if moment is not None and moment.year not in YEARS:
        raise Unwanted("no_moment", "Write day and time like 2026-11-27 23:10.")
    return moment


def _do(dialogue: Dialogue, step: str) -> None:
    """What comes when the call is over changes nothing."""
    if dialogue.end is not None or dialogue.hung_up:
        return
    if step == "hangup":
        dialogue.hang_up()
        return
    dialogue.listen()
    try:
        perform(dialogue, step)
    except ValueError as error:
        raise Unwanted("unknown_step", str(error)) from None


def _story(dialogue: Dialogue, read: Read) -> list[dict[str, Any]]:
    """What was heard and done, in order."""
    said, named = texts(read.menu), prompts_of(read.menu)
    heard: list[tuple[float, int, dict[str, Any]]] = [
        (one.at, 1, {"at": round(one.at, 1), "kind": "heard", "prompt": named.get(one.clip, one.clip),
                     "language": said.get(one.clip, ("", ""))[0], "text": said.get(one.clip, ("", ""))[1],
                     "cut": one.cut}) for one in dialogue.heard]
    done: list[tuple[float, int, dict[str, Any]]] = [
        (at, 0, {"at": round(at, 1), "kind": "done", "text": line}) for at, step in dialogue.taken
        if (line := told(step))]
    return [line for *_, line in sorted([*heard, *done], key=lambda one: one[:2])][-MOST_TOLD:]


def _place(dialogue: Dialogue) -> dict[str, Any]:
    """Where the caller is: the menu with its keys while they are in one."""
    end, choice = dialogue.end, dialogue.interpreter.choice
    over = isinstance(end, EnterQueue | TransferTo | HangUp) or dialogue.hung_up
    return {"menu": choice.name, "path": list(dialogue.interpreter.memory.path), "over": over, "seconds": round(
        dialogue.now, 1), "where": where(dialogue), "outcome": outcome(dialogue) if over else "",
            "recorded": dialogue.is_recorded,
            "options": [] if over else [{"keys": keys, "does": ", ".join(map(str, actions))}
                                        for keys, actions in choice.options.items()]}
