"""A softphone on PJSIP as a process of its own (`ua.py`), driven step by step; what it does comes back with times."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.phones.hearing import Recording
from tests.support.peers import need_pjsua2
from tests.support.service import PASSWORD, wait_for

UA = Path(__file__).parent / "ua.py"
STEP_TIMEOUT = 30.0
CLOSE_TIMEOUT = 10.0         # seconds; unregistering from a service that is gone takes longer

Happened = dict[str, Any]       # {"at": monotonic seconds, "event": name, …}


class Phone:
    """One phone. Steps go in with `do`; events are kept, and `wait` takes them in their order.

    `tone`: a WAV file that it says whenever it is on a call. `answer` and `delay`: the status that a call which comes
    in gets, and the seconds of ringing before; 0 lets it ring. `srtp`: its audio is encrypted or there is no call.
    `ca`: the root that it trusts (TLS). `session_expires`: seconds after which it wants a refresh. `proxy`: the URI
    through which all its SIP goes. `takes_events`: it offers telephone-event. `port`: where it listens.
    """

    def __init__(self, folder: Path, server: str, host: str, user: str, *, password: str = "", transport: str = "udp",
                 codec: str = "PCMU", tone: Path | None = None, answer: int = 0, delay: float = 0.0,
                 srtp: bool = False, ca: Path | None = None, session_expires: int = 0,
                 proxy: str = "", takes_events: bool = True, port: int = 0) -> None:
        self.user, self.server = user, server
        self.recorded = folder / f"{user}.wav"
        self._errors = folder / f"{user}.err"
        command = [str(need_pjsua2()), str(UA), "--server", server, "--host", host, "--user", user,
                   "--transport", transport, "--codec", codec, "--record", str(self.recorded),
                   "--answer", str(answer), "--delay", str(delay)]
        command += ["--password", password] if password else []
        command += ["--play", str(tone)] if tone else []
        command += ["--srtp", "mandatory"] if srtp else []
        command += ["--ca", str(ca)] if ca else []
        command += ["--proxy", proxy] if proxy else []
        command += ["--port", str(port)] if port else []
        command += [] if takes_events else ["--no-events"]
        command += ["--session-expires", str(session_expires)] if session_expires else []
        self.events: list[Happened] = []
        self._taken = 0
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen([*command, "line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=errors, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def do(self, step: str, timeout: float = STEP_TIMEOUT) -> Happened:
        """One step of ua.py to its end, which must be good; the event with which it began."""
        done = self.ask(step)
        wait_for(lambda: self._end_of(step, done) is not None, timeout, f"{self.user}: {step} did not end")
        assert (self._end_of(step, done) or {})["ok"], f"{self.user}: {step} failed\n{self.story()}"
        return next(happened for happened in self.events[done:] if happened.get("step") == step)

    def ask(self, step: str) -> int:
        """Begin a step without waiting; the number of events before it."""
        assert self._process.stdin is not None
        before = len(self.events)
        self._process.stdin.write(step + "\n")
        self._process.stdin.flush()
        return before

    def wait(self, event: str, timeout: float = STEP_TIMEOUT, **fields: Any) -> Happened:
        """The next event like this after the last one that was waited for."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [number for number, happened in enumerate(self.events[self._taken:], self._taken)
                        if happened["event"] == event and fields.items() <= happened.items()][:1]
            return bool(found)

        try:
            wait_for(look, timeout, f"{self.user}: no {event} {fields or ''}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story()}") from None
        self._taken = found[0] + 1
        return self.events[found[0]]

    def happened(self, event: str, **fields: Any) -> list[Happened]:
        """Every event like this so far."""
        return [happened for happened in list(self.events)
                if happened["event"] == event and fields.items() <= happened.items()]

    def hang_up(self) -> Happened:
        """Hang up; the event with which that began."""
        begun = self.do("hangup")
        self.wait("state", state="DISCONNECTED")
        return begun

    def close(self) -> None:
        """Hang up whatever is left, unregister, and write the recording."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join(5)
        self._process.stdout.close()

    def kill(self) -> None:
        """As if its plug were pulled: no BYE, nothing unregistered, no recording."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def recording(self) -> Recording:
        """What it heard; closes it."""
        self.close()
        return Recording.read(self.recorded)

    def story(self) -> str:
        """What it said of itself."""
        lines = [f"{happened['at']:.3f} {json.dumps({k: v for k, v in happened.items() if k != 'at'})}"
                 for happened in list(self.events)]
        return "\n".join([f"{self.user}:", *lines, self._errors.read_text(errors="replace")[-2000:]])

    def _end_of(self, step: str, since: int) -> Happened | None:
        assert self._process.poll() is None, f"{self.user} ended\n{self.story()}"
        return next((happened for happened in self.events[since:]
                     if happened["event"] == "done" and happened["step"] == step), None)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self.events.append(json.loads(line))


@contextmanager
def phones_closed(*phones: Phone) -> Iterator[None]:
    """No phone survives the block."""
    try:
        yield
    finally:
        for phone in phones:
            phone.close()


def operator_phone(folder: Path, server: str, host: str, user: str, **settings: Any) -> Phone:
    """A phone that is registered with the account `user`."""
    phone = Phone(folder, server, host, user, password=PASSWORD, **settings)
    try:
        phone.do("reg")
    except BaseException:
        phone.close()
        raise
    return phone
