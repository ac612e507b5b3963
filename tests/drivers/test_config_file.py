"""config.yaml: what is wrong is told with its place and with what is allowed."""

from pathlib import Path

import pytest

from ivr.base.config import Config
from ivr.base.config_section import documented
from ivr.base.config_words import PortRange, SipListen, TcpListen
from ivr.base.errors import AdminError, Fault
from ivr.drivers.config_file import check_config, load_config

ROOT = Path(__file__).parent.parent.parent
GOOD = """\
lines:
  - numbers: ["100"]
    menu: bank.yaml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "audio_prompts").mkdir()
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "announcements.yaml").write_text("announcements")
    (tmp_path / "bank.yaml").write_text("menu")
    return tmp_path


def faults_of(folder: Path, text: str) -> list[Fault]:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return check_config(folder / "config.yaml")[1]


def load(folder: Path, text: str) -> Config:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load_config(folder / "config.yaml")


def test_config__three_lines_are_enough(folder: Path) -> None:
    config = load(folder, GOOD)
    assert config.sip.listen == (SipListen("udp", "0.0.0.0", 5060), SipListen("tcp", "0.0.0.0", 5060))
    assert config.media.ports == PortRange(16384, 17383)
    assert config.media.ports.pairs == 500
    assert config.web.listen == TcpListen("127.0.0.1", 8080)
    assert config.line_for("100") is config.lines[0]
    assert config.line_for("101") is None


def test_config__paths_are_absolute_from_the_folder_of_the_file(folder: Path) -> None:
    config = load(folder, GOOD)
    assert config.lines[0].menu == str(folder / "bank.yaml")
    assert config.state_dir == str(folder / "var")
    assert config.prompts.folder == str(folder / "audio_prompts")
    assert config.database.url == f"sqlite:///{folder}/var/hotline.db"
    assert load(folder, GOOD + "database: {url: sqlite:////srv/x.db}").database.url == "sqlite:////srv/x.db"


def test_config__an_empty_section_is_its_default(folder: Path) -> None:
    config = load(folder, GOOD + "trunks:\nqueues:\nweb:\ntransfers: ~\n")
    assert (config.trunks, config.queues, config.web.listen.port) == ((), {}, 8080)


def test_config__words_are_read(folder: Path) -> None:
    config = load(folder, GOOD + """\
sip: {listen: 'tcp:[::1]:5070', public_address: 203.0.113.5, anonymous_calls: no, max_calls: 10,
      nameserver: '2001:db8::53'}
media: {ports: 20000-20099}
operators: {anna: {languages: en}}
queues: {cards: {operators: anna, announce_every_s: 0, overflow: {message: closed}}}
trunks: [{name: exchange, addresses: [203.0.113.0/28, 192.0.2.1], full_status: 480}]
database: {url: "postgres://hotline@db.example/calls?sslmode=require", password_env: SOME}
credentials: [{user: hotline, password_env: OTHER}]
""")
    assert config.sip.listen == (SipListen("tcp", "::1", 5070),)
    assert str(config.sip.listen[0]) == "tcp:[::1]:5070"
    assert config.sip.anonymous_calls is False
    assert config.sip.nameserver == TcpListen("2001:db8::53", 53)
    assert config.queues["cards"].operators == ("anna",)
    assert config.queues["cards"].overflow.message == "closed"
    assert config.trunks[0].full_status == 480
    assert config.trunks[0].addresses == ("203.0.113.0/28", "192.0.2.1/32")
    assert config.database.url == "postgresql://hotline@db.example/calls?sslmode=require"
    assert config.credentials[0].realm == "*"


BROKEN = [
    ("nod: x\n", "4:1", "unknown key `nod`", "did you mean node?"),
    ("sip: {max_call: 3}\n", "4:7", "unknown key `max_call`", "did you mean max_calls?"),
    ("queues:\n  a:\n    overflow: {queu: b}\n", "6:16", "unknown key `queu`", "did you mean queue?"),
    ("state_dir:\n", "4:1", "`state_dir` has no value", "remove the line for var"),
    ("realm: 'a\"b'\n", "4:8", "is not a realm", "letters, digits"),
    ("drain_s: soon\n", "4:10", '`drain_s` must be a number, not "soon"', "from 0 to 3600 s"),
    ("drain_s: .nan\n", "4:10", "`drain_s` must be a number", "from 0 to 3600 s"),
    ("drain_s: -1\n", "4:10", "`drain_s` can't be -1", "from 0 to 3600 s"),
    ("database: {spool_max_mb: 0}\n", "4:26", "`spool_max_mb` can't be 0", "from 1 to 100000 MB"),
    ("sip: {anonymous_calls: maybe}\n", "4:24", "must be true or false", ""),
    ("sip: {listen: [udp:0.0.0.0]}\n", "4:16", '"0.0.0.0" is not an address with a port', "udp:0.0.0.0:5060"),
    ("sip: {listen: [sctp:0.0.0.0:5061]}\n", "4:16", "not a place to hear SIP", "udp:ADDRESS:PORT"),
    ("sip: {listen: [tls:0.0.0.0:5061]}\n", "4:1", "tls:0.0.0.0:5061 needs a certificate", "sip.tls"),
    ("sip: {listen: [tcp:0.0.0.0:5061, tls:0.0.0.0:5061], tls: {certificate: config.yaml, key: config.yaml}}\n", "4:34",
     "already listened on", "remove one"),
    ("sip: {listen: tls:0.0.0.0:5061, tls: {certificate: config.yaml, key: config.yaml, verify_peers: everybody}}\n",
     "4:33", "callers must show a certificate", "sip.tls.ca"),
    ("sip: {nameserver: dns.example.com}\n", "4:19", "not an IP address", "192.0.2.10"),
    ("sip: {listen: 'udp:::1:5060'}\n", "4:15", "not an address with a port", "IPv6 address stands in brackets"),
    ("sip: {listen: []}\n", "4:7", "`listen` has 0 entries", "at least 1"),
    ("sip: {listen: [udp:0.0.0.0:5060, udp:127.0.0.1:5060]}\n", "4:34", "already listened on", "remove one"),
    ("sip: {public_address: example.com}\n", "4:23", '"example.com" is not an IP address', "192.0.2.10"),
    ("sip: {local_networks: [10.1.0.0/8]}\n", "4:24", '"10.1.0.0/8" is not a network', "10.0.0.0/8"),
    ("media: {host: 0.0.0.0}\n", "4:15", "no address of one machine", ""),
    ("media: {ports: 16384}\n", "4:16", "not a range of ports", "16384-17383"),
    ("media: {ports: 16385-17384}\n", "4:16", "odd 16385", "even port: 16386"),
    ("media: {ports: 16384-17384}\n", "4:16", "even 17384", "16384-17385"),
    ("media: {ports: 80-1001}\n", "4:16", "may be used", "1024 to 65535"),
    ("media: {ports: 16384-16403}\n", "4:16", "10 pairs", "lower sip.max_calls"),
    ("sip: {listen: udp:0.0.0.0:16500}\n" "media: {ports: 16384-17383}\n", "5:16", "contains the SIP port 16500", ""),
    ("media: {allow_loopback: yes}\n", "4:25", "`allow_loopback` can't be \"yes\"", "from_this_machine, always, never"),
    ("web: {listen: 8080}\n", "4:15", "not an address with a port", "127.0.0.1:8080"),
    ("web: {listen: 127.0.0.1:5060}\n", "4:15", "SIP already listens", "another port"),
    ("web: {listen: 127.0.0.1:70000}\n", "4:15", "there is no port 70000", "1 to 65535"),
    ("web: {admin_password: hunter2}\n", "4:7", "passwords don't stand in this file", "admin_password_file"),
    ("web: {admin_password_file: gone}\n", "4:28", "there is no file", ""),
    ("operators: [anna]\n", "4:1", "`operators` must be lines of `name: value`, not a list", ""),
    ("operators: {Anna: {}}\n", "4:13", '"Anna" is not a name', "small letters"),
    ("operators: {admin: {}}\n", "4:13", "login of the administrator", "another name"),
    ("operators: {anna: {status: busy}}\n", "4:28", '"busy" is not a status', "available, on_break, logged_out"),
    ("operators: {anna: {languages: [english]}}\n", "4:32", '"english" is not a language', "en, ru"),
    ("operators: {anna: {}}\naccounts: {anna: {}}\n", "5:12", "anna is also an operator", "rename"),
    ("accounts: {'100': {}}\n", "2:15", "100 is also the name of a phone", "rename"),
    ("queues: {cards: {operators: [ana]}}\noperators: {anna: {}}\n", "4:30", "there is no operator ana",
     "did you mean anna?"),
    ("queues: {cards: {operators: [anna, anna]}}\noperators: {anna: {}}\n", "4:36", "named twice", "once is enough"),
    ("queues:\n  cards: {ring_time_s: 500}\n", "5:24", "`ring_time_s` can't be 500", "from 5 to 120 s"),
    ("queues:\n  cards: {max_waiting: 2.5}\n", "5:24", "must be a whole number", "from 1 to 5000"),
    ("queues:\n  cards: {announce_every_s: 3}\n", "5:29", "too short", "at least 10 s, or 0"),
    ("queues:\n  cards: {music: [a]}\n", "5:11", "`music` must be a text, not a list", ""),
    ("queues:\n  cards: {operator_accepts: yes}\n", "5:29", "have to press 1", "name a prompt in `operator_hears`"),
    ("queues:\n  cards: {overflow: {queue: card}}\n", "5:29", "there is no queue card", "did you mean cards?"),
    ("queues:\n  cards: {overflow: {transfer: x}}\n", "5:32", "there is no transfer x", "none is defined"),
    ("queues:\n  cards: {overflow: {}}\n", "5:11", "names exactly one target", "one of `queue`, `transfer`, `message`"),
    ("queues:\n  a: {overflow: {queue: b}}\n  b: {overflow: {queue: a}}\n", "5:25", "circle: a → b → a", "`message`"),
    ("queues:\n  a: {overflow: {queue: a}}\n", "5:25", "circle: a → a", "`message`"),
    ("transfers: {branch: branch@example.com}\n", "4:21", "is not a SIP address", "sip:cards@pbx"),
    ("trunks: {}\n", "4:1", "`trunks` must be a list, not lines of `key: value`", "each of its entries with `- `"),
    ("trunks: [{name: a}]\n", "4:10", "nobody can tell which calls", "give addresses, or registration"),
    ("trunks: [{name: a, addresses: 10.0.0.1, full_status: 404}]\n", "4:54", "`full_status` can't be", "486, 480, 503"),
    ("trunks:\n- {name: a, addresses: 10.0.0.0/8}\n- {name: a, addresses: 11.0.0.1}\n", "6:10", "two trunks a", ""),
    ("trunks:\n- {name: a, addresses: 10.0.0.0/8}\n- {name: b, addresses: 10.0.0.1}\n", "6:24", "overlaps", ""),
    ("database: {url: 'mysql://x'}\n", "4:17", "not the address of a database", "sqlite:///var/hotline.db"),
    ("database: {url: 'sqlite://hotline.db'}\n", "4:17", "names no file", "three slashes"),
    ("database: {url: 'postgresql://db'}\n", "4:17", "no database", "postgresql://user@host/name"),
    ("credentials: [{user: x}]\n", "4:15", "no password", "password_file or password_env"),
    ("log: {level: loud}\n", "4:14", "`level` can't be \"loud\"", "debug, info, warning, error"),
    ("log: {level: info\n", "5:1", "", ""),
    ("node: a\nnode: b\n", "5:1", "`node` stands twice", "keep one"),
]


@pytest.mark.parametrize(("text", "place", "message", "remedy"), BROKEN, ids=[row[2] or row[0] for row in BROKEN])
def test_config__fault_has_place_message_and_remedy(folder: Path, text: str, place: str, message: str,
                                                     remedy: str) -> None:
    faults = [fault for fault in faults_of(folder, GOOD + text) if fault.severity == "error"]
    assert [str(fault.place) for fault in faults] == [f"{folder}/config.yaml:{place}"], faults
    assert message in faults[0].message
    assert remedy in faults[0].remedy


@pytest.mark.parametrize(("text", "place", "message"), [
    ("", "1:1", "the file is empty"),
    ("x", "1:1", "the file must be lines of `key: value`"),
    ("lines: []\n", "1:1", "`lines` has 0 entries"),
    ("node: a\n", "1:1", "`lines` is missing"),
    ("lines: [5]\n", "1:9", "entry 1 of `lines` must be lines of `key: value`, not \"5\""),
    ("lines:\n- {numbers: 100, menu: bank.yml}\n", "2:24", "there is no file"),
    ("lines:\n- {numbers: [1 2], menu: bank.yaml}\n", "2:14", '"1 2" is not a number that can be dialled'),
    ("lines:\n- {numbers: [1, 1], menu: bank.yaml}\n", "2:17", "1 already belongs to line 1"),
    ("lines:\n- {numbers: 100, menu: }\n", "2:18", "`menu` has no value"),
    ("lines:\n- {numbers: 100, menu: bank.yaml}\nprompts: {folder: gone}\n", "3:19", "there is no folder"),
])
def test_config__faults_of_lines(folder: Path, text: str, place: str, message: str) -> None:
    faults = faults_of(folder, text)
    assert [str(fault.place) for fault in faults] == [f"{folder}/config.yaml:{place}"], faults
    assert message in faults[0].message


def test_config__every_fault_is_told_at_once_in_the_order_of_the_file(folder: Path) -> None:
    faults = faults_of(folder, "drain_s: -1\nnod: x\nlines:\n- 5\nweb: {listen: 1}\n")
    assert [fault.place.line for fault in faults] == [1, 2, 4, 5]


@pytest.mark.parametrize(("text", "message"), [
    ("operators: {anna: {}}\n", "anna answers no queue"),
    ("queues: {cards: {}}\n", "nobody answers the queue cards"),
    ("media: {ports: 32000-40001}\n", "overlaps with the ports"),
    ("database: {url: 'postgresql://u:secret@h/d'}\n", "a password stands in this file"),
])
def test_config__a_warning_stops_nothing(folder: Path, text: str, message: str) -> None:
    (folder / "config.yaml").write_text(GOOD + text)
    warned: list[Fault] = []
    load_config(folder / "config.yaml", warned.append)
    assert [fault.severity for fault in warned] == ["warning"]
    assert message in warned[0].message
    assert "secret" not in str(warned[0])


def test_config__a_password_in_a_wrong_place_is_not_shown(folder: Path) -> None:
    texts = ["web: {admin_password: hunter2}\n", "database: {url: 'mysql://root:hunter2@x/y'}\n",
             "database: {url: 'postgresql://root:hunter2@'}\n"]
    assert not any("hunter2" in str(fault) for text in texts for fault in faults_of(folder, GOOD + text))


def test_config__a_file_that_is_not_there_or_no_text(folder: Path) -> None:
    with pytest.raises(AdminError, match="there is no such file"):
        load_config(folder / "gone.yaml")
    with pytest.raises(AdminError, match="can't be read"):
        load_config(folder)
    (folder / "config.yaml").write_bytes(b"node: a\nrealm: \xff\n")
    with pytest.raises(AdminError, match=r"config\.yaml:2:8: error: is not UTF-8"):
        load_config(folder / "config.yaml")


@pytest.mark.parametrize(("listen", "allow", "source", "allowed"), [
    ("udp:0.0.0.0:5060", "from_this_machine", "127.0.0.1", True),
    ("udp:0.0.0.0:5060", "from_this_machine", "192.0.2.1", False),
    ("udp:0.0.0.0:5060", "always", "192.0.2.1", True),
    ("udp:0.0.0.0:5060", "never", "127.0.0.1", False),
    ("udp:127.0.0.1:5060", "from_this_machine", "127.0.0.1", True),
    ("udp:127.0.0.1:5060", "never", "127.0.0.1", False),
])
def test_config__loopback_in_sdp(folder: Path, listen: str, allow: str, source: str, allowed: bool) -> None:
    config = load(folder, GOOD + f"sip: {{listen: {listen}}}\nmedia: {{allow_loopback: {allow}}}\n")
    assert config.loopback_allowed(source) is allowed


def test_config__every_key_says_what_it_means() -> None:
    from pydantic import BaseModel

    def walk(section: type[BaseModel]) -> list[str]:
        silent = [f"{section.__name__}.{key}" for key, field in documented(section).items()
                  if not field.description and not isinstance(field.default, BaseModel)]
        return silent + [name for field in section.model_fields.values() if isinstance(field.default, BaseModel)
                         for name in walk(type(field.default))]

    assert walk(Config) == []


def test_config__the_file_that_ships_has_no_fault() -> None:
    config, faults = check_config(ROOT / "config.yaml")
    assert faults == []
    assert config is not None
    assert set(config.operators) == {"anna", "boris"}
    assert set(config.accounts) == {"softphone"}
