"""An admin at the editor of menus in real Chromium: a mistake stands at its line and nothing is published; mended, it
is published while a call goes on, which keeps the old menu; the next one has the new."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.rig import NARROW, WAIT, Person, looks_right, person, web_password
from tests.support.callers import Crowd, PhoneCall
from tests.support.service import Service, wait_for

CALLERS = "127.0.82.10"
GOOD = '      "2": {goto: cards}'
BAD = '      "2": {goto: crads}'
BETTER = '      "2": {goto: loans}'


pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(office: Service) -> tuple[Service, Path]:
    return office, office.folder / "menus/bank.yaml"


def editor_of(admin: Person, service: Service) -> Page:
    page = admin.log_in("admin", web_password(service, "admin"), "/admin/menus")
    page.wait_for_selector(".menu-card")
    return page


def put(page: Page, old: str, new: str) -> None:
    """Type over a text that stands once in the editor, found with its own search."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    page.locator(".cm-search input[name=search]").press_sequentially(old.strip())
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.insert_text(new.strip())


def until(service: Service, bank: Path, menus: dict[str, int]) -> None:
    """So many callers are in each menu now."""
    wait_for(lambda: service.api(f"/api/menus/heat?file={quote(str(bank))}")["now"] == menus, WAIT, str(menus))


def talking(call: PhoneCall) -> Callable[[], bool]:
    return lambda: call.talking


def test_editor__a_mistake_is_not_published_and_what_is_published_is_for_new_calls(
        house: tuple[Service, Path], browser: Browser) -> None:
    service, bank = house
    before, runs = bank.read_text(), service.api("/api/menus")
    with Crowd(service.sip) as crowd, person(browser, service) as admin:
        page = editor_of(admin, service)
        callers = crowd.phone("callers", CALLERS)
        old = callers.call("+74951000001")
        wait_for(talking(old), WAIT, "no answer")
        callers.press(old, "1")
        until(service, bank, {"main": 1})

        put(page, GOOD, BAD)
        page.wait_for_selector(".cm-message.error:has-text('there is no menu `crads`')")
        line = before.split("\n").index(GOOD) + 1
        page.click('[data-tab="findings"]')
        finding = page.locator(".finding.error")
        assert f"bank.yaml:{line}:19" in finding.inner_text()
        finding.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("dialog >> text=nothing can be published")
        assert page.locator("dialog button.primary").is_disabled()
        page.keyboard.press("Escape")
        assert bank.read_text() == before
        assert service.api("/api/menus") == runs

        page.once("dialog", lambda asked: asked.accept())       # leave, though there is a draft?
        page.reload()
        page.wait_for_selector(".state .bad")                   # it is there again
        put(page, BAD, BETTER)
        page.wait_for_selector(".state .bad", state="detached")
        page.click("text=Publish…")
        page.wait_for_selector("dialog .diff tr.in >> text=goto: loans")
        page.fill("dialog input[name=note]", "cards are served by loans today")
        page.click("dialog button.primary:not([disabled])")
        page.wait_for_selector(".taken >> text=New calls get it now.")
        assert bank.read_text() == before.replace(GOOD, BETTER)

        callers.press(old, "2")
        until(service, bank, {"cards": 1})
        new = callers.call("+74951000002")
        wait_for(talking(new), WAIT, "no answer")
        callers.press(new, "1")
        until(service, bank, {"cards": 1, "main": 1})
        callers.press(new, "2")
        until(service, bank, {"cards": 1, "loans": 1})

        page.click('[data-tab="graph"]')
        page.select_option(".graph-bar select", "48")
        cards = page.locator(".menu-card", has=page.locator("strong", has_text="loans"))
        cards.locator("text=1 now").wait_for()

        page.click('[data-tab="history"]')
        page.wait_for_selector("text=cards are served by loans today")
        page.click(".history tbody tr:nth-child(2) button")
        page.wait_for_selector("dialog .diff tr.out >> text=goto: loans")
        page.click("dialog button.primary:not([disabled])")
        page.wait_for_selector("dialog", state="detached")
        wait_for(lambda: bank.read_text() == before, WAIT, "it is not rolled back")
        for call in (old, new):
            callers.hang_up(call)
        wait_for(service.snapshot_is_idle, WAIT, "something is left")


def test_editor__walked_and_tested_by_keyboard_and_narrow(house: tuple[Service, Path], browser: Browser) -> None:
    service, _ = house
    with person(browser, service, language="ru", theme="dark", size=NARROW) as admin:
        page = editor_of(admin, service)
        assert page.locator(".menu-card").count() >= 5
        for tab in ("text", "findings", "walk", "tests", "call", "history", "graph"):
            page.click(f'[data-tab="{tab}"]')
            page.wait_for_selector(f"#editor-view.view-{tab}", state="attached")
            if tab == "walk":
                page.wait_for_selector(".story .heard")
                page.locator(".walk-keys button").nth(1).focus()
                page.keyboard.press("2")
                page.wait_for_selector("text=comes to menu main")
                page.keyboard.press("0")
                page.wait_for_selector("text=waits in queue general")
            elif tab == "tests":
                page.click("#editor-view button.primary")
                page.wait_for_selector(".tests .good")
                assert page.locator(".tests .bad").count() == 0
            elif tab == "history":
                page.wait_for_selector(".history")
            looks_right(page)
