"""Operators who answer chats at their desks, in real Chromium; visitors write by the socket of their page."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.desk_house import DeskHouse, desk_house
from tests.pages.rig import looks_right, person, web_password
from tests.support.chat_page import ChatPage
from tests.support.service import wait_for

HOST = "127.0.67.1"
EVIL = "<img src=x onerror=alert(1)> " + "W" * 300 + " https://bank.example/help, javascript:alert(2)"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    folder: Path = tmp_path_factory.mktemp("chats")
    with desk_house(folder, HOST, channels={"web": {"line": "100"}}) as house:
        yield house


def visitor(house: DeskHouse, name: str) -> tuple[ChatPage, str]:
    """Somebody who writes, and stands in the queue of lost cards; and their call."""
    page = ChatPage(str(house.service.config["web"]["listen"]))
    page.hello()
    page.tell("start", name=name)
    call = page.told("started")["call"]
    for answer in ("English", "1"):
        page.say(answer)
    return page, str(call)


def answers_chats(page: Page) -> None:
    page.get_by_role("switch", name="Answer chats here").check()
    expect(page.get_by_text("Chats come to this desk: 0 of 3.")).to_be_visible()


def writes(page: Page, text: str) -> None:
    field = page.locator("textarea[name=message]")
    field.fill(text)
    field.press("Enter")


def reads(page: Page, who: str, text: str) -> None:
    """The line stands in the transcript, and nothing is on its way any more."""
    expect(page.locator(f".desk-chat-line.{who}[data-position]", has_text=text)).to_have_count(1)


def test_chats__two_beside_each_other_from_the_offer_to_the_closed_request(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service) as anna, person(browser, house.service) as boris:
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        answers_chats(page)
        expect(page.get_by_text("You are free for chats")).to_be_visible()
        his = boris.log_in("boris", web_password(house.service, "boris"), "/desk")
        answers_chats(his)

        maria, first = visitor(house, "Мария")
        card = page.locator(f".desk-incoming[data-call='{first}']")
        expect(card).to_contain_text("Мария")
        expect(card.locator("[data-channel=web]")).to_be_visible()
        expect(card.locator(".desk-path")).to_contain_text("1 English")
        expect(card.locator(".desk-countdown")).to_be_visible()
        expect(page.locator("[aria-live=assertive]")).to_contain_text("A chat is offered: Мария")
        card.get_by_role("button", name="Take").click()
        chat = page.locator(f".desk-chat[data-call='{first}'][data-state=talking]")
        expect(chat).to_be_visible()
        expect(page.locator("textarea[name=message]")).to_be_focused()

        maria.say(EVIL)
        reads(page, "caller", "<img src=x onerror=alert(1)>")
        expect(page.locator(".desk-chat-line.caller a")).to_have_attribute("href", "https://bank.example/help")
        assert page.locator(".desk-chat-line img").count() == 0
        expect(page.locator(".desk-chat [aria-live=polite]")).to_contain_text("Мария: <img")
        maria.tell("typing")
        expect(page.locator(".desk-chat-types")).to_have_text("Мария is writing…")
        page.keyboard.type("one")
        assert maria.told("typing")["name"] == "Anna Petrova"
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("two")
        page.keyboard.press("Enter")
        assert maria.reads("one\ntwo")["name"] == "Anna Petrova"
        reads(page, "me", "two")
        expect(page.locator("textarea[name=message]")).to_have_value("")
        page.keyboard.type("/identified")
        page.keyboard.press("Enter")
        expect(page.locator("textarea[name=message]")).to_have_value("The caller was identified.")
        page.keyboard.press("Enter")
        maria.reads("The caller was identified.")

        page.get_by_label("Note for us alone").check()
        writes(page, "she is upset")
        reads(page, "me", "she is upset")
        expect(page.locator(".note-for-us[data-position]")).to_contain_text("Note for us")
        page.get_by_label("Note for us alone").uncheck()
        assert not any("upset" in one["body"] for one in maria.texts.values())
        looks_right(page)

        ivan, second = visitor(house, "Иван")
        expect(page.locator(f".desk-incoming[data-call='{second}']")).to_be_visible()
        page.locator("textarea[name=message]").fill("half a sentence")
        page.keyboard.press("Alt+KeyA")
        expect(page.locator(f".desk-chat[data-call='{second}']")).to_be_visible()
        expect(page.locator("textarea[name=message]")).to_have_value("")
        maria.say("are you there?")
        expect(page.locator(f"[data-chat='{first}']")).to_have_attribute("data-unread", "1")
        expect(page.locator(f"[data-chat='{first}']")).to_contain_text("are you there?")
        looks_right(page)
        page.keyboard.press("Alt+KeyC")
        expect(page.locator(f".desk-chat[data-call='{first}']")).to_be_visible()
        expect(page.locator("textarea[name=message]")).to_have_value("half a sentence")
        expect(page.locator(f"[data-chat='{first}']")).to_have_attribute("data-unread", "0")

        page.keyboard.press("Alt+KeyT")
        page.get_by_role("combobox", name="To whom").fill("bor")
        expect(page.locator("[data-target=boris]")).to_contain_text("free")
        page.keyboard.press("Enter")
        offered = his.locator(f".desk-incoming[data-call='{first}']")
        expect(offered.locator("[data-brought=passes_on]")).to_be_visible()
        offered.get_by_role("button", name="Take").click()
        expect(his.locator(f".desk-chat[data-call='{first}'][data-state=talking]")).to_be_visible()
        expect(his.locator(".desk-chat-texts")).to_contain_text("she is upset")
        reads(his, "colleague", "two")
        writes(his, "I am Boris.")
        assert maria.reads("I am Boris.")["name"] == "Boris Orlov"
        expect(page.locator(f".desk-chat[data-call='{first}'][data-state=over]")).to_be_visible()
        page.get_by_role("button", name="Put away").first.click()

        page.locator(f"[data-chat='{second}']").click()
        writes(page, "Blocked.")
        ivan.reads("Blocked.")
        page.get_by_role("button", name="End chat").click()
        ivan.told("ended")
        page.select_option("select[name=topic]", "cards/lost")
        page.select_option("select[name=result]", "passed_on")
        page.fill("input[name=field-last_digits]", "1234")
        page.select_option("select[name=field-blocked]", "yes")
        request = page.locator(".desk-request").get_attribute("data-request") or ""
        page.get_by_role("button", name="Close request").click()
        expect(page.locator(f"[data-request='{request}']")).to_have_count(0)
        assert house.row(request)["status"] == "closed"
        row = wait_for(lambda: next((one for one in house.service.calls() if one["id"] == second and one["outcome"]),
                                    None), 30, "no row")
        assert (row["outcome"], row["operator"], row["channel"]) == ("answered", "anna", "web")
        maria.tell("leave")
        maria.told("ended")
        expect(his.locator(f".desk-chat[data-call='{first}'][data-state=over]")).to_be_visible()
        for one in (maria, ivan):
            one.close()


def test_chats__a_call_rings_beside_one_and_the_server_is_away_for_a_moment(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service, quiet=False, language="ru", theme="dark") as anna:
        house.service.api("/api/operators/anna/wrap-up", delete=True)      # the chat that she passed on
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        page.get_by_role("switch", name="Отвечать в чатах здесь").check()
        house.register("anna")
        expect(page.get_by_text("Вы свободны")).to_be_visible()
        maria, chat = visitor(house, "")
        expect(page.locator(f".desk-incoming[data-call='{chat}']")).to_contain_text("Посетитель")
        page.keyboard.press("Alt+KeyA")
        expect(page.locator("textarea[name=message]")).to_be_focused()
        looks_right(page)

        # the call rings while somebody writes, who goes on writing; its request comes when it is answered
        page.keyboard.type("Один ")
        call = house.caller_rings("11", number="+74950000031", name="Пётр")
        expect(page.locator(".desk-incoming")).to_contain_text("Пётр")
        page.keyboard.type("момент")
        expect(page.locator("textarea[name=message]")).to_have_value("Один момент")
        house.pick_up("anna")
        expect(page.locator(".desk-call[data-state=talking]")).to_be_visible()
        page.keyboard.press("Enter")
        maria.reads("Один момент")
        page.locator(f"[data-chat='{chat}']").click()
        page.locator(".desk-call").get_by_role("button", name="Обращение").click()
        expect(page.locator(".desk-call").get_by_role("button", name="Обращение")).to_have_count(0)
        looks_right(page)

        # what is written without a server is sent again under its key: once, however often it came
        page.route("**/messages", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
        writes(page, "без связи")
        failed = page.locator(".desk-chat-line.failed")
        expect(failed).to_contain_text("без связи")
        page.unroute("**/messages")
        failed.get_by_role("button", name="Отправить снова").click()
        maria.reads("без связи")
        reads(page, "me", "без связи")
        os.kill(house.service.child("web"), signal.SIGKILL)
        expect(page.get_by_text("Связи с сервером сейчас нет")).to_be_visible()
        expect(page.get_by_text("Связи с сервером сейчас нет")).to_have_count(0)
        expect(page.get_by_text("Чаты приходят сюда: 1 из 3.")).to_be_visible()      # said anew by itself
        writes(page, "снова здесь")
        reads(page, "me", "снова здесь")
        page.reload()
        reads(page, "me", "снова здесь")

        # with the focus outside the chat the keys are for the call
        page.locator("textarea[name=note]").focus()
        page.keyboard.press("Alt+KeyX")
        wait_for(lambda: call.over, 30, "the caller is not hung up")
        expect(page.locator(f".desk-chat[data-call='{chat}'][data-state=talking]")).to_be_visible()
        page.locator("textarea[name=message]").focus()
        page.keyboard.press("Alt+KeyX")
        expect(page.locator(f".desk-chat[data-call='{chat}'][data-state=over]")).to_be_visible()
        page.get_by_role("switch", name="Отвечать в чатах здесь").uncheck()
        expect(page.get_by_text("Чаты сюда не приходят.")).to_be_visible()
        maria.close()
