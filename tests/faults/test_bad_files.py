"""What an admin can get wrong: one clear message with its place, exit code 1 (2 for wrong usage), nothing left running.

All cases run beside each other through `hotline check` and `hotline serve`; a test waits for its own.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.service import ROOT, make_config

TIMEOUT = 60.0
AT_ONCE = 3                 # processes: two cores, and a start also waits
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning) ")
NO_DATABASE = b"This is a letter and no database. " * 100


@dataclass
class Folder:
    """A folder with a configuration that would work, on an address of its own, for a case to spoil."""

    path: Path
    config: dict[str, Any]

    @property
    def host(self) -> str:
        return str(self.config["media"]["host"])

    @property
    def state(self) -> Path:
        return Path(self.config["state_dir"])

    def use_menu(self, old: str, new: str) -> None:
        """The sample menu with a mistake."""
        text = (ROOT / "menus/bank.yaml").read_text()
        assert old in text
        (self.path / "menu.yaml").write_text(text.replace(old, new, 1))
        self.config["lines"][0]["menu"] = str(self.path / "menu.yaml")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        file = self.path / "config.yaml"
        file.write_text(yaml.safe_dump(self.config, sort_keys=False))
        return hotline(*arguments, "--config", str(file))


def hotline(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ivr.cli.main", *arguments], cwd=ROOT, capture_output=True, text=True,
                          timeout=TIMEOUT)


Spoil = Callable[[Folder], "contextlib.AbstractContextManager[None] | None"]


# --- what is wrong --------------------------------------------------------------------------------------------------
def broken_menu(folder: Folder) -> None:
    folder.use_menu("goto: cards}", "goto: cadrs}")


def menu_is_no_yaml(folder: Folder) -> None:
    folder.use_menu('"*": repeat', "*: repeat")


def missing_prompt(folder: Folder) -> None:
    folder.use_menu("greeting: welcome ", "greeting: welcom ")


def missing_sound(folder: Folder) -> None:
    prompts = folder.path / "prompts"
    shutil.copytree(ROOT / "audio_prompts", prompts)
    (prompts / "ru/welcome.wav").unlink()
    folder.config["prompts"]["folder"] = str(prompts)


def wrong_key(folder: Folder) -> None:
    folder.config["sip"]["lisen"] = folder.config["sip"].pop("listen")


def sqlite_without_folder(folder: Folder) -> None:
    folder.config["database"]["url"] = f"sqlite:///{folder.path}/nowhere/hotline.db"


def sqlite_is_something_else(folder: Folder) -> None:
    file = folder.path / "letter.db"
    file.write_bytes(NO_DATABASE)
    folder.config["database"]["url"] = f"sqlite:///{file}"


def postgresql_is_not_there(folder: Folder) -> None:
    (folder.path / "secret").write_text("geheim")
    (folder.path / "secret").chmod(0o600)
    folder.config["database"] = {"url": f"postgresql://hotline@{folder.host}:5999/hotline",
                                 "password_file": str(folder.path / "secret")}


@contextlib.contextmanager
def taken(kind: socket.SocketKind, host: str, *ports: int) -> Iterator[None]:
    """Somebody else has these ports."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            holder = stack.enter_context(socket.socket(socket.AF_INET, kind))
            holder.bind((host, port))
            if kind is socket.SOCK_STREAM:
                holder.listen()
        yield


def sip_port_over_udp(folder: Folder) -> contextlib.AbstractContextManager[None]:
    return taken(socket.SOCK_DGRAM, folder.host, SIP_PORT)


def sip_port_over_tcp(folder: Folder) -> contextlib.AbstractContextManager[None]:
    return taken(socket.SOCK_STREAM, folder.host, SIP_PORT)


def web_port(folder: Folder) -> contextlib.AbstractContextManager[None]:
    return taken(socket.SOCK_STREAM, folder.host, 8080)


def media_ports(folder: Folder) -> contextlib.AbstractContextManager[None]:
    return taken(socket.SOCK_DGRAM, folder.host, *range(16384, 16584, 2))


def state_can_not_be_made(folder: Folder) -> None:
    (folder.path / "file").write_text("")
    folder.config["state_dir"] = str(folder.path / "file/var")


def others_may_write_state(folder: Folder) -> None:
    folder.state.chmod(0o777)


@dataclass(frozen=True)
class Case:
    """`says`: a pattern for the one line that is told; {folder} and {host} stand for those of the case."""

    spoil: Spoil
    says: str
    commands: tuple[str, ...] = ("serve",)
    child: str = ""                 # which of the processes found out


CASES = (
    Case(broken_menu, r"{folder}/menu\.yaml:53:19: error: there is no menu `cadrs` \(did you mean `cards`\? .*\)",
         ("serve", "check")),
    Case(menu_is_no_yaml, r"{folder}/menu\.yaml:60:7: error: an unquoted \* .*\(put the key in quotes: .*\)",
         ("check",)),
    Case(missing_prompt, r"{folder}/menu\.yaml:49:15: error: there is no prompt `welcom` \(did you mean `welcome`\?\)",
         ("check",)),
    Case(missing_sound, r"(.*/)?menus/bank\.yaml:\d+:\d+: error: prompt `welcome` has no sound in language `ru`: .*",
         ("serve",)),
    Case(wrong_key, r"{folder}/config\.yaml:\d+:\d+: error: unknown key `lisen` \(did you mean listen\? .*\)",
         ("serve", "check")),
    Case(sqlite_without_folder, r"{folder}/config\.yaml: error: cannot open sqlite:///.*/nowhere/hotline\.db: "
                                r"No such file or directory \(make the folder first\)"),
    Case(sqlite_is_something_else, r"{folder}/config\.yaml: error: cannot open sqlite:///.*/letter\.db: "
                                   r"file is not a database \(.*\)"),
    Case(postgresql_is_not_there, r"{folder}/config\.yaml: error: cannot open postgresql://hotline(:\*\*\*)?@{host}:5999"
                                  r"/hotline: .*Connection refused.* \(check that the server runs, .*\)"),
    Case(sip_port_over_udp, r"{folder}/config\.yaml: error: sip\.listen: udp:{host}:5099 can't be opened: "
                            r"Address already in use \(.*\)"),
    Case(sip_port_over_tcp, r"{folder}/config\.yaml: error: sip\.listen: tcp:{host}:5099 can't be opened: "
                            r"Address already in use \(.*\)"),
    Case(web_port, r"{folder}/config\.yaml: error: web\.listen: {host}:8080 can't be opened: Address already in use "
                   r"\(.*\)", child="web"),
    Case(media_ports, r"media\.ports: none of the UDP ports 16384-16583 at {host} can be opened: "
                      r"Address already in use \(.*\)", child="plane"),
    Case(state_can_not_be_made, r"{folder}/file/var.*: error: .*: Not a directory \(.*\)"),
    Case(others_may_write_state, r"{folder}/var: error: others may write in this folder, and .* "
                                 r"\(chmod go-w {folder}/var\)"),
)
NAMES = {case.spoil.__name__: case for case in CASES}


SIP_PORT = 5099        # tests beside this one have phones that take 5060 at every address
Done = subprocess.CompletedProcess[str]
Told = tuple[Folder, Mapping[str, Done]]        # what each command said about a case


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, "Future[Told]"]]:
    root = tmp_path_factory.mktemp("bad_files")
    well = make_folder(root, "well", 1)
    assert well.run("check").returncode == 0        # and the prompts are read once for all
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(tell, make_folder(root, name, number), case)
               for number, (name, case) in enumerate(NAMES.items(), 2)}


def make_folder(root: Path, name: str, number: int) -> Folder:
    return Folder(root / name, make_config(root / name, host=f"127.0.91.{100 + number}", sip_port=SIP_PORT))


def tell(folder: Folder, case: Case) -> Told:
    with case.spoil(folder) or contextlib.nullcontext():
        return folder, {command: folder.run(command) for command in case.commands}


# --- tests ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
def test_one_message_with_its_place(told: Mapping[str, "Future[Told]"], name: str) -> None:
    case, (folder, done) = NAMES[name], told[name].result(TIMEOUT)
    says = case.says.replace("{folder}", re.escape(str(folder.path))).replace("{host}", re.escape(folder.host))
    for command, one in done.items():
        assert one.returncode == 1, one
        assert "raceback" not in one.stdout + one.stderr
        assert "geheim" not in one.stdout + one.stderr
        told_on = one.stderr if command == "serve" else one.stdout
        lines = [line for line in told_on.splitlines() if not LOG_LINE.match(line)]
        code = r" \[[a-z-]+\]" if command == "check" else ""
        assert re.fullmatch(says + code, lines[0]), lines
        assert lines[1:] == ([f"hotline: {case.child} could not start with {folder.path}/config.yaml"]
                             if case.child else [])
        assert command == "serve" or one.stderr == "1 fault\n"
        assert " control " not in told_on, "a phone was answered"
    assert processes_of(folder) == []


def processes_of(folder: Folder) -> list[str]:
    """Whatever still runs with a case's configuration."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if f"{folder.path}/" in command and str(os.getpid()) != line.parent.name:
                found.append(command)
    return found


@pytest.mark.parametrize(("arguments", "code", "says"), [
    (("serve", "--nonsense"), 2, "No such option: --nonsense"),
    (("serve", "--config", "nowhere.yaml"), 1, "nowhere.yaml: error: there is no such file"),
])
def test_usage(arguments: tuple[str, ...], code: int, says: str) -> None:
    done = hotline(*arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert "raceback" not in done.stderr
