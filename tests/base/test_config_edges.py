"""`sip.edges` in config.yaml: what an edge can't be besides, and what reaches the endpoint."""

from typing import Any

import pytest

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.drivers.secrets_file import Secrets
from ivr.service.build import endpoint_settings

CARRIER = {"name": "carrier", "addresses": ["192.0.2.0/28"]}


def made(*edges: str, trunks: tuple[dict[str, Any], ...] = ()) -> Config:
    return Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m.yaml"}], "sip": {"edges": list(edges)},
                                  "trunks": list(trunks)})


def findings(config: Config) -> list[tuple[tuple[str | int, ...], str, str]]:
    return [(found.path, found.remedy, found.severity) for found in check(config) if found.path[:2] == ("sip", "edges")]


def test_edges_reach_the_endpoint() -> None:
    config = made("10.0.0.2", "2001:db8::2")
    settings = endpoint_settings(config, Secrets("hotline", b"", b"", "", {}, {}, ()), lambda remote: "10.0.0.1")
    assert [edge.partition("/")[0] for edge in settings.edges] == ["10.0.0.2", "2001:db8::2"]
    assert findings(config) == []


def test_an_edge_is_no_trunk() -> None:
    assert findings(made("10.0.0.2", "192.0.2.3", trunks=(CARRIER,))) == [
        (("sip", "edges", 1), "name the carrier's own addresses at the trunk", "error")]


def test_a_whole_network_is_a_warning() -> None:
    assert findings(made("10.0.0.0/24")) == []
    assert findings(made("10.0.0.0/16")) == [(("sip", "edges", 0), "name the proxies one by one", "warning")]


@pytest.mark.parametrize("edge", ["edge.example.com", "10.0.0.300", ""])
def test_addresses_alone(edge: str) -> None:
    with pytest.raises(ValueError, match="edges"):
        made(edge)
