"""Customers and people from elsewhere, brought in by Hectare staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from customers.domain.imports import reads
from customers.domain.imports.batches import Reading, check_import, may_import, queue_import, send_links
from customers.domain.imports.columns import MEANINGS
from customers.domain.imports.outcomes import Outcome
from customers.domain.imports.reading import FORMATS, JSONL, LARGEST
from customers.domain.imports.register import ASK, SAME_NAME
from customers.enums import ImportKind
from customers.models import ImportBatch
from permissions.actions import Action
from permissions.api import paging
from permissions.api.fields import Choice, Query, Strict, Text, YesNo
from permissions.api.media import JsonParser
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import DEFAULT_SIZE, LARGEST_SIZE, PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView

_KINDS = ("organisation", "unit", "user", "membership", "customer")


class ImportParser(JsonParser):
    """JSON that has a file in it as a text."""

    largest = LARGEST + LARGEST // 4


class ImportOut(TypedDict):
    """A file of customers or of another system's users, and what came of it. What it held is kept for a day at most."""

    id: Annotated[str, id_of("imp")]
    kind: Annotated[str, described("logistics: organisations, units and users. customers: one customer a row.")]
    source: str
    filename: str
    status: Annotated[str, described("checked, queued (being applied), applied, failed (nothing written).")]
    may_make_owners: bool
    mapping: Annotated[dict[str, str], described("Column to meaning, for lists of customers.")]
    counts: Annotated[dict[str, int], described("Rows, rows by outcome, by kind and outcome, and what is made.")]
    can_be_applied: bool
    problem: Annotated[str, described("Why it could not be applied; empty when it could, or was not tried.")]
    welcomed_at: Annotated[datetime | None, described("When links to set a password were mailed.")]
    requested_by: str | None
    applied_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class NoteOut(TypedDict):
    """Something to do or to know."""

    code: str
    detail: str


class ImportRowOut(TypedDict):
    """What becomes, or became, of one row. Holds nothing of a person but ids."""

    line: int
    kind: str
    external_id: str
    label: Annotated[str, described("The company's or unit's name; empty for people.")]
    active: bool
    outcome: Annotated[str, described("new, same, different, collision (left out), wrong, erased (here; left out).")]
    public_id: str
    differs: Annotated[list[str], described("Fields that are not the same here; nothing is changed.")]
    notes: list[NoteOut]


class DifferingOut(TypedDict):
    """A thing whose fields differ."""

    external_id: str
    fields: list[str]


class ComparedOut(TypedDict):
    """There and here, of one kind. Lists are cut off after 200; their lengths are beside them."""

    kind: str
    there: int
    there_active: int
    here: int
    here_active: int
    agrees: bool
    differing_count: int
    differing: list[DifferingOut]
    missing_here_count: int
    missing_here: list[str]
    missing_there_count: int
    missing_there: list[str]
    state_differs_count: int
    state_differs: list[str]


class ReconciliationOut(TypedDict):
    """How a batch compares with what is here now."""

    batch: Annotated[str, id_of("imp")]
    source: str
    kinds: list[ComparedOut]


def import_out(row: ImportBatch) -> ImportOut:
    """One batch, as ``reads`` gives it."""
    has_upload: bool = row.has_upload  # type: ignore[attr-defined]
    return {
        "id": row.public_id,
        "kind": row.kind,
        "source": row.source,
        "filename": row.filename,
        "status": row.status,
        "may_make_owners": row.may_make_owners,
        "mapping": row.mapping,
        "counts": row.counts,
        "can_be_applied": has_upload and row.is_open,
        "problem": row.problem,
        "welcomed_at": row.welcomed_at,
        "requested_by": row.requested_by.public_id if row.requested_by else None,
        "applied_at": row.applied_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class ImportBody(Strict):
    """A file, and how it is read."""

    kind = Choice(choices=ImportKind.values, required=False, default=ImportKind.LOGISTICS)
    source = Text(  # type: ignore[assignment]  # the serializer's own is set when it is a field of another
        max_length=40, help_text="The system that it comes from; ids are told apart by it."
    )
    format = Choice(choices=FORMATS, required=False, default=JSONL)
    content = Text(trim_whitespace=False, help_text="The file. Its columns and names are those of docs/import.md.")
    filename = Text(max_length=200, required=False, allow_blank=True, default="")
    may_make_owners = YesNo(required=False, default=False, help_text="By staff administrators only.")
    mapping = serializers.DictField(
        child=Text(allow_blank=True),
        required=False,
        help_text=f"For customers: column to meaning ({', '.join(MEANINGS)}). Guessed when left out.",
    )
    same_name = Choice(
        choices=list(SAME_NAME),
        required=False,
        default=ASK,
        help_text="For customers: a name that comes again elsewhere.",
    )
    dry_run = YesNo(required=False, default=True, help_text="Check only. The batch can be applied afterwards.")
    welcome = YesNo(required=False, default=False, help_text="Mail a link to those without a password that works.")


class ApplyBody(Strict):
    """How it is applied."""

    welcome = YesNo(required=False, default=False, help_text="Mail a link to those without a password that works.")


class RowsQuery(Query):
    """Which rows."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="From `next` or `previous` of another page."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_SIZE, default=DEFAULT_SIZE, help_text="Rows in a page."
    )
    outcome = serializers.ChoiceField(
        choices=[str(one) for one in Outcome], required=False, default="", help_text="Only rows with this outcome."
    )
    kind = serializers.ChoiceField(choices=_KINDS, required=False, default="", help_text="Only rows of this kind.")
    search = serializers.CharField(required=False, max_length=100, default="", help_text="In ids, names and messages.")


class _ImportsApi(ApiView):
    tag = "Imports"

    def shown(self, public_id: str, status: int = 200) -> HttpResponse:
        """The batch as it is now."""
        row = reads.get_import(self.access, public_id)
        where = f"/api/v1/customers/imports/{public_id}/" if status == 201 else None
        return self.answer(import_out(row), status=status, version=row.version, location=where)


class ImportsView(_ImportsApi):
    """customers/imports/"""

    parser_classes = (ImportParser,)

    @operation("List imports", Action.IMPORT_VIEW, query=PageQuery, answers=listing(ImportOut))
    def get(self, request: Request) -> HttpResponse:
        """All batches, newest first. For Hectare staff; to everybody else there are none."""
        return self.page(reads.imports(self.access), lambda rows: [import_out(row) for row in rows], newest_first=True)

    @operation(
        "Import customers or users",
        Action.IMPORT_RUN,
        Action.IMPORT_MAKE_OWNERS,
        body=ImportBody,
        answers=ImportOut,
        status=201,
        tagged=True,
        acting=Acting.ONLY,
        errors=(404, 409, 413),
        example={
            "source": "logistics",
            "content": '{"type": "organisation", "id": "L-1", "name": "Culm Dairy Ltd"}\n'
            '{"type": "user", "id": "P-1", "email": "anna@culm.example", "name": "Anna Ash", '
            '"memberships": [{"organisation": "L-1", "role": "manager"}]}\n',
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Checks the file and, with `dry_run` false, applies it: all of it, or nothing.

        Everything that is here already stays as it is. An e-mail or a number that somebody here has is reported as a
        collision and left out. A batch of more than 2,000 rows is applied by a job: its status is `queued` until then.
        """
        actor = self.acting
        # Before a large body is read.
        may_import(actor)
        body: dict[str, Any] = dict(self.body)
        batch = check_import(
            actor,
            kind=ImportKind(body["kind"]),
            source=body["source"],
            content=body["content"].encode(),
            reading=Reading(form=body["format"], mapping=body.get("mapping", {}), same_name=body["same_name"]),
            filename=body["filename"],
            may_make_owners=body["may_make_owners"],
        )
        if not body["dry_run"]:
            batch = queue_import(actor, batch=batch, welcome=body["welcome"])
        return self.shown(batch.public_id, 201)


class ImportView(_ImportsApi):
    """customers/imports/{batch}/"""

    @operation("Read an import", Action.IMPORT_VIEW, answers=ImportOut, tagged=True)
    def get(self, request: Request, batch: str) -> HttpResponse:
        """One batch with its figures."""
        return self.shown(batch)


class ImportApplyView(_ImportsApi):
    """customers/imports/{batch}/apply/"""

    @operation(
        "Apply an import",
        Action.IMPORT_RUN,
        body=ApplyBody,
        answers=ImportOut,
        tagged=True,
        acting=Acting.ONLY,
        errors=(409,),
        example={"welcome": True},
    )
    def post(self, request: Request, batch: str) -> HttpResponse:
        """Makes what the check said, or nothing. A large batch is applied by a job: look at its status."""
        row = reads.get_import(self.access, batch)
        queue_import(self.acting, batch=row, welcome=self.body["welcome"], version=self.version_if_sent(row))
        return self.shown(batch)


class ImportLinksView(_ImportsApi):
    """customers/imports/{batch}/links/"""

    @operation(
        "Mail links to an import's people",
        Action.IMPORT_RUN,
        answers=ImportOut,
        tagged=True,
        acting=Acting.ONLY,
        errors=(409,),
    )
    def post(self, request: Request, batch: str) -> HttpResponse:
        """Mails a link to set a password to everybody whom the import made and who has none that works. Once."""
        row = reads.get_import(self.access, batch)
        send_links(self.acting, batch=row, version=self.version_if_sent(row))
        return self.shown(batch)


class ImportRowsView(_ImportsApi):
    """customers/imports/{batch}/rows/"""

    @operation("List an import's rows", Action.IMPORT_VIEW, query=RowsQuery, answers=listing(ImportRowOut))
    def get(self, request: Request, batch: str) -> HttpResponse:
        """What becomes, or became, of each row, in the order of the file."""
        query = self.query
        rows = reads.rows_of(
            reads.get_import(self.access, batch),
            outcome=query["outcome"],
            kind=query["kind"],
            search=query["search"],
        )
        cursor = paging.Cursor.read(query["cursor"]) if "cursor" in query else paging.Cursor("0")
        start, size = int(cursor.key) if cursor.key.isdecimal() else 0, query["page_size"]
        following = paging.Cursor(str(start + size)) if start + size < len(rows) else None
        preceding = paging.Cursor(str(max(0, start - size))) if start else None
        found = paging.Page(rows[start : start + size], following, preceding)
        return self.answer(paging.listed(self.request, found, found.rows))


class ReconciliationView(_ImportsApi):
    """customers/imports/{batch}/reconciliation/"""

    @operation("Compare an import with what is here", Action.IMPORT_VIEW, answers=ReconciliationOut)
    def get(self, request: Request, batch: str) -> HttpResponse:
        """How many are there and here, how many are active, what differs, and what is missing on either side."""
        row = reads.get_import(self.access, batch)
        kinds = [one.as_dict() for one in reads.reconcile(row)]
        return self.answer({"batch": row.public_id, "source": row.source, "kinds": kinds})
