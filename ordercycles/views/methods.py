"""How a hub's customers get their goods and pay for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.web import DomainForm, FormPage, Page
from ordercycles import attention, reads
from ordercycles.domain import methods as verbs
from ordercycles.forms import PaymentForm, ShippingForm
from ordercycles.models import PaymentMethod, ShippingMethod
from ordercycles.rules import targets
from ordercycles.views.support import Crumb, owners
from organisations import reads as organisations
from permissions import engine
from permissions.actions import Action, Permission
from permissions.enforce import enforced


def methods_crumb() -> Crumb:
    """The list of methods."""
    return Crumb(_("Methods"), reverse("methods"))


class MethodList(Page):
    """The methods of her hubs, hub by hub, and what each hub still misses."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        show = request.GET.get("show", "")
        away = {"archived_at__isnull": show != "archived"}
        shipping = list(reads.shipping_methods(self.access).filter(**away).order_by("name", "pk"))
        payment = list(reads.payment_methods(self.access).filter(**away).order_by("name", "pk"))
        hubs = list(organisations.managed(self.access, Permission.VIEW).exclude(sells="none"))
        if self.access.is_staff:
            by_key = {one.hub_id: one.hub for one in shipping} | {one.hub_id: one.hub for one in payment}
            hubs = list(by_key.values())
        missing = {one.id: one for one in attention.unready_hubs(self.access)}
        managed = self.access.ids(Permission.MANAGE_METHODS)
        context = {
            "hubs": [
                {
                    "hub": hub,
                    "shipping": [one for one in shipping if one.hub_id == hub.pk],
                    "payment": [one for one in payment if one.hub_id == hub.pk],
                    "missing": missing.get(hub.public_id),
                    "may": hub.pk in managed,
                }
                for hub in hubs
            ],
            "show": show,
        }
        return self.show("ordercycles/methods.html", context)


class CreateMethod(FormPage[DomainForm]):
    """A new method of a hub."""

    create: ClassVar[Callable[..., Any]]

    def prepare(self) -> None:
        """The hubs whose methods she manages."""
        self.hubs = list(organisations.managed(self.access, Permission.MANAGE_METHODS))

    def may(self) -> None:
        """Somebody who manages no methods is told whom to ask."""
        if not self.hubs:
            hers = organisations.enterprises(self.access).filter(pk__in=self.access.ids(Permission.VIEW)).first()
            if hers is not None:
                enforced(engine.decide(self.access, Action.METHOD_EDIT, targets.methods_of(hers)))

    def form_options(self) -> dict[str, Any]:
        """The hubs to choose from."""
        return {"owners": owners(self.hubs)}

    def initial(self) -> dict[str, Any]:
        """The hub that a link named."""
        return {"owner": self.request.GET.get("hub", "")}

    def context(self, form: DomainForm) -> dict[str, Any]:
        """The trail."""
        form.fields["owner"].label = _("Hub")
        return {"crumbs": [methods_crumb(), Crumb(self.title)]}

    def back(self) -> str:
        """The list."""
        return reverse("methods")

    def save(self, form: DomainForm) -> HttpResponse:
        """Create it."""
        data = form.cleaned_data
        hub = organisations.get_enterprise(self.access, data.pop("owner"))
        type(self).create(self.access, hub=hub, **data)
        return self.done(self.back(), _("Added."))


class CreateShipping(CreateMethod):
    """A new shipping method."""

    form_class = ShippingForm
    create = staticmethod(verbs.create_shipping_method)

    def prepare(self) -> None:
        """The hubs, and the title."""
        super().prepare()
        self.title = _("New shipping method")


class CreatePayment(CreateMethod):
    """A new payment method."""

    form_class = PaymentForm
    create = staticmethod(verbs.create_payment_method)

    def prepare(self) -> None:
        """The hubs, and the title."""
        super().prepare()
        self.title = _("New payment method")


class EditMethod(FormPage[DomainForm]):
    """Change a method."""

    edit: ClassVar[Callable[..., Any]]
    find: ClassVar[Callable[..., Any]]
    archive_name: ClassVar[str]

    def prepare(self) -> None:
        """The method."""
        self.method_row: ShippingMethod | PaymentMethod = type(self).find(self.access, self.kwargs["method"])
        self.title = self.method_row.name

    def may(self) -> None:
        """The hub's own people."""
        enforced(engine.decide(self.access, Action.METHOD_EDIT, targets.method(self.method_row)))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.method_row, name) for name in self.form_class.base_fields if name != "owner"}

    def context(self, form: DomainForm) -> dict[str, Any]:
        """The trail and the version."""
        return {"crumbs": [methods_crumb(), Crumb(self.title)], "version": self.method_row.version}

    def back(self) -> str:
        """The list."""
        return reverse("methods")

    def save(self, form: DomainForm) -> HttpResponse:
        """Change it."""
        type(self).edit(self.access, method=self.method_row, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class EditShipping(EditMethod):
    """Change a shipping method."""

    form_class = ShippingForm
    edit = staticmethod(verbs.edit_shipping_method)
    find = staticmethod(reads.get_shipping_method)


class EditPayment(EditMethod):
    """Change a payment method."""

    form_class = PaymentForm
    edit = staticmethod(verbs.edit_payment_method)
    find = staticmethod(reads.get_payment_method)


class PutMethod(Page):
    """Put a method away, or take it out of the archive."""

    find: ClassVar[Callable[..., Any]]
    #: The verb. Not called ``put``: Django would take that for what answers to PUT.
    run: ClassVar[Callable[..., Any]]

    def post(self, request: HttpRequest, method: str) -> HttpResponse:
        """Do it."""
        type(self).run(self.access, method=type(self).find(self.access, method))
        return self.done(reverse("methods"), _("Done."))

    def back(self) -> str:
        """The list."""
        return reverse("methods")


class ArchiveShipping(PutMethod):
    """Put a shipping method away."""

    find = staticmethod(reads.get_shipping_method)
    run = staticmethod(verbs.archive_shipping_method)


class RestoreShipping(PutMethod):
    """Take a shipping method out of the archive."""

    find = staticmethod(reads.get_shipping_method)
    run = staticmethod(verbs.restore_shipping_method)


class ArchivePayment(PutMethod):
    """Put a payment method away."""

    find = staticmethod(reads.get_payment_method)
    run = staticmethod(verbs.archive_payment_method)


class RestorePayment(PutMethod):
    """Take a payment method out of the archive."""

    find = staticmethod(reads.get_payment_method)
    run = staticmethod(verbs.restore_payment_method)
