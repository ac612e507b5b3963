"""Every transfer with real phones: where to, how, and by what, each with the caller's one request going along; and what
becomes of a caller whom nobody takes.

| to               | by REFER                                         | by command                         |
|------------------|--------------------------------------------------|------------------------------------|
| an operator      | features_pjsua                                   | sent_by_command                    |
| a queue          | refers                                           | sent_by_command                    |
| a department     | refers                                           | sent_by_command                    |
| outside          | refers                                           | sent_by_command                    |
| asking first     | joins; features_pjsua to an operator             | asks_by_command                    |
| all three        | test_phone_talk (by keys, with sound)            | asks_by_command                    |
| nobody takes it  | nobody_takes_it, nobody_answers, test_phone_talk | asks_by_command                    |
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from tests.phones.rack import Handset, pause
from tests.phones.ring_house import Line, asked, name_of, now, rows_of
from tests.phones.stage import Scene, Stage
from tests.phones.talking import entries_of
from tests.support.service import ROOT

CREWS = {"321": "refers", "323": "joins", "325": "sends", "327": "asks", "329": "loses", "332": "gives"}
"""By the number of the caller's queue, which is anna's; the next number is clara's, boris has none."""
OUTSIDE = {"321": "+74950003210", "323": "branch_323", "325": "+74950003250", "327": "branch_327", "332": "branch_332"}
"""Telephone numbers, and names of `transfers`."""
NUMBER = "+7495…"            # how the record writes numbers that `outbound` permits: their prefix alone
AUDIO = 0.3                  # seconds until a telephone that was just answered is believed to be where it says


def anna(crew: str) -> str:
    return f"{crew}_anna"


def boris(crew: str) -> str:
    return f"{crew}_boris"


def clara(crew: str) -> str:
    return f"{crew}_clara"


TRANSFER_QUEUES: dict[str, dict[str, Any]] = {}
for _number, _crew in CREWS.items():
    TRANSFER_QUEUES[_number] = {"operators": [anna(_crew)]}
    TRANSFER_QUEUES[str(int(_number) + 1)] = {"operators": [clara(_crew)]}
TRANSFER_QUEUES["329"]["operators"].append(clara("loses"))
WITHOUT_QUEUE = [boris(crew) for crew in CREWS.values()]
DEPARTMENTS = {f"desk_{number}": {"queue": name_of(number)} for number in CREWS}


# --- by the operator's telephone --------------------------------------------------------------------------------------
def refers(stage: Stage) -> None:
    """REFER to a queue, to a department, to a number outside: one caller's way, one request."""
    line, caller, request = talking(stage, "321")
    first, other = line.rack[anna("refers")], line.rack[clara("refers")]
    outside = answering(stage, "321")
    first.do("refer", to=at(stage, name_of("322")))
    first.wait("transfer", status=200, final=True)
    first.over(1)
    talks(other, caller)
    other.do("refer", to=at(stage, "desk_321"))
    other.over(1)
    talks(first, caller, 2)
    first.do("refer", to=at(stage, OUTSIDE["321"]))
    first.over(2)
    talks(outside, caller)
    caller.hang_up()
    outside.over(1)
    went_along(stage, caller, request, [name_of("322"), name_of("321"), NUMBER])


def joins(stage: Stage) -> None:
    """A second call, and REFER with Replaces: to a queue, to a department, to an address outside."""
    line, caller, request = talking(stage, "323")
    first, other = line.rack[anna("joins")], line.rack[clara("joins")]
    outside = answering(stage, "323")
    asks_and_joins(stage, first, name_of("324"), other)
    talks(other, caller)
    asks_and_joins(stage, other, "desk_323", first, rings=2)
    talks(first, caller, len(first.talks))
    asks_and_joins(stage, first, OUTSIDE["323"], outside)
    talks(outside, caller)
    caller.hang_up()
    outside.over(1)
    call = went_along(stage, caller, request, [clara("joins"), anna("joins"), OUTSIDE["323"]])
    assert [each for _, each in entries_of(call, "held")] == [
        {"by": anna("joins")}, {"by": clara("joins")}, {"by": anna("joins")}]


def asks_and_joins(stage: Stage, operator: Handset, target: str, asked: Handset, rings: int = 1) -> None:
    """Hold the caller, talk with whoever is asked, and leave the two alone."""
    before = len(operator.events("state", state="DISCONNECTED"))
    operator.do("hold")
    operator.wait("media", held=True)
    operator.call(target)
    asked.wait("incoming", rings)
    talks(asked, operator, len(asked.talks) or 1)
    operator.do("join")
    operator.over(before + 2)


# --- by command -------------------------------------------------------------------------------------------------------
def sent_by_command(stage: Stage) -> None:
    """`hotline transfer` and its API: to an operator, a queue, a department, a number outside."""
    line, caller, request = talking(stage, "325")
    first, second, third = (line.rack[of("sends")] for of in (anna, boris, clara))
    outside = answering(stage, "325")
    call = now(stage, caller)["call"]["id"]
    assert hotline(stage, call, boris("sends"))["state"] == "referred"
    talks(second, caller)
    first.over(1)
    transfer(stage, call, name_of("326"))
    talks(third, caller)
    second.over(1)
    transfer(stage, call, "desk_325")
    talks(first, caller, 2)
    third.over(1)
    transfer(stage, call, OUTSIDE["325"])
    talks(outside, caller)
    first.over(2)
    caller.hang_up()
    outside.over(1)
    went_along(stage, caller, request, [boris("sends"), name_of("326"), name_of("325"), NUMBER])


def asks_by_command(stage: Stage) -> None:
    """`hotline transfer --attended`: back to the caller, not taken, all three, handed over; a queue can't be asked."""
    line, caller, request = talking(stage, "327")
    first, second = line.rack[anna("asks")], line.rack[boris("asks")]
    outside = answering(stage, "327")
    call = now(stage, caller)["call"]["id"]
    assert hotline(stage, call, boris("asks"), "--attended")["state"] == "consulting"
    talks(second, first)
    consultation(stage, call, "back")
    second.over(1)
    talks(first, caller)
    second.habit(486)
    transfer(stage, call, boris("asks"), attended=True)
    asked(lambda: len(entries_of(now(stage, caller), "consultation_ended")) == 2, 30, "the busy one still rings")
    talks(first, caller)
    refused = run(stage, "transfer", call, name_of("328"), "--attended")
    assert refused.returncode != 0
    assert "can't be asked first" in refused.stdout + refused.stderr
    transfer(stage, call, OUTSIDE["327"], attended=True)
    talks(outside, first)
    assert hotline(stage, call, "--then", "conference")["state"] == "conference"
    assert hotline(stage, call, "--then", "hand_over")["state"] == "bridged"
    first.over(1)
    talks(outside, caller)
    caller.hang_up()
    outside.over(1)
    kept = went_along(stage, caller, request, [OUTSIDE["327"]])
    assert [each["reason"] for _, each in entries_of(kept, "consultation_ended")] == ["ended_by_operator", "not_taken"]
    assert [each["to"] for _, each in entries_of(kept, "conference_began")] == [OUTSIDE["327"]]


# --- nobody takes it --------------------------------------------------------------------------------------------------
def nobody_takes_it(stage: Stage) -> None:
    """Busy: who stayed on the line has the caller back at once; where they have hung up and have another by then, the
    queue has the caller, before all who wait there."""
    line, caller, request = talking(stage, "329")
    first = line.rack[next(iter(line.with_))]
    third, busy = line.rack[line.rings()], line.rack[boris("loses")]
    busy.habit(486)
    first.do("refer", to=at(stage, busy.name))
    first.wait("transfer", status=486, final=True)
    talks(first, caller)
    busy.habit(0)
    second, last = line.comes(), line.comes()
    first.do("refer", to=at(stage, busy.name))
    busy.wait("incoming", 2)
    first.hang_up()
    assert second.name in first.wait("incoming", 2)["caller"]
    talks(first, second, 2)
    busy.do("answer", status=486)
    asked(lambda: len(entries_of(now(stage, caller), "queued")) == 2, 30, "the caller is not back in the queue")
    third.hang_up()
    assert caller.name in third.wait("incoming", 2)["caller"]
    talks(third, caller, 2)
    first.hang_up()
    assert last.name in first.wait("incoming", 3)["caller"]
    third.hang_up()
    talks(first, last, 3)
    first.hang_up()
    call = went_along(stage, caller, request, [])
    assert call["call"]["operator"] == third.name
    assert entries_of(call, "transfer_failed") == 2 * [
        ("transfer_failed", {"by": first.name, "to": busy.name, "status": 486})]


def nobody_answers(stage: Stage) -> None:
    """An address outside rings for 30 s: who sent the caller there is rung for them."""
    line, caller, request = talking(stage, "332")
    first = line.rack[anna("gives")]
    first.do("refer", to=at(stage, OUTSIDE["332"]))
    branch = stage.outside[OUTSIDE["332"]]
    branch.wait("incoming")
    first.hang_up()
    talks(first, caller, 2, timeout=50)
    assert not branch.talks
    caller.hang_up()
    first.over(2)
    call = went_along(stage, caller, request, [])
    assert entries_of(call, "transfer_failed", "transfer_returned") == [
        ("transfer_failed", {"by": first.name, "to": OUTSIDE["332"], "status": 480}),
        ("transfer_returned", {"to": first.name})]
    assert call["call"]["operator"] == first.name


TRANSFER_SCENES: tuple[Scene, ...] = (nobody_answers, refers, joins, sent_by_command, asks_by_command, nobody_takes_it)


# --- what they have in common -----------------------------------------------------------------------------------------
def talking(stage: Stage, number: str) -> tuple[Line, Handset, str]:
    """A caller has come and talks; the id of the request that was opened for it."""
    crew = CREWS[number]
    line = Line(stage, number, stage.rack(anna(crew), boris(crew), clara(crew)))
    stage.begin()
    line.rings()
    caller = line.callers[0]
    (request,) = now(stage, caller)["requests"]
    return line, caller, str(request["id"])


def talks(partner: Handset, caller: Handset, times: int = 1, timeout: float = 30.0) -> None:
    """These two are on a call, the partner's `times`-th: the keys of each come to the other."""
    partner.wait("state", times, timeout, state="CONFIRMED")
    pause(AUDIO)
    partner.hears(caller, "7")
    caller.hears(partner, "8")


def answering(stage: Stage, number: str) -> Handset:
    """The telephone outside that belongs to this scene."""
    found = stage.outside[OUTSIDE[number]]
    found.habit(200, 0.2)
    return found


def at(stage: Stage, user: str) -> str:
    return f"sip:{user}@{stage.host}"


def went_along(stage: Stage, caller: Handset, request: str, to: Iterable[str]) -> dict[str, Any]:
    """The call's one row has the one request that it began with, and its transfers in order."""
    call = rows_of(stage, caller)
    assert [kept["id"] for kept in call["requests"]] == [request]
    assert call["call"]["outcome"] == "answered", call["ladder"]
    assert [each["to"] for _, each in entries_of(call, "transferred")] == list(to)
    assert [kept["call_id"] for kept in stage.service.api(f"/api/requests?caller_number={caller.name}")["items"]] == [
        call["call"]["id"]]
    return call


def transfer(stage: Stage, call: str, target: str, *, attended: bool = False) -> None:
    stage.service.api(f"/api/calls/{call}/transfer", post={"target": target, "attended": attended})


def consultation(stage: Stage, call: str, wish: str) -> None:
    stage.service.api(f"/api/calls/{call}/consultation", post={"wish": wish})


def hotline(stage: Stage, call: str, *arguments: str) -> dict[str, Any]:
    """What `hotline transfer` says of the call."""
    done = run(stage, "transfer", call, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return dict(found[0] if isinstance(found, list) else found)


def run(stage: Stage, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "ivr.cli.main", *arguments, "--config",
                           str(stage.service.config_file)], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})
