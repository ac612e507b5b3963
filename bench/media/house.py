"""The service as the media bench calls it: a line with a menu, one with a queue, and an operator for each pair."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.house import HOST, SIP_PORT, kill, running_house
from bench.media.phones import register
from bench.media.works import Ladder
from ivr.base.config_service import MediaConfig
from tests.support.service import PASSWORD, Service

TARGET = f"{HOST}:{SIP_PORT}"
MENU_LINE, QUEUE_LINE = "100", "300"
LONGEST_CALL = 590.0            # seconds of prompt, which may have ten minutes
FIRST_PORT = 16_384
LEGS_OVER, SAMPLE_OPERATORS = 50, 50
RECORDED = 16_000               # octets: half a second of it


@contextmanager
def media_house(folder: Path, ladder: Ladder, **settings: Any) -> Iterator[Service]:
    """A service with room for the ladder's calls, its plane on the ladder's wire, all phones registered."""
    most = max(ladder.calls)
    pairs = ladder.kind == "pairs"
    operators = [f"op{number}" for number in range(most)] if pairs else []
    secret = str(folder / "password")
    # a web password that is given is not hashed, which takes a tenth of a second each
    operator: dict[str, Any] = {"phone_password_file": secret, "web_password_file": secret}
    if ladder.extra == "srtp":
        operator["srtp"] = "required"
    queue: dict[str, Any] = {"operators": operators or ["anna"], "ring_time_s": 20, "max_wait_s": 600,
                             "max_waiting": most + LEGS_OVER}
    if ladder.extra == "recording":
        queue["record"] = "always"
    room = most + LEGS_OVER
    media: dict[str, Any] = {"ports": f"{FIRST_PORT}-{FIRST_PORT + 2 * (room + len(operators) + SAMPLE_OPERATORS) + 1}"}
    if "workers" in MediaConfig.model_fields:
        media["workers"] = 1
    if "wire" in MediaConfig.model_fields:
        media["wire"] = ladder.wire
    with running_house(folder, room, seconds=LONGEST_CALL, media=media,
                       queues={"general": queue}, operators=dict.fromkeys(operators, operator),
                       **settings) as service:
        register(operators, PASSWORD, (HOST, SIP_PORT))
        yield service
        kill(service)


def wire_of(service: Service) -> str:
    """The wire that the plane says it has."""
    line = next(line for line in service.log.splitlines() if "media_plane_ready" in line)
    return line.partition("wire=")[2].split()[0]


def recordings(service: Service) -> int:
    """Files of recordings that are growing, or have been closed."""
    return sum(path.is_file() and path.stat().st_size > RECORDED for path in service.folder.rglob("recordings/**/*"))


def log_errors(service: Service) -> list[str]:
    """What the service wrote as errors: (event) and how often."""
    found: dict[str, int] = {}
    for line in service.log.splitlines():
        if " error " in line or "Traceback" in line:
            event = " ".join(line.split()[2:4])
            found[event] = found.get(event, 0) + 1
    return [f"{event}: {count}" for event, count in found.items()]
