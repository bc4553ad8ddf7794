"""Organisations: hers, and those that hers know; the profile of one, and what is still to be set up."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from common.web import Page
from organisations import reads
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions.actions import Action

PER_PAGE = 50
RELATIONS = ("own", "connected")


class Organisations(Page):
    """Every organisation that she sees, whole or by its public profile."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        search, relation = (request.GET.get(name, "").strip()[:100] for name in ("q", "relation"))
        own = set(reads.organisations(self.access).values_list("pk", flat=True)) if not self.access.is_staff else set()
        rows = reads.known(self.access)
        if relation in RELATIONS:
            rows = rows.filter(Q(pk__in=own) if relation == "own" else ~Q(pk__in=own))
        for word in search.split():
            rows = rows.filter(Q(name__icontains=word) | Q(town__icontains=word))
        page = Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "organisations": [(one, one.pk in own) for one in page],
            "search": search,
            "relation": relation,
            "filtered": bool(search or relation),
        }
        return self.show("organisations/organisations.html", context)


class Profile(OrganisationPage):
    """An organisation of hers."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show it."""
        found = self.read_organisation()
        context = {
            **self.trail(),
            "title": found.name,
            "edit": engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(found)),
        }
        return self.show("organisations/organisation.html", context)
