"""linphonec as a process of its own, driven by the lines one types at its prompt."""

import os
import pty
import re
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.phones.hearing import Recording
from tests.support.peers import need_program
from tests.support.service import wait_for

CLOSE_TIMEOUT = 10.0

CONFIG = """\
[sip]
sip_port={port}
bind_address={listen}
use_ipv6={ipv6}
guess_hostname=0
auto_net_state_mon=0
register_only_when_network_is_up=0
default_proxy=0
verify_server_cn=0
use_info={info}
use_rfc2833={rfc2833}
media_encryption={encryption}
root_ca={ca}
contact=sip:{account}@{shown}
session_expires_enabled={refreshing}
session_expires_value=90
session_expires_min_value=90
[net]
mtu=1300
[rtp]
audio_rtp_port={audio_port}
bind_address={listen}
nortp_timeout=300
[sound]
echocancellation=0
[proxy_0]
reg_proxy=<sip:{server};transport={transport}>
reg_identity=sip:{account}@{domain}
reg_expires=600
reg_sendregister={registers}
[auth_info_0]
username={account}
userid={account}
passwd={password}
domain={domain}
"""


class Linphone:
    """One phone: with a password it registers with the hotline, without one it only calls.

    `port`: of SIP, with the two after the next for audio. `keys`: how it sends digits, "rfc2833" or "info". `srtp`: its
    audio is encrypted. `refreshing`: it wants its sessions refreshed within 90 s. What it hears stands in `recorded`.
    """

    def __init__(self, folder: Path, server: str, host: str, account: str, tone: Path, *, port: int,
                 password: str = "", transport: str = "udp", keys: str = "rfc2833", srtp: bool = False, ca: str = "",
                 refreshing: bool = False) -> None:
        self.account, self.recorded, self._server = account, folder / f"{account}.wav", server
        self._home, self._log = folder / "home", folder / "linphone.log"
        (self._home / ".local/share/linphone").mkdir(parents=True)      # without it no call ever leaves
        settings = folder / "linphonerc"
        ipv6 = ":" in host
        settings.write_text(CONFIG.format(
            port=port, listen=host, ipv6=int(ipv6), info=int(keys == "info"), rfc2833=int(keys == "rfc2833"),
            encryption="srtp" if srtp else "none", ca=ca, account=account, shown=f"[{host}]" if ipv6 else host,
            refreshing=int(refreshing), audio_port=port + 2, server=server, transport=transport,
            domain=server if password else host, registers=int(bool(password)), password=password))
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [need_program("linphonec"), "-c", str(settings), "-d", "6", "-l", str(self._log)], stdin=theirs,
            stdout=theirs, stderr=theirs, env={**os.environ, "HOME": str(self._home), "TERM": "dumb"}, close_fds=True,
            start_new_session=True)
        os.close(theirs)
        self.said = ""
        self._taken = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait("linphonec> ")
        self.do("soundcard use files", "Using wav files")
        self.do(f"play {tone}")
        self.do(f"record {self.recorded}")

    def do(self, line: str, expected: str = "", timeout: float = 30.0) -> float:
        """Type a line, and wait for what it says then; when it was typed."""
        at = time.monotonic()
        os.write(self._terminal, f"{line}\n".encode())
        if expected:
            self.wait(expected, timeout)
        return at

    def wait(self, pattern: str, timeout: float = 30.0) -> "re.Match[str]":
        """The next place in what it says that fits this regular expression."""
        found: list[re.Match[str]] = []

        def look() -> bool:
            match = re.compile(pattern).search(self.said, self._taken)
            found[:] = [match] if match else []
            return bool(found)

        try:
            wait_for(look, timeout, f"{self.account} did not say {pattern}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.story()}") from None
        self._taken = found[0].end()
        return found[0]

    def write(self, number: str, text: str) -> None:
        """A message of one line to a number of the hotline; it sends quotation marks, too, where its help has them."""
        self.do(f"chat sip:{number}@{self._server} {text}")

    def recording(self) -> Recording:
        """What it heard; closes it."""
        self.close()
        return Recording.read(self.recorded)

    def close(self) -> None:
        if self._process.poll() is None:
            with suppress(OSError):
                self.do("quit")
            try:
                self._process.wait(CLOSE_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(CLOSE_TIMEOUT)
        self._reader.join(5)

    def story(self) -> str:
        return f"{self.account}:\n{self.said[-3000:]}"

    def _read(self) -> None:
        with suppress(OSError):                  # the terminal ends with the process
            while octets := os.read(self._terminal, 65536):
                self.said += octets.decode(errors="replace").replace("\r", "")
        os.close(self._terminal)
