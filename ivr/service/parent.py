"""`hotline serve`: checks everything, then starts plane, control and web side by side and keeps them alive."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ivr.base.config import Config
from ivr.base.errors import Place
from ivr.drivers.cores import workers
from ivr.drivers.log import Log, set_up_log
from ivr.drivers.own_address import EVERY_ADDRESS, OUTSIDE, OUTSIDE_IPV6, facing
from ivr.drivers.passwords import database_url
from ivr.drivers.plane_links import plane_socket
from ivr.drivers.secrets_file import Opened, open_secrets
from ivr.drivers.sole import sole
from ivr.service import renewal
from ivr.service.children import Child, StartFailed
from ivr.service.inherited import InheritedSocket
from ivr.service.listening import inheritable, opened
from ivr.service.loading import Loaded, load_house
from ivr.service.nursery import Nursery
from ivr.sip.message.grammar import print_host_port
from ivr.sip.transport.transports import default_port
from routing.requests.database import open_database

STOP_TIMEOUT = 5.0       # s for plane and web; control gets the drain's bound and what it takes to write its records
WRITE_TIMEOUT = 15.0

log = Log("parent")


def serve(config_path: Path, say: Callable[[str], None] = print) -> int:
    """Run the service until SIGTERM or SIGINT; returns the exit code. Raises AdminError."""
    progress = _progress if sys.stderr.isatty() else None
    loaded = load_house(config_path, progress)
    set_up_log("parent", loaded.config.log.level, loaded.config.log.full_numbers)
    for warning in loaded.warnings:
        log.warning("configuration", fault=str(warning))
    with sole(Path(loaded.config.state_dir)):
        secrets = open_secrets(loaded.config)
        # Tables are brought up to date once, here: control and web may start while the database is away.
        open_database(database_url(loaded.config, os.environ), Place(str(config_path))).dispose()
        with opened(loaded.config.sip.listen, Place(str(config_path))) as sockets:
            return asyncio.run(_Service(config_path, loaded, secrets, say, inheritable(sockets)).run())


def _progress(done: int, total: int, clip: str) -> None:
    end = "\n" if done == total else ""
    print(f"\rreading prompts {done}/{total}", end=end, file=sys.stderr, flush=True)


class _Service:
    def __init__(self, config_path: Path, loaded: Loaded, secrets: Opened, say: Callable[[str], None],
                 sockets: Sequence[InheritedSocket]) -> None:
        self.config: Config = loaded.config
        self.config_path = config_path
        self.secrets = secrets
        self.say = say
        self.run_dir = Path(self.config.state_dir) / "run"
        self.run_dir.mkdir(mode=0o700, exist_ok=True)
        self.workers = workers(self.config.media)
        common = ("--config", str(config_path), "--run-dir", str(self.run_dir))
        self.planes = [self._plane(worker) for worker in range(self.workers)]
        self.control = Nursery((*common, "--workers", str(self.workers)), sockets)
        self.web = Child("web", "ivr.service.web", lambda start: common)

    def _plane(self, worker: int) -> Child:
        """One of the planes, with its share of the ports. Several have a number in their names."""
        media = self.config.media
        name = "plane" if self.workers == 1 else f"plane-{worker}"
        hosts = (word for host in self.config.media_hosts for word in ("--host", host))
        arguments = ("--name", name, "--socket", str(plane_socket(self.run_dir, worker)),
                     "--ports", str(media.ports.share(worker, self.workers)), *hosts, "--wire", media.wire,
                     "--lost-after", str(media.media_lost_after_s), "--codecs", *self.config.codecs)
        return Child(name, "ivr.service.plane", lambda start: arguments, pulse=True)

    async def run(self) -> int:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop, stop)
        keepers: list[asyncio.Task[None]] = []
        opening, stopped = asyncio.create_task(self._open(keepers)), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((opening, stopped), return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                opening.result()
                await stopped
            return 0
        except StartFailed as error:
            # The child has said on stderr what is wrong; its name and whose configuration it was are added.
            print(f"hotline: {error.name} could not start with {self.config_path}", file=sys.stderr)
            return 1
        finally:
            await _cancelled(opening, stopped)
            await self._stop()
            await _cancelled(*keepers)

    async def _open(self, keepers: list[asyncio.Task[None]]) -> None:
        """Start one child after the other, planes together. Raises StartFailed.

        Control is the last: by then nothing else can fail, and no phone was answered in vain.
        """
        order: tuple[Sequence[Child | Nursery], ...] = ([self.web], self.planes, [self.control])
        for children in order:
            await asyncio.gather(*(child.start() for child in children))
            keepers += [asyncio.create_task(child.keep()) for child in children]
        self._renewals = await renewal.listen(self.run_dir, self._renew)
        self._greet()

    async def _renew(self) -> float:
        """Control and web of the code and the configuration on the disk; for how many s there was no control. Raises
        NotRenewed."""
        await asyncio.to_thread(renewal.check, self.config_path, self.config)
        away = await self.control.renew()
        await self.web.renew(STOP_TIMEOUT)
        return away

    def _asked_to_stop(self, stop: asyncio.Event) -> None:
        """The first time: drain. The second time control is told not to wait for its calls."""
        if stop.is_set():
            self.control.send(signal.SIGTERM)
        stop.set()

    async def _stop(self) -> None:
        """Control first, while the audio of its last calls still flows; then web and plane."""
        everybody: tuple[Child | Nursery, ...] = (*self.planes, self.control, self.web)
        for child in everybody:
            child.stopping = True
        await self.control.stop(self.config.drain_s + WRITE_TIMEOUT)
        await self.web.stop(STOP_TIMEOUT)
        await asyncio.gather(*(plane.stop(STOP_TIMEOUT) for plane in self.planes))

    def _greet(self) -> None:
        """Where to call, where to look, and where the first passwords lie (never what they are)."""
        numbers = ", ".join(where_to_call(self.config, line.numbers[0]) for line in self.config.lines[:5])
        listens = ", ".join(str(listen) for listen in self.config.sip.listen)
        self.say("The hotline is open.")
        self.say(f"  call        {numbers}")
        self.say(f"  hears       {listens}")
        self.say(f"  look        http://{self.config.web.listen}/")
        if self.secrets.passwords_file.exists():
            self.say(f"  passwords   {self.secrets.passwords_file} (only you can read it)")
        self.say("  stop        Ctrl-C; calls in progress may end first, a second Ctrl-C does not wait")


def where_to_call(config: Config, number: str) -> str:
    """The SIP address of a number, at the first place where we listen."""
    listen = config.sip.listen[0]
    host = listen.host
    if host in EVERY_ADDRESS:
        host = facing(OUTSIDE_IPV6 if ":" in host else OUTSIDE)
    port = None if listen.port == default_port(listen.transport) else listen.port
    transport = "" if listen.transport == "udp" else f";transport={listen.transport}"
    return f"sip:{number}@{print_host_port(host, port)}{transport}"


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what still runs, and wait for its end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
