"""Pictures of a chat: at its visitor's, and at the desk of the operator who takes it."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.pages.screens_scenes import Scene, Stage, View

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
    desk.get_by_role("button", name="End chat").click()
    page.get_by_role("button", name="New chat").wait_for()
    yield View("chat-ended", page)


def option(page: Page, label: str) -> None:
    page.locator(".options").get_by_role("button", name=label).click()


def say(page: Page, field: str, text: str) -> None:
    page.locator(field).fill(text)
    page.locator(field).press("Enter")


SCENES: dict[str, Scene] = {"chat": chat}
