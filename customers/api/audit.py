"""The audit trail of everything, for Hectare staff."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from organisations.api.audit import AuditEventOut, AuditQuery, AuditView
from permissions import trail
from permissions.api.operations import Rule, listing, operation


class EveryAuditView(AuditView):
    """customers/audit-events/"""

    @operation("List all audit events", Rule.SEES, query=AuditQuery, answers=listing(AuditEventOut))
    def get(self, request: Request) -> HttpResponse:
        """What was done anywhere, newest first. For Hectare staff; the list of everybody else is empty."""
        return self.listed(trail.of_all(self.access, **self.asked()))
