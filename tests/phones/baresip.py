"""baresip as a process of its own, driven over its control socket (netstrings of JSON)."""

import itertools
import json
import os
import pty
import re
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from tests.phones.hearing import Recording
from tests.support.peers import missing, need_program
from tests.support.service import wait_for

CONTROL_PORT = 4444
PASSWORD = "correct-horse-42"        # its file of accounts can't hold blanks

CODECS = {"opus": "opus/48000/2", "G722": "G722/16000/1"}

CONFIG = """\
poll_method epoll
sip_listen {listen}:0
net_interface {interface}
rtp_ports 10000-10100
audio_source aufile,{tone}
audio_player aubridge,nobody
audio_alert aubridge,nobody
audio_srate 8000
audio_channels 1
snd_path {folder}
ctrl_tcp_listen {host}:{port}
module_path {modules}
{cafile}module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module menu.so
module ctrl_tcp.so
module_app account.so
"""


WRITING = """\
module stdio.so
module_app contact.so
message_aufile none
"""
_PRINTED = re.compile(r'^sip:[^\n]*?: "(.*?)"$', re.MULTILINE | re.DOTALL)


class Baresip:
    """One phone: `account` registers with the hotline; without a password it only calls.

    `host`: where it takes commands, and SIP and audio unless `listen` names another address. `srtp`: its audio is
    encrypted or there is no call. `ca`: the root that it trusts (TLS). `contact`: to whom it can write. `proxy`:
    HOST:PORT of an edge that all of it goes by.
    """

    def __init__(self, folder: Path, server: str, host: str, account: str, tone: Path, *, codec: str = "PCMA",
                 password: str = "", transport: str = "udp", listen: str = "", srtp: bool = False,
                 ca: str = "", contact: str = "", proxy: str = "") -> None:
        program = Path(need_program("baresip"))
        modules = program.parent.parent / "lib/baresip/modules"
        if not (modules / "ctrl_tcp.so").exists():
            missing("baresip's modules")
        self.folder, self.account, self._server = folder, account, f"{server};transport={transport}"
        settings = folder / "baresip"
        settings.mkdir()
        writing = WRITING if contact else ""
        (settings / "config").write_text(CONFIG.format(
            host=host, tone=tone, folder=folder, port=CONTROL_PORT, modules=modules, interface=listen or host,
            listen=f"[{listen}]" if listen else host, cafile=f"sip_cafile {ca}\n" if ca else "") + writing)
        register = f";auth_user={account};auth_pass={password};regint=600" if password else ";regint=0"
        # who has no password is of another domain than the service: in that one nobody calls without
        domain = self._server if password else f"{host};transport={transport}"
        register += ";mediaenc=srtp-mand" if srtp else ""
        register += f';outbound="sip:{proxy};transport={transport}"' if proxy else ""
        (settings / "accounts").write_text(f"<sip:{account}@{domain}>{register};answermode=manual;"
                                           f"audio_codecs={CODECS.get(codec, f'{codec}/8000/1')}\n")
        (settings / "contacts").write_text(f'"Hotline" <sip:{contact}@{self._server}>\n' if contact else "")
        self.events: list[dict[str, Any]] = []
        self._taken = 0
        self._tokens = itertools.count()
        self._log = folder / "baresip.log"
        self._terminal = pty.openpty() if contact else ()       # it prints messages to a terminal alone
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([program, "-f", str(settings)], stderr=log, stdout=log,
                                             stdin=self._terminal[1] if contact else subprocess.DEVNULL)
        self._socket = wait_for(lambda: _connected(host), 30, "baresip did not start")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def do(self, command: str, parameter: str = "") -> float:
        """One command that must be good; when it was given."""
        at, token = time.monotonic(), str(next(self._tokens))
        text = json.dumps({"command": command, "params": parameter, "token": token}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))
        answer = self.wait("response", token=token)
        assert answer["ok"], f"baresip: {command} {parameter}: {answer}\n{self.story()}"
        return at

    def wait(self, kind: str, timeout: float = 30.0, **fields: Any) -> dict[str, Any]:
        """The next event of this type ("CALL_ESTABLISHED") after the last one that was waited for."""
        found: list[int] = []

        def look() -> bool:
            since = 0 if kind == "response" else self._taken
            found[:] = [number for number, event in enumerate(self.events[since:], since)
                        if event["type"] == kind and fields.items() <= event.items()][:1]
            return bool(found)

        try:
            wait_for(look, timeout, f"baresip: no {kind} {fields or ''}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story()}") from None
        if kind != "response":
            self._taken = found[0] + 1
        return self.events[found[0]]

    def dial(self, number: str) -> None:
        self.do("dial", f"sip:{number}@{self._server}")
        self.wait("CALL_ESTABLISHED")

    def write(self, text: str) -> None:
        """A message to its contact."""
        self.do("message", text)

    def read(self) -> list[str]:
        """Messages that came, as it prints them, the oldest first."""
        return _PRINTED.findall(self._log.read_text(errors="replace").replace("\r", ""))

    def recording(self) -> Recording:
        """What it heard in its one call, from the call's first frame on; closes it."""
        self.close()
        (heard,) = self.folder.glob("dump-*-dec.wav")
        return Recording.read(heard)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        self._reader.join(5)
        self._socket.close()
        for end in self._terminal:
            os.close(end)

    def story(self) -> str:
        log = self._log.read_text(errors="replace").replace("\r", "\n").splitlines()
        return "\n".join([*map(str, list(self.events)), *[line for line in log if "(bit/s)" not in line][-40:]])

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                more = self._socket.recv(65536)
            except OSError:
                return
            if not more:
                return
            rest = self._take(rest + more)

    def _take(self, octets: bytes) -> bytes:
        """Keep the events that are whole; what is left of the octets."""
        while (colon := octets.find(b":")) > 0:
            end = colon + 1 + int(octets[:colon])
            if len(octets) <= end:
                break
            event = json.loads(octets[colon + 1:end])
            self.events.append({"at": time.monotonic(), "type": "response", **event})
            octets = octets[end + 1:]
        return octets


def _connected(host: str) -> socket.socket | None:
    try:
        connection = socket.create_connection((host, CONTROL_PORT), 1)
    except OSError:
        return None
    connection.settimeout(None)
    return connection
