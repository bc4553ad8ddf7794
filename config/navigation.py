"""What every page shows around its content. Worked out only when a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.act_as import acting_as
from ordercycles.attention import Waiting, waiting
from permissions.access import Access, Held
from permissions.web import access_of


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation.

    Attributes:
        current: ``page`` when it is where one is, ``true`` when one is further down; empty elsewhere.
        count: how many things wait there.
        waiting: the same in words.
    """

    label: str
    url: str
    current: str
    count: int = 0
    waiting: str = ""


class Navigation:
    """The links for the one who asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def shown(self) -> bool:
        """Whether somebody is signed in."""
        return bool(self.access.actor)

    @cached_property
    def access(self) -> Access:
        """Who is asking."""
        return access_of(self.request)

    @property
    def held(self) -> tuple[Held, ...]:
        """Her memberships."""
        return self.access.held

    @property
    def is_staff(self) -> bool:
        """Whether she is Hectare staff."""
        return self.access.is_staff

    @cached_property
    def waiting(self) -> Waiting:
        """What waits for her."""
        return waiting(self.access)

    @cached_property
    def links(self) -> list[Link]:
        """The main entries, with counts of what waits."""
        answers, requests = self.waiting.to_answer, self.waiting.requests
        return [
            self._link(
                _("Order cycles"), "cycles", answers, ngettext("%d to answer", "%d to answer", answers) % answers
            ),
            self._link(_("Products"), "products"),
            self._link(_("Fees"), "fees"),
            self._link(_("Methods"), "methods"),
            self._link(_("Grants"), "grants", requests, ngettext("%d request", "%d requests", requests) % requests),
            self._organisation(),
        ]

    def _organisation(self) -> Link:
        """Straight to her organisation when she has one; the list otherwise. Everything of one is below the list."""
        link = self._link(_("Organisation"), "organisations")
        one = list({held.organisation_public_id for held in self.held})
        return replace(link, url=reverse("organisation", args=one)) if len(one) == 1 else link

    def _link(self, label: str, name: str, count: int = 0, words: str = "") -> Link:
        url = reverse(name)
        path = self.request.path.replace("/exchanges/", "/cycles/", 1)
        current = "page" if path == url else ("true" if path.startswith(url) else "")
        return Link(label, url, current, count, words)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. ``acting_as``: what staff do who act as the one who is signed in, for the banner."""
    return {"navigation": Navigation(request), "acting_as": acting_as(request)}
