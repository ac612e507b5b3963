"""Notices that were made by `hotline announce --text`: their texts, kept beside the service's state.

They are no part of the admins' own file of announcements, which no program writes. What is damaged here costs a notice
and never a start.
"""

import fcntl
import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.private_files import make_private_folder, read_private, write_private

FILE = "notices.json"
MOST = 20               # made at one time; the oldest that no line says give way

Texts = Mapping[str, str]       # by language; "" for a recording

log = Log("state_files")


def path_of(state_dir: str) -> Path:
    return Path(state_dir) / FILE


def read_notices(path: Path) -> dict[str, Texts]:
    """By name, the oldest first."""
    try:
        kept = json.loads(read_private(path) or "{}")
    except (AdminError, ValueError) as error:
        log.warning("state_not_read", file=str(path), reason=str(error))
        return {}
    found = kept.get("notices") if isinstance(kept, dict) else None
    return {str(name): {str(language): str(text) for language, text in texts.items()}
            for name, texts in found.items() if isinstance(texts, dict)} if isinstance(found, dict) else {}


def keep_notice(path: Path, name: str, texts: Texts, said: Collection[str]) -> None:
    """Add one, in the place of the oldest that is not among those `said`. Raises AdminError."""
    make_private_folder(path.parent)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        kept = read_notices(path)
        kept.pop(name, None)
        for oldest in [one for one in kept if one not in said][:max(0, len(kept) + 1 - MOST)]:
            del kept[oldest]
        write_private(path, json.dumps({"notices": {**kept, name: texts}}, ensure_ascii=False, indent=1))
    finally:
        os.close(descriptor)
