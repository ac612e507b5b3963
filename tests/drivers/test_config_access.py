"""config.yaml's keys about who may do what: lines for a group, TLS, networks."""

from pathlib import Path

import pytest

from ivr.base.config import Config
from ivr.base.errors import Fault
from ivr.drivers.config_file import check_config

CARRIER = "trunks: [{name: carrier, addresses: [192.0.2.1]}]\n"


def read(folder: Path, callers: str, rest: str = "") -> tuple[Config | None, list[Fault]]:
    (folder / "audio_prompts").mkdir()
    (folder / "menus").mkdir()
    (folder / "menus" / "announcements.yaml").write_text("announcements")
    (folder / "bank.yaml").write_text("menu")
    (folder / "customers.txt").write_text("+74951234567\n")
    line = "lines:\n  - numbers: \"100\"\n    menu: bank.yaml\n" + (f"    callers: {callers}\n" if callers else "")
    (folder / "config.yaml").write_text(line + rest)
    return check_config(folder / "config.yaml")


@pytest.mark.parametrize(("callers", "rest"), [
    ("{numbers: \"+74951234567\", prefixes: [\"+7812\"], file: customers.txt, trunks: carrier}", CARRIER),
    ("{numbers: [\"8 (495) 123-45-67\"]}", CARRIER + "country: RU\n"),
    ("{accounts: anna}", "accounts: {anna: {}}\n"),
    ("{groups: [vip]}", CARRIER + "groups: {vip: {file: customers.txt, priority: 10}}\n"),
    ("{groups: [door]}", "accounts: {anna: {}}\ngroups: {door: {accounts: anna}}\n"),
    ("", "sip: {allow: [192.0.2.0/24], deny: 192.0.2.7, put_aside_s: 60, stranger_requests_per_s: 5}\n"),
])
def test_good(tmp_path: Path, callers: str, rest: str) -> None:
    config, faults = read(tmp_path, callers, rest)
    assert config is not None, faults


@pytest.mark.parametrize(("callers", "rest", "message"), [
    ("{}", "", "nobody may call this line"),
    ("{trunks: carier}", CARRIER, "there is no trunk carier"),
    ("{accounts: eve}", CARRIER, "there is no account eve"),
    ("{numbers: [\"8 (495) 123-45-67\"]}", CARRIER, "is no telephone number"),
    ("{prefixes: [\"7812\"]}", CARRIER, "the beginning of an international number"),
    ("{file: nothing.txt}", CARRIER, "there is no file"),
    ("{groups: [vpi]}", CARRIER + "groups: {vip: {trunks: carrier}}\n", "there is no group vpi"),
    ("{groups: [vip]}", "groups: {vip: {numbers: \"+74951234567\"}}\n", "nobody can call this line"),
    ("", "groups: {vip: {priority: 3}}\n", "nobody belongs to this group"),
    ("", CARRIER + "groups: {vip: {file: nothing.txt}}\n", "there is no file"),
    ("{numbers: [\"+74951234567\"]}", "", "nobody can call this line"),
    ("", "country: russia\n", "is not a country"),
    ("", "sip: {phones_tls: true}\n", "no phone could register"),
    ("", "trunks: [{name: carrier, addresses: [192.0.2.1], tls_required: true}]\n", "no call of carrier could come"),
    ("", "sip: {deny: [192.0.2.1/24]}\n", "is not a network"),
])
def test_faulty(tmp_path: Path, callers: str, rest: str, message: str) -> None:
    config, faults = read(tmp_path, callers, rest)
    assert config is None
    assert any(message in fault.message for fault in faults), faults
