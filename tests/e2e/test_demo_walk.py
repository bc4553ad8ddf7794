"""People of the demo network follow every kind of link that they are shown: none is dead, and none is barred.

The test's own client goes first, because it is quick. The browser opens every kind of page, and every page on which
something stands that has not been on one before.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from customers.models import User
from tests.e2e.support import MakePerson, Person

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Who coordinates, only looks on, supplies, is not ready, runs the simple cycle, and is staff; with how many pages of
#: each kind each of them looks at.
PEOPLE = {
    "coordinator@exe-hub.example": 2,
    "viewer@exe-hub.example": 1,
    "owner@ashclyst-dairy.example": 2,
    "owner@totnes-larder.example": 1,
    "owner@blackdown-farm.example": 1,
    "staff@hectare.farm": 1,
}
#: A link that some are refused, and told why: the status, and what the page says.
SAYS_WHY = {"/account/memberships/…/leave/?": (409, "is the last active account owner of")}
NOT_OURS = ("/admin/", "/accounts/", "/api/")


class Anatomy(HTMLParser):
    """What a page is made of, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.kinds: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        values = dict(attrs)
        self.kinds.add(f"{tag} {values.get('class')} {values.get('type')} {sorted(values)}")
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))


def test_every_link_that_people_are_shown_leads_somewhere(person: MakePerson) -> None:
    call_command("load_demo", verbosity=0)
    seen: set[str] = set()
    wrong = []
    for email, of_a_kind in PEOPLE.items():
        client = Client()
        client.force_login(User.objects.get(email=email))
        wrong += [f"{email}: {what}" for what in walk(client, with_session(person(), client), seen, of_a_kind)]
    assert wrong == []


def with_session(somebody: Person, client: Client) -> Person:
    """The same person in a browser."""
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    somebody.page.context.add_cookies([{"name": session.key, "value": session.value, "url": somebody.site}])
    return somebody


def walk(client: Client, somebody: Person, seen: set[str], of_a_kind: int) -> list[str]:
    """Follow links, so many of each kind; those that led nowhere."""
    waiting, met, wrong = ["/"], {"/?": 1}, []
    while waiting:
        path = waiting.pop(0)
        # Where a page knows an enterprise by its public id only, its link leads to the address that leads on to the
        # unit. That will do when it stays on the site, is not barred (signing in is), and ends in a page.
        answer = client.get(path, follow=True)
        steps = [address for address, _ in answer.redirect_chain]
        astray = [one for one in steps if not one.startswith("/") or one.startswith(("//", *NOT_OURS))]
        said = SAYS_WHY.get(kind(path))
        if said and answer.status_code == said[0] and said[1] in answer.content.decode():
            continue
        if answer.status_code != 200 or astray:
            wrong.append(f"{path}: {answer.status_code} {steps}")
            continue
        path = steps[-1] if steps else path
        if "html" not in answer["Content-Type"]:
            # A file to keep: it was there.
            continue
        page = Anatomy(answer.content.decode())
        stands_on_it = page.kinds | {kind(path)}
        if not stands_on_it <= seen:
            seen |= stands_on_it
            somebody.go(path)
        for link in page.links:
            found = urljoin(path, link).partition("#")[0]
            known = met.get(kind(found), 0)
            if found.startswith("/") and not found.startswith(NOT_OURS) and known < of_a_kind and found not in waiting:
                met[kind(found)] = known + 1
                waiting.append(found)
    return wrong


def kind(path: str) -> str:
    """The address without its ids, and with the names of its parameters only."""
    parts = urlsplit(path)
    plain = re.sub(r"[a-z]+_[0-9a-z]{26}", "…", parts.path)
    return f"{plain}?{','.join(sorted(name for name, _ in parse_qsl(parts.query)))}"
