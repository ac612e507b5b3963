"""What must hold between the keys of a queue, its operators and what they have."""

from collections.abc import Iterator, Mapping
from typing import Literal

from ivr.base.config import Config, QueueConfig
from ivr.base.suggestions import did_you_mean

Path = tuple[str | int, ...]
Fault = tuple[Path, str, str, Literal["error", "warning"], str]


def dispatch_faults(config: Config) -> Iterator[Fault]:
    """Path, message, remedy, severity, code of each."""
    skills = {skill for operator in config.operators.values() for skill in operator.skills}
    for name, queue in config.queues.items():
        path: Path = ("queues", name)
        yield from _tiers(config, path, queue)
        yield from _weights(path, queue)
        yield from _skills(path, queue, skills)
        yield from _nobody_able(config, path, queue)
        yield from _callback(config, path, queue)
        if queue.wrap_up is not None and queue.wrap_up_s:
            yield ((*path, "wrap_up_s"), "both wrap_up and wrap_up_s are given", "keep one of the two", "error",
                   "wrap-up-twice")


def _callback(config: Config, path: Path, queue: QueueConfig) -> Iterator[Fault]:
    """Who is to be called back must be callable."""
    rules = queue.callback
    if rules is None:
        if queue.abandoned is not None:
            yield ((*path, "abandoned"), "nobody is called back here", "add `callback: {}` to the queue", "warning",
                   "callback-not-set")
        return
    if not config.outbound.allow:
        yield ((*path, "callback"), "no number may be called: nobody will be called back",
               "name the beginnings of their numbers under `outbound.allow`, as +7", "warning", "callback-no-number")
    if rules.hours is not None and config.hours is None:
        yield ((*path, "callback", "hours"), f"no file says when {rules.hours} is open",
               "add `hours: menus/hours.yaml` at the left margin of this file", "error", "callback-hours-lacking")


def everybody(queue: QueueConfig) -> tuple[str, ...]:
    """All who serve a queue, tier by tier."""
    return (*queue.operators, *(name for tier in queue.tiers for name in tier.operators))


def _tiers(config: Config, path: Path, queue: QueueConfig) -> Iterator[Fault]:
    seen, before = set(queue.operators), 0.0
    for index, tier in enumerate(queue.tiers):
        at = (*path, "tiers", index)
        if tier.after_s < before:
            yield ((*at, "after_s"), f"this tier opens after {tier.after_s:g} s, the one before after {before:g} s",
                   "put them in the order in which they open", "error", "tiers-out-of-order")
        if tier.after_s >= queue.max_wait_s:
            yield ((*at, "after_s"), f"nobody waits {tier.after_s:g} s here: max_wait_s is {queue.max_wait_s:g}",
                   "open the tier earlier; now it is asked only while nobody else is there", "warning",
                   "tier-too-late")
        before = max(before, tier.after_s)
        for position, operator in enumerate(tier.operators):
            place = (*at, "operators", position)
            if operator not in config.operators:
                yield (place, f"there is no operator {operator}", did_you_mean(operator, config.operators), "error",
                       "operator-unknown")
            elif operator in seen:
                yield (place, f"{operator} is named twice in this queue", "once is enough", "error",
                       "queue-operator-twice")
            seen.add(operator)


def _weights(path: Path, queue: QueueConfig) -> Iterator[Fault]:
    for operator in queue.operator_weights:
        if operator not in everybody(queue):
            yield ((*path, "operator_weights", operator), f"{operator} does not serve this queue",
                   did_you_mean(operator, everybody(queue)), "error", "weight-of-stranger")
    if queue.operator_weights and queue.strategy != "weighted_random":
        yield ((*path, "operator_weights"), f"weights count for nothing with the strategy {queue.strategy}",
               "take `strategy: weighted_random`", "warning", "weights-unused")


def _skills(path: Path, queue: QueueConfig, known: set[str]) -> Iterator[Fault]:
    for skill in queue.skills:
        if skill not in known:
            yield ((*path, "skills", skill), f"no operator has the skill {skill}", did_you_mean(skill, known),
                   "warning", "skill-of-nobody")


def _nobody_able(config: Config, path: Path, queue: QueueConfig) -> Iterator[Fault]:
    """Even what is left of the demand for those who wait longest is more than any operator of the queue has."""
    there = [config.operators[name] for name in everybody(queue) if name in config.operators]
    lower = sum(step.levels for step in queue.relax if step.after_s < queue.max_wait_s)
    left = {skill: level - lower for skill, level in queue.skills.items() if level > lower}
    if there and not any(_has(operator.skills, left) for operator in there):
        wanted = ", ".join(f"{skill} {level}" for skill, level in left.items())
        yield ((*path, "skills"), f"no operator of the queue {path[-1]} has what it asks for: {wanted}",
               "give it to one of them, or ask for less; until then every caller takes the overflow", "warning",
               "queue-nobody-able")


def _has(skills: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return all(skills.get(skill, 0) >= level for skill, level in wanted.items())
