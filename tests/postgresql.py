"""A PostgreSQL server of the test's own: in a folder of its own, on a free port of loopback, never as root."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class Cluster:
    """A server with its files; `stop(SIGQUIT)` is what `kill -9` does to it, `freeze` makes it hang."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _ordinary_user()
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-postgresql-"))
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._schemas = 0
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "hotline", "-A", "trust", "-E", "UTF8",
                  "--no-locale", "--no-sync").wait(60)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=40"]
        self._process = self._run("postgres", "-D", str(self.folder / "data"), "-p", str(self.port),
                                  *(word for setting in settings for word in ("-c", setting)))
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, no checkpoint, transactions in progress are lost; SIGINT: in order."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.send_signal(how)
            self._process.wait(30)

    def freeze(self) -> None:
        """All processes of the server stop in their tracks; connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def url(self, database: str) -> str:
        return f"postgresql://hotline@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of something empty: a schema, which costs a fraction of the files of a database."""
        self._schemas += 1
        name = f"test_{self._schemas}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")    # type: ignore[call-overload]
        return f"{self.url('postgres')}?options=-csearch_path%3D{name}"

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with open(self.folder / "log", "ab") as log:
            return subprocess.Popen(
                [str(self._programs / program), *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                cwd=self.folder, user=None if self._user is None else self._user.pw_uid,
                group=None if self._user is None else self._user.pw_gid,
                # A test that is killed leaves no server behind.
                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT))

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in [self._process.pid, *_children(self._process.pid)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def cluster() -> Iterator[Cluster]:
    """For a fixture: a running server. Without PostgreSQL the test is skipped, under CI it fails."""
    found = programs()
    if found is None:
        text = "PostgreSQL is not installed (Debian: postgresql)"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    server = Cluster(found)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None if we are not root ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found
