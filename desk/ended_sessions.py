"""Sessions that were ended early, in a file: a copied cookie must not come back to life with the next start."""

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from ivr.base.errors import AdminError
from ivr.drivers.log import Log
from ivr.drivers.private_files import read_private, write_private

NAME = "ended-sessions.json"    # in state_dir: {id: when it would be over (s since the epoch)}
log = Log("desk")
_turn = threading.Lock()


def read_ended(folder: Path) -> dict[str, float]:
    """What was kept; nothing where there is no such file, or it is spoilt, which the log says."""
    try:
        kept = json.loads(read_private(folder / NAME) or "{}")
        return {str(session): float(expires) for session, expires in kept.items()}
    except (AdminError, ValueError, TypeError, AttributeError) as error:
        log.warning("ended_sessions_not_read", reason=str(error))
        return {}


def keep_ended(folder: Path, ended: Callable[[], Mapping[str, float]]) -> None:
    """Blocks; of several at once the last writes what all of them ended. A disk that is full keeps nobody from logging
    out: the log says it."""
    with _turn:
        try:
            write_private(folder / NAME, json.dumps(ended()) + "\n")
        except AdminError as error:
            log.warning("ended_sessions_not_kept", reason=str(error))
