"""What hostile visitors write, as the pages show it in real Chromium: text, in its place, and nothing runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.desk_house import DeskHouse, desk_house
from tests.pages.rig import is_cut_off, person, web_password
from tests.support.chat_page import ChatPage
from tests.support.service import wait_for

HOST = "127.0.74.107"
NAME = "\u202eשלום\u200b " + "e" + "\u0301" * 40
SHOWN_NAME = "\u2068שלום e" + "\u0301" * 4 + "\u2069"
RUNS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
BODIES = {
    RUNS: RUNS,
    "{{7*7}} javascript:alert(1) &amp; <b>": "{{7*7}} javascript:alert(1) &amp; <b>",
    "\u202egnp.exe\u2066 a\u200bb": "gnp.exe ab",
    "z" + "\u0335" * 200: "z" + "\u0335" * 4,
    "👨‍👩‍👧‍👦" * 100: "👨‍👩‍👧‍👦" * 100,
    "w" * 4000: "w" * 4000,
    "a\x07\x1b[2J\u2028b": "a[2J\nb",
    "שלום 123 abc": "שלום 123 abc",
}
NOTES = """window.said = []; window.Notification = class { static permission = "granted";
    static requestPermission() { return Promise.resolve("granted") }
    constructor(title, more) { window.said.push([title, more?.body ?? ""]) } close() {} };
    Object.defineProperty(document, "hidden", {get: () => window.away === true});
    document.hasFocus = () => window.away !== true;"""
BIDI = tuple("\u202a\u202b\u202d\u202e\u2066\u2067\u200b\u200e\u200f")

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    folder: Path = tmp_path_factory.mktemp("hostile-pages")
    with desk_house(folder, HOST, channels={"web": {"line": "100"}}) as house:
        yield house


def shown(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all("all => all.map((one) => one.textContent)")
    return found


def is_harmless(page: Page) -> None:
    """Nothing ran, nothing became an element, nothing hides or turns what is around it, nothing is cut off."""
    assert page.title() != "run"
    assert page.locator("main img[src=x], main script, [role=log] img").count() == 0
    text: str = page.evaluate("document.body.textContent + document.title")
    assert not [hex(ord(mark)) for mark in BIDI if mark in text]
    assert is_cut_off(page) == []


def test_texts__on_the_operators_desk_the_visitors_page_and_the_calls_page(house: DeskHouse, browser: Browser) -> None:
    service = house.service
    with person(browser, service) as anna, person(browser, service) as visitor, person(browser, service) as admin:
        desk = anna.log_in("anna", web_password(service, "anna"), "/desk")
        desk.context.add_init_script(NOTES)
        desk.reload()
        desk.get_by_role("switch", name="Answer chats here").check()
        hostile = ChatPage(str(service.config["web"]["listen"]))
        token = hostile.hello()["token"]
        hostile.tell("start", name=NAME)
        call = hostile.told("started")["call"]
        for answer in ("English", "1"):
            hostile.say(answer)
        card = desk.locator(f".desk-incoming[data-call='{call}']")
        expect(card.locator(".desk-party bdi")).to_have_text(SHOWN_NAME)
        expect(desk.locator("[aria-live=assertive]")).to_contain_text(SHOWN_NAME)
        is_harmless(desk)
        card.get_by_role("button", name="Take").click()
        expect(desk.locator("textarea[name=message]")).to_be_focused()
        for body in BODIES:
            hostile.say(body)
        expect(desk.locator(".desk-chat-line.caller .desk-chat-body")).to_have_count(len(BODIES) + 2)
        assert shown(desk, ".desk-chat-line.caller .desk-chat-body")[2:] == [*BODIES.values()]
        assert set(desk.locator(".desk-chat-body").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).unicodeBidi)")) == {"plaintext"}
        assert desk.locator(".desk-chat-line a").count() == 0
        is_harmless(desk)
        desk.evaluate("window.away = true")
        hostile.say("\u202enoted <b>\u200bagain</b>", key="noted")
        wait_for(lambda: desk.evaluate("window.said.length"), 30, "no note on the desktop")
        title, body = desk.evaluate("window.said.at(-1)")
        assert SHOWN_NAME in title
        assert body == "noted <b>again</b>"

        _as(visitor.open("/chat"), token, call)
        page = visitor.context.pages[0]
        expect(page.locator(".log .said.me .body").last).to_have_text("noted <b>again</b>")
        assert shown(page, ".log .said.me .body")[-len(BODIES) - 1:-1] == [*BODIES.values()]
        is_harmless(page)
        hostile.tell("leave")
        hostile.told("ended")
        hostile.close()
        calls = admin.log_in("admin", web_password(service, "admin"), f"/admin/calls/{call}")
        expect(calls.locator("h1").last).to_contain_text(SHOWN_NAME)
        is_harmless(calls)


def _as(page: Page, token: str, call: str) -> None:
    """The page becomes the one of this visitor, who was here before and has read nothing."""
    kept: Any = page.evaluate("localStorage.getItem('hotline.chat')")
    assert kept is None
    page.evaluate("([token, call]) => localStorage.setItem('hotline.chat', JSON.stringify({at: Date.now(), "
                  "token, call, name: '', phase: 'going', messages: [], own: []}))", [token, call])
    page.reload()
