"""The business units of an organisation."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from organisations import reads
from organisations.enums import BusinessKind
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions.actions import Action

PER_PAGE = 50


class Units(OrganisationPage):
    """The units of an organisation that she is given."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them."""
        found = self.read_organisation()
        search, kind, show = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "show"))
        rows = reads.units(self.access).filter(organisation=found, archived_at__isnull=show != "archived")
        if kind in BusinessKind.values:
            rows = rows.filter(business__kind=kind)
        elif kind == "none":
            rows = rows.filter(business=None)
        for word in search.split():
            rows = rows.filter(
                Q(name__icontains=word) | Q(town__icontains=word) | Q(postcode__icontains=word) | Q(public_id=word)
            )
        page = Paginator(rows.order_by("name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.trail((_("Business units"), "")),
            "title": _("Business units"),
            "page": page,
            "search": search,
            "kind": kind,
            "kinds": BusinessKind.choices,
            "show": show,
            "filtered": bool(search or kind or show),
            "may_create": engine.decide(self.access, Action.ORGANISATION_EDIT, of_organisation(found)),
        }
        return self.show("organisations/units.html", context)
