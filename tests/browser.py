"""Fixtures of the browser tests: Chromium, a page that remembers what went wrong, and axe.

    @pytest.mark.e2e
    def test_something(page: Page, site: str, sign_in: SignIn) -> None:
        sign_in(page, "someone@example.org", "password")
        page.goto(site + "/cycles/")
        check_accessible(page)

A test fails at its end when its page logged an error, threw, or asked another machine for anything.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

type_of_sign_in = Callable[["Page", str, str], None]

#: No screen, no look-ups of its own, and a small shared memory as containers have it.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
]
#: The first does without what only people at a screen need, and takes half the time for it.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "No Chromium was found: install it (Debian: chromium-headless-shell, or chromium) or set CHROMIUM to it."
PATIENCE_MS = 30_000
#: A desk, and a phone.
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
#: Of what is in order nothing is told, and no rule that is on by itself needs every style sheet fetched once more.
AXE = {"resultTypes": ["violations"], "preload": False}


def find_chromium() -> str | None:
    """CHROMIUM, else one on the PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run. Without one the tests are skipped; with CI=true they fail."""
    program = find_chromium()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    with launched(program) as browser:
        yield browser


@contextlib.contextmanager
def launched(program: str) -> Iterator[Browser]:
    """A browser, until the end of the block."""
    from playwright.sync_api import sync_playwright

    # The driver keeps an event loop in this thread; Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS + root, headless=True)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server: Any) -> str:
    """The address of the running site, without a slash at the end."""
    return str(live_server.url)


class Seats:
    """Profiles of one browser that people sit down at, one after the other.

    A new profile is a new process, which fetches, reads and compiles everything again. What a person leaves behind is
    what her cookies hold: our pages keep nothing else in a browser.
    """

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser = browser
        self._site = site
        self._free: dict[bool, list[Seat]] = {True: [], False: []}

    @contextlib.contextmanager
    def taken(self, *, scripts: bool = True) -> Iterator[Page]:
        """A page until the end of the block; then it is an error when anything was wrong with it."""
        seat = self._free[scripts].pop() if self._free[scripts] else self._another(scripts)
        seat.wrong.clear()
        yield seat.page
        # First, so that what still runs on the page has run. To a page of the site: elsewhere is another process.
        seat.page.goto(f"{self._site}/healthz")
        seat.page.context.clear_cookies()
        self._free[scripts].append(seat)
        assert seat.wrong == []

    def _another(self, scripts: bool) -> Seat:
        made = self._browser.new_context(
            base_url=self._site,
            viewport=DESK,  # type: ignore[arg-type]
            locale="en-GB",
            java_script_enabled=scripts,
        )
        made.set_default_timeout(PATIENCE_MS)
        seat = Seat(made.new_page(), [])
        watch(seat.page, self._site, seat.wrong)
        return seat


@dataclass(frozen=True)
class Seat:
    """A page, and what it has complained of."""

    page: Page
    wrong: list[str]


@pytest.fixture(scope="session")
def seats(chromium: Browser, live_server: Any) -> Seats:
    """Where people sit down. Take another for a second person."""
    return Seats(chromium, str(live_server.url))


@pytest.fixture
def page(seats: Seats, site: str) -> Iterator[Page]:
    """A page; the test fails at its end when the page had an error or went elsewhere."""
    with seats.taken() as taken:
        yield taken


@pytest.fixture
def page_without_javascript(seats: Seats, site: str) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    with seats.taken(scripts=False) as taken:
        yield taken


def watch(page: Page, site: str, wrong: list[str]) -> None:
    """Add to ``wrong`` what the page complains of. A refusal by status (403, 404…) is no complaint, but of a file."""

    def on_console(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            wrong.append(f"console: {message.text}")

    def on_request(request: Any) -> None:
        if not request.url.startswith((site, "data:", "blob:", "about:")):
            wrong.append(f"request to another place: {request.url}")

    def on_response(response: Any) -> None:
        if response.status >= 400 and response.url.startswith(f"{site}/static/"):
            wrong.append(f"{response.status}: {response.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("response", on_response)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))


@pytest.fixture
def sign_in(site: str) -> type_of_sign_in:
    """Sign somebody in through the sign-in page."""

    def do(page: Page, email: str, password: str) -> None:
        page.goto(f"{site}/accounts/login/")
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill(password)
        page.locator("form:has(input[name=password]) [type=submit]").first.click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    return do


def check_accessible(page: Page, *, least: str = "serious") -> None:
    """Fail when axe finds something of at least this impact: minor, moderate, serious, critical."""
    found = found_by_axe(page, least=least)
    assert found == []


def found_by_axe(page: Page, *, least: str = "serious") -> list[str]:
    """What axe finds, of at least this impact."""
    from axe_playwright_python.sync_playwright import Axe

    if not page.evaluate("'axe' in window"):
        # Half a million characters: a page that is looked at in two sizes reads them once.
        page.evaluate(Axe().axe_script)
    impacts = ["minor", "moderate", "serious", "critical"]
    counting = set(impacts[impacts.index(least) :])
    return [
        f"{violation['id']} ({violation['impact']}): {node['html']}"
        for violation in page.evaluate("options => axe.run(options)", AXE)["violations"]
        if violation["impact"] in counting
        for node in violation["nodes"]
    ]


def width_of(page: Page) -> int:
    """How wide the page is: wider than its window, and it scrolls sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width
