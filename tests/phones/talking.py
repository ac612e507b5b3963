"""What scenes with different phones have in common: they hear each other, and the record says who talked."""

from typing import Any

from tests.phones.conftest import CALLER_HERTZ, OPERATOR_HERTZ
from tests.phones.hearing import Recording, tone_in
from tests.phones.phone import Phone
from tests.phones.record import offers
from tests.phones.stage import Stage
from tests.support.service import wait_for

TALK = 2.5                   # seconds
LEAST_TALK = 1.8             # of the other's tone, with a dozen phones on one processor
MUSIC = "music/hold.wav"


def talk_on(caller: Phone, operator: Phone) -> None:
    """For a while from now; the caller hangs up."""
    caller.do(f"wait:{TALK}")
    caller.hang_up()
    operator.wait("state", state="DISCONNECTED")


def heard_each_other(caller: Recording, operator: Recording, least: float = LEAST_TALK) -> None:
    for tone in (tone_in(caller, OPERATOR_HERTZ), tone_in(operator, CALLER_HERTZ)):
        assert tone.length > least, tone


def answered(stage: Stage, caller: str, operator: str, ended_by: str = "caller",
             offered: list[str] | None = None) -> dict[str, Any]:
    """The row of an answered call, its operators free again. `operator`: who talked last; `offered`: who was rung."""
    call = stage.call_of(caller)
    row = call["call"]
    assert (row["outcome"], row["operator"], row["ended_by"]) == ("answered", operator, ended_by), call["ladder"]
    assert offers(call) == (offered or [operator]), call["ladder"]
    wait_for(lambda: stage.is_idle(operator, *(offered or [])), 30, "an operator is not idle")
    return call


def entries_of(call: dict[str, Any], *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """The entries of these kinds with their details, in their order."""
    return [(entry["kind"], entry["details"]) for entry in call["entries"] if entry["kind"] in kinds]


def held_and_resumed(stage: Stage, call: dict[str, Any]) -> None:
    kinds = [entry["kind"] for entry in call["entries"]]
    assert kinds[kinds.index("bridged"):] == ["bridged", "held", "resumed", "ended"], call["ladder"]


def music_between(stage: Stage, heard: Recording, begin: float, end: float) -> float:
    """Seconds of hold music that were heard in this time."""
    return sum(clip.end - clip.begin for clip in stage.clips.heard(heard.between(begin, end)) if clip.clip == MUSIC)
