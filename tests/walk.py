"""Following every kind of link that somebody is shown, with the test's own client."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client

NOT_OURS = ("/admin/", "/accounts/", "/api/")
_ID = re.compile(r"[a-z]+_[0-9a-z]{26}|(?<=/)\d+(?=/)")


class Anatomy(HTMLParser):
    """Where a page leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the links."""
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))


@dataclass(frozen=True)
class Step:
    """What came of one link.

    Attributes:
        path: where it led, in the end.
        status: of the answer there.
        text: the page; empty when it is a file to keep.
        astray: addresses on the way that are no longer of the part of the site that is walked.
    """

    path: str
    status: int
    text: str
    astray: tuple[str, ...] = ()


def kind(path: str) -> str:
    """The address without its ids, and with the names of its parameters only."""
    return f"{place(path)}?{','.join(sorted(name for name, _ in parse_qsl(urlsplit(path).query)))}"


def place(path: str) -> str:
    """The address without its ids and parameters."""
    return _ID.sub("…", urlsplit(path).path)


def walk(
    client: Client,
    of_a_kind: int,
    *,
    start: str = "/",
    leave: tuple[str, ...] = NOT_OURS,
    kind: Callable[[str], str] = kind,
) -> Iterator[Step]:
    """Follow links from a page, so many of each kind, and none that leads to the parts to leave."""
    waiting, met = [start], {kind(start): 1}
    while waiting:
        path = waiting.pop(0)
        # Where a page knows an enterprise by its public id only, its link leads to the address that leads on to the
        # unit. That will do when it stays on the site, is not barred (signing in is), and ends in a page.
        answer = client.get(path, follow=True)
        steps = [address for address, _ in answer.redirect_chain]
        astray = tuple(one for one in steps if not one.startswith("/") or one.startswith(("//", *leave)))
        is_page = "html" in answer["Content-Type"]
        came = Step(
            steps[-1] if steps else path, answer.status_code, answer.content.decode() if is_page else "", astray
        )
        yield came
        if answer.status_code != 200 or astray or not is_page:
            continue
        for link in Anatomy(came.text).links:
            found = urljoin(came.path, link).partition("#")[0]
            known = met.get(kind(found), 0)
            if found.startswith("/") and not found.startswith(leave) and known < of_a_kind and found not in waiting:
                met[kind(found)] = known + 1
                waiting.append(found)
