"""A service in which every scene has a line, a queue and operators of its own, over UDP, TCP and TLS, IPv4 and IPv6."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import trustme

MENU = """\
languages: [en, ru]
start: main
menus:
  main:
    prompts: main_options
    noinput: [{{count: 1, say: not_heard}}]
    nomatch: [{{count: 1, say: no_such_option}}]
    on_failure: [{{say: goodbye}}, hangup]
    options:
      "1": {{goto: second}}
  second:
    prompts: main_options
    noinput: [{{count: 1, say: not_heard}}]
    nomatch: [{{count: 1, say: no_such_option}}]
    on_failure: [{{say: goodbye}}, hangup]
    options:
      "5": {{queue: {queue}}}
prompts:
  main_options: {{en: "Press a key.", ru: "-"}}
  not_heard: {{en: "Pardon?", ru: "-"}}
  no_such_option: {{en: "No.", ru: "-"}}
  goodbye: {{en: "Goodbye.", ru: "-"}}
"""
PLAIN_PASSWORD = "correct-horse-42"     # some clients can't have blanks in one
SILENCE = 300                # seconds: no probe disturbs who says nothing
KEYS = "15"                  # through both menus into the queue


def queue_of(number: str) -> str:
    return f"queue_{number}"


class AtLoopback(NamedTuple):
    """Ports at ::1."""

    sip: int
    media: str


def config_of(folder: Path, host: str, lines: Mapping[str, Sequence[str]],
              plain: Collection[str] = (), ipv6: AtLoopback | None = None) -> dict[str, Any]:
    """The settings of `running_service` for these lines. A line's number names whose phones are for its scene: the
    first one's rings, the others' only by a transfer. `plain`: who has PLAIN_PASSWORD. `ipv6`: listen at ::1 too, where
    services that run at one time need different ports."""
    menus = []
    for number in lines:
        menu = folder / f"{queue_of(number)}.yaml"
        menu.write_text(MENU.format(queue=queue_of(number)))
        menus.append({"numbers": [number], "menu": str(menu)})
    usual, other = folder / "password", _secret(folder / "plain-password")
    return {
        "host": host, "lines": menus,
        "sip": {"listen": [f"udp:{host}:5060", f"tcp:{host}:5060", f"tls:{host}:5061",
                           *((f"udp:[::1]:{ipv6.sip}", f"tcp:[::1]:{ipv6.sip}") if ipv6 else ())],
                "tls": certificates(folder, host), "max_calls": 60, "session_expires_s": 90},
        "media": {"host": [host, "::1"] if ipv6 else [host], "media_lost_after_s": SILENCE,
                  "ports": ipv6.media if ipv6 else "16384-16583",
                  "workers": 2},         # no phone may notice
        "operators": {name: {"phone_password_file": str(other if name in plain else usual)}
                      for names in lines.values() for name in names},
        "queues": {queue_of(number): {"operators": [names[0]], "ring_time_s": 15, "max_wait_s": 60}
                   for number, names in lines.items()}}


def certificates(folder: Path, host: str) -> dict[str, str]:
    """Files of an authority of our own: the section `tls`."""
    authority = trustme.CA()
    made = authority.issue_cert(host)
    files = {name: folder / f"{name}.pem" for name in ("certificate", "key", "ca")}
    files["certificate"].write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    made.private_key_pem.write_to_path(files["key"])
    authority.cert_pem.write_to_path(str(files["ca"]))
    return {name: str(file) for name, file in files.items()}


def _secret(file: Path) -> Path:
    file.write_text(PLAIN_PASSWORD)
    file.chmod(0o600)
    return file
