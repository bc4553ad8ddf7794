"""The pages of the cycle as a browser sees them: first paint, when they can be used, and a click."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from benchmarks import network
from benchmarks.measure import Record, judged_alone
from benchmarks.works import Bench
from tests.browser import find_chromium

#: Milliseconds since the browser asked for the page.
_TIMES = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [paint ? paint.startTime : 0, performance.getEntriesByType("navigation")[0].domInteractive];
}"""
#: From a click until the frame after it has been drawn.
_CLICK = """(element) => new Promise((done) => {
  const started = performance.now();
  element.click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - started)));
})"""


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _site() -> Iterator[str]:
    """The site, served from this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def records(bench: Bench, runs: int) -> Iterator[Record]:
    """Each page of the cycle, for its coordinator; none where there is no browser."""
    program = find_chromium()
    if program is None:
        print("No Chromium was found: the pages were not measured.")
        return
    from playwright.sync_api import sync_playwright

    cookie = bench.client(network.COORDINATOR).cookies[settings.SESSION_COOKIE_NAME].value
    exchange, cycle = bench.hub.public_id, bench.cycle.public_id
    # The driver keeps an event loop in this thread; Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with _site() as site, sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=["--disable-gpu", *root], headless=True)
        context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        page = context.new_page()
        for name, path in (
            ("general", f"/cycles/{cycle}/"),
            ("incoming", f"/cycles/{cycle}/incoming/"),
            ("outgoing", f"/cycles/{cycle}/outgoing/"),
            ("review", f"/cycles/{cycle}/review/"),
            ("products of an exchange", f"/exchanges/{exchange}/"),
        ):
            paints, uses = zip(*(_visit(page, path) for _ in range(runs)), strict=True)
            yield judged_alone(f"web page, {name}: first paint", bench.size.name, min(paints), 1)
            yield judged_alone(f"web page, {name}: interactive", bench.size.name, min(uses), 1)
        boxes = page.locator("main input[type=checkbox]:visible")
        if boxes.count():
            clicks = [boxes.nth(0).evaluate(_CLICK) / 1000 for _ in range(runs)]
            yield judged_alone("web page, products: after a click", bench.size.name, min(clicks), 0.2)
        browser.close()


def _visit(page: Any, path: str) -> tuple[float, float]:
    page.goto(path, wait_until="load")
    paint = 0.0
    # Our policy forbids what Playwright's own waiting does in the page.
    while not paint:
        paint, interactive = page.evaluate(_TIMES)
    return paint / 1000, interactive / 1000
