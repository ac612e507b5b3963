"""config.yaml: addresses of the audio, and its encryption."""

from pathlib import Path

import pytest

from ivr.base.config import Config
from ivr.base.config_sip import TrunkConfig
from ivr.base.media_checks import media_faults


def config(**sections: object) -> Config:
    return Config.model_validate({"lines": [{"numbers": ["100"], "menu": "bank.yaml"}], **sections})


BOTH = {"listen": ["udp:0.0.0.0:5060", "udp:[::]:5060"]}
IPV4 = {"listen": ["udp:0.0.0.0:5060"]}


@pytest.mark.parametrize(("host", "sip", "bound"), [
    (None, IPV4, ("0.0.0.0",)), (None, BOTH, ("0.0.0.0", "::")), ("192.0.2.10", BOTH, ("192.0.2.10",)),
    (["192.0.2.10", "2001:db8::10"], BOTH, ("192.0.2.10", "2001:db8::10")), ("2001:db8::10", IPV4, ("2001:db8::10",)),
])
def test_media_hosts(host: object, sip: object, bound: tuple[str, ...]) -> None:
    media = {} if host is None else {"host": host}
    assert config(media=media, sip=sip).media_hosts == bound


@pytest.mark.parametrize(("media", "sip", "words"), [
    ({"host": ["192.0.2.10", "192.0.2.11"]}, IPV4, ["one family"]),
    ({"host": "192.0.2.10"}, BOTH, ["audio has no IPv6 address"]),
    ({"host": "2001:db8::10"}, BOTH, ["audio has no IPv4 address"]),
    ({"host": ["2001:db8::10", "192.0.2.10"]}, BOTH, []), ({}, BOTH, []),
    ({"srtp": "required"}, IPV4, ["keys of this audio"]), ({"srtp": "never"}, IPV4, []),
])
def test_media_faults(media: object, sip: object, words: list[str]) -> None:
    found = [message for _, message, *_ in media_faults(config(media=media, sip=sip))]
    assert len(found) == len(words)
    assert all(word in message for word, message in zip(words, found, strict=True))


def test_media_faults__keys_that_travel_unprotected() -> None:
    made = config(operators={"anna": {"srtp": "required"}, "boris": {}}, accounts={"softphone": {"srtp": "required"}},
                  trunks=[{"name": "carrier", "addresses": ["203.0.113.0/28"], "srtp": "required"}])
    assert [path for path, *_ in media_faults(made)] == [
        ("trunks", 0, "srtp"), ("operators", "anna", "srtp"), ("accounts", "softphone", "srtp")]


def test_srtp_of() -> None:
    made = config(media={"srtp": "never"}, operators={"anna": {"srtp": "required"}, "boris": {}},
                  accounts={"softphone": {"srtp": "offered"}})
    assert [made.srtp_of(name) for name in ("anna", "boris", "softphone", "stranger", None)] == [
        "required", "never", "offered", "never", "never"]


@pytest.mark.parametrize(("given", "codecs"), [
    (None, ("PCMA", "PCMU")), ("G722", ("G722",)),
    (["OPUS", "g722", "alaw", "ulaw"], ("opus", "G722", "PCMA", "PCMU"))])
def test_codecs(given: object, codecs: tuple[str, ...]) -> None:
    assert config(media={} if given is None else {"codecs": given}).media.codecs == codecs


@pytest.mark.parametrize(("given", "words"), [
    (["G729"], "opus"), ([], "at least 1"), (["PCMA", "alaw"], "twice"), ([5], "PCMA")])
def test_codecs__what_they_may_be(given: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        config(media={"codecs": given})


def test_codecs__of_everybody() -> None:
    trunks = [{"name": "carrier", "addresses": ["203.0.113.0/28"], "codecs": ["G722", "PCMA"]},
              {"name": "other", "addresses": ["203.0.113.16/28"]}]
    made = config(media={"codecs": ["PCMU"]}, trunks=trunks)
    assert made.codecs == ("PCMU", "G722", "PCMA")
    assert [trunk.codecs for trunk in made.trunks] == [("G722", "PCMA"), None]


def test_srtp__what_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="never"):
        TrunkConfig.model_validate({"name": "carrier", "addresses": ["203.0.113.1"], "srtp": "maybe"})
