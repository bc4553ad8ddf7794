"""``make screens``: every kind of page of the site, at a desk and on a phone, to be looked at.

The demo network, with what it lacks (links from mails, an import, forms that were filled in wrongly), is served from a
server of its own. The pictures and an index of them come into ``build/screens``. What axe finds serious, what a page
writes to its console as an error, and what is wider than a phone is printed, and ends the run with exit code 1.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from tests.browser import DESK, NO_CHROMIUM, PATIENCE_MS, PHONE, find_chromium, found_by_axe, launched, watch, width_of
from tools.cluster import ClusterError
from tools.pg_binaries import PostgresMissing
from tools.postgres import ROOT, throw_away_cluster

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FOLDER = ROOT / "build" / "screens"
SIZES = {"desk": DESK, "phone": PHONE}
#: No picture is higher than this, in pixels.
HIGHEST = 6000


@dataclass
class Shot:
    """A page to be looked at.

    Attributes:
        name: of its files.
        who: e-mail of who looks; empty for somebody who has not signed in.
        answer: what stands there instead of what the site would answer (status, type, body).
        found: what was found wrong.
    """

    name: str
    who: str
    path: str
    answer: tuple[int, str, bytes] | None = None
    found: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Look at all pages, or at those whose names hold one of the words given."""
    program = find_chromium()
    if program is None:
        print(NO_CHROMIUM)
        return 1
    try:
        with throw_away_cluster() as cluster:
            os.environ |= {
                "DATABASE_URL": cluster.url,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
                "LOG_LEVEL": "ERROR",
            }
            return _look_at_all(program, arguments)
    except (ClusterError, PostgresMissing) as problem:
        print(problem)
        return 1


def _look_at_all(program: str, words: list[str]) -> int:
    import django

    django.setup()
    from tools import screens_stage as stage

    with stage.set_up(), _site() as site, launched(program) as browser:
        pages = stage.listed()
        chosen = [one for one in pages.shots.values() if not words or any(word in one.name for word in words)]
        if not words:
            shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        photographer = Photographer(browser, site, stage.session_of)
        for number, shot in enumerate(chosen, 1):
            print(f"\r{number} of {len(chosen)}: {shot.name[:60]:<60}", end="", flush=True)
            photographer.take(shot)
            for problem in shot.found:
                print(f"\r{shot.name} ({shot.path}): {problem}")
    print()
    (FOLDER / "index.html").write_text(_index(chosen), encoding="utf-8")
    for line in pages.missing:
        print(f"No picture: {line}")
    count = sum(len(shot.found) for shot in chosen)
    print(f"{len(chosen)} pages, {count} findings. The pictures: {FOLDER / 'index.html'}")
    return 1 if count or pages.missing else 0


@contextmanager
def _site() -> Iterator[str]:
    from pytest_django.live_server_helper import LiveServer

    server = LiveServer("localhost")
    try:
        yield str(server.url)
    finally:
        server.stop()


class Photographer:
    """Opens pages in browsers, one for each person and size, and writes down what it finds."""

    def __init__(self, browser: Browser, site: str, session_of: Callable[[str], tuple[str, str] | None]) -> None:
        self.browser = browser
        self.site = site
        self.session_of = session_of
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    def take(self, shot: Shot) -> None:
        """Two pictures, and what is wrong on them."""
        for size in SIZES:
            wrong: list[str] = []
            page = self._context(shot.who, size).new_page()
            watch(page, self.site, wrong)
            try:
                self._open(page, shot)
                wrong += _judged(page, SIZES[size]["width"])
                box = {"x": 0, "y": 0, "width": SIZES[size]["width"], "height": min(_height(page), HIGHEST)}
                page.screenshot(path=FOLDER / f"{shot.name}-{size}.png", full_page=True, clip=box)  # type: ignore[arg-type]
            except Exception as problem:
                wrong.append(f"cannot be looked at: {str(problem).splitlines()[0]}")
            finally:
                page.close()
            shot.found += [f"{size}: {one}" for one in wrong]

    def _open(self, page: Page, shot: Shot) -> None:
        if shot.answer is not None:
            status, kind, body = shot.answer
            page.route(
                f"{self.site}{shot.path}", lambda route: route.fulfill(status=status, content_type=kind, body=body)
            )
        page.goto(f"{self.site}{shot.path}")

    def _context(self, who: str, size: str) -> BrowserContext:
        made = self._contexts.get((who, size))
        if made is None:
            # The sign-in page of somebody who has come from nowhere, time and again.
            viewport: Any = SIZES[size]
            made = self.browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
            made.set_default_timeout(PATIENCE_MS)
            cookie = self.session_of(who) if who else None
            if cookie is not None:
                made.add_cookies([{"name": cookie[0], "value": cookie[1], "url": self.site}])
            self._contexts[who, size] = made
        return made


def _height(page: Page) -> int:
    height: int = page.evaluate("Math.max(document.documentElement.scrollHeight, window.innerHeight)")
    return height


def _judged(page: Page, width: int) -> list[str]:
    found = found_by_axe(page)
    if (is_wide := width_of(page)) > width:
        found.append(f"the page is {is_wide} px wide on {width} px")
    return found


def named(path: str, who: str = "") -> str:
    """The name of the files for an address: the same in every run, so without ids and tokens."""
    plain = re.sub(r"[a-z]+_[0-9a-z]{26}|[^/?=&]{40,}", "", path)
    words = re.sub(r"[^0-9a-z]+", "-", plain.lower()).strip("-") or "home"
    person = re.sub(r"[^0-9a-z]+", "-", who.partition(".")[0])
    return f"{words}--{person}" if person else words


def _index(shots: list[Shot]) -> str:
    rows = "\n".join(_row(shot) for shot in shots)
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head><meta charset="utf-8"><title>Screens</title><style>
body {{ font-family: sans-serif; margin: 1rem; }}
section {{ display: flex; gap: 1rem; align-items: flex-start; margin-bottom: 2rem; }}
h2 {{ font-size: 1rem; margin: 0; }}
img {{ border: 1px solid #999; max-height: 40rem; }}
.desk {{ width: 48rem; object-fit: cover; object-position: top; }}
.phone {{ width: 15rem; object-fit: cover; object-position: top; }}
</style></head>
<body><h1>{len(shots)} pages</h1>
{rows}
</body></html>
"""


def _row(shot: Shot) -> str:
    pictures = "".join(
        f'<a href="{shot.name}-{size}.png"><img class="{size}" loading="lazy" alt="{escape(shot.name)}, {size}" '
        f'src="{shot.name}-{size}.png"></a>'
        for size in SIZES
    )
    problems = "".join(f"<li>{escape(one)}</li>" for one in shot.found)
    said = f"{escape(shot.path)} {escape(shot.who)}"
    return f"<h2>{said}</h2><ul>{problems}</ul><section>{pictures}</section>"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
