"""Removing and restoring customers, for Hectare staff; and exports, for the one who asks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from customers import reads
from customers.api.customers import CustomerView
from customers.domain import exports, removal
from customers.models import Export, Removal
from organisations.reads import get_organisation
from permissions.actions import Action
from permissions.api.fields import NoBody, Query
from permissions.api.operations import Acting, operation
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView


class RemovalPreviewOut(TypedDict):
    """What a removal touches."""

    goes: Annotated[dict[str, int], described("Kind of thing to how many are deleted.")]
    stays: Annotated[dict[str, int], described("Kind of thing to how many stay under a pseudonym.")]
    cycles: Annotated[list[str], described("The order cycles that are touched.")]
    partners: Annotated[list[str], described("The organisations that are touched.")]
    coordinates_open: Annotated[
        list[str], described("Open order cycles that it coordinates: it stays until they close.")
    ]
    coordinates_upcoming: Annotated[
        list[str], described("Order cycles it coordinates that are going to open: who takes part is told.")
    ]


class RemovalOut(TypedDict):
    """A customer on its way out; or, with `preview=true`, what would go."""

    id: Annotated[str, id_of("rmv")]
    organisation: Annotated[str, id_of("org")]
    status: Annotated[str, described("scheduled, restored or purged.")]
    reason: str
    due_at: datetime
    finished_at: datetime | None
    preview: RemovalPreviewOut


def removal_out(row: Removal) -> RemovalOut:
    """One removal."""
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "status": row.status,
        "reason": row.reason,
        "due_at": row.due_at,
        "finished_at": row.finished_at,
        "preview": preview_out(row.preview),
    }


def preview_out(told: dict[str, Any]) -> RemovalPreviewOut:
    """What a preview says."""
    return {
        "goes": told.get("goes", {}),
        "stays": told.get("stays", {}),
        "cycles": told.get("cycles", []),
        "partners": told.get("partners", []),
        "coordinates_open": told.get("coordinates_open", []),
        "coordinates_upcoming": told.get("coordinates_upcoming", []),
    }


class RemoveQuery(Query):
    """Whether to say what would happen instead of doing it."""

    preview = serializers.BooleanField(required=False, default=False, help_text="Answer what would go, and do nothing.")


class RemovableCustomerView(CustomerView):
    """customers/{organisation}/"""

    @operation(
        "Remove a customer",
        Action.CUSTOMER_REMOVE,
        query=RemoveQuery,
        answers=RemovalOut,
        previews=True,
        versioned=True,
        acting=Acting.ONLY,
    )
    def delete(self, request: Request, organisation: str) -> HttpResponse:
        """Nobody acts for it from now on; its records are purged when the time in `due_at` has come, unless it is
        restored before. Refused while it coordinates an open order cycle.
        """
        row = get_organisation(self.access, organisation)
        actor = self.acting
        if self.query["preview"]:
            return self.answer(preview_out(removal.preview(actor, organisation=row)))
        made = removal.remove(actor, organisation=row, version=self.version_of(row))
        return self.answer(removal_out(made))


class CustomerRestoreView(ApiView):
    """customers/{organisation}/restore/"""

    tag = "Customers"

    @operation(
        "Restore a removed customer",
        Action.CUSTOMER_REMOVE,
        body=NoBody,
        answers=RemovalOut,
        acting=Acting.ONLY,
        example={},
        errors=(409,),
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """Before its day. Its people come back; API keys and invitations that ended do not."""
        row = get_organisation(self.access, organisation)
        actor = self.acting
        return self.answer(removal_out(removal.restore_organisation(actor, organisation=row)))


class ExportOut(TypedDict):
    """An export that you asked for."""

    id: Annotated[str, id_of("exp")]
    kind: Annotated[str, described("organisation or person.")]
    state: Annotated[str, described("queued, ready, failed or expired.")]
    size: Annotated[int, described("In bytes.")]
    downloads: int
    created_at: datetime
    expires_at: datetime | None
    download_url: Annotated[str | None, described("For you alone, while the file is kept.")]


def export_out(row: Export) -> ExportOut:
    """One export."""
    ready = row.state == "ready"
    link = f"/api/v1/exports/{row.public_id}/download/?token={exports.link_token(row)}"
    return {
        "id": row.public_id,
        "kind": row.kind,
        "state": row.state,
        "size": row.size,
        "downloads": row.downloads,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "download_url": link if ready else None,
    }


class OrganisationExportsView(ApiView):
    """organisations/{organisation}/exports/"""

    tag = "Audit"

    @operation(
        "Ask for an organisation's data",
        Action.ORGANISATION_EXPORT,
        body=NoBody,
        answers=ExportOut,
        status=201,
        acting=Acting.ALSO,
        example={},
        errors=(429,),
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """A file with everything of it, made in the background. People ask for it; API keys do not."""
        row = get_organisation(self.access, organisation)
        made = exports.export_organisation(self.acting, organisation=row)
        return self.answer(export_out(made), status=201, location=f"/api/v1/exports/{made.public_id}/")


class OwnExportsView(ApiView):
    """me/exports/"""

    tag = "Audit"

    @operation(
        "Ask for your own data",
        Action.EXPORT_MAKE,
        body=NoBody,
        answers=ExportOut,
        status=201,
        example={},
        errors=(429,),
    )
    def post(self, request: Request) -> HttpResponse:
        """A file with everything that is kept of you, made in the background. People ask for it; API keys do not."""
        made = exports.export_own(self.access)
        return self.answer(export_out(made), status=201, location=f"/api/v1/exports/{made.public_id}/")


class ExportView(ApiView):
    """exports/{export}/"""

    tag = "Audit"

    @operation("Read an export", Action.EXPORT_VIEW, answers=ExportOut)
    def get(self, request: Request, export: str) -> HttpResponse:
        """Whether it is ready, and where to fetch it. Only the one who asked for it finds it."""
        return self.answer(export_out(reads.get_export(self.access, export)))


class DownloadQuery(Query):
    """The link."""

    token = serializers.CharField(max_length=500, help_text="From `download_url`.")


class ExportDownloadView(ApiView):
    """exports/{export}/download/"""

    tag = "Audit"

    @operation("Download an export", Action.EXPORT_VIEW, query=DownloadQuery, errors=(410,))
    def get(self, request: Request, export: str) -> HttpResponse:
        """A ZIP file. The link is for the one who asked, and ends with the file."""
        row = reads.get_export(self.access, export)
        return file_of(row, exports.download(self.access, export=row, token=self.query["token"]))


def file_of(row: Export, content: bytes) -> HttpResponse:
    """The file as an answer that nobody keeps."""
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="hectare-{row.kind}-{row.public_id}.zip"'
    response["Cache-Control"] = "no-store"
    return response


__all__ = [
    "CustomerRestoreView",
    "ExportDownloadView",
    "ExportView",
    "OrganisationExportsView",
    "OwnExportsView",
    "RemovableCustomerView",
    "file_of",
]
