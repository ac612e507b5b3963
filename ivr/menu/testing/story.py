"""A dialogue in words, line by line: what the caller did and heard, and what the menu made of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ivr.menu import steps
from ivr.menu.actions.skills import told as told_skills
from ivr.menu.dialogue import Dialogue, Heard
from ivr.menu.model import texts
from ivr.menu.testing.outcome import prompts_of
from ivr.menu.testing.runner import Did, Went
from ivr.menu.text_dialogue import TextDialogue

SHORT = 60               # letters of a prompt by which one knows it
UNTOLD = (steps.Play, steps.PlayMusic, steps.StopPlayback, steps.SetTimer, steps.SurveyAsked)
WORDS: Mapping[type, Callable[[Any], str]] = {
    steps.MenuEntered: lambda step: f"comes to menu {step.menu}",
    steps.KeysTaken: lambda step: f"chose {step.keys}: {step.option}",
    steps.NoInputCounted: lambda step: f"pressed nothing in time ({step.count})",
    steps.NoMatchCounted: lambda step: f"pressed what is no option: {step.keys} ({step.count})" if step.keys
    else f"pressed what is no option ({step.count})",
    steps.LanguageChosen: lambda step: f"hears language {step.language} from now on",
    steps.EnterQueue: lambda step: f"waits in queue {step.queue}, about: {step.subject}"
    + (f" (skills: {told_skills(step.skills)})" if step.skills else ""),
    steps.TransferTo: lambda step: f"is transferred to {step.target}",
    steps.RecordCaller: lambda step: "is recorded from here on, alone" if step.why == "menu"
    else "is recorded from here on: a message",
    steps.PlayRecording: lambda step: "hears what they said",
    steps.EndRecording: lambda step: "is recorded no longer",
    steps.CallerRecorded: lambda step: f"said something for {step.spoken:g} s: it is kept" if step.recording
    else f"could not be recorded: {step.reason}",
    steps.LeaveRequest: lambda step: f"leaves a {step.kind} for queue {step.queue}, about: {step.subject}"
    f"{f', at {step.number}' if step.number else ''}",
    steps.RequestLeft: lambda step: f"no {step.kind} was left: {step.reason}" if step.reason
    else f"the {step.kind} is kept",
    steps.HangUp: lambda step: f"is hung up on ({step.outcome})",
    steps.LookUp: lambda step: f"waits while {step.request.host} is asked",
    steps.LookedUp: lambda step: f"{step.host} {f'gave no answer: {step.reason}' if step.reason else 'has answered'}",
    steps.Verify: lambda step: f"is looked for in register {step.register}",
    steps.Verified: lambda step: f"register {step.register} "
                                 f"{f'does not know who calls: {step.reason}' if step.reason else 'knows who calls'}",
    steps.Order: lambda step: f"{'orders' if step.given else 'takes back'} {step.kind} of {' '.join(step.lines)}",
    steps.Ordered: lambda step: f"{step.order}: {f'refused: {step.reason}' if step.reason else f'done by {step.by}'}",
    steps.ValueTaken: lambda step: f"gave {step.name}",
    steps.FieldsFilled: lambda step: "fields of the request: "
    f"{', '.join(f'{name} {value}' for name, value in step.filled)}",
    steps.SurveyAnswered: lambda step: f"answers survey {step.survey}: {step.question} {step.answer}",
    steps.SecretInput: lambda step: f"{'is asked for a secret' if step.active else 'is no longer asked for a secret'}",
}


def story(went: Went) -> list[str]:
    """What happened in a dialogue test, each line with its second."""
    return lines(went.dialogue, went.did, SHORT)


def lines(dialogue: Dialogue, did: Iterable[Did] = (), at_most: int = 0) -> list[str]:
    """What happened so far; of what was said `at_most` so many letters, 0 for all."""
    on_text = isinstance(dialogue, TextDialogue)
    heard = [] if on_text else [(one.at, 1, f"hears {sentence(one, dialogue, at_most)}") for one in dialogue.heard]
    happened = [(at, 0, line) for at, line in _events(dialogue, did, at_most if on_text else None)]
    return [f"{at:8.1f}  {line}" for at, _, line in sorted([*happened, *heard], key=lambda line: line[:2])]


def sentence(heard: Heard, dialogue: Dialogue, at_most: int = 0) -> str:
    """A clip with its name, its language and its words."""
    language, text = texts(dialogue.menu).get(heard.clip, ("", ""))
    text = _shortened(text, at_most)
    name = prompts_of(dialogue.menu).get(heard.clip, heard.clip)
    return f"{name}{f' ({language})' if language else ''}{f': {text}' if text else ''}{' [cut off]' * heard.cut}"


def _shortened(text: str, at_most: int) -> str:
    return f"{text[:at_most]}…" if at_most and len(text) > at_most else text


def told(step: Any) -> str:
    """A step of the interpreter in words; "" for those that only drive the player."""
    if isinstance(step, UNTOLD):
        return ""
    words = WORDS.get(type(step))
    return words(step) if words else str(step)


def _events(dialogue: Dialogue, did: Iterable[Did], written: int | None) -> Iterator[tuple[float, str]]:
    """What the caller did and the menu made of it, in the order in which it came; `written`: of words that are to be
    read so many letters (0: all), None where they are heard."""
    acts = [act for act in did if act.step.told]
    for number, (at, step) in enumerate(dialogue.taken):
        while acts and acts[0].taken <= number:
            act = acts.pop(0)
            yield act.at, act.step.told
        if line := told(step):
            yield at, line
        if written is not None and isinstance(step, steps.Play):
            yield from ((at, f"reads: {_shortened(words, written)}") for words in step.words)
    yield from ((act.at, act.step.told) for act in acts)
