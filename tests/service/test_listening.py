"""What the places where SIP is heard make of the service's own addresses: in messages, and in the greeting."""

from pathlib import Path

import pytest
import trustme
import yaml

from ivr.base.config import Config
from ivr.base.config_lines import LineConfig
from ivr.base.config_sip import SipConfig
from ivr.base.config_words import SipListen
from ivr.base.errors import AdminError
from ivr.drivers.certificates import TlsFiles
from ivr.service import parent
from ivr.service.build import own_address
from ivr.service.loading import load_house
from ivr.service.parent import where_to_call
from ivr.service.tls_files import tls_files
from tests.support.service import make_config

LINES = (LineConfig(numbers=("100",), menu="menu.yaml"),)


def config(*listens: SipListen) -> Config:
    return Config(lines=LINES, sip=SipConfig(listen=listens))


def facing(remote: str) -> str:
    return f"facing {remote}"


def test_one_fixed_address_is_told_to_all() -> None:
    assert own_address(config(SipListen("udp", "192.0.2.1", 5060), SipListen("tcp", "192.0.2.1", 5060)), facing) is None


@pytest.mark.parametrize(("hosts", "four", "six"), [
    (("0.0.0.0", "::"), "facing 192.0.2.9", "facing 2001:db8::9"),
    (("192.0.2.1", "::"), "192.0.2.1", "facing 2001:db8::9"),
    (("192.0.2.1", "2001:db8::1"), "192.0.2.1", "2001:db8::1"),
    (("0.0.0.0",), "facing 192.0.2.9", "facing 2001:db8::9"),
])
def test_each_family_has_its_own(hosts: tuple[str, ...], four: str, six: str) -> None:
    own = own_address(config(*(SipListen("udp", host, 5060) for host in hosts)), facing)
    assert own is not None
    assert (own("192.0.2.9"), own("2001:db8::9")) == (four, six)


@pytest.mark.parametrize(("listen", "shown"), [
    (SipListen("udp", "192.0.2.1", 5060), "sip:100@192.0.2.1"),
    (SipListen("udp", "192.0.2.1", 5070), "sip:100@192.0.2.1:5070"),
    (SipListen("tls", "192.0.2.1", 5061), "sip:100@192.0.2.1;transport=tls"),
    (SipListen("tcp", "::1", 5061), "sip:100@[::1]:5061;transport=tcp"),
    (SipListen("udp", "0.0.0.0", 5060), "sip:100@here-192.0.2.1"),
    (SipListen("udp", "::", 5060), "sip:100@[here:2001:db8::1]"),
])
def test_where_to_call(monkeypatch: pytest.MonkeyPatch, listen: SipListen, shown: str) -> None:
    monkeypatch.setattr(parent, "facing", lambda remote: f"here{':' if ':' in remote else '-'}{remote}")
    assert where_to_call(config(listen), "100") == shown


def test_a_faulty_certificate_is_told_before_anything_starts(tmp_path: Path) -> None:
    made = trustme.CA().issue_cert("pbx.example.com")
    made.cert_chain_pems[0].write_to_path(str(tmp_path / "server.pem"))
    other = trustme.CA().issue_cert("pbx.example.com")
    other.private_key_pem.write_to_path(str(tmp_path / "server.key"))
    settings = make_config(tmp_path)
    settings["sip"] = {**settings["sip"], "listen": ["tls:127.0.0.1:5061"],
                       "tls": {"certificate": str(tmp_path / "server.pem"), "key": str(tmp_path / "server.key")}}
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(settings))
    with pytest.raises(AdminError, match="the key does not belong to the certificate"):
        load_house(file)
    made.private_key_pem.write_to_path(str(tmp_path / "server.key"))
    loaded = load_house(file)
    assert tls_files(loaded.config) == TlsFiles(tmp_path / "server.pem", tmp_path / "server.key")
