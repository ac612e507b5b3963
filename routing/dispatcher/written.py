"""The dispatcher's state as plain data that JSON holds, and back: what was read back goes on as the other would have.

What can be found from the rest (lists of who is free, lines, profiles) is not written. Times are of the clock that
gave `now`, so a new process on the same machine can take them up: it starts the timers of `timers` again, each at its
time, and then says SettingsReplaced if the configuration is another one.
"""

from dataclasses import asdict
from typing import Any

from routing.dispatcher.events import Settings
from routing.dispatcher.matching import Matching
from routing.dispatcher.reload import man
from routing.operators import Operator, OperatorSettings, State, Status
from routing.queue import Offer, Queue, Stay, TimerKey
from routing.queue_settings import QueueSettings, Tier
from routing.skills import Demand, Relaxation, Skills

PLAIN = ("reason", "set_by", "status_since", "state_since", "idle_since", "reachable", "removed", "calls", "wrap_up",
         "until_saved", "noted", "saved", "rest_until", "answered", "missed", "missed_in_a_row", "taken", "talked",
         "order")       # of an operator
STAY = ("call", "queue", "language", "priority", "since", "rank", "skills", "preferred", "virtual", "held",
        "stage")
TIMERS = ("max_wait_timer", "announce_timer", "round_timer", "step_timer", "sticky_timer")


# --- writing ----------------------------------------------------------------------------------------------------------
def written(matching: Matching) -> dict[str, Any]:
    return {
        "settings": _settings_written(matching.settings),
        "serial": matching.serial,
        "timers": [[*key, at] for key, at in matching.timers.items()],
        "reachable": sorted(matching.reachable),
        "assigned": dict(matching.assigned),
        "operators": [_operator_written(operator) for operator in matching.operators.values()],
        "queues": [_queue_written(queue) for queue in matching.queues.values()],
    }


def _settings_written(settings: Settings) -> dict[str, Any]:
    return {"queues": [asdict(queue) for queue in settings.queues],
            "operators": [_operator_settings_written(operator) for operator in settings.operators],
            "priority_step": settings.priority_step, "auto_break_after_missed": settings.auto_break_after_missed}


def _operator_settings_written(settings: OperatorSettings) -> dict[str, Any]:
    return {"name": settings.name, "status": str(settings.status), "skills": dict(settings.skills),
            "languages": list(settings.languages), "capacity": settings.capacity}


def _operator_written(operator: Operator) -> dict[str, Any]:
    return {
        "settings": _operator_settings_written(operator.settings),
        "status": str(operator.status), "state": str(operator.state),
        **{name: getattr(operator, name) for name in PLAIN}, "calls": list(operator.calls),
        "offers": list(operator.offers), "wrap_up_timer": operator.wrap_up_timer, "rest_timer": operator.rest_timer,
    }


def _queue_written(queue: Queue) -> dict[str, Any]:
    return {
        "name": queue.settings.name, "offered": queue.offered, "ended": dict(queue.ended),
        "last_rung": list(queue.last_rung.items()),
        "groups": [{"skills": group.demand.skills, "language": group.demand.language, "empty_timer": group.empty_timer}
                   for group in queue.groups.values()],
        "stays": [_stay_written(stay) for stay in queue.stays.values()],
    }


def _stay_written(stay: Stay) -> dict[str, Any]:
    return {**{name: getattr(stay, name) for name in (*STAY, *TIMERS)}, "tried": sorted(stay.tried),
            "offers": [{"operator": offer.operator, "since": offer.since, "timer": offer.timer}
                       for offer in stay.offers.values()]}


# --- reading back -----------------------------------------------------------------------------------------------------
def read_back(state: dict[str, Any]) -> Matching:
    """Raises KeyError, TypeError or ValueError for what `written` did not write."""
    matching = Matching(_settings(state["settings"]))
    matching.serial = state["serial"]
    matching.timers = {(kind, name, serial): at for kind, name, serial, at in state["timers"]}
    matching.reachable = set(state["reachable"])
    matching.assigned = dict(state["assigned"])
    matching.operators = {each["settings"]["name"]: _operator(matching, each) for each in state["operators"]}
    settings = {queue.name: queue for queue in matching.settings.queues}
    matching.queues = {each["name"]: _queue(settings[each["name"]], each) for each in state["queues"]}
    man(matching)
    for each in state["queues"]:
        _fill(matching, matching.queues[each["name"]], each)
    for each in state["operators"]:
        operator = matching.operators[each["settings"]["name"]]
        operator.offers = {call: matching.stays[call].offers[operator.name] for call in each["offers"]}
    for operator in matching.operators.values():
        if operator.is_ready:
            matching.list_as_free(operator)
    return matching


def _settings(state: dict[str, Any]) -> Settings:
    return Settings(tuple(_queue_settings(each) for each in state["queues"]),
                    tuple(_operator_settings(each) for each in state["operators"]),
                    state["priority_step"], state["auto_break_after_missed"])


def _queue_settings(state: dict[str, Any]) -> QueueSettings:
    read = {"operators": tuple(state["operators"]), "skills": _skills(state["skills"]),
            "tiers": tuple(Tier(tuple(each["operators"]), each["after"]) for each in state["tiers"]),
            "relax": tuple(Relaxation(**each) for each in state["relax"]),
            "operator_weights": tuple((name, weight) for name, weight in state["operator_weights"])}
    return QueueSettings(**{**state, **read})


def _operator_settings(state: dict[str, Any]) -> OperatorSettings:
    return OperatorSettings(state["name"], Status(state["status"]), dict(state["skills"]), tuple(state["languages"]),
                            state["capacity"])


def _operator(matching: Matching, state: dict[str, Any]) -> Operator:
    operator = Operator(_operator_settings(state["settings"]), state["order"], state["status_since"])
    for name in PLAIN:
        setattr(operator, name, state[name])
    operator.calls = list(state["calls"])
    operator.status, operator.state = Status(state["status"]), State(state["state"])
    operator.wrap_up_timer, operator.rest_timer = _timer(state["wrap_up_timer"]), _timer(state["rest_timer"])
    operator.profile = matching.profiles.of(operator.settings.skills, operator.settings.languages)
    return operator


def _queue(settings: QueueSettings, state: dict[str, Any]) -> Queue:
    queue = Queue(settings)
    queue.offered, queue.ended = state["offered"], dict(state["ended"])
    queue.last_rung.update(dict(state["last_rung"]))
    return queue


def _fill(matching: Matching, queue: Queue, state: dict[str, Any]) -> None:
    """Its callers, in the lines they stood in."""
    for each in state["groups"]:
        group = queue.group(Demand(_skills(each["skills"]), each["language"]))
        group.empty_timer = _timer(each["empty_timer"])
    for each in state["stays"]:
        read = {**{name: each[name] for name in STAY}, "rank": tuple(each["rank"]), "skills": _skills(each["skills"]),
                **{name: _timer(each[name]) for name in TIMERS}}
        stay = Stay(**read)
        stay.tried = set(each["tried"])
        for offer in each["offers"]:
            timer = _timer(offer["timer"])
            assert timer is not None
            stay.offers[offer["operator"]] = Offer(stay.call, offer["operator"], offer["since"], timer)
        matching.stays[stay.call] = stay
        queue.enter(stay)
        queue.note_offers(stay)
        if not stay.offers:
            queue.wait(stay)


def _skills(state: Any) -> Skills:
    return tuple((skill, level) for skill, level in state)


def _timer(state: Any) -> TimerKey | None:
    return (state[0], state[1], state[2]) if state is not None else None
