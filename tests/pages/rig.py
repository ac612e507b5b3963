"""Real Chromium on the pages of a real service: who opens them, logs in, speaks and listens there."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.support.service import Service

CHROMIUM = "/usr/bin/chromium"
BUILT = Path(__file__).parent.parent.parent / "desk/built/index.html"
FLAGS = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--no-sandbox",
         "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 860}
WAIT = 30.0             # s for what comes at once on an idle machine; nobody waits longer than it takes
WAIT_MS = int(WAIT * 1000)
expect.set_options(timeout=WAIT_MS)


def need_chromium() -> str:
    """Its path. Under CI it must be there, elsewhere a machine without it skips."""
    found = shutil.which("chromium") or (CHROMIUM if Path(CHROMIUM).exists() else None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    assert BUILT.exists(), "the pages are not built: make pages"
    return found


RUNNING: list[Playwright] = []


@contextmanager
def driver() -> Iterator[Playwright]:
    """What drives browsers: a process can have one at a time, for however many of them."""
    if RUNNING:
        yield RUNNING[0]
        return
    with sync_playwright() as playwright:
        RUNNING.append(playwright)
        try:
            yield playwright
        finally:
            RUNNING.clear()


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser with a microphone that beeps; `flags` besides the usual ones."""
    path = need_chromium()
    with driver() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody with a browser of their own: pages share its cookies. `complaints` is what the console said that it
    should not have."""

    service: Service
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://{self.service.config['web']['listen']}"

    def open(self, path: str) -> Page:
        """A new page at `path`."""
        page = self.context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: self._heard(message))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.base + path)
        return page

    def log_in(self, name: str, password: str, path: str = "/") -> Page:
        """Through the form, as people do; the page that comes after it, or `path`."""
        page = self.open("/login" if path == "/" else f"/login?next={path}")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", password)
        page.click("button.primary")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


@contextmanager
def person(browser: Browser, service: Service, *, language: str = "en", theme: str = "light",
           size: Mapping[str, int] = WIDE, quiet: bool = True, **more: Any) -> Iterator[Person]:
    """A person with this browser; at the end the console must have said nothing, if `quiet`."""
    context = browser.new_context(locale=language, color_scheme=theme,                     # type: ignore[arg-type]
                                  viewport=dict(size), permissions=["microphone"],         # type: ignore[arg-type]
                                  **more)
    here = Person(service, context)
    try:
        yield here
    finally:
        context.close()
    assert not quiet or not here.complaints, here.complaints


def web_password(service: Service, name: str) -> str:
    """What the first start wrote down for the pages."""
    for line in (service.state / "first-passwords.txt").read_text().splitlines():
        words = line.split()
        if "web" in words and name in words:
            return words[-1]
    raise LookupError(name)


def tab_to(page: Page, wanted: Locator) -> None:
    """Once it is there: Tab until the focus is on exactly this. Whoever tabs through a page that is still being loaded
    comes round to its body, which has every text of the page and takes no key."""
    expect(wanted).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def settle(page: Page) -> None:
    """Until what was changed is drawn and moves no more; what moves without an end is let be."""
    page.evaluate("""async () => {
        const drawn = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 500) });
        await drawn();
        await drawn();
        const ends = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < 5000);
        await Promise.all(ends.map(one => one.finished.catch(() => 0)));
    }""")


def looks_right(page: Page) -> None:
    """In both themes and at both widths nothing is cut off, and axe finds nothing in each theme and at each width."""
    for scheme, size in (("light", NARROW), ("dark", NARROW), ("dark", WIDE), ("light", WIDE)):
        page.emulate_media(color_scheme=scheme)             # type: ignore[arg-type]
        page.set_viewport_size(size)                        # type: ignore[arg-type]
        found = is_cut_off(page)
        if (scheme == "dark") == (size is NARROW):
            found += faults_of_access(page)
        assert found == [], (page.url, scheme, size, found)


def is_cut_off(page: Page) -> list[str]:
    """What lies beyond the page's edge and can't be reached by scrolling it alone: nothing should."""
    settle(page)
    found: list[str] = page.evaluate("""() => {
        const wide = document.documentElement.clientWidth, out = [];
        const rolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
            if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX)) return true; return false };
        for (const e of document.body.querySelectorAll("*")) {
            const r = e.getBoundingClientRect();
            if (r.width && r.height && r.right > wide + 1 && !rolls(e) && getComputedStyle(e).position !== "fixed"
                && !e.closest(".hidden, .skip")) out.push(e.tagName + "." + e.className + " " + Math.round(r.right));
        }
        return out.slice(0, 10)
    }""")
    return found


AXE = Path(__file__).parent.parent.parent / "desk/pages/node_modules/axe-core/axe.min.js"


def faults_of_access(page: Page) -> list[str]:
    """What axe finds on the page (WCAG 2.1 A and AA)."""
    settle(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # as the debugger does it: the page's own policy would refuse a script
    found: list[str] = page.evaluate("""async () => {
        const found = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]});
        return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 4).join(" | "))
    }""")
    return found
