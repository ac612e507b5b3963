"""How soon a page is there in a real Chromium: first contentful paint with nothing cached, and what it loaded."""

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.pages.rig import Person, chromium, person, web_password
from tests.support.service import running_service

HOST = "127.0.48.2"
RUNS = 7
PAINT = """() => new Promise((done) => {
    const look = () => { const [one] = performance.getEntriesByName("first-contentful-paint");
                         one ? done(one.startTime) : setTimeout(look, 20) };
    look();
})"""
SCRIPTS = """() => performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js"))
    .map((one) => one.encodedBodySize)"""


def pages() -> dict[str, object]:
    """Pages in a browser that has cached nothing: first paint, and scripts as they are sent."""
    with tempfile.TemporaryDirectory() as folder, running_service(Path(folder), host=HOST) as service, \
            chromium() as browser:
        with person(browser, service, quiet=False) as anna:
            anna.log_in("anna", web_password(service, "anna"))
            login = anna.context.storage_state()
        return {path: measured(browser, service, path, login) for path in ("/login", "/try", "/desk")}


def measured(browser: Browser, service: Any, path: str, login: Any) -> dict[str, object]:
    """Milliseconds of RUNS first visits; kilobytes of scripts on the wire."""
    paints, scripts = [], 0
    for _ in range(RUNS):
        with person(browser, service, quiet=False, storage_state=login if path == "/desk" else None) as somebody:
            paints.append(first_paint(somebody, path))
            scripts = sum(somebody.context.pages[0].evaluate(SCRIPTS))
    return {"first_paint_ms": round(statistics.median(paints)), "worst_ms": round(max(paints)),
            "scripts_kb": round(scripts / 1000, 1)}


def first_paint(somebody: Person, path: str) -> float:
    page = somebody.open(path)
    page.wait_for_load_state("networkidle") if path == "/login" else page.wait_for_timeout(800)
    return float(page.evaluate(PAINT))
