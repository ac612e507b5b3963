"""A real service to whose webhook a double of Telegram brings its updates."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.service import Service, running_service, wait_for
from tests.support.telegram_double import TOKEN, Telegram, bot_channel, telegram_at

HOST = "127.0.71.4"
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    with telegram_at(HOST) as double:
        yield double


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, telegram: Telegram) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("webhook")
    channel = bot_channel(folder, telegram, webhook=f"http://{HOST}:8080")
    with running_service(folder, host=HOST, channels={"telegram": channel}) as service:
        wait_for(lambda: telegram.webhook.get("url"), 20, "there is no webhook")
        yield service
        assert TOKEN not in service.log
        assert telegram.webhook["secret_token"] not in service.log


def test_webhook__a_chat_also_while_the_web_process_is_killed(service: Service, telegram: Telegram) -> None:
    assert telegram.webhook["url"] == f"http://{HOST}:8080/api/channel/telegram/updates"
    secret = telegram.webhook["secret_token"]
    telegram.write(31, "/start")
    telegram.reads(31, "English")
    telegram.press(31, "English")
    telegram.reads(31, "Welcome")
    os.kill(service.child("web"), signal.SIGKILL)
    telegram.write(31, "cards")
    wait_for(lambda: len(telegram.of(31)) >= 3, 40, "no answer after it")
    assert telegram.webhook["secret_token"] == secret
    telegram.write(31, "/stop")
    telegram.reads(31, "over")


@pytest.mark.parametrize("secret", ["", "wrong", "é"])
def test_webhook__without_the_secret_nothing_is_taken(service: Service, telegram: Telegram, secret: str) -> None:
    update = {"update_id": 1, "message": {
        "message_id": 1, "text": "/start", "chat": {"id": 32, "type": "private"}, "from": {"id": 32}}}
    assert telegram.post(update, secret) == 401
    assert telegram.of(32) == []


def test_webhook__the_same_update_again_is_nothing_new(service: Service, telegram: Telegram) -> None:
    telegram.write(33, "/start")
    telegram.reads(33, "English")
    update = {"update_id": 77, "message": {
        "message_id": 5, "text": "English", "chat": {"id": 33, "type": "private"}, "from": {"id": 33}}}
    statuses = {telegram.post(update, telegram.webhook["secret_token"]) for _ in range(3)}
    statuses |= {telegram.post({**update, "update_id": 78}, telegram.webhook["secret_token"])}
    assert statuses == {204}
    telegram.reads(33, "Welcome")
    assert sum("Welcome" in text for text in telegram.texts(33)) == 1
    telegram.write(33, "/stop")
    telegram.reads(33, "over")
    assert [text for text in telegram.texts(33) if "no such" in text] == []
