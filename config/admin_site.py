"""The staff's site: Django's admin for Hectare's own people."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from common.errors import NotFound
from common.web import without_nul
from permissions.staff import StaffAdmin
from permissions.web import access_of

#: The apps whose models staff work with.
OURS = {"customers", "mails", "organisations", "ordercycles", "permissions"}


class _Choices(AutocompleteJsonView):
    """What can be chosen, each called as its own admin says."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        return {**result, "text": called(self.admin_site or admin.site, obj)}


def called(site: AdminSite, row: Any) -> str:
    """What a row is called where one of many is chosen."""
    page = site._registry.get(type(row))
    return page.label(row) if isinstance(page, StaffAdmin) else str(row)


class StaffSite(AdminSite):
    """Signing in goes through the site's own pages, with their throttles and second factor."""

    site_title = _("Hectare staff")
    site_header = _("Hectare staff")
    index_title = _("Everything, found and changed with a reason")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our models only: other apps' own pages would write past the verbs."""
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = [model for model in models if model._meta.app_label in OURS]
        if ours:
            super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, and nobody else."""
        return access_of(request).is_staff

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """With an address that holds nothing which the database cannot."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                without_nul(request, kwargs)
            except NotFound as problem:
                raise Http404 from problem
            return page(request, *args, **kwargs)

        return checked

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        """The site's own sign-in; who is signed in and is no staff is refused."""
        page: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return page

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """With names that tell rows apart."""
        return cast("HttpResponse", _Choices.as_view(admin_site=self)(request))

    def password_change(self, request: HttpRequest, extra_context: object = None) -> Any:
        """On the site's own page, which asks who it is once more."""
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With what waits for staff."""
        from config import customer_desk as desk  # the registry of models is not ready when this is read

        known = {
            f"{self.name}:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in self._registry
        } | {f"{self.name}:ownerless", f"{self.name}:duplicates"}
        waits = desk.dashboard(access_of(request), known)
        return super().index(request, {"waits": waits, **(extra_context or {})})

    def _page(self, page: Any) -> Any:
        return self.admin_view(page.as_view(site=self))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """With the page that explains access, and the audit trail."""
        from config import customer_desk as desk
        from config.audit_trail import AuditTrail
        from config.explain_access import ExplainAccess  # the registry of models is not ready when this is read

        page = self.admin_view(ExplainAccess.as_view(site=self))
        trail = self.admin_view(AuditTrail.as_view(site=self))
        return [
            path("explain-access/", page, name="explain_access"),
            path("audit-trail/", trail, name="audit_trail"),
            path("search/", self._page(desk.Search), name="search"),
            path("onboard/", self._page(desk.Onboard), name="onboard"),
            path("ownerless/", self._page(desk.Ownerless), name="ownerless"),
            path("duplicates/", self._page(desk.Duplicates), name="duplicates"),
            path("customer/<str:organisation>/", self._page(desk.CustomerPage), name="customer"),
            path("customer/<str:organisation>/recover/", self._page(desk.Recover), name="recover"),
            *super().get_urls(),
        ]
