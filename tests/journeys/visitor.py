"""Somebody with a browser: walks through the shop, keeps pictures of what was seen, and notices what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response, expect

PICTURES = Path(__file__).resolve().parents[2] / "test-results" / "journeys"
PATIENCE_MS = 60_000
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
#: The narrowest phones; a page that fits there fits everywhere.
NARROW = 320
#: A desktop's window at 200 and at 133 %: too wide for a phone's layout, and not wide enough for much in a row.
ZOOMED = (640, 960)

#: Chromium writes a line for every answer that is a refusal.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")

_TOO_WIDE = """() => {
  if (!document.body) throw new Error("navigation: the page is not there yet");
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return "";
  const scrolled = (e) => e && e !== document.body &&
    (getComputedStyle(e).overflowX !== "visible" || scrolled(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolled(e.parentElement));
  return `${document.documentElement.scrollWidth} of ${width} pixels: ` +
    wide.slice(0, 5).map((e) => `${e.tagName}.${e.className}`).join(", ");
}"""
_AXE = """(rules) => axe.run(document, {
  runOnly: rules, preload: {assets: ["media"]}, resultTypes: ["violations"],
}).then((found) =>
  found.violations.map((v) => `${v.id} (${v.help}): ` + v.nodes.slice(0, 3)
    .map((n) => n.target.join(" ") + " " + ((n.any[0] || {}).message || "")).join(" | ")))"""
#: Everything axe-core knows of WCAG 2.2 A and AA, and its advice on landmarks and headings.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What a page is judged by once more in its other theme: that one differs in colours alone, which a test of the style
#: sheets makes sure of.
_RULES_OF_COLOUR = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_REFUSED_BY_POLICY = """addEventListener("securitypolicyviolation", (refused) => console.error(
  `refused by the policy: ${refused.effectiveDirective} ${refused.blockedURI} ` +
  `at ${refused.sourceFile}:${refused.lineNumber} ${refused.sample}`))"""
#: A page that is looked at as a whole shows the pictures, too, that a shopper would scroll to.
_ALL_PICTURES = """async () => {
  for (const picture of document.images) picture.loading = "eager";
  await Promise.all([...document.images].map((picture) => picture.decode().catch(() => 0)));
}"""
_BROKEN_PICTURES = """() => [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => i.src)"""


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


class Visitor:
    """A browser of somebody's own. What goes wrong on its pages is kept in `problems`."""

    def __init__(self, browser: Browser, site: str, *, journey: str, screen: dict[str, Any], script: bool = True):
        self.site = site
        self.script = script
        self.problems: list[str] = []
        self._journey = journey
        self._seen = count(1)
        self._phone = screen is PHONE
        self._script = script
        # A form that was filled in wrongly is answered with 422; that is no fault.
        self._expected: set[int] = {422}
        self._context = browser.new_context(
            **screen, base_url=site, java_script_enabled=script, locale="en-GB", reduced_motion="reduce"
        )
        self._context.set_default_timeout(PATIENCE_MS)
        # Said on the console, too, but there Chromium does not say where it was.
        if script:
            self._context.add_init_script(_REFUSED_BY_POLICY)
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        self._context.on("response", self._judge)
        self._context.on("requestfailed", self._failed)
        self.page: Page = self._context.new_page()

    def go(self, path: str) -> None:
        self.page.goto(path)

    def look(self, name: str, *, narrow: bool = True) -> None:
        """Keep pictures of the whole page, light and dark, and check that it fits and shows all its pictures."""
        # The time of a poll must not decide what the picture shows.
        page = self.page
        if self._phone and narrow:
            size = page.viewport_size
            assert size is not None
            page.set_viewport_size({"width": NARROW, "height": size["height"]})
            self.must_fit(f"{name} at {NARROW} px")
            page.set_viewport_size(size)
        self.must_fit(name)
        self._ask(_ALL_PICTURES)
        self.problems += [f"{name}: picture without a drawing: {source}" for source in self._ask(_BROKEN_PICTURES)]
        folder = PICTURES / self._journey
        folder.mkdir(parents=True, exist_ok=True)
        number = next(self._seen)
        for theme in ("dark", "light"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # one of its literals
            self._must_be_accessible(f"{name}, {theme}", _RULES if theme == "light" else _RULES_OF_COLOUR)
            picture = folder / f"{number:02}-{name}-{theme}.jpg"
            # A pixel of the style sheet each: a phone's own would take three times as long.
            page.screenshot(path=picture, full_page=True, type="jpeg", quality=80, scale="css")

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Walk where an answer of that status is right."""
        self._expected.add(status)
        yield
        self._expected.remove(status)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            field = self.page.locator(f"main :is(input, select, textarea)[name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def sees(self, text: str) -> None:
        """Wait until the page's main part says it; pages that move are given the time."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def leave(self) -> None:
        self._context.close()

    def _ask(self, question: str) -> Any:
        """Ask the page something. One that asks the server again by itself may just go; then its successor is asked."""
        for _ in range(20):
            self.page.wait_for_load_state()
            try:
                return self.page.evaluate(question)
            except Error as problem:
                if "navigation" not in problem.message:
                    raise
        raise AssertionError(f"{self.page.url} never stays long enough to be asked anything.")

    def must_fit(self, name: str) -> None:
        if wide := self._ask(_TOO_WIDE):
            self.problems.append(f"{name}: wider than the screen, {wide}")

    def _must_be_accessible(self, name: str, rules: object) -> None:
        """Let axe-core judge a page of the shop; the staff's pages are their theme's. It needs the page's scripts."""
        if self._script and "/admin/" not in self.page.url:
            if self.page.evaluate("() => !window.axe"):
                self.page.evaluate(_axe())
            self.problems += [f"{name}: {violation}" for violation in self.page.evaluate(_AXE, rules)]

    def _hear(self, message: ConsoleMessage) -> None:
        refused = REFUSED.search(message.text)
        if refused and int(refused[1]) in self._expected:
            return
        if message.type in {"error", "warning"}:
            self.problems.append(f"console {message.type} on {self.page.url}: {message.text}")

    def _judge(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.problems.append(f"{response.status} from {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        # A page that is left gives up what it was still loading.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.problems.append(f"{request.url}: {request.failure}")
