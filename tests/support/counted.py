"""What the queue counts, as it shows it, and as it is made of the entries of calls: the two must be the same."""

from collections import Counter

from routing.reports.facts import MISSED
from tests.support.virtual_house import Story

Counts = dict[str, dict[str, int]]


def counts(story: Story) -> Counts:
    """As the dispatcher shows them: stays by queue and ending, calls that operators answered and missed."""
    shown = story.hotline.exchange.snapshot(story.world.now)
    endings = ("answered", "abandoned", "overflow", "callback", "voicemail", "transferred", "closed", "failed")
    queues = {queue["name"]: {ending: queue[ending] for ending in endings if queue.get(ending)}
              for queue in shown["queues"]}
    people = {each["name"]: {key: each[key] for key in ("answered", "missed") if each[key]}
              for each in shown["operators"]}
    return {name: found for name, found in (queues | people).items() if found}


def counted(story: Story) -> Counts:
    found: dict[str, Counter[str]] = {}
    for entry in story.entries():
        if entry.kind != "stay_ended":
            continue
        found.setdefault(str(entry.details["queue"]), Counter())[str(entry.details["ending"])] += 1
        if operator := entry.details.get("operator"):
            found.setdefault(str(operator), Counter())["answered"] += 1
        for operator, how, times, _ in entry.details.get("offers", ()):
            if how in MISSED:
                found.setdefault(str(operator), Counter())["missed"] += times
    return {name: dict(counter) for name, counter in found.items()}
