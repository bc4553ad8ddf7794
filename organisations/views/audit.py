"""The audit trail of an organisation: who did what, when, how and why."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from organisations.views.navigation import OrganisationPage
from permissions import trail
from permissions.trail_form import TrailForm, as_csv, cursors, place_in

PER_PAGE = 50


class AuditTrail(OrganisationPage):
    """The list, with its filters in the address."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of it."""
        found = self.read_organisation()
        form = TrailForm(request.GET)
        before, after = place_in(request)
        page = trail.of_tenant(self.access, found, form.filters(), size=PER_PAGE, before=before, after=after)
        context = {
            **self.trail((_("Audit trail"), "")),
            "title": _("Audit trail"),
            "lead": _("Everything that was changed, by whom, how and why. Nobody can change what stands here."),
            "form": form,
            "entries": page.entries,
            "most": trail.MOST_ROWS,
            "filtered": any(value for name, value in request.GET.items() if name in form.fields),
            **cursors(page),
        }
        return self.show("organisations/audit.html", context)


class AuditFile(OrganisationPage):
    """The same as a CSV file."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponseBase:
        """Stream it."""
        found = self.read_organisation()
        filters = TrailForm(request.GET).filters()
        # Refused before the first line is sent, not in the middle of the file.
        trail.of_tenant(self.access, found, filters, size=1)
        return as_csv(self.access, found, filters, f"audit-{found.public_id}.csv")
