"""Reads config.yaml. Every fault gets its file, line and column, what is wrong, and what is allowed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.base import config_checks
from ivr.base.access_checks import callers_of
from ivr.base.config import Config
from ivr.base.config_checks import did_you_mean
from ivr.base.errors import AdminError, Fault, Place
from ivr.base.located_yaml import Node, Scalar, Sequence, load
from ivr.drivers.config_faults import explain, place_of
from ivr.drivers.text_files import text_of

NOTHING = ("", "~", "null", "Null", "NULL")    # what YAML 1.1 reads as no value, unless it is quoted


def load_config(path: str | Path, warn: Callable[[Fault], None] = lambda fault: None) -> Config:
    """Read the file at `path`; paths in it become absolute, from its folder.

    Faults that stop nothing go to `warn`. Raises AdminError with every fault that does.
    """
    config, faults = check_config(path)
    for fault in faults:
        if fault.severity == "warning":
            warn(fault)
    if config is None:
        raise AdminError([fault for fault in faults if fault.severity == "error"])
    return config


def check_config(path: str | Path) -> tuple[Config | None, list[Fault]]:
    """Read the file and return what it says (None where a fault forbids its use) and all faults in their order."""
    try:
        tree = load(_text(Path(path)), str(path))
    except AdminError as error:
        return None, error.faults
    context = {"resolve": _resolver(Path(path).absolute().parent)}
    try:
        config = Config.model_validate(_plain(tree), context=context)
    except ValidationError as error:
        return None, _explained(error, tree)
    findings = [*config_checks.check(config, _ephemeral_ports(config)), *_missing_files(config),
                *_missing_variables(config)]
    faults = [Fault(place_of(tree, finding.path), finding.message, finding.remedy, finding.severity, code=finding.code)
              for finding in findings]
    faults.sort(key=lambda fault: fault.place)
    return (None if any(fault.severity == "error" for fault in faults) else config), faults


def fault_at(path: str | Path, steps: config_checks.Path, message: str, remedy: str = "", *, code: str) -> Fault:
    """A fault that was found after the file was read, such as a clip that is missing, at the place of its key."""
    return Fault(place_at(path, steps), message, remedy, code=code)


def place_at(path: str | Path, steps: config_checks.Path) -> Place:
    """Where a key stands in the file."""
    return place_of(load(_text(Path(path)), str(path)), steps)


def _explained(error: ValidationError, tree: Node) -> list[Fault]:
    found = error.errors()
    # pydantic counts only the good entries of a list: a bad one would make the list too short as well
    wrong_inside = {one["loc"][:size] for one in found for size in range(len(one["loc"]))}
    kept = [one for one in found if one["type"] != "too_short" or one["loc"] not in wrong_inside]
    return sorted((explain(dict(one), tree) for one in kept), key=lambda fault: fault.place)


def _text(path: Path) -> str:
    if not path.exists():
        raise AdminError([Fault(Place(str(path)), "there is no such file", "give its path with --config",
                                code="file-missing")])
    return text_of(str(path))


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return None if not node.quoted and node.text in NOTHING else node.text
    if isinstance(node, Sequence):
        return tuple(_plain(item) for item in node.items)
    return {key: _plain(value) for key, value in node.entries.items()}


def _resolver(folder: Path) -> Callable[[str], str]:
    return lambda text: str(folder / Path(text).expanduser())


def _missing_files(config: Config) -> list[config_checks.Finding]:
    """Files that the configuration names and that are not there."""
    wanted: list[tuple[config_checks.Path, str]] = [
        *((("lines", index, "menu"), line.menu) for index, line in enumerate(config.lines)),
        (("prompts", "announcements"), config.prompts.announcements), *_password_files(config),
        *([(("hours",), config.hours)] if config.hours is not None else []),
        *((("look_ups", "token_files", host), file) for host, file in config.look_ups.token_files.items()),
        *(((*at, "file"), callers.file) for at, callers in callers_of(config) if callers.file is not None),
    ]
    findings = [config_checks.Finding(path, f"{file} is no file, but a folder, a pipe or a device", "name a file",
                                      code="file-missing") if Path(file).exists() else
                config_checks.Finding(path, f"there is no file {file}", did_you_mean(Path(file).name, _beside(file)),
                                      code="file-missing")
                for path, file in wanted if not Path(file).is_file()]
    if not Path(config.prompts.folder).is_dir():
        findings.append(config_checks.Finding(("prompts", "folder"), f"there is no folder {config.prompts.folder}",
                                              "the folder of recorded prompts, one folder in it for each language",
                                              code="folder-missing"))
    return [*findings, *_missing_pins(config)]


def _missing_pins(config: Config) -> list[config_checks.Finding]:
    """A warning: they are made after the configuration names them."""
    return [config_checks.Finding(("pins", name, "file"), f"there is no file {register.file}: nobody is known to "
                                  f"{name} yet", f"hotline pins set --register {name} NUMBER", "warning",
                                  code="pins-missing")
            for name, register in config.pins.items() if not Path(register.file).exists()]


def _password_files(config: Config) -> list[tuple[config_checks.Path, str]]:
    return [((*path, f"{key}_file"), file) for path, section, key in config_checks.password_keys(config)
            if (file := getattr(section, f"{key}_file")) is not None]


def _missing_variables(config: Config) -> list[config_checks.Finding]:
    """A warning: whoever checks may have another environment than the service."""
    return [config_checks.Finding((*path, f"{key}_env"), f"the environment variable {name} is not set here",
                                  "set it where the service is started", "warning", code="environment-missing")
            for path, section, key in config_checks.password_keys(config)
            if (name := getattr(section, f"{key}_env")) is not None and name not in os.environ]


def _beside(file: str) -> list[str]:
    try:
        return sorted(entry.name for entry in Path(file).parent.iterdir() if entry.is_file())
    except OSError:
        return []


def _ephemeral_ports(config: Config) -> tuple[int, int]:
    """The ports that this system gives to any program; none (1, 0) where the service's own are reserved."""
    try:
        first, last = (int(word) for word in Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
        reserved = Path("/proc/sys/net/ipv4/ip_local_reserved_ports").read_text().strip()
    except (OSError, ValueError):
        return config_checks.LINUX_EPHEMERAL
    for span in filter(None, reserved.split(",")):
        low, _, high = span.partition("-")
        if int(low) <= config.media.ports.first and config.media.ports.last <= int(high or low):
            return 1, 0
    return first, last

