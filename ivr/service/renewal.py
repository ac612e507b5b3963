"""`hotline restart` asks the parent to renew control and web, over a Unix socket that closes behind its answer:

    ← {"seconds": 0.4}    or    {"refused": "…"}
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import AdminError, Fault, Place
from ivr.drivers.config_file import load_config
from ivr.drivers.control_link import check_path
from ivr.service.nursery import NotRenewed

NAME = "parent.sock"
TIMEOUT = 180.0             # s: loading a large house at low priority, then the way from one control to the other
ANSWER_BYTES = 4096
STAYS: Mapping[str, Callable[[Config], object]] = {
    "sip.listen": lambda config: config.sip.listen, "media": lambda config: config.media,
    "state_dir": lambda config: config.state_dir, "node": lambda config: config.node,
    "database": lambda config: config.database}


def check(config_path: Path, running: Config) -> None:
    """Raises NotRenewed where the file is faulty, or says otherwise what those who go on were started with."""
    try:
        config = load_config(config_path)
    except AdminError as error:
        raise NotRenewed("; ".join(map(str, error.faults))) from None
    changed = [what for what, of in STAYS.items() if of(config) != of(running)]
    if changed:
        raise NotRenewed(f"{config_path}: {', '.join(changed)}: this is taken up by a stop and a start alone")


async def listen(run_dir: Path, renew: Callable[[], Awaitable[float]]) -> asyncio.Server:
    """Do so for whoever connects. Raises AdminError where the socket can't have this path."""
    path = run_dir / NAME
    check_path(path)
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            said: dict[str, Any] = {"seconds": round(await renew(), 3)}
        except NotRenewed as refused:
            said = {"refused": str(refused)}
        with contextlib.suppress(OSError):      # who asked is gone
            writer.write(json.dumps(said).encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    path.chmod(0o600)
    return server


def ask(run_dir: Path) -> float:
    """Have it done; for how many s there was no control. Raises AdminError."""
    path = run_dir / NAME
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(TIMEOUT)
        try:
            asked.connect(str(path))
            said = json.loads(b"".join(iter(lambda: asked.recv(ANSWER_BYTES), b"")))
        except (OSError, ValueError) as error:
            raise AdminError([Fault(Place(str(path)), f"the service does not answer: {error}",
                                    "hotline serve starts it; its log says more")]) from None
    if "refused" in said:
        raise AdminError([Fault(Place(str(path)), str(said["refused"]), "what runs goes on as it was")])
    return float(said["seconds"])
