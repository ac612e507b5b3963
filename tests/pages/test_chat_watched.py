"""A supervisor in a chat, in real Chromium: reads along, writes notes to the operator, writes with both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.desk_house import DeskHouse, desk_house
from tests.pages.rig import looks_right, person, web_password
from tests.pages.test_chat_desk import answers_chats, reads, visitor, writes

HOST = "127.0.87.1"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    folder: Path = tmp_path_factory.mktemp("watched")
    secret = {"phone_password_file": str(folder / "password")}
    with desk_house(folder, HOST, channels={"web": {"line": "100"}}, operators={
            "anna": secret | {"display_name": "Anna Petrova"},
            "boris": secret | {"display_name": "Boris Orlov", "role": "supervisor"}}) as house:
        yield house


def test_watched__from_reading_along_to_writing_with_both(house: DeskHouse, browser: Browser) -> None:
    with person(browser, house.service) as anna, person(browser, house.service, quiet=False) as boris:
        page = anna.log_in("anna", web_password(house.service, "anna"), "/desk")
        answers_chats(page)
        his = boris.log_in("boris", web_password(house.service, "boris"), "/desk")
        answers_chats(his)
        maria, call = visitor(house, "Maria")
        page.locator(f".desk-incoming[data-call='{call}']").get_by_role("button", name="Take").click()
        writes(page, "Good day")
        maria.reads("Good day")

        house.service.api(f"/api/calls/{call}/supervisors/boris", put={"mode": "listen"})
        his.locator(f".desk-incoming[data-call='{call}']").get_by_role("button", name="Take").click()
        chat = his.locator(f".desk-chat[data-call='{call}'][data-state=supervising]")
        expect(chat).to_contain_text("You look on and don't write.")
        expect(his.locator("textarea[name=message]")).to_have_count(0)
        expect(chat.locator("[data-mode=listen]")).to_have_attribute("aria-pressed", "true")

        chat.get_by_role("button", name="Notes to the operator").click()
        expect(chat.locator("[data-mode=whisper]")).to_have_attribute("aria-pressed", "true")
        expect(his.get_by_label("Note for us alone")).to_have_count(0)
        writes(his, "offer her a discount")
        reads(his, "me", "offer her a discount")
        reads(page, "colleague", "offer her a discount")
        expect(page.locator(".colleague.note-for-us")).to_have_count(1)
        looks_right(his)

        chat.get_by_role("button", name="Write with both").click()
        expect(his.get_by_label("Note for us alone")).to_be_visible()
        writes(his, "I am the supervisor")
        assert maria.reads("I am the supervisor")["name"] == "Boris Orlov"
        reads(page, "colleague", "I am the supervisor")
        assert not any("discount" in one["body"] for one in maria.texts.values())
        maria.tell("leave")
        maria.told("ended")
        expect(his.locator(f".desk-chat[data-call='{call}'][data-state=over]")).to_be_visible()
        maria.close()
