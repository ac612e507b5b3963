"""Those who wait, with real phones: limits and where callers go then, wrap-up, and a break after this call."""

import json
import time
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from tests.phones.rack import Handset, pause
from tests.phones.ring_house import Line, asked, name_of, now, rows_of
from tests.phones.ring_transfers import talks
from tests.phones.stage import Scene, Stage
from tests.phones.talking import entries_of
from tests.support.service import PASSWORD, Service

LONGEST_WAIT = 10            # seconds, the least that a queue may have
WRAP_UP = 3.0                # seconds
ROUNDED = 0.01               # seconds of a time in the record
A_WHILE = 1.0                # seconds in which a telephone would have rung
BRANCH = "branch"
WAITING_QUEUES: dict[str, dict[str, Any]] = {
    "341": {"operators": ["long_anna"], "max_wait_s": LONGEST_WAIT, "overflow": {"queue": name_of("342")}},
    "342": {"operators": ["long_boris"], "max_waiting": 1, "overflow": {"transfer": BRANCH}},
    "343": {"operators": ["told_anna"], "max_wait_s": LONGEST_WAIT, "overflow": {"message": "nobody_available"}},
    "344": {"operators": ["message_anna"], "max_wait_s": LONGEST_WAIT, "while_waiting": {"2": "leave_a_message"},
            "overflow": {"menu": "leave_a_message"}},
    "345": {"operators": ["fixed_anna"], "wrap_up_s": WRAP_UP},
    "346": {"operators": ["saves_anna"], "wrap_up": {"until_saved": True, "max_s": 120}},
    "347": {"operators": ["breaks_anna"]}}
WAITING_MENUS = {"344": {"leave_a_message": {
    "do": [{"voicemail": {"queue": name_of("344"), "silence_s": 0}}, "hangup"]}}}


# --- scenes ---------------------------------------------------------------------------------------------------------
def waits_too_long(stage: Stage) -> None:
    """Past the longest wait to another queue; that is full: to an address outside. One request all the way."""
    rack = stage.rack("long_anna", "long_boris", callers=2)
    stage.begin()
    line, other = Line(stage, "341", rack), Line(stage, "342", rack)
    other.rings()
    in_the_way = other.comes()
    line.rings()
    caller, branch = line.comes(), stage.outside[BRANCH]
    branch.habit(200)
    (request,) = now(stage, caller)["requests"]
    branch.wait("incoming", timeout=LONGEST_WAIT + 20)
    talks(branch, caller)
    caller.hang_up()
    call = rows_of(stage, caller)
    assert [each for _, each in entries_of(call, "overflowed")] == [
        {"queue": name_of("341"), "reason": "max_wait"}, {"queue": name_of("342"), "reason": "full"}]
    assert (call["call"]["outcome"], [kept["id"] for kept in call["requests"]]) == ("transferred", [request["id"]])
    assert call["call"]["wait_time"] >= LONGEST_WAIT - ROUNDED
    assert rack.rang() == ["long_boris", "long_anna"], "nobody was rung for who was sent away"
    in_the_way.hang_up()
    other.ends("long_boris")
    line.ends("long_anna")


def waits_and_is_told(stage: Stage) -> None:
    """Past the longest wait words, and the end."""
    rack = stage.rack("told_anna")
    stage.begin()
    line = Line(stage, "343", rack)
    line.rings()
    caller = line.comes()
    caller.wait("state", timeout=LONGEST_WAIT + 30, state="DISCONNECTED")
    call = rows_of(stage, caller)
    assert (call["call"]["outcome"], call["call"]["reason"], call["call"]["ended_by"]) == (
        "overflow", "max_wait", "hotline")
    assert call["call"]["wait_time"] >= LONGEST_WAIT - ROUNDED
    line.ends("told_anna")
    assert rack.rang() == ["told_anna"]


def leaves_a_message(stage: Stage) -> None:
    """A key leads from the queue to a voice mailbox, and so does the longest wait."""
    rack = stage.rack("message_anna", tone=stage.tones["caller"])
    stage.begin()
    line = Line(stage, "344", rack)
    line.rings()
    by_key, sent = line.comes(), line.comes()
    until_waits(stage, by_key)
    by_key.do("press", keys="2")
    for caller, entry in ((by_key, "queue_left"), (sent, "overflowed")):
        asked(lambda caller=caller, entry=entry: entries_of(now(stage, caller), entry), LONGEST_WAIT + 20,
              f"{caller.name} waits on")
        pause(3 * A_WHILE)
        caller.do("press", keys="#")
        caller.over(1)
        call = rows_of(stage, caller)
        assert call["call"]["outcome"] == "voicemail", call["ladder"]
        (left,) = call["requests"]
        assert (left["kind"], left["status"], left["queue"]) == ("voicemail", "open", name_of("344"))
        assert left["recording_id"]
    line.ends("message_anna")
    assert rack.rang() == ["message_anna"]


def wraps_up(stage: Stage) -> None:
    """A fixed time: the telephone does not ring in it, and does after it."""
    line, anna, second = busy_with_one_more(stage, "345", "fixed_anna")
    before = time.monotonic()
    anna.hang_up()
    assert anna.wait("incoming", 2)["at"] - before >= WRAP_UP
    talks(anna, second, 2)
    anna.hang_up()
    asked(lambda: stage.is_idle(anna.name), 30, "the wrap-up does not end")
    assert line.served_by() == 2 * [anna.name]


def wraps_up_until_saved(stage: Stage) -> None:
    """Until the operator has saved the request, or says that there is nothing to note; who has done so during the call
    has no wrap-up."""
    line, anna, second = busy_with_one_more(stage, "346", "saves_anna")
    desk = Desk(stage.service, anna.name)
    third = line.comes()
    anna.hang_up()
    pause(A_WHILE)
    assert (stage.service.operators()[anna.name]["state"], anna.rings) == ("wrap_up", 1)
    desk.saves(line.callers[0].name)
    talks(anna, second, 2)
    desk.saves(second.name)
    anna.hang_up()
    talks(anna, third, 3)
    anna.hang_up()
    desk.is_done()
    asked(lambda: stage.is_idle(anna.name), 30, "the wrap-up does not end")
    assert line.served_by() == 3 * [anna.name]
    assert {kept["note"] for kept in stage.service.api(f"/api/requests?operator={anna.name}")["items"]} == {
        "", "well done"}


def breaks_after_this_call(stage: Stage) -> None:
    """A break that is chosen during a call begins with its end: nobody is put through, until it is over."""
    line, anna, second = busy_with_one_more(stage, "347", "breaks_anna")
    chosen = stage.service.api(f"/api/operators/{anna.name}/status", {"status": "on_break", "reason": "lunch"})
    assert (chosen["status"], chosen["state"]) == ("on_break", "on_call")
    anna.hang_up()
    pause(A_WHILE)
    rests = stage.service.operators()[anna.name]
    assert (rests["status"], rests["reason"], rests["state"], anna.rings) == ("on_break", "lunch", "idle", 1)
    stage.service.api(f"/api/operators/{anna.name}/status", {"status": "available"})
    talks(anna, second, 2)
    anna.hang_up()
    assert line.served_by() == 2 * [anna.name]


WAITING_SCENES: tuple[Scene, ...] = (waits_too_long, waits_and_is_told, leaves_a_message, wraps_up,
                                     wraps_up_until_saved, breaks_after_this_call)


# --- what they have in common ---------------------------------------------------------------------------------------
def busy_with_one_more(stage: Stage, number: str, operator: str) -> tuple[Line, Handset, Handset]:
    """The operator talks with the first caller, and a second one waits."""
    line = Line(stage, number, stage.rack(operator))
    stage.begin()
    line.rings()
    second = line.comes()
    until_waits(stage, second)
    return line, line.rack[operator], second


def until_waits(stage: Stage, caller: Handset) -> None:
    asked(lambda: entries_of(now(stage, caller), "queued"), 30, f"{caller.name} is not in the queue")


class Desk:
    """An operator at a screen, logged in."""

    def __init__(self, service: Service, operator: str) -> None:
        self._service = service
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                                   urllib.request.HTTPCookieProcessor(CookieJar()))
        self._name = operator
        self._send("POST", "/api/login", {"login": operator, "password": PASSWORD})

    def saves(self, caller: str) -> None:
        """The request of this caller, with a note."""
        (request,) = self._service.api(f"/api/requests?caller_number={caller}")["items"]
        self._send("PATCH", f"/api/requests/{request['id']}", {"revision": request["revision"], "note": "well done"})

    def is_done(self) -> None:
        """With the notes, without any."""
        self._send("DELETE", f"/api/operators/{self._name}/wrap-up", {})

    def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        base = f"http://{self._service.config['web']['listen']}"
        sent = urllib.request.Request(base + path, method=method, data=json.dumps(body).encode(),
                                      headers={"Content-Type": "application/json", "Origin": base, "X-Hotline": "1"})
        with self._opener.open(sent, timeout=10) as answer:
            assert answer.status in (200, 204)
