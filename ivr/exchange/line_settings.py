"""What the configuration and an edition of a menu make of a line, as its calls see it."""

from collections.abc import Mapping
from typing import Any

from ivr.base.config import Config
from ivr.base.config_lines import LineConfig
from ivr.call.settings import Briefing, CallSettings, Overflow
from ivr.exchange.editions import Edition


def settings_of(config: Config, line: LineConfig, edition: Edition, boot_id: str, ring_time: float) -> CallSettings:
    """What calls of this line with this edition need to know. `ring_time` (s): for how long a caller hears ringing."""
    queues, departments = config.queues, config.departments
    return CallSettings(
        node=config.node, boot_id=boot_id, line=line.numbers[0], menu=edition.menu,
        announcements=edition.announcements, sounds=edition.sounds, edition=edition.number,
        overflows={name: _overflow(queue.overflow, departments) for name, queue in queues.items()},
        transfers=config.addresses, departments=departments,
        music={name: queue.music for name, queue in queues.items()},
        recording_notices={name: queue.recording_notice for name, queue in queues.items()
                           if queue.recording_notice is not None},
        briefings={name: Briefing(queue.operator_hears or "", queue.operator_accepts, queue.briefing_s,
                                  queue.ring_time_s)
                   for name, queue in queues.items() if queue.briefing_s},
        surveys={name: queue.survey for name, queue in queues.items()
                 if queue.survey is not None and queue.survey in edition.menu.choices},
        while_waiting={name: {str(key): menu for key, menu in queue.while_waiting.items()}
                       for name, queue in queues.items()},
        comfort={name: (queue.comfort.say, queue.comfort.every_s) for name, queue in queues.items()
                 if queue.comfort is not None},
        ring_time=ring_time)


def _overflow(config: Any, departments: Mapping[str, str]) -> Overflow:
    queue = config.queue or departments.get(config.transfer or "")
    if queue is not None:
        return Overflow("queue", queue)
    if config.transfer is not None:
        return Overflow("transfer", config.transfer)
    if config.menu is not None:
        return Overflow("menu", config.menu)
    return Overflow("message", config.message)
