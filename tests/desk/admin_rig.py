"""A desk with a house of files around it: one menu, announcements, hours, a folder of prompts, a voice."""

import dataclasses
import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml

from desk.apart import refused
from ivr.base.config import Config
from ivr.drivers.config_file import load_config
from ivr.service.desk_work import process
from tests.desk.desk_rig import Rig

ROOT = Path(__file__).parent.parent.parent
SPEAKING = ("import sys, wave, struct, math; text = sys.stdin.read(); "
            "out = wave.open(sys.argv[1], 'wb'); out.setparams((1, 2, 8000, 0, 'NONE', '')); "
            "tone = [int(6000 * math.sin(i / 3)) for i in range(200 * len(text))]; "
            "out.writeframes(struct.pack(f'<{len(tone)}h', *tone)); "
            "out.close()")
VOICE = f'command: {sys.executable} -S -c "{SPEAKING}" {{out}}'
MENU = """\
languages: [en]
start: main
prompts:
  welcome: {en: "Welcome to the bank."}
  options: {en: "For cards press one."}
  sorry: {en: "This is not possible."}
menus:
  main:
    greeting: welcome
    prompts: options
    noinput: [{count: 1, say: sorry}]
    nomatch: [{count: 1, say: sorry}]
    options:
      "1": {queue: cards}
    on_failure: {queue: cards}
"""
HOURS = """\
zone: Europe/Moscow             # of all

schedules:
  always: 24/7
  bank:
    week:
      monday-friday: 09:00-18:00
    exceptions:
      # the New Year
      2026-12-31: {hours: 09:00-15:00, why: short day}   # as every year
      every 01-01: closed
  cards: {like: bank}
  late:
    like: bank
"""


def house(folder: Path) -> Path:
    """Write it; the path of its config.yaml."""
    for name in ("menus", "prompts/en"):
        (folder / name).mkdir(parents=True)
    (folder / "menus/bank.yaml").write_text(MENU)
    (folder / "menus/hours.yaml").write_text(HOURS)
    (folder / "config.yaml").write_text(yaml.safe_dump({
        "state_dir": str(folder / "var"), "hours": "menus/hours.yaml",
        "lines": [{"numbers": ["100", "101"], "menu": "menus/bank.yaml", "hours": "bank"}],
        "prompts": {"folder": "prompts", "announcements": str(ROOT / "menus/announcements.yaml"),
                    "engines": {"en": VOICE}},
        "operators": {"anna": {}}, "queues": {"cards": {"operators": ["anna"], "sla": {"answer_s": 15}}},
        "trunks": [{"name": "carrier", "addresses": ["203.0.113.0/28"], "max_calls": 30}],
    }))
    return folder / "config.yaml"


def config_of(folder: Path) -> Config:
    return load_config(house(folder))


def at_home(rig: Rig, config: Config) -> Rig:
    """The same desk with this configuration."""
    rig.app.state.desk = dataclasses.replace(rig.app.state.desk, config=config)
    return rig


async def here(work: str, config: Config, arguments: Mapping[str, Any], told: Callable[[int, int, str], None]) -> Any:
    """In the place of `desk.apart._run`: the same work, its answer through JSON, without the second in which a process
    starts. That a process does it, test_desk_prompts.py shows."""
    answer = json.loads(json.dumps(process.done(work, config, arguments, told)))
    if "done" in answer:
        return answer["done"]
    raise refused(answer["faults"])


def sound(seconds: float = 1.0, rate: int = 16000, form: str = "WAV", channels: int = 1, **more: Any) -> bytes:
    """Something that is loud enough to be speech."""
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    content = io.BytesIO()
    soundfile.write(content, np.column_stack([wave] * channels), rate, format=form, **more)
    return content.getvalue()
