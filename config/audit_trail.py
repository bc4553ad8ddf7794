"""The audit trail in the staff's admin: of everything, with the same filters as an organisation's own page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_safe

from common.errors import NotFound
from organisations import reads
from permissions import trail
from permissions.trail_form import TrailForm, as_csv, cursors, place_in
from permissions.web import access_of

PER_PAGE = 50


class AuditTrail(View):
    """The page, and the file. ``?organisation=org_…`` leaves one organisation's."""

    site: AdminSite = None  # type: ignore[assignment]

    @method_decorator(require_safe)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Read only."""
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show a page, or stream the file."""
        access = access_of(request)
        form = TrailForm(request.GET)
        filters = form.filters()
        problem, organisation = "", None
        if wanted := request.GET.get("organisation", "").strip():
            try:
                organisation = reads.get_organisation(access, wanted)
            except NotFound:
                problem = f"There is no organisation {wanted}."
        if "csv" in request.GET and not problem:
            return as_csv(access, organisation, filters, "audit.csv")
        before, after = place_in(request)
        options: dict[str, Any] = {"size": PER_PAGE, "before": before, "after": after}
        found = (
            trail.of_all(access, filters, **options)
            if organisation is None
            else trail.of_tenant(access, organisation, filters, **options)
        )
        context = {
            **self.site.each_context(request),
            "title": _("Audit trail"),
            "subtitle": str(organisation) if organisation else None,
            "form": form,
            "organisation": organisation,
            "entries": found.entries,
            "most": trail.MOST_ROWS,
            "problem": problem,
            **cursors(found),
        }
        return TemplateResponse(request, "admin/audit_trail.html", context)
