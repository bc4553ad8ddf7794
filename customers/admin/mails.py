"""The staff's log of mails: what went to whom, what became of it, and once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError
from customers.domain import mails
from mails import outbox
from mails.models import Mail
from permissions.access import Access
from permissions.staff import Act, ActForm, StaffAdmin, errors_of
from permissions.web import access_of


class KindFilter(admin.SimpleListFilter):
    """By kind, called as staff call it."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every kind."""
        return sorted(((name, kind.label) for name, kind in outbox.kinds().items()), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        """Those of the kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


def _again(access: Access, row: Mail, data: Mapping[str, Any]) -> str:
    made = mails.resend(access, mail=row)
    return _("Sent again, as %(id)s.") % {"id": made.public_id}


def _touched(access: Access, row: Mail) -> Mapping[str, Any]:
    return {
        _("To"): row.recipient,
        _("What it would say now"): format_html("<pre>{}</pre>", mails.preview(access, mail=row)),
    }


@admin.register(Mail)
class MailAdmin(StaffAdmin):
    """Mails. Their text is not kept: it is shown as it would be written now, without the links."""

    list_display = ("created_at", "kind_label", "recipient", "subject", "status", "attempts", "organisation")
    list_filter = ("status", KindFilter, "created_at")
    list_select_related = ("organisation",)
    ordering = ("-created_at", "-pk")
    search_fields = ("recipient", "subject", "about", "public_id", "organisation__name")
    shown_fields = (
        "public_id",
        "kind_label",
        "recipient",
        "subject",
        "status",
        "attempts",
        "error",
        "about",
        "organisation",
        "created_at",
        "sent_at",
        "again_by",
        "resent_of",
        "text",
    )
    acts = (
        Act(
            "resend",
            "Send again",
            _again,
            preview=_touched,
            fits=lambda row: not mails.waits(row) and row.kind in outbox.kinds(),
        ),
    )
    actions = ("resend_failed",)  # type: ignore[assignment]

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def kind_label(self, row: Mail) -> str:
        """What staff call the kind."""
        known = outbox.kinds().get(row.kind)
        return known.label if known else row.kind

    @admin.display(description=gettext_lazy("sent again by"))
    def again_by(self, row: Mail) -> str:
        """Who had it sent again, and why."""
        again = row.data.get("resent")
        return f"{again['name']}: {again['why']}" if again else "–"

    @admin.display(description=gettext_lazy("what it would say now"))
    def text(self, row: Mail) -> str:
        """Without the links."""
        return format_html("<pre>{}</pre>", mails.would_say(row))

    @admin.action(description=gettext_lazy("Send those that failed again"))
    def resend_failed(self, request: HttpRequest, queryset: QuerySet[Mail]) -> HttpResponse | None:
        """Ask for the reason, then send them again."""
        chosen = list(queryset.order_by("pk"))
        form = ActForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            try:
                done = mails.resend_many(access_of(request).acting(form.cleaned_data["reason"]), mails=chosen)
            except DomainError as problem:
                for _field, sentence in errors_of(problem):
                    form.add_error(NON_FIELD_ERRORS, sentence)
            else:
                words = _("%(sent)d sent again, %(left)d left alone because they have not failed.")
                messages.success(request, words % {"sent": len(done.mails), "left": len(done.left)})
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send those that failed again"),
            "opts": self.opts,
            "chosen": chosen,
            "failed": sum(mails.has_failed(mail) for mail in chosen),
            "form": form,
        }
        return TemplateResponse(request, "admin/mails_resend.html", context)

    def label(self, row: Mail) -> str:
        """What it is, and to whom."""
        return f"{self.kind_label(row)}, to {row.recipient}"
