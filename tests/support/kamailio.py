"""Kamailio as a peer: a registrar and proxy that asks for passwords, with its routing logic given by the test.

The pieces of a route below are put together by the test; `PROVIDER` is a provider's: customers register, calls to a
customer go to where he is, calls from a customer cost a password.
"""

import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.peers import need_program
from tests.support.service import wait_for

MODULES = ("tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "usrloc", "registrar", "htable", "auth", "xlog")
START_TIMEOUT, END_TIMEOUT = 15.0, 10.0

# Requests inside dialogs go where their routes say.
IN_DIALOG = """
    if (!mf_process_maxfwd_header("20")) { sl_send_reply("483", "Too Many Hops"); exit; }
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) {
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK") && t_check_trans()) { t_relay(); exit; }
        if (!is_method("ACK")) sl_send_reply("404", "No Route");
        exit;
    }
    t_check_trans();
"""
REGISTERING = """
    if (is_method("REGISTER")) {
        if (!pv_www_authenticate("$td", "$sht(passwords=>$fU)", "0")) {
            xlog("L_NOTICE", "[$fU] REGISTER refused, credentials: $au\\n");
            auth_challenge("$td", "0");
            exit;
        }
        xlog("L_NOTICE", "[$fU] REGISTER accepted, expires $hdr(Expires)\\n");
        save("location");
        exit;
    }
    if (is_method("OPTIONS") && $rU == $null) { sl_send_reply("200", "Here"); exit; }
"""
# A call to a customer; RECORD_ROUTE keeps us on the way of the rest of it.
RECORD_ROUTE = """
    if (is_method("INVITE")) record_route();
"""
TO_CUSTOMERS = """
    if ($sht(passwords=>$rU) != $null) {
        if (!lookup("location")) { sl_send_reply("480", "Not Registered"); exit; }
        t_relay();
        exit;
    }
"""
# A customer's call to the world: `$sht(world=>uri)` is where that is.
TO_THE_WORLD = """
    if (is_method("INVITE") && $sht(world=>uri) != $null) {
        if (!pv_proxy_authenticate("$fd", "$sht(passwords=>$fU)", "0")) { proxy_challenge("$fd", "0"); exit; }
        consume_credentials();
        $du = $sht(world=>uri);
        t_relay();
        exit;
    }
    sl_send_reply("404", "Nobody");
"""
PROVIDER = IN_DIALOG + REGISTERING + RECORD_ROUTE + TO_CUSTOMERS + TO_THE_WORLD


@dataclass
class Kamailio:
    """A running one. `log` is what it wrote so far."""

    folder: Path
    listens: Sequence[str]
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def wait_for(self, text: str, timeout: float = 15.0) -> None:
        """Until it has written `text`."""
        try:
            wait_for(lambda: text in self.log, timeout, f"Kamailio did not write {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log}") from None


def write_config(folder: Path, listens: Sequence[str], route: str, passwords: Mapping[str, str], world: str,
                 modules: Sequence[str], settings: str) -> Path:
    """Its configuration file. `settings`: more global parameters and modparam lines."""
    known = "".join(f'    $sht(passwords=>{user}) = "{password}";\n' for user, password in passwords.items())
    known += f'    $sht(world=>uri) = "{world}";\n' if world else ""
    loaded = "".join(f'loadmodule "{name}.so"\n' for name in (*MODULES, *modules))
    path = folder / "kamailio.cfg"
    path.write_text(f"""#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
{"".join(f"listen={listen}" + chr(10) for listen in listens)}
{loaded}
modparam("htable", "htable", "passwords=>size=4;")
modparam("htable", "htable", "world=>size=2;")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 10)
{settings}
event_route[htable:mod-init] {{
{known or "    ;"}}}
request_route {{
{route}
}}
""")
    return path


@contextmanager
def running_kamailio(folder: Path, listens: Sequence[str], *, route: str = PROVIDER,
                     passwords: Mapping[str, str] | None = None, world: str = "", modules: Sequence[str] = (),
                     settings: str = "") -> Iterator[Kamailio]:
    """Start it on `listens` (`udp:127.0.9.2:5060`), and end it by its own number.

    `passwords` by user; `world`: the SIP URI where customers' calls go; `modules` beside MODULES.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = write_config(folder, listens, route, passwords or {}, world, modules, settings)
    with running_config(folder, listens, config) as kamailio:
        yield kamailio


@contextmanager
def running_config(folder: Path, listens: Sequence[str], config: Path) -> Iterator[Kamailio]:
    """Start it in `folder` with a configuration that listens on `listens`, and end it by its own number."""
    program = need_program("kamailio")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder),
                                    "-m", "32", "-M", "4"], cwd=folder, stdout=log,
                                   stderr=subprocess.STDOUT)
    kamailio = Kamailio(folder, listens, process)
    try:
        wait_for(lambda: _listens(listens) or process.poll() is not None, START_TIMEOUT, "Kamailio did not start")
        assert process.poll() is None, kamailio.log
        yield kamailio
    finally:
        _end(process)


def _listens(listens: Sequence[str]) -> bool:
    """Whether every socket is bound, by the kernel's own tables."""
    bound = {(kind, line.split()[1]) for kind in ("udp", "tcp", "udp6", "tcp6")
             for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]}
    return all(_entry(listen) in bound for listen in listens if "[" not in listen)


def _entry(listen: str) -> tuple[str, str]:
    transport, host, port = listen.split(":")
    address = "".join(f"{int(part):02X}" for part in reversed(host.split(".")))
    return ("udp" if transport == "udp" else "tcp"), f"{address}:{int(port):04X}"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(END_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_TIMEOUT)
