"""Callbacks with real phones: in the caller's place in line, operator first and caller first, a busy caller again."""

from typing import Any

from tests.phones.rack import Handset
from tests.phones.ring_house import Line, asked, name_of
from tests.phones.ring_transfers import talks
from tests.phones.ring_waiting import until_waits
from tests.phones.stage import Scene, Stage

RETRY = 10                   # seconds, the least that there may be
CALLBACK_QUEUES: dict[str, dict[str, Any]] = {
    "351": {"operators": ["back_anna"], "while_waiting": {"1": "call_me_back"},
            "callback": {"first": "operator", "attempts": 2, "retry_after_s": RETRY, "ring_s": 30}},
    "352": {"operators": ["fetched_anna"], "while_waiting": {"1": "call_me_back"},
            "callback": {"first": "caller", "attempts": 2, "retry_after_s": RETRY, "ring_s": 30}}}
CALLBACK_MENUS = {number: {"call_me_back": {"do": [{"callback": {"queue": name_of(number)}}, "hangup"]}}
                  for number in CALLBACK_QUEUES}
NUMBERS = {"351": "+74951110351", "352": "+74951110352"}


# --- scenes ---------------------------------------------------------------------------------------------------------
def operator_first(stage: Stage) -> None:
    """It is served where its caller stood. The caller is busy, the next one is served, and after the pause it comes
    again before who came after it."""
    line, anna, there = asks(stage, "351", "back_anna")
    second = waits(line)
    there.habit(486)
    anna.hang_up()
    assert "Callback" in anna.wait("incoming", 2)["caller"]
    there.wait("incoming")
    anna.over(2)
    talks(anna, second, 3)
    third = waits(line)
    there.habit(200, 0.3)
    asked(lambda: callback(stage, "351") == ("waiting", 1), RETRY + 20, "the pause does not end")
    assert there.rings == 1, "no attempt without an operator who is free"
    anna.hang_up()
    assert "Callback" in anna.wait("incoming", 4)["caller"]
    there.wait("state", state="CONFIRMED")
    talks(anna, there, 4)
    there.hang_up()
    anna.over(4)
    talks(anna, third, 5)
    anna.hang_up()
    assert line.served_by() == 3 * [anna.name]
    assert attempts(stage, "351") == [("refused", anna.name), ("answered", anna.name)]
    assert there.rings == 2


def caller_first(stage: Stage) -> None:
    """The operator is kept free until the caller has answered."""
    line, anna, there = asks(stage, "352", "fetched_anna")
    second = waits(line)
    there.habit(200, 1.0)
    anna.hang_up()
    answers = there.wait("answers", status=200)["at"]
    assert anna.wait("incoming", 2)["at"] > answers
    talks(anna, there, 2)
    there.hang_up()
    anna.over(2)
    talks(anna, second, 3)
    anna.hang_up()
    assert line.served_by() == 2 * [anna.name]
    assert attempts(stage, "352") == [("answered", anna.name)]


CALLBACK_SCENES: tuple[Scene, ...] = (operator_first, caller_first)


# --- what they have in common ---------------------------------------------------------------------------------------
def asks(stage: Stage, number: str, operator: str) -> tuple[Line, Handset, Handset]:
    """The operator talks; somebody has waited, asked by a key to be called back, and hung up. Their telephone, where
    they will be called, is the last of the three."""
    line = Line(stage, number, stage.rack(operator))
    stage.begin()
    line.rings()
    caller = line.rack[NUMBERS[number]]
    stage.callers.append(caller.name)
    caller.call(number)
    until_waits(stage, caller)
    caller.do("press", keys="1")
    caller.over(1)
    asked(lambda: callback(stage, number) == ("waiting", 0), 30, "no callback waits")
    return line, line.rack[operator], stage.outside[NUMBERS[number]]


def waits(line: Line) -> Handset:
    caller = line.comes()
    until_waits(line.stage, caller)
    return caller


def callback(stage: Stage, number: str) -> tuple[str, int] | None:
    """How the callback of this queue stands, and the attempts so far."""
    found = stage.service.api("/api/callbacks")["callbacks"]
    return next(((one["state"], one["attempts"]) for one in found if one["queue"] == name_of(number)), None)


def attempts(stage: Stage, number: str) -> list[tuple[str, str]]:
    """The calls that were made for the one callback of this queue, which is answered; in order of time."""
    path = f"/api/requests?kind=callback&queue={name_of(number)}"
    (request,) = asked(lambda: [one for one in stage.service.api(path)["items"] if one["status"] == "answered"], 30,
                       "the callback is not answered")
    made = [call for call in stage.service.calls()
            if call["request_id"] == request["id"] and call["direction"] == "outbound"]
    return [(call["outcome"], call["operator"]) for call in sorted(made, key=lambda call: str(call["began_at"]))]
