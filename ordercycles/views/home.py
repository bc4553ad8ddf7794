"""The start page, and notices."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.web import Page
from ordercycles import attention, reads
from ordercycles.domain.reading import mark_read
from permissions.actions import Permission


class Home(Page):
    """What needs attention, and what is still to be set up."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        access = self.access
        context = {
            "to_answer": attention.parts_to_answer(access),
            "closing": attention.closing_soon(access),
            "lapsed": attention.lapsed_goods(access),
            "requests": list(
                attention.requests_to_answer(access).select_related("granter__unit", "grantee__unit")[:20]
            ),
            "notices": list(reads.notices(access).filter(read_at=None)[:6]),
            "unread": attention.unread(access).count(),
            "unready": attention.unready_hubs(access),
            "may_coordinate": bool(access.ids(Permission.COORDINATE)),
        }
        context["quiet"] = not any(context[key] for key in ("to_answer", "closing", "lapsed", "requests"))
        return self.show("ordercycles/home.html", context)


class Notices(Page):
    """Everything that was told to her enterprises."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them, the newest first."""
        page = Paginator(reads.notices(self.access), 30).get_page(request.GET.get("page"))
        return self.show("ordercycles/notices.html", {"page": page})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Mark those on the page as read, or all."""
        ids = request.POST.getlist("notice") or None
        mark_read(self.access, notice_ids=ids)
        return self.done(reverse("notices"), _("Marked as read."))
