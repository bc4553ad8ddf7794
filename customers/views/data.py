"""One's own data and one's organisation's: asked for, fetched; and having oneself erased."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import Conflict, Gone
from common.web import Page
from customers import reads, transfers
from customers.domain import erasure, exports
from customers.enums import ExportKind
from customers.models import Export, User
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions.actions import Action
from permissions.enforce import require
from permissions.lookup import one

SHOWN = 20


def listed(rows: Any) -> list[tuple[Export, str]]:
    """The newest exports, each with the link to its file when there is one."""
    return [
        (
            row,
            f"{reverse('export_download', args=[row.public_id])}?{urlencode({'token': exports.link_token(row)})}"
            if row.state == "ready"
            else "",
        )
        for row in rows.order_by("-pk")[:SHOWN]
    ]


class OrganisationExports(OrganisationPage):
    """What she asked for of an organisation's data, and asking for it."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show them."""
        found = self.read_organisation()
        require(self.access, Action.ORGANISATION_EXPORT, of_organisation(found))
        rows = listed(reads.exports(self.access).filter(organisation=found))
        context = {
            **self.trail((_("Exports"), "")),
            "title": _("Exports"),
            "exports": rows,
            "waiting": any(row.state == "queued" for row, _link in rows),
        }
        return self.show("customers/exports.html", context)

    def post(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Ask."""
        found = self.read_organisation()
        exports.export_organisation(self.access, organisation=found)
        return self.done(
            reverse("exports", args=[found.public_id]), _("The file is being made. It stands here when it is ready.")
        )


class MyData(Page):
    """Her own data: asked for, fetched, erased."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what she asked for."""
        rows = listed(reads.exports(self.access))
        context = {
            "title": _("My data"),
            "crumbs": [
                {"label": _("My account"), "url": reverse("account")},
                {"label": _("My data"), "url": ""},
            ],
            "exports": rows,
            "waiting": any(row.state == "queued" for row, _link in rows),
            "person": ExportKind.PERSON,
        }
        return self.show("customers/my_data.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file."""
        exports.export_person(self.access, user=self.herself())
        return self.done(reverse("my_data"), _("The file is being made. It stands here when it is ready."))

    def back(self) -> str:
        """Her account."""
        return reverse("account")

    def herself(self) -> User:
        """Who asks."""
        return one(User.objects.filter(pk=self.access.user_id or 0), self.access.actor)  # door: one's own account


class Download(Page):
    """The file of an export, by the link that stands beside it."""

    def get(self, request: HttpRequest, export: str) -> HttpResponse:
        """Give it to the one who asked for it."""
        row = reads.get_export(self.access, export)
        try:
            content = exports.download(self.access, export=row, token=request.GET.get("token", ""))
        except Gone as error:
            return self.show("customers/dead_export.html", {"error": error}, 410)
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="hectare-{row.kind}-{row.public_id}.zip"'
        response["Cache-Control"] = "no-store"
        return response


class EraseMe(MyData):
    """Having herself erased: what goes is shown first, and who she is is asked once more."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say what goes."""
        context = {
            "title": _("Erase my account"),
            "crumbs": [
                {"label": _("My account"), "url": reverse("account")},
                {"label": _("My data"), "url": reverse("my_data")},
                {"label": _("Erase my account"), "url": ""},
            ],
            "preview": erasure.preview(self.access, user=self.herself()),
            "fresh": transfers.is_fresh(request),
        }
        return self.show("customers/erase.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, when she has just shown who she is."""
        if not transfers.is_fresh(request):
            return self.done(f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse('erase_me')})}")
        if not self.confirmed:
            raise Conflict(_("Tick that you want it: there is no way back."))
        erasure.erase_person(self.access, user=self.herself())
        logout(request)
        return self.done(reverse("account_login"), _("Your account and your data have been erased."))

    def back(self) -> str:
        """Her data."""
        return reverse("my_data")
