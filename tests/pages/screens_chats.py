"""Pictures of a chat: at its visitor's, and at the desk of the operator who takes it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.pages.screens_scenes import Scene, Stage, View
from tests.support.pictures import PDF, png

ASKS = "My card does not work abroad. Can you help?"


def chat(stage: Stage) -> Iterator[View]:
    """From the first page of the chat to its end, with both who write."""
    stage.house.service.api("/api/operators/maria/wrap-up", delete=True)        # of the chat in the other theme
    page, desk = stage.open("/chat"), stage.open("/desk", "maria")
    yield View("chat", page)
    page.locator("input[name=name]").fill("Мария")
    page.get_by_role("button", name="Start the chat").click()
    option(page, "English")
    page.locator(".options").get_by_role("button").first.wait_for()
    yield View("chat-menu", page)
    answers = desk.get_by_role("switch", name="Answer chats here")
    if not answers.is_checked():
        answers.check()
    option(page, "Corporate customers")
    option(page, "Speak to an operator")
    card = desk.locator(".desk-incoming")
    card.wait_for()
    yield View("desk-chat-offered", desk)
    card.get_by_role("button", name="Take").click()
    desk.locator("textarea[name=message]").wait_for()
    say(page, ".write textarea", ASKS)
    desk.get_by_text(ASKS).first.wait_for()
    say(desk, "textarea[name=message]", "Yes. Where are you now?")
    page.get_by_text("Where are you now?").first.wait_for()
    yield View("chat-operator", page)
    yield View("desk-chat", desk)
    attach(page, "receipt.png", png(320, 200, colour=(70, 120, 170)))
    desk.locator(".desk-chat-line.caller .chat-picture img").wait_for()
    attach(desk, "Limits abroad.pdf", PDF)
    page.locator(".said.operator .chat-file").wait_for()
    attach(page, "whole archive.pdf", b" " * 12_400_000)      # refused before it is sent
    page.locator(".said.refused").wait_for()
    yield View("chat-files", page)
    yield View("desk-chat-files", desk)
    page.locator(".said.refused").get_by_role("button", name="Discard").click()
    desk.get_by_role("button", name="End chat").click()
    page.get_by_role("button", name="New chat").wait_for()
    yield View("chat-ended", page)


def option(page: Page, label: str) -> None:
    page.locator(".options").get_by_role("button", name=label).click()


def attach(page: Page, name: str, content: bytes) -> None:
    page.locator("input[name=files]").set_input_files({"name": name, "mimeType": "", "buffer": content})


def say(page: Page, field: str, text: str) -> None:
    page.locator(field).fill(text)
    page.locator(field).press("Enter")


SCENES: dict[str, Scene] = {"chat": chat}
