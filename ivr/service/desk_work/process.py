"""What pages ask for and takes time or trust: done in a process of its own, one piece of work each.

    python -m ivr.service.start ivr.service.desk_work.process < work > lines of JSON

Files that people send are decoded here, within bounds of memory and processor, and menus are read: the web process
carries the voice of browsers and may not stand still. Each line is `{"step": [done, total, what]}`; the last one
`{"done": …}`, or `{"faults": […]}` with what an admin has to mend.
"""

import contextlib
import json
import os
import pickle
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import IO, Any

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.service import lifeline
from ivr.service.desk_work import hours_days, line_prompts, menu_words, notices, prompt_list, prompt_takes

Told = Callable[[int, int, str], None]
Work = Callable[[Config, Mapping[str, Any], Told], Mapping[str, Any]]

NICE = 10
MOST_MEMORY = 3 << 30       # bytes of address space: ten minutes of sound in the widest form that is taken need half
MOST_SECONDS = 120          # of the processor; a long studio recording takes five
MOST_FAULTS = 50            # that are told

WORK: Mapping[str, Work] = {
    "prompts": prompt_list.listed,
    "bring_prompt": prompt_takes.bring,
    "render_prompts": prompt_takes.render,
    "keep_prompt": prompt_takes.keep,
    "remove_prompt": prompt_takes.remove,
    "restore_prompt": prompt_takes.restore,
    "line_prompts": line_prompts.listed,
    "notice": notices.make,
    "set_hours": hours_days.set_day,
    "menu_words": menu_words.of_version,
}


def main() -> int:
    """Nobody but the web process writes to stdin, and what libraries print must not get between."""
    lifeline.watch(-1)
    os.nice(NICE)
    name, config, arguments = pickle.load(sys.stdin.buffer)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out, contextlib.redirect_stdout(sys.stderr):
        _bound()
        _say(out, done(name, config, arguments, lambda *step: _say(out, {"step": step})))
    return 0


def done(name: str, config: Config, arguments: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """The last line."""
    try:
        return {"done": WORK[name](config, arguments, told)}
    except AdminError as error:
        return {"faults": [_shown(fault) for fault in error.faults[:MOST_FAULTS]]}
    except MemoryError:
        return {"faults": [_shown(Fault(Place(str(arguments.get("clip", name))), "there is more in it than a prompt "
                                        "can have", "cut it, or save it as 16-bit WAV with one channel",
                                        code="clip-too-long"))]}


def _shown(fault: Fault) -> dict[str, Any]:
    return {**asdict(fault.place), "message": fault.message, "remedy": fault.remedy, "severity": fault.severity,
            "code": fault.code}


def _say(out: IO[str], line: Mapping[str, Any]) -> None:
    out.write(json.dumps(line) + "\n")
    out.flush()


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
