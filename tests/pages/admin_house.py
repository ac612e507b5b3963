"""A house that administrators change: menus, hours and prompts of its own, and a voice that is quick."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.desk.admin_rig import VOICE
from tests.support.service import ROOT, Service, running_service


@contextmanager
def admin_house(folder: Path, host: str, **settings: Any) -> Iterator[Service]:
    """The sample's menus, copied, and its prompts, linked: what is brought or spoken here touches nobody else's."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "menus", folder / "menus")
    for path in (ROOT / "audio_prompts").rglob("*"):
        place = folder / "prompts" / path.relative_to(ROOT / "audio_prompts")
        if path.suffix == ".wav":           # links: the cache of prompts knows their files
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    shutil.copyfile(ROOT / "audio_prompts/manifest.json", folder / "prompts/manifest.json")
    with running_service(
            folder, host=host, hours=str(folder / "menus/hours.yaml"), topics=str(folder / "menus/topics.yaml"),
            lines=[{"numbers": ["100"], "menu": str(folder / "menus/bank.yaml"), "hours": "bank"}],
            prompts={"folder": str(folder / "prompts"), "announcements": str(folder / "menus/announcements.yaml"),
                     "engines": {"en": VOICE, "ru": VOICE}},
            web={"listen": f"{host}:8080", "people": {"olga": {"role": "supervisor"}}}, **settings) as service:
        yield service
