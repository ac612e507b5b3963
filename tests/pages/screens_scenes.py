"""What the pictures show: each scene goes through a page, or a piece of work, and stops where a picture is taken."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, ClassVar, NamedTuple, Self

from playwright.sync_api import Browser, Page

from tests.pages.rig import Person, person, web_password
from tests.pages.screens_house import House, ring
from tests.support.service import wait_for

LANGUAGES = {"en": "en-GB", "ru": "ru-RU"}
GOOD, BAD, BETTER = '      "2": {goto: cards}', '      "2": {goto: crads}', '      "2": {goto: loans}'
KNOWN_CALLER = "+74951002030"
PATIENCE_MS = 60_000     # the service takes a menu up when it comes to it


class View(NamedTuple):
    """A picture: its name, of which page; what it has in its middle, or the whole page however long."""

    name: str
    page: Page
    at: str = ""
    whole: bool = False


class Stage:
    """A browser in one theme for each of those who play, and the house. What their consoles said is kept."""

    logged_in: ClassVar[dict[str, Any]] = {}        # by name: people come in once, and each scene goes on from there

    def __init__(self, browser: Browser, house: House, theme: str) -> None:
        self.browser, self.house, self.theme = browser, house, theme
        self.people: list[Person] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def complaints(self) -> list[str]:
        return [said for one in self.people for said in one.complaints]

    def person(self, who: str = "", language: str = "en") -> Person:
        """Somebody with a browser of their own; logged in, if they have a name."""
        service = self.house.service
        if who and who not in self.logged_in:
            with person(self.browser, service, quiet=False) as comes:
                comes.log_in(who, web_password(service, who), "/account")
                self.logged_in[who] = comes.context.storage_state()
        somebody = self._stack.enter_context(person(
            self.browser, service, language=LANGUAGES[language], theme=self.theme, quiet=False,
            storage_state=self.logged_in.get(who)))
        self.people.append(somebody)
        return somebody

    def open(self, path: str, who: str = "", wait: str = "main", language: str = "en") -> Page:
        page = self.person(who, language).open(path)
        page.wait_for_selector(wait)
        return page


Scene = Callable[[Stage], Iterator[View]]


def still(name: str, path: str, who: str = "", wait: str = "main", language: str = "en", whole: bool = False) -> Scene:
    """A page as it opens."""
    def scene(stage: Stage) -> Iterator[View]:
        yield View(name, stage.open(path, who, wait, language), whole=whole)
    return scene


def login(stage: Stage) -> Iterator[View]:
    somebody = stage.person()
    page = somebody.open("/login")
    page.wait_for_selector("input[name=password]")
    yield View("login", page)
    page.fill("input[name=login]", "anna")
    page.fill("input[name=password]", "not this one")
    page.click("button.primary")
    page.wait_for_selector("[role=alert]")
    somebody.complaints.clear()             # a browser writes every 401 down
    yield View("login-wrong", page)


def try_it(stage: Stage) -> Iterator[View]:
    """A stranger calls from the page, hears and reads a menu, waits, and hangs up."""
    page = stage.open("/try", wait="button.call")
    yield View("try", page)
    page.get_by_role("button", name="Sound and devices").click()
    page.wait_for_selector("dialog[open]")
    yield View("try-devices", page)
    page.keyboard.press("Escape")
    page.click("button.call")
    page.wait_for_selector(".heard p")
    page.click(".keypad [data-key='1']")
    page.wait_for_selector(".path >> text=Main")
    page.keyboard.press("2")
    page.wait_for_selector(".path >> text=Cards")
    page.wait_for_timeout(1500)
    yield View("try-call", page)
    page.keyboard.press("0")
    page.wait_for_selector(".place")
    page.wait_for_timeout(500)
    yield View("try-waits", page)
    page.click(".hang-up")
    page.get_by_text("You hung up.").wait_for()
    yield View("try-ended", page)


def desk_page(stage: Stage) -> Iterator[View]:
    """An operator with the phone in the page: free, rung, in a talk, on to somebody else, written up."""
    house = stage.house
    page = stage.open("/desk", "maria")
    page.get_by_role("button", name="Answer calls in this browser").click()
    page.get_by_text("Calls ring in this page.").wait_for()
    yield View("desk-free", page)
    page.keyboard.press("Alt+Slash")
    page.wait_for_selector("dialog[open]")
    yield View("desk-keys", page)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Digit2")
    page.wait_for_selector("dialog[open]")
    yield View("desk-break", page)
    page.keyboard.press("Escape")
    call = ring(house.callers, KNOWN_CALLER, "160")
    page.wait_for_selector(".desk-answer")
    yield View("desk-incoming", page)
    page.click(".desk-answer")
    page.wait_for_selector(".desk-call[data-state=talking]")
    page.fill("textarea[name=note]", "Wants to open an account for the company; has the papers.")
    page.wait_for_timeout(2000)
    yield View("desk-talk", page)
    page.locator(".desk-acts").get_by_role("button", name="Keypad").click()
    page.wait_for_selector(".keypad")
    yield View("desk-keypad", page)
    page.keyboard.press("Escape")
    page.locator(".desk-acts").get_by_role("button", name="Transfer").click()
    page.wait_for_selector("dialog [data-target]")
    yield View("desk-transfer", page)
    page.keyboard.press("Escape")
    house.callers.hang_up(call)
    page.wait_for_selector(".desk-wrap-up")
    page.get_by_role("button", name="Close request").click()
    page.get_by_text("Needed to close it").first.wait_for()
    yield View("desk-wrap-up", page)
    page.select_option("select[name=topic]", "other")
    page.select_option("select[name=result]", "solved")
    page.get_by_role("button", name="Close request").click()
    page.wait_for_selector(".desk-wrap-up", state="detached")
    page.get_by_role("tab", name="Today").click()
    page.wait_for_timeout(500)
    yield View("desk-today", page)


def supervisor(stage: Stage) -> Iterator[View]:
    """A supervisor looks, asks why, takes a call, and listens to a talk."""
    page = stage.open("/supervisor", "olga", "table.calls tr[data-call]")
    page.get_by_text("in time today").wait_for()
    yield View("supervisor", page, whole=True)
    page.locator("tr[data-operator=ivan]").get_by_role("button", name="Why?").click()
    page.wait_for_selector("dialog[open] li, dialog[open] p")
    yield View("supervisor-why", page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Answer calls in this browser").click()
    row = page.locator("tr[data-call]", has_text="Anna Petrova")
    row.get_by_role("button", name="Take").click()
    page.wait_for_selector("dialog[open]")
    yield View("supervisor-take", page)
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Listen").click()
    row.locator(".pill.accent").wait_for()
    page.wait_for_timeout(1000)
    yield View("supervisor-listens", page, at="table.calls .pill.accent")
    page.locator(".phone-bar").get_by_role("button", name="Hang up").click()
    row.locator(".pill.accent").wait_for(state="detached")


def put(page: Page, old: str, new: str) -> None:
    """Type over a text that stands once in the editor, found with its own search."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+f")
    page.locator(".cm-search input[name=search]").press_sequentially(old.strip())
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.insert_text(new.strip())


def menus(stage: Stage) -> Iterator[View]:
    """An administrator breaks a menu, mends it, publishes it, calls it, and takes it back."""
    page = stage.open("/admin/menus", "admin", ".react-flow__node")
    page.wait_for_timeout(500)
    yield View("menus", page)
    put(page, GOOD, BAD)
    page.wait_for_selector(".cm-message.error")
    page.click('[data-tab="findings"]')
    page.wait_for_selector(".finding.error")
    yield View("menus-broken", page)
    page.click('[data-tab="graph"]')
    put(page, BAD, BETTER)
    page.wait_for_selector(".state .bad", state="detached")
    page.click("text=Publish…")
    page.wait_for_selector("dialog .diff tr.in")
    page.fill("dialog input[name=note]", "cards are served by loans today")
    yield View("menus-publish", page)
    page.click("dialog button.primary:not([disabled])")
    page.wait_for_selector(".taken >> text=New calls get it now.", timeout=PATIENCE_MS)
    page.click('[data-tab="walk"]')
    page.wait_for_selector(".story .heard")
    page.locator(".walk-keys button").nth(1).focus()
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.wait_for_timeout(500)
    yield View("menus-walk", page)
    page.click('[data-tab="tests"]')
    page.click("#editor-view button.primary")
    page.wait_for_selector(".tests .good, .tests .bad")
    yield View("menus-tests", page)
    page.click('[data-tab="call"]')
    page.locator(".call-it button.good").first.click()
    page.wait_for_selector(".heard p")
    page.click(".keypad [data-key='1']")
    page.wait_for_selector(".path >> text=Main")
    yield View("menus-call", page)
    page.click(".hang-up")
    page.click('[data-tab="history"]')
    page.wait_for_selector(".history >> text=cards are served by loans today")
    yield View("menus-history", page)
    page.click(".history tbody tr:nth-child(2) button")
    page.wait_for_selector("dialog .diff tr.out")
    yield View("menus-roll-back", page)
    page.click("dialog button.primary:not([disabled])")
    page.wait_for_selector("dialog", state="detached")


def one_call(stage: Stage) -> Iterator[View]:
    """The call that is over and was taken by the service itself, not written beforehand."""
    told = wait_for(lambda: next((one for one in stage.house.service.calls() if one["outcome"] == "answered"
                                  and one["queue"] == "cards" and one["menu_version"]), None), 30, "no call is over")
    page = stage.open(f"/admin/calls/{told['id']}", "admin", "svg text:has-text('BYE')")
    page.wait_for_selector("audio")
    page.wait_for_selector(".timeline q")
    yield View("call", page, whole=True)


def lines(stage: Stage) -> Iterator[View]:
    page = stage.open("/admin/lines", "admin", "main button[aria-pressed]")
    yield View("lines", page)
    page.click("text=Announce >> nth=0")
    page.wait_for_selector(".emergency .steps")
    yield View("lines-announce", page, whole=True)


def hours(stage: Stage) -> Iterator[View]:
    page = stage.open("/admin/hours?schedule=bank", "admin", ".month button")
    yield View("hours", page)
    page.click(".month button:has-text('28') >> nth=0")
    page.wait_for_selector("dialog[open]")
    page.click("label:has-text('Other hours')")
    yield View("hours-day", page)


def prompts(stage: Stage) -> Iterator[View]:
    page = stage.open("/admin/prompts", "admin", "tbody tr")
    yield View("prompts", page)
    page.locator("tbody tr", has_text="welcome").first.locator("button").first.click()
    page.wait_for_selector("dialog[open] audio")
    yield View("prompt", page)


def reports(stage: Stage) -> Iterator[View]:
    page = stage.open("/reports", "olga", "canvas")
    page.select_option("select[name=period]", "p_week")
    page.wait_for_timeout(1000)
    yield View("reports", page, whole=True)
    page.locator("tr[data-group=cards] td[data-figure=abandoned] button").click()
    page.wait_for_selector("dialog table.behind tr[data-call]")
    yield View("reports-calls", page)


def account(stage: Stage) -> Iterator[View]:
    page = stage.open("/account", "olga")
    yield View("account", page)
    page = stage.open("/account", "admin", "td >> text=prometheus")
    yield View("account-admin", page)
    page.get_by_role("button", name="Make a token").click()
    page.wait_for_selector("dialog[open]")
    page.fill("input[name=program]", "crm")
    yield View("account-token", page)


def operators(stage: Stage) -> Iterator[View]:
    page = stage.open("/admin/operators", "admin")
    page.get_by_text("Ivan Kim").wait_for()
    time.sleep(0.3)
    yield View("operators", page)


SCENES: dict[str, Scene] = {
    "login": login,
    "try": try_it,
    "desk": still("desk", "/desk", "anna", ".desk-request"),
    "desk-rings": still("desk-rings", "/desk", "vera", ".desk-incoming"),
    "desk-ru": still("desk-ru", "/desk", "boris", ".desk-request", "ru"),
    "desk-page": desk_page,
    "supervisor": supervisor,
    "wallboard": still("wallboard", "/wallboard", "olga", "text=cards"),
    "reports": reports,
    "menus": menus,
    "account": account,
    "admin": still("admin", "/admin", "admin"),
    "lines": lines,
    "prompts": prompts,
    "hours": hours,
    "queues": still("queues", "/admin/queues", "admin"),
    "operators": operators,
    "people": still("people", "/admin/people", "admin", "tbody tr"),
    "trunks": still("trunks", "/admin/trunks", "admin"),
    "calls": still("calls", "/admin/calls", "admin", "td:has-text('Anna Petrova')"),
    "call": one_call,
    "audit": still("audit", "/admin/audit", "admin", "tbody tr"),
    "health": still("health", "/admin/health", "admin"),
}
