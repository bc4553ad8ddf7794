"""What the people of an enterprise are told."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ordercycles import reads
from ordercycles.api.shapes import MarkedRead, NoticeOut, notice_out
from ordercycles.domain.reading import mark_read
from permissions.actions import Action
from permissions.api.fields import Ids, QueryId, Strict
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView


class NoticesQuery(PageQuery):
    """Which notices."""

    enterprise = QueryId("bu")
    unread = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only unread ones, or only read ones."
    )


class ReadBody(Strict):
    """Which to mark as read; left out: all."""

    notices = Ids("ntc", most=1000, required=False)


class NoticesView(ApiView):
    """notices/"""

    tag = "Notices"

    @operation("List notices", Action.NOTICE_VIEW, query=NoticesQuery, answers=listing(NoticeOut))
    def get(self, request: Request) -> HttpResponse:
        """Those to your enterprises, newest first."""
        rows = reads.notices(self.access)
        if "enterprise" in self.query:
            rows = rows.filter(enterprise__unit__public_id=self.query["enterprise"])
        if self.query["unread"] is not None:
            rows = rows.filter(read_at__isnull=self.query["unread"])
        return self.page(rows, lambda found: [notice_out(one) for one in found], newest_first=True)


class NoticesReadView(ApiView):
    """notices/read/"""

    tag = "Notices"

    @operation(
        "Mark notices as read",
        Action.NOTICE_VIEW,
        body=ReadBody,
        answers=MarkedRead,
        example={"notices": ["ntc_01k9f3q5j8x2m7n4v6b1c0d9eg"]},
    )
    def post(self, request: Request) -> HttpResponse:
        """Those named, or all of yours. What is not yours is passed over."""
        marked = mark_read(self.access, notice_ids=self.body.get("notices"))
        return self.answer({"marked": marked})
