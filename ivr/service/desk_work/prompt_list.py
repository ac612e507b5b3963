"""Every prompt with its text, its figures, what is wrong with it, who says it, and its earlier takes."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.drivers.menu_files import stamps
from ivr.drivers.private_files import make_private_folder
from ivr.drivers.prompt_audit import Audit, AuditedClip
from ivr.service.desk_work.prompt_uses import Uses, uses_of
from ivr.service.desk_work.takes import takes_of
from ivr.service.loading import load_needed, load_said
from ivr.service.menu_watch import watched

FIGURES = ("seconds", "rate", "channels", "level_dbov", "peak_db")


def listed(config: Config, arguments: Mapping[str, Any], told: Callable[[int, int, str], None]) -> dict[str, Any]:
    """What `hotline prompts audit --all` tells, and more. `seen`: how its files stood before they were read, so that
    whoever keeps the answer sees that it has grown old. Raises AdminError where the menus can't be read."""
    folder, state = Path(config.prompts.folder), Path(config.state_dir)
    files = watched(config)
    seen = stamps(files, str(folder))
    make_private_folder(state)
    needed = load_needed(config)
    change = load_said(config).change
    uses = uses_of(change.menus.values(), change.announcements)
    clips = Audit(needed, folder, state / "measured_prompts.json", progress=told).run()
    old = takes_of(folder)
    languages = tuple(dict.fromkeys(one.language for one in needed if one.language))
    return {"files": files, "seen": {path: list(stamp) if stamp else None for path, stamp in seen.items()},
            "languages": list(languages), "engines": {language: language in config.prompts.engines
                                                      for language in languages},
            "clips": [_shown(one, uses, old.get(one.clip, ())) for one in clips]}


def _shown(one: AuditedClip, uses: Uses, takes: tuple[str, ...]) -> dict[str, Any]:
    measured = one.measured
    figures = measured.figures if measured is not None else None
    numbers = {name: getattr(figures, name) if figures is not None else None for name in FIGURES}
    return {"clip": one.clip, "language": one.language, "text": one.text, "used": one.used, "made_by": one.made_by,
            "there": measured is not None, "prompt": uses.names.get(one.clip, ""),
            "uses": [{"file": Path(use.file).name, "path": use.file, "line": use.line, "menu": use.menu}
                     for use in uses.uses.get(one.clip, ())],
            **{name: value if value is None or math.isfinite(value) else None for name, value in numbers.items()},
            "form": measured.form if measured else "", "takes": list(takes),
            "findings": [{"code": finding.code, "severity": finding.severity, "message": finding.message,
                          "remedy": finding.remedy} for finding in one.findings]}
