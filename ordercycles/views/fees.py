"""Fees: hers to change, others' to read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.web import FormPage, Page
from ordercycles import reads
from ordercycles.domain import fees as verbs
from ordercycles.forms import FeeForm
from ordercycles.rules import targets
from ordercycles.views.catalogue import archiving
from ordercycles.views.support import Crumb, owners
from organisations import reads as organisations
from permissions import engine
from permissions.actions import Action, Permission
from permissions.enforce import enforced

PER_PAGE = 50


def fees_crumb() -> Crumb:
    """The list of fees."""
    return Crumb(_("Fees"), reverse("fees"))


class FeeList(Page):
    """The fees of her enterprises, and of those that granted one of hers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        show = request.GET.get("show", "")
        rows = reads.fees(self.access).filter(archived_at__isnull=show != "archived")
        page = Paginator(rows.order_by("owner__unit__name", "name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        hers = self.access.ids(Permission.MANAGE_FEES)
        context = {
            "page": page,
            "fees": [(fee, fee.owner_id in hers) for fee in page],
            "show": show,
            "may_create": bool(hers),
        }
        return self.show("ordercycles/fees.html", context)


class CreateFee(FormPage[FeeForm]):
    """A new fee."""

    form_class = FeeForm
    template = "ordercycles/fee_form.html"

    def prepare(self) -> None:
        """The enterprises whose fees she manages."""
        self.owners = list(organisations.managed(self.access, Permission.MANAGE_FEES))
        self.title = _("New fee")
        self.submit_label = _("Create the fee")

    def may(self) -> None:
        """Somebody who manages no fees is told whom to ask."""
        if not self.owners:
            hers = organisations.enterprises(self.access).filter(pk__in=self.access.ids(Permission.VIEW)).first()
            if hers is not None:
                enforced(engine.decide(self.access, Action.FEE_EDIT, targets.fees_of(hers)))

    def form_options(self) -> dict[str, Any]:
        """The enterprises to choose from."""
        return {"owners": owners(self.owners)}

    def context(self, form: FeeForm) -> dict[str, Any]:
        """The trail."""
        return {"crumbs": [fees_crumb(), Crumb(_("New"))]}

    def back(self) -> str:
        """The list."""
        return reverse("fees")

    def save(self, form: FeeForm) -> HttpResponse:
        """Create it."""
        data = form.cleaned_data
        owner = organisations.get_enterprise(self.access, data.pop("owner"))
        verbs.create_fee(self.access, owner=owner, **data)
        return self.done(self.back(), _("Created. Put it on exchanges or on a whole order cycle there."))


class EditFee(FormPage[FeeForm]):
    """Change a fee; for those who may not, it is shown with the reason."""

    form_class = FeeForm
    template = "ordercycles/fee_form.html"

    def prepare(self) -> None:
        """The fee."""
        self.fee = reads.get_fee(self.access, self.kwargs["fee"])
        self.decision = engine.decide(self.access, Action.FEE_EDIT, targets.fee(self.fee))
        self.title = self.fee.name

    def initial(self) -> dict[str, Any]:
        """As it stands, numbers without the zeros at their end."""
        values = {name: getattr(self.fee, name) for name in FeeForm.base_fields if name != "owner"}
        return {name: _plain(value) for name, value in values.items()}

    def context(self, form: FeeForm) -> dict[str, Any]:
        """The trail, the version, and whether she may."""
        crumbs = [fees_crumb(), Crumb(self.fee.name)]
        return {"crumbs": crumbs, "version": self.fee.version, "fee": self.fee, "edit": self.decision}

    def back(self) -> str:
        """The list."""
        return reverse("fees")

    def save(self, form: FeeForm) -> HttpResponse:
        """Change it."""
        verbs.edit_fee(self.access, fee=self.fee, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved. The new amount holds wherever the fee stands."))


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class ArchiveFee(Page):
    """Put a fee away: shows where it stands first."""

    def get(self, request: HttpRequest, fee: str) -> HttpResponse:
        """Ask."""
        found = reads.get_fee(self.access, fee)
        preview = verbs.archive_fee_preview(self.access, fee=found)
        context = archiving(found.name, preview, self.back(), found.version)
        context["text"] = _(
            "Nothing is deleted, and it can be restored. Wherever it is in use, it is no longer charged."
        )
        return self.show("pages/ask.html", context)

    def post(self, request: HttpRequest, fee: str) -> HttpResponse:
        """Put it away."""
        verbs.archive_fee(self.access, fee=reads.get_fee(self.access, fee), version=self.version)
        return self.done(reverse("fees"), _("Archived."))

    def back(self) -> str:
        """The fee."""
        return reverse("fee", args=[self.kwargs["fee"]])


class RestoreFee(Page):
    """Take a fee out of the archive."""

    def post(self, request: HttpRequest, fee: str) -> HttpResponse:
        """Restore it."""
        verbs.restore_fee(self.access, fee=reads.get_fee(self.access, fee))
        return self.done(reverse("fee", args=[fee]), _("Restored."))
