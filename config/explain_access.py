"""Explain access: choose a person and an order cycle, and read every decision with its reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_safe

from common.errors import NotFound
from common.ids import is_id
from config.admin_site import called
from customers.models import User
from ordercycles import explaining, reads
from ordercycles.models import Exchange, ExchangeFee, ExchangeVariant
from organisations.models import BusinessUnit
from organisations.reads import enterprises
from permissions import engine
from permissions.access import Access, Held
from permissions.lookup import one
from permissions.models import Membership
from permissions.web import access_of

#: What can be said in the address, and the prefix of its public ids.
KINDS = {"user": "usr", "cycle": "ocy", "exchange": "exc", "variant": "var", "fee": "fee", "enterprise": "bu"}


def _choice(site: AdminSite, field: Any, label: Any, help_text: Any = "", *, required: bool = False) -> Any:
    widget = AutocompleteSelect(field, site, attrs={"data-width": "30em"})
    rows = field.remote_field.model._default_manager.all()
    return _Choice(site, rows, label=label, help_text=help_text, required=required, widget=widget)


class _Choice(forms.ModelChoiceField[Any]):
    """A row, called as its own admin says."""

    def __init__(self, site: AdminSite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def label_from_instance(self, obj: Any) -> str:
        return called(self.site, obj)


def make_form(site: AdminSite, data: dict[str, Any]) -> forms.Form:
    """Who and what to choose; each found by typing a part of it."""
    form = forms.Form(initial=data)
    form.fields.update(
        {
            "user": _choice(site, Membership._meta.get_field("user"), _("Person"), required=True),
            "cycle": _choice(site, Exchange._meta.get_field("cycle"), _("Order cycle"), required=True),
            "exchange": _choice(site, ExchangeVariant._meta.get_field("exchange"), _("Exchange")),
            "variant": _choice(
                site,
                ExchangeVariant._meta.get_field("variant"),
                _("Product"),
                _("With an exchange: in it, or towards it."),
            ),
            "fee": _choice(site, ExchangeFee._meta.get_field("fee"), _("Fee"), _("With an exchange: on it.")),
            "enterprise": _choice(
                site,
                Exchange._meta.get_field("enterprise"),
                _("Enterprise"),
                _("Whether it can be added to the cycle."),
            ),
        }
    )
    return form


class ExplainAccess(View):
    """The page. Its address says all of it: public ids or keys, such as ``?user=usr_…&cycle=ocy_…``."""

    site: AdminSite = None  # type: ignore[assignment]

    @method_decorator(require_safe)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Read only."""
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Explain what the address says."""
        chosen, problems = _chosen(access_of(request), request)
        form = make_form(self.site, {name: row.pk for name, row in chosen.items()})
        context = {
            **self.site.each_context(request),
            "title": _("Explain access"),
            "form": form,
            "media": form.media,
            "problems": problems,
            **_explained(chosen, problems),
        }
        return TemplateResponse(request, "admin/explain_access.html", context)


def _chosen(access: Access, request: HttpRequest) -> tuple[dict[str, Any], list[str]]:
    chosen: dict[str, Any] = {}
    problems: list[str] = []
    for name in KINDS:
        text = request.GET.get(name, "").strip()
        if not text:
            continue
        try:
            chosen[name] = _row(access, name, text)
        except NotFound:
            problems.append(f"There is no {name} {text}.")
    return chosen, problems


def _row(access: Access, name: str, text: str) -> Any:
    """The row with a public id, or with a key (what the page's own choices send)."""
    path = "public_id" if is_id(text, KINDS[name]) else "pk"
    if path == "pk" and not text.isdecimal():
        raise NotFound
    rows: Any
    match name:
        case "user":
            rows = engine.visible(access, User.objects.all())
        case "enterprise":
            path = "unit__public_id" if path == "public_id" else path
            rows = enterprises(access)
        case _:
            read = {
                "cycle": reads.cycles,
                "exchange": reads.exchanges,
                "variant": reads.variants,
                "fee": reads.fees,
            }[name]
            rows = read(access)
    return one(rows, text, path)


def _explained(chosen: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    user, cycle, exchange = (chosen.get(name) for name in ("user", "cycle", "exchange"))
    if user is None:
        return {}
    subject = Access.for_user(user)
    shown = {"subject": subject, "held": _held(subject.held)}
    if subject.actor == "":
        shown["subject"] = Access(name=str(user))
    if exchange is not None and cycle is None:
        cycle = exchange.cycle
    if cycle is None:
        return shown
    if exchange is not None and exchange.cycle_id != cycle.pk:
        problems.append("The exchange is one of another order cycle.")
        exchange = None
    groups = explaining.explain_all(
        subject,
        cycle,
        exchange=exchange,
        variant=chosen.get("variant"),
        fee=chosen.get("fee"),
        enterprise=chosen.get("enterprise"),
    )
    return {**shown, "groups": groups}


def _held(held: tuple[Held, ...]) -> list[dict[str, Any]]:
    keys = {key for one_held in held for key in one_held.unit_ids}
    named = dict(
        BusinessUnit.objects.filter(pk__in=keys, business__isnull=False).order_by("name").values_list("pk", "name")
    )
    return [
        {
            "organisation": one_held.organisation,
            "role": one_held.role,
            "all_units": one_held.all_units,
            "enterprises": [name for key, name in named.items() if key in one_held.unit_ids],
            "permissions": sorted(one_held.permissions),
        }
        for one_held in held
    ]
