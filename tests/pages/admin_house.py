"""A house that administrators change, supervisors watch and editors write menus for: menus, hours and prompts of its
own, a voice that is quick, and a day and a half of calls that were."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ivr.base.ids import Ids
from ivr.call.record import Batch, CallRow, Outcome, PersonRow
from routing.requests.database import open_database
from routing.requests.transaction import write
from tests.desk.admin_rig import VOICE
from tests.pages.screens_house import remember
from tests.support.service import QUEUES, ROOT, Service, running_service

HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=alert(1)>"
PEOPLE = {"olga": {"role": "supervisor", "display_name": "Olga Smirnova"},
          "vera": {"display_name": "Vera <script>alert(1)</script>"}, "petr": {}}

TITLES: Mapping[str, Any] = {"cards": {"title": {"en": "cards", "ru": "Карты"}}}


@contextmanager
def office_house(folder: Path, host: str) -> Iterator[Service]:
    """The sample's menus, copied, and its prompts, linked: what is brought or spoken here touches nobody else's. olga
    is at a SIP phone, too."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "menus", folder / "menus")
    for path in (ROOT / "audio_prompts").rglob("*"):
        place = folder / "prompts" / path.relative_to(ROOT / "audio_prompts")
        if path.suffix == ".wav":           # links: the cache of prompts knows their files
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    shutil.copyfile(ROOT / "audio_prompts/manifest.json", folder / "prompts/manifest.json")
    remember(f"sqlite:///{folder}/hotline.db")
    remember_hostile(f"sqlite:///{folder}/hotline.db")
    with running_service(
            folder, host=host, hours=str(folder / "menus/hours.yaml"), topics=str(folder / "menus/topics.yaml"),
            lines=[{"numbers": ["100"], "menu": str(folder / "menus/bank.yaml"), "hours": "bank"}],
            prompts={"folder": str(folder / "prompts"), "announcements": str(folder / "menus/announcements.yaml"),
                     "engines": {"en": VOICE, "ru": VOICE}},
            queues={name: {"operators": ["anna", "boris"], "ring_time_s": 10, "max_wait_s": 60, **TITLES.get(name, {})}
                    for name in QUEUES},
            accounts={"olga": {"password_file": str(folder / "password")}},
            web={"listen": f"{host}:8080", "people": PEOPLE}) as service:
        yield service


def remember_hostile(url: str) -> None:
    """The newest call: from somebody whose number and name are a script."""
    engine, now = open_database(url), datetime.now(UTC)
    row = CallRow(id=Ids(bytes).uuid(), revision=1, node="test", boot_id="earlier", line="100", dialled="100",
                  language="en", began_at=now, ended_at=now, outcome=Outcome.ABANDONED, reason=HOSTILE)
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        write(connection, [Batch(calls=(row,), people=(PersonRow(row.id, HOSTILE, HOSTILE),))])
    engine.dispose()
