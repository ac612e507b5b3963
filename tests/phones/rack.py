"""Several real telephones in a process of PJSIP (`rack_ua.py`), for scenes in which many ring and none is recorded."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.peers import need_pjsua2
from tests.support.service import PASSWORD

UA = Path(__file__).parent / "rack_ua.py"
PATIENCE = 20.0              # seconds that something may take among the telephones of a dozen scenes
CLOSE_TIMEOUT = 10.0
TRIES, SOON = 6, 1.5         # how often somebody dials or presses a key, and the seconds in which a key mostly comes

Happened = dict[str, Any]       # {"at": monotonic seconds, "who": telephone, "event": name, …}


class Rack:
    """Telephones at one address, four calls to a process of PJSIP: `operators` are registered, on one process; any
    number calls, or is called at `port`, on one of so many processes for `callers`. `tone`: the WAV file that all say
    in every call; without it they are silent."""

    def __init__(self, folder: Path, server: str, host: str, operators: Sequence[str] = (), *, callers: int = 1,
                 port: int = 0, tone: Path | None = None) -> None:
        self.server, self.operators = server, tuple(operators)
        self.events: list[Happened] = []
        self._news = threading.Condition()
        self._seats: dict[str, int] = {}
        settings = [str(need_pjsua2()), str(UA), "--server", server, "--host", host, "--port", str(port),
                    *(("--play", str(tone)) if tone else ())]
        crews = [[*operators]] if operators else []
        self._processes = [_Process([*settings, "--password", PASSWORD, *crew], folder / f"rack-{host}-{number}.err",
                                    self._happened) for number, crew in enumerate([*crews, *[[]] * callers])]

    def __getitem__(self, name: str) -> "Handset":
        return Handset(self, name)

    def registered(self) -> None:
        """Wait until all operators are."""
        for name in self.operators:
            self[name].wait("registered", status=200)

    def rang(self, since: int = 0) -> list[str]:
        """Whose telephones got an INVITE, in that order; `since` so many events."""
        return [happened["who"] for happened in self.events[since:] if happened["event"] == "incoming"]

    def order(self, who: str, do: str, **what: Any) -> None:
        self._process_of(who).write({"who": who, "do": do, **what})

    def until(self, found: Callable[[], Any], what: str, timeout: float = PATIENCE) -> Any:
        """Look again at whatever happens, until there is something. Raises AssertionError with the whole story."""
        with self._news:
            self._news.wait_for(lambda: found() or self._failed(), timeout)
            value = found()
        assert value, f"{what} within {timeout:g} s\n{self.story()}"
        return value

    def story(self) -> str:
        """What the telephones said of themselves."""
        lines = [" ".join([f"{one['at']:.3f}", *(str(one[key]) for key in one if key != "at")]) for one in self.events]
        return "\n".join([*lines, *(process.errors.read_text(errors="replace")[-2000:] for process in self._processes)])

    def close(self) -> None:
        """Hang up whatever is left, and unregister."""
        for process in self._processes:
            process.leave()
        for process in self._processes:
            process.close()

    def _process_of(self, who: str) -> "_Process":
        """Numbers take the processes of callers in turn."""
        if who in self.operators:
            return self._processes[0]
        callers = self._processes[1 if self.operators else 0:]
        return callers[self._seats.setdefault(who, len(self._seats)) % len(callers)]

    def _failed(self) -> bool:
        return any(process.ended for process in self._processes) or any(one["event"] == "failed" for one in self.events)

    def _happened(self, what: Happened | None) -> None:
        with self._news:
            if what is not None:
                self.events.append(what)
            self._news.notify_all()


class _Process:
    """`rack_ua.py`, and a thread that reads what it says."""

    def __init__(self, command: Sequence[str], errors: Path, told: Callable[[Happened | None], None]) -> None:
        self.errors, self._told = errors, told
        self._orders = threading.Lock()         # a rack may be of several scenes
        with errors.open("wb") as file:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
                                             text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def write(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with self._orders:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()

    def leave(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def close(self) -> None:
        assert self._process.stdout is not None
        try:
            self._process.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(5)
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._told(json.loads(line))
        self._told(None)


@dataclass(frozen=True)
class Handset:
    """One telephone of a rack."""

    rack: Rack
    name: str

    def events(self, event: str, **fields: Any) -> list[Happened]:
        """Everything like this so far."""
        return [one for one in list(self.rack.events)
                if one["who"] == self.name and one["event"] == event and fields.items() <= one.items()]

    def wait(self, event: str, times: int = 1, timeout: float = PATIENCE, **fields: Any) -> Happened:
        """The `times`-th event like this since the beginning."""
        found: Happened = self.rack.until(lambda: self.events(event, **fields)[times - 1:times],
                                          f"{self.name}: no {event} {fields or ''} ({times})", timeout)[0]
        return found

    def do(self, what: str, **how: Any) -> None:
        self.rack.order(self.name, what, **how)

    def habit(self, status: int, delay: float = 0.0) -> None:
        """What calls that come in from now on get, after so many seconds of ringing; 0: they ring on."""
        before = len(self.events("habit"))
        self.do("habit", status=status, delay=delay)
        self.wait("habit", before + 1)

    def call(self, to: str) -> Happened:
        """Dial, and again where the hotline sheds the call: it may, while two dozen scenes share two processors. Wait
        for the answer."""
        before = len(self.talks)
        for shed in range(len(self.events("shed")), TRIES):
            self.do("call", to=f"sip:{to}@{self.rack.server}")
            self.rack.until(lambda shed=shed: len(self.talks) > before or len(self.events("shed")) > shed,
                            f"{self.name}: no answer")
            if len(self.talks) > before:
                break
            pause(1.0)
        return self.wait("state", before + 1, state="CONFIRMED")

    def hang_up(self, call: int = -1) -> Happened:
        """End a call, the latest without more; wait until its other end knows."""
        before = len(self.events("state", state="DISCONNECTED"))
        self.do("hang_up", call=call)
        return self.over(before + 1)

    def over(self, times: int) -> Happened:
        """Wait for the end of so many calls."""
        return self.wait("state", times, state="DISCONNECTED")

    @property
    def talks(self) -> list[Happened]:
        """Answered calls so far."""
        return self.events("state", state="CONFIRMED")

    @property
    def rings(self) -> int:
        """Calls that came in so far."""
        return len(self.events("incoming"))

    def hears(self, other: "Handset", key: str) -> None:
        """Whoever talks with this one presses a key, as people do again if nothing happens, and it comes."""
        before = len(self.events("digit", digit=key))
        for _ in range(TRIES):
            other.do("press", keys=key)
            with suppress(AssertionError):
                self.wait("digit", before + 1, SOON, digit=key)
                return
        raise AssertionError(f"{self.name} does not hear {other.name}\n{self.rack.story()}\n{other.rack.story()}")


def pause(seconds: float) -> None:
    """Let a talk, or a wait, go on."""
    time.sleep(seconds)
