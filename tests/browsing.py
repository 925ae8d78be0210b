"""A real Chromium to look at pages with, what it noticed, and what axe-core finds in them."""

from __future__ import annotations

import os
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
# Milliseconds that every answer of the server takes longer: shows tests that look before the page is ready.
LATENCY = "SKILLGEN_BROWSER_LATENCY"


class Window:
    """A page in a context of its own that notes what went wrong and what was asked of other servers."""

    def __init__(self, browser: Browser, **options: Any) -> None:  # noqa: ANN401 - the driver's options
        self.context: BrowserContext = browser.new_context(**{**DESKTOP, **options})
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.slow_down(int(os.environ.get(LATENCY, "0")))
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def slow_down(self, latency: int) -> None:
        if latency:
            network = self.context.new_cdp_session(self.page)
            network.send("Network.enable")
            anything = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
            network.send("Network.emulateNetworkConditions", {**anything, "latency": latency})

    def open(self, address: str) -> Page:
        self.page.goto(address)
        return self.page

    def close(self) -> None:
        self.context.close()


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, best practices included, each with the element that it is about."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
