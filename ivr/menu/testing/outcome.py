"""What came of a dialogue, in the words of menu files: prompts by name, options by their keys, where it ended."""

from collections.abc import Mapping

from ivr.menu.dialogue import Dialogue, Heard
from ivr.menu.model import Menu, Piece
from ivr.menu.steps import EnterQueue, HangUp, KeysTaken, LeaveRequest, RequestLeft, SurveyAnswered, TransferTo


def prompts_of(menu: Menu) -> dict[str, str]:
    """Clip to the name of its prompt; the first of those that share a file."""
    named: dict[str, str] = {}
    for prompt in menu.prompts.values():
        for wording in prompt.wordings.values():
            for clip in [part.clip for part in wording.parts if isinstance(part, Piece)] or [wording.clip]:
                named.setdefault(clip, prompt.name)
    return named


def prompts_heard(dialogue: Dialogue) -> list[str]:
    """What was heard, in order; cut or not, and in whatever language."""
    named = prompts_of(dialogue.menu)
    return [named.get(heard.clip, heard.clip) for heard in dialogue.heard]


def told(heard: Heard, named: Mapping[str, str]) -> str:
    """One clip as a list of what was heard shows it."""
    return f"{named.get(heard.clip, heard.clip)}{' (cut off)' if heard.cut else ''}"


def keys_taken(dialogue: Dialogue) -> list[str]:
    """The keys of the options that were chosen, in order."""
    return [step.keys for _, step in dialogue.taken if isinstance(step, KeysTaken)]


def opinions(dialogue: Dialogue) -> dict[str, str]:
    """The questions of surveys that were answered, with the last answer to each."""
    return {step.question: step.answer for _, step in dialogue.taken if isinstance(step, SurveyAnswered)}


def left(dialogue: Dialogue) -> list[LeaveRequest]:
    """The requests that the caller left and that were kept."""
    found: list[LeaveRequest] = []
    for _, step in dialogue.taken:
        if isinstance(step, LeaveRequest):
            found.append(step)
        elif isinstance(step, RequestLeft) and step.reason and found and found[-1].kind == step.kind:
            found.pop()
    return found


def outcome(dialogue: Dialogue) -> str:
    """How the record would count a caller who leaves here: "" while they are with a queue or a transfer."""
    if isinstance(dialogue.end, EnterQueue | TransferTo):
        return ""
    if requests := left(dialogue):
        return requests[-1].kind
    if isinstance(dialogue.end, HangUp):
        return dialogue.end.outcome
    return "self_served" if dialogue.interpreter.served else "abandoned"


def where(dialogue: Dialogue) -> str:
    """Where the caller is now, as a sentence goes on after "the caller"."""
    end, menu = dialogue.end, dialogue.interpreter.choice.name
    if isinstance(end, EnterQueue):
        return f"waits in queue {end.queue}"
    if isinstance(end, TransferTo):
        return f"is transferred to {end.target}"
    if isinstance(end, HangUp):
        return f"was hung up on in menu {menu}"
    return f"hung up in menu {menu}" if dialogue.hung_up else f"is in menu {menu}"
