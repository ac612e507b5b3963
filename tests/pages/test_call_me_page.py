"""Called from the chat, in real Chromium: a visitor and anna write and talk at one time, in one request."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.pages.ears import give_ears, hears, wait_deaf, wait_hears
from tests.pages.rig import looks_right, person, web_password
from tests.pages.test_chat_page import PORT, site
from tests.pages.test_pages_story import answer, switch_on
from tests.support.service import QUEUES, ROOT, Service, running_service, wait_for

HOST, BANK = "127.0.70.2", "127.0.70.3"
VISITOR, ANNA = 600, 1000               # Hz
NUMBER = "+74951234567"
QUEUE = {"operators": ["anna"], "ring_time_s": 30, "max_wait_s": 120}
REFUSED = """() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
}"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("call-me")
    with running_service(folder, host=HOST, country="RU", topics=str(ROOT / "menus/topics.yaml"),
                         queues=dict.fromkeys(QUEUES, QUEUE),
                         operators={"anna": {"display_name": "Anna Petrova"}, "boris": {}},
                         outbound={"allow": ["+7495"]},
                         channels={"web": {"line": "100", "call_me": "both",
                                           "origins": [f"http://{BANK}:{PORT}"]}}) as running:
        yield running


class Talk:
    """Anna at her desk, whose phone is in her page, and a visitor whose chat she has."""

    def __init__(self, stack: ExitStack, service: Service, browser: Browser) -> None:
        self.service = service
        hers = stack.enter_context(person(browser, service))
        give_ears(hers.context, ANNA)
        self.anna = hers.log_in("anna", web_password(service, "anna"), "/desk")
        switch_on(self.anna)
        self.anna.get_by_role("switch", name="Answer chats here").check()
        expect(self.anna.get_by_text("Chats come to this desk: 0 of 3.")).to_be_visible()
        self.theirs = stack.enter_context(person(browser, service))
        give_ears(self.theirs.context, VISITOR)

    def begins(self, page: Page | FrameLocator) -> None:
        """The visitor's chat, in a page or in a frame of one, as far as anna."""
        page.get_by_label("Your name").fill("Maria")
        page.get_by_role("button", name="Start the chat").click()
        page.locator(".options").get_by_role("button", name="English").click()
        expect(page.locator(".options").get_by_role("button", name="English")).to_have_count(0)
        page.locator(".options button").first.click()
        self.anna.get_by_role("button", name="Take").click()
        expect(self.anna.locator(".desk-chat[data-state=talking]")).to_be_visible()
        expect(page.get_by_role("button", name="Call me")).to_be_enabled()

    def calls(self) -> list[dict[str, str]]:
        """Those that are over, of the newest request."""
        found = [one for one in self.service.api("/api/calls?limit=20")["items"] if one["outcome"]]
        newest = found[0]["request_id"] if found else None
        return [one for one in found if one["request_id"] == newest]


@pytest.fixture
def talk(service: Service, browser: Browser) -> Iterator[Talk]:
    with ExitStack() as stack:
        yield Talk(stack, service, browser)
    wait_for(service.snapshot_is_idle, 30, "something is left")


def test_call_me__in_the_page_both_hear_each_other_and_the_chat_goes_on(talk: Talk) -> None:
    anna, page = talk.anna, talk.theirs.open("/chat")
    talk.begins(page)
    chat = anna.locator(".desk-chat").get_attribute("data-call")
    page.get_by_role("button", name="Call me").click()
    expect(page.get_by_role("dialog")).to_contain_text("Speak with us")
    looks_right(page)
    page.get_by_role("button", name="Here, with the microphone").click()
    incoming = anna.locator(".desk-incoming")
    expect(incoming).to_contain_text("From a chat of yours")
    expect(incoming).to_contain_text("Maria")
    expect(page.locator(".voice")).to_contain_text("Anna Petrova is being called")
    answer(anna)
    wait_hears(page, ANNA)
    wait_hears(anna, VISITOR)
    expect(page.locator(".voice")).to_contain_text("You are talking with Anna Petrova")
    looks_right(page)
    expect(anna.locator(".desk-call")).to_contain_text("They write to you as well")
    page.locator("textarea").fill("my card is 1234")
    page.locator("textarea").press("Enter")
    expect(anna.locator(".desk-chat-line.caller", has_text="my card is 1234")).to_be_visible()
    assert not hears(page, VISITOR)

    page.get_by_role("button", name="Hang up").click()
    wait_deaf(page, ANNA)
    expect(page.locator(".voice")).to_contain_text("The call is over. The chat goes on.")
    expect(page.locator(".log")).to_contain_text("Call, 0:")
    expect(anna.locator(".desk-call")).to_have_count(0)
    anna.locator("textarea[name=message]").fill("Is there anything else?")
    anna.locator("textarea[name=message]").press("Enter")
    expect(page.locator(".log")).to_contain_text("Is there anything else?")
    anna.locator(".desk-chat").get_by_role("button", name="End chat").click()
    expect(page.get_by_text("This chat is over.")).to_be_visible()
    wait_for(lambda: len(talk.calls()) == 2, 30, "the two calls have no request of both")
    assert {one["id"] == chat for one in talk.calls()} == {True, False}
    assert {one["operator"] for one in talk.calls()} == {"anna"}


def test_call_me__in_a_frame_of_another_site_the_call_has_a_window_of_its_own(talk: Talk) -> None:
    with site(BANK, HOST) as address:
        page = talk.theirs.open("/try")
        page.goto(address)
        page.get_by_role("button", name="Write to us").click()
        frame = page.frame_locator("iframe")
        talk.begins(frame)
        frame.get_by_role("button", name="Call me").click()
        with talk.theirs.context.expect_page() as opened:
            frame.get_by_role("link", name="In a new window").click()
        window = opened.value
        expect(window.get_by_role("button", name="Start the call")).to_be_visible()
        window.wait_for_url(f"http://{HOST}:8080/call")         # the code is used, and lies in no history
        window.get_by_role("button", name="Start the call").click()
        answer(talk.anna)
        wait_hears(window, ANNA)
        wait_hears(talk.anna, VISITOR)
        window.get_by_role("button", name="Hang up").click()
        expect(window.get_by_text("You can close this window")).to_be_visible()
        expect(frame.locator(".voice")).to_contain_text("The chat goes on")
        talk.anna.locator(".desk-chat").get_by_role("button", name="End chat").click()


def test_call_me__a_microphone_that_is_refused_is_explained(talk: Talk) -> None:
    page = talk.theirs.open("/chat")
    page.evaluate(REFUSED)
    talk.begins(page)
    page.get_by_role("button", name="Call me").click()
    page.get_by_role("button", name="Here, with the microphone").click()
    answer(talk.anna)
    wait_hears(page, ANNA)
    expect(page.locator(".speaking")).to_contain_text("The microphone is not allowed")
    expect(page.get_by_role("button", name="Microphone refused")).to_be_visible()
    page.get_by_role("button", name="Hang up").click()
    talk.anna.locator(".desk-chat").get_by_role("button", name="End chat").click()
    expect(page.get_by_text("This chat is over.")).to_be_visible()


def test_invite__a_caller_goes_on_in_writing_with_a_code_that_the_operator_tells(talk: Talk) -> None:
    anna, phone = talk.anna, talk.theirs.open("/try")
    phone.get_by_role("button", name="Call").first.click()
    for text in ("English", "lost"):
        phone.locator(".options button", has_text=text).first.click()
    answer(anna)
    wait_hears(phone, ANNA)
    anna.get_by_role("button", name="Go on in writing").click()
    code = anna.locator("[data-invite]").get_attribute("data-invite")
    looks_right(anna)
    page = talk.theirs.open("/chat")
    page.get_by_role("button", name="I have a code from an operator").click()
    looks_right(page)
    page.get_by_label("Code from the operator").fill(f"{code[:3]} {code[3:]}".lower() if code else "")
    page.get_by_role("button", name="Start the chat").click()
    anna.get_by_role("button", name="Take").click()
    page.locator("textarea").fill("the account is 40817")
    page.locator("textarea").press("Enter")
    expect(anna.locator(".desk-chat-line.caller", has_text="the account is 40817")).to_be_visible()
    wait_hears(phone, ANNA)
    anna.locator(".desk-chat").get_by_role("button", name="End chat").click()
    expect(page.get_by_text("This chat is over.")).to_be_visible()
    wait_hears(anna, VISITOR)
    phone.get_by_role("button", name="Hang up").click()


def test_call_me__a_telephone_is_a_wish_until_the_operator_presses(talk: Talk) -> None:
    page = talk.theirs.open("/chat")
    talk.begins(page)
    page.get_by_role("button", name="Call me").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your number").fill("+1 202 555 0123")
    dialog.get_by_role("button", name="Ask to be called").click()
    expect(dialog).to_contain_text("We can't call this number")
    dialog.get_by_label("Your number").fill("8 495 123-45-67")
    dialog.get_by_role("button", name="Ask to be called").click()
    expect(page.locator(".log")).to_contain_text(f"Please call me: {NUMBER}")
    expect(talk.anna.locator(".desk-chat-line.caller", has_text=f"Asks to be called at {NUMBER}")).to_be_visible()
    talk.anna.get_by_role("button", name=f"Call {NUMBER}").click()
    talk.anna.locator(".desk-answer").click()       # her own phone is rung first; there is no trunk to ring the other
    expect(page.locator(".voice")).to_contain_text("can't talk now")
    talk.anna.locator(".desk-chat").get_by_role("button", name="End chat").click()
    expect(page.get_by_text("This chat is over.")).to_be_visible()
