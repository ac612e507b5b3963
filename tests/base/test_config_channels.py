"""`channels` in config.yaml: what is refused, and that nothing is open that nobody opened."""

from typing import Any

import pytest
from pydantic import ValidationError

from ivr.base.config import Config
from ivr.base.config_checks import check
from ivr.base.errors import AdminError
from ivr.drivers.channel_secrets import channel_secrets

SHOP = {"url": "https://shop.example/hook", "secret_env": "SHOP"}
WELL: dict[str, Any] = {"http": {"line": "100", "gateways": {"shop": SHOP}},
                        "telegram": {"line": "100", "token_env": "BOT"}}


def made(channels: dict[str, Any]) -> Config:
    return Config.model_validate({"lines": [{"numbers": ["100"], "menu": "m.yaml"}], "channels": channels})


def found(channels: dict[str, Any]) -> list[tuple[str, str]]:
    return [(".".join(map(str, each.path)), each.code) for each in check(made(channels)) if each.path[0] == "channels"]


def test_channels__well_and_off_by_default() -> None:
    assert found(WELL) == []
    assert found({}) == []
    assert made({}).channels.of("telegram") is None
    assert channel_secrets(made({}), {}) == {}
    assert channel_secrets(made({"http": {"gateways": {"shop": SHOP}}}), {}) == {}      # closed: nothing is read


@pytest.mark.parametrize(("channels", "path", "code"), [
    ({"telegram": {"line": "100"}}, "channels.telegram", "password-missing"),
    ({"telegram": {"line": "100", "token_env": "A", "token_file": "b"}}, "channels.telegram.token_env",
     "password-twice"),
    ({"telegram": {"line": "900", "token_env": "A"}}, "channels.telegram.line", "line-unknown"),
    ({"telegram": {"line": "100", "token_env": "A", "api": "http://api.telegram.org"}}, "channels.telegram.api",
     "url-plain"),
    ({"telegram": {"line": "100", "token_env": "A", "webhook": "hotline.example"}}, "channels.telegram.webhook",
     "url-invalid"),
    ({"http": {"line": "100"}}, "channels.http", "gateway-missing"),
    ({"http": {"gateways": {"shop": {"url": "https://x.example"}}}}, "channels.http.gateways.shop",
     "password-missing"),
    ({"http": {"gateways": {"shop": {**SHOP, "url": "http://10.1.2.3/hook"}}}}, "channels.http.gateways.shop.url",
     "url-plain"),
    *[({"http": {"gateways": {"shop": {**SHOP, "url": url}}}}, "channels.http.gateways.shop.url", "url-invalid")
      for url in ("ftp://x.example", "https://user:secret@x.example/", "https://x.example:0/", "https://[::1/",
                  "https://x.example/a b", "//x.example")]])
def test_channels__what_is_wrong_is_said_where_it_stands(channels: dict[str, Any], path: str, code: str) -> None:
    assert found(channels) == [(path, code)]


def test_channels__http_is_allowed_on_this_machine() -> None:
    assert found({"http": {"gateways": {"shop": {**SHOP, "url": "http://127.0.0.1:9000/hook"}}}}) == []
    assert found({"http": {"gateways": {"shop": {**SHOP, "url": "http://[::1]:9000/hook"}}}}) == []


def test_channels__a_password_does_not_stand_in_the_file() -> None:
    with pytest.raises(ValidationError):
        made({"telegram": {"line": "100", "token": "700:AAA"}})


@pytest.mark.parametrize("environment", [{}, {"SHOP": "short", "BOT": "long enough"}, {"SHOP": "x" * 16, "BOT": ""}])
def test_secrets__what_is_lacking_or_too_short_is_never_shown(environment: dict[str, str]) -> None:
    with pytest.raises(AdminError) as refused:
        channel_secrets(made(WELL), environment)
    assert "short" not in str(refused.value).replace("too short", "")


def test_secrets__by_channel() -> None:
    assert channel_secrets(made(WELL), {"SHOP": "x" * 16, "BOT": "700:AAAA"}) == {
        "http/shop": "x" * 16, "telegram": "700:AAAA"}
