"""Control's links to all planes: what it says goes to the one that has the stream, or to all."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ivr.drivers.plane_link import PlaneLink
from ivr.media.commands import Command
from ivr.media.events import Event
from ivr.media.stream_numbers import worker_for


def plane_socket(run_dir: Path, worker: int) -> Path:
    """Where a plane listens for control."""
    return run_dir / f"plane-{worker}.sock"


class PlaneLinks:
    """One link for each of `workers` planes. `on_event` gets what any of them tells, `on_lost` which one is gone."""

    def __init__(self, run_dir: Path, workers: int, on_event: Callable[[Event], None],
                 on_lost: Callable[[int], None]) -> None:
        self._links = [PlaneLink(plane_socket(run_dir, worker), on_event, partial(on_lost, worker), worker)
                       for worker in range(workers)]
        self._waiting: list[list[Command]] = [[] for _ in self._links]      # of this turn

    def start(self) -> None:
        """Begin to connect. Wants a running loop."""
        for link in self._links:
            link.start()

    def put(self, command: Command, worker: int | None) -> None:
        """A command for this plane; with None for the one whose stream it is about, or for all. `flush` sends it."""
        if len(self._waiting) == 1:
            self._waiting[0].append(command)
            return
        if worker is None:
            worker = worker_for(command)
        for commands in self._waiting if worker is None else self._waiting[worker:worker + 1]:
            commands.append(command)

    def flush(self) -> None:
        """Send what a turn has said, to each plane as one packet if it takes them all."""
        for worker, commands in enumerate(self._waiting):
            if commands:
                self._waiting[worker] = []
                self._links[worker].send(*commands)

    def close(self) -> None:
        for link in self._links:
            link.close()
