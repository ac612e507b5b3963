"""The whole story of one chat in real Chromium: menu, operator, picture, transfer, call, survey, one closed request."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from routing.requests.database import make_engine
from tests.pages.ears import give_ears, wait_deaf, wait_hears
from tests.pages.rig import looks_right, person, web_password
from tests.pages.test_chat_files import attach, is_drawn, payload
from tests.pages.test_pages_story import answer, switch_on
from tests.support.pictures import png
from tests.support.service import ROOT, Service, running_service, wait_for

HOST = "127.0.81.1"
MARIA, BORIS = 600, 1000                # Hz
PICTURE = png(64, 48)
MENU = """\
languages: [en]
start: main
defaults: {on_failure: {queue: cards}}
menus:
  main:
    prompts: main_options
    options:
      "1": [{say: card_abroad}, {goto: main}]
      "0": {queue: cards}
  after_talk:
    do:
      - survey: {name: service, question: solved, prompts: welcome, answers: yes_no, attempts: 2}
      - say: goodbye
      - hangup
prompts:
  main_options: {en: "To use a card abroad, press one. To speak to an operator, press zero."}
  card_abroad: {en: "Our cards work everywhere."}
  welcome: {en: "Is it solved?"}
  goodbye: {en: "Thank you."}
"""
QUEUE = {"ring_time_s": 30, "max_wait_s": 120, "survey": "after_talk"}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("chat-story")
    (folder / "menu.yaml").write_text(MENU)
    with running_service(folder, host=HOST, topics=str(ROOT / "menus/topics.yaml"),
                         lines=[{"numbers": ["100"], "menu": str(folder / "menu.yaml")}],
                         queues={"cards": {**QUEUE, "operators": ["anna"]}, "loans": {**QUEUE, "operators": ["boris"]}},
                         operators={"anna": {"display_name": "Anna Petrova"}, "boris": {"display_name": "Boris Orlov"}},
                         channels={"web": {"line": "100"}}, chat_files={"min_free_mb": 0}) as running:
        yield running


def rows(service: Service, query: str, **values: Any) -> list[dict[str, Any]]:
    engine = make_engine(service.database_url)
    try:
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query), values).mappings()]
    finally:
        engine.dispose()


def answers_chats(page: Page) -> None:
    page.get_by_role("switch", name="Answer chats here").check()
    expect(page.get_by_text("Chats come to this desk: 0 of 3.")).to_be_visible()


def write(page: Page, words: str) -> None:
    field = page.locator("textarea[name=message], .write textarea").first
    field.fill(words)
    field.press("Enter")


def test_chat__from_the_menu_to_the_survey_with_a_picture_a_transfer_and_a_call_in_one_request(
        service: Service, browser: Browser) -> None:
    with person(browser, service) as annas, person(browser, service) as borises, person(browser, service) as marias:
        give_ears(borises.context, BORIS)
        give_ears(marias.context, MARIA)
        anna = annas.log_in("anna", web_password(service, "anna"), "/desk")
        answers_chats(anna)
        boris = borises.log_in("boris", web_password(service, "boris"), "/desk")
        switch_on(boris)
        answers_chats(boris)

        page = marias.open("/chat")
        page.get_by_label("Your name").fill("Maria")
        page.get_by_role("button", name="Start the chat").click()
        page.locator(".options button").first.click()
        expect(page.locator(".log")).to_contain_text("Our cards work everywhere.")
        write(page, "operator")
        anna.get_by_role("button", name="Take").click()
        expect(anna.locator(".desk-chat[data-state=talking]")).to_be_visible()
        chat = str(anna.locator(".desk-chat").get_attribute("data-call"))

        attach(page, payload("card.png", PICTURE, "image/png"))
        is_drawn(anna.locator(".desk-chat-line.caller .chat-picture img"))
        write(anna, "I see it. A colleague knows more.")
        expect(page.locator(".log")).to_contain_text("A colleague knows more.")
        page.reload()
        is_drawn(page.locator(".said.me .chat-picture img"))
        expect(page.locator(".log")).to_contain_text("A colleague knows more.")

        anna.keyboard.press("Alt+KeyT")
        anna.get_by_role("combobox", name="To whom").fill("bor")
        expect(anna.locator("[data-target=boris]")).to_contain_text("free")
        anna.keyboard.press("Enter")
        boris.locator(f".desk-incoming[data-call='{chat}']").get_by_role("button", name="Take").click()
        expect(boris.locator(f".desk-chat[data-call='{chat}'][data-state=talking]")).to_be_visible()
        is_drawn(boris.locator(".desk-chat-line.caller .chat-picture img"))

        page.get_by_role("button", name="Call me").click()
        page.get_by_role("button", name="Here, with the microphone").click()
        expect(boris.locator(".desk-incoming")).to_contain_text("From a chat of yours")
        answer(boris)
        wait_hears(page, BORIS)
        wait_hears(boris, MARIA)
        write(page, "The number is 1234.")
        expect(boris.locator(".desk-chat-line.caller", has_text="The number is 1234.")).to_be_visible()
        page.get_by_role("button", name="Hang up").click()
        wait_deaf(page, BORIS)
        write(boris, "It is blocked.")
        expect(page.locator(".log")).to_contain_text("It is blocked.")
        looks_right(page)

        boris.locator(".desk-chat").get_by_role("button", name="End chat").click()
        expect(page.locator(".log")).to_contain_text("Is it solved?")
        page.locator(".options").get_by_role("button", name="Yes").click()
        expect(page.get_by_text("This chat is over.")).to_be_visible()
        expect(page.locator(".log")).to_contain_text("Thank you.")

        boris.select_option("select[name=topic]", "cards/lost")
        boris.select_option("select[name=result]", "passed_on")
        boris.get_by_role("button", name="Close request").click()
        one_request(service, chat)
    wait_for(service.snapshot_is_idle, 30, "something is left")


def one_request(service: Service, chat: str) -> None:
    """All of it hangs on one request: both calls, the words, the file, the answer, and what was made of it."""
    work = wait_for(lambda: rows(service, "SELECT request_work.* FROM request_work JOIN calls ON calls.request_id = "
                                 "request_work.request_id WHERE calls.id = :chat AND request_work.status = 'closed'",
                                 chat=chat), 30, "nobody closed it")
    calls = wait_for(lambda: found if len(found := rows(
        service, "SELECT * FROM calls WHERE request_id = :request AND outcome IS NOT NULL ORDER BY channel DESC",
        request=work[0]["request_id"])) == 2 else None, 30, "there are not two calls")
    assert len(rows(service, "SELECT id FROM requests")) == 1
    assert [(call["channel"], call["operator"], call["outcome"]) for call in calls] == [
        ("web", "boris", "answered"), ("voice", "boris", "answered")]
    assert calls[0]["id"] == chat
    said = rows(service, "SELECT sender, kind, body FROM messages WHERE call_id = :chat ORDER BY position", chat=chat)
    assert [one["kind"] for one in said].count("file") == 1
    assert [one["sender"] for one in said if one["body"] in (
        "I see it. A colleague knows more.", "The number is 1234.", "It is blocked.")] == ["anna", "caller", "boris"]
    answered = rows(service, "SELECT call_id FROM entries WHERE kind = 'survey_answered'")
    assert [one["call_id"] for one in answered] == [chat]
