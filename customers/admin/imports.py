"""The staff's pages of imports: a file is checked, its rows are looked through, and it is applied with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from customers.domain.imports import links, reads
from customers.domain.imports.batches import Reading, check_again, check_import, forget_upload, queue_import, send_links
from customers.domain.imports.columns import MEANINGS
from customers.domain.imports.outcomes import LABELS, Outcome
from customers.domain.imports.reading import CSV, ENCODINGS, JSONL, LARGEST
from customers.domain.imports.register import ASK, SAME_NAME
from customers.enums import ImportKind, ImportStatus
from customers.models import ExternalId, ImportBatch
from permissions.access import Access
from permissions.staff import Act, ActForm, StaffAdmin, VerbForm, errors_of
from permissions.web import access_of

_COUNTED = {
    "rows": _("rows"),
    **{str(outcome): label for outcome, label in LABELS.items()},
    "makes_organisations": _("customers to make"),
    "makes_units": _("units to make"),
    "makes_businesses": _("businesses to make"),
    "makes_users": _("people to make"),
    "makes_memberships": _("memberships to make"),
    "passwords_kept": _("people who keep their password"),
}


class ImportForm(VerbForm):
    """What staff say of a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("JSON Lines or CSV, %(size)s MB at most; docs/import.md says what is in it.")
        % {"size": LARGEST // 2**20},
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=list(ENCODINGS.items()),
        initial="utf-8",
        required=False,
        help_text=_("Spreadsheets that do not save UTF-8 save Windows-1252."),
    )
    same_name = forms.ChoiceField(
        label=_("A name that comes again elsewhere"), choices=list(SAME_NAME.items()), initial=ASK, required=False
    )


class ApplyForm(ActForm):
    """Why, and whether people are told."""

    welcome = forms.BooleanField(
        label=_("Mail a link to set a password"),
        required=False,
        help_text=_("To new account owners, and to people whose old password could not be kept."),
    )


class ColumnsForm(ActForm):
    """Which column means what; a field for each column."""

    same_name = forms.ChoiceField(label=_("A name that comes again elsewhere"), choices=list(SAME_NAME.items()))

    def __init__(self, columns: list[str], mapping: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = {f"column_{number}": column for number, column in enumerate(columns)}
        choices = [("", _("– not used –")), *MEANINGS.items()]
        for name, column in self.columns.items():
            self.fields[name] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=mapping.get(column, "")
            )
        self.order_fields([*self.columns, "same_name", "reason"])

    @property
    def mapping(self) -> dict[str, str]:
        """Column to meaning, as chosen."""
        return {column: self.cleaned_data[name] for name, column in self.columns.items() if self.cleaned_data[name]}


def _apply(access: Access, batch: ImportBatch, data: Mapping[str, Any]) -> str:
    done = queue_import(access, batch=batch, welcome=bool(data["welcome"]))
    said = {
        ImportStatus.APPLIED: _("Applied."),
        ImportStatus.QUEUED: _("It is large and is being applied in the background. Look at its state in a minute."),
    }.get(ImportStatus(done.status), _("It failed and nothing was written: somebody saved the same. Try again."))
    return str(said)


def _forget(access: Access, batch: ImportBatch, data: Mapping[str, Any]) -> None:
    forget_upload(access, batch=batch)


def _links(access: Access, batch: ImportBatch, data: Mapping[str, Any]) -> str:
    return str(_("%(count)d links are on their way.") % {"count": send_links(access, batch=batch)})


def _without_password(access: Access, batch: ImportBatch) -> Mapping[str, Any]:
    return {str(_("People without a password")): len(reads.made_without_password(batch))}


def _figures(access: Access, batch: ImportBatch) -> Mapping[str, Any]:
    return {str(label): f"{number:,}" for name, label in _COUNTED.items() if (number := batch.counts.get(name, 0))}


@admin.register(ImportBatch)
class ImportAdmin(StaffAdmin):
    """Files of customers and of another system's people."""

    form = ImportForm
    change_form_template = "admin/imports/change_form.html"
    list_display = ("created_at", "kind", "source", "filename", "status", "row_count", "applied_at")
    list_filter = ("kind", "status", "source")
    ordering = ("-pk",)
    search_fields = ("public_id", "source", "filename")
    add_fields = ("kind", "source", "file", "encoding", "same_name", "may_make_owners")
    shown_fields = (
        "public_id",
        "kind",
        "source",
        "filename",
        "status",
        "problem",
        "figures",
        "may_make_owners",
        "requested_by",
        "created_at",
        "applied_at",
        "welcomed_at",
    )
    acts = (
        Act("apply", "Apply", _apply, preview=_figures, form=ApplyForm, fits=lambda batch: batch.is_open),
        Act("forget", "Forget the file", _forget, fits=lambda batch: batch.is_open),
        Act(
            "links",
            "Mail links to set a password",
            _links,
            preview=_without_password,
            fits=lambda batch: batch.status == ImportStatus.APPLIED and batch.welcomed_at is None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the files, and without the rows."""
        return super().get_queryset(request).select_related("requested_by").defer("content", "rows")

    @admin.display(description=_("rows"))
    def row_count(self, batch: ImportBatch) -> int:
        """How many rows the file has."""
        return int(batch.counts.get("rows", 0))

    @admin.display(description=_("figures"))
    def figures(self, batch: ImportBatch) -> str:
        """What the rows come to."""
        found = ((label, batch.counts.get(name, 0)) for name, label in _COUNTED.items())
        return ", ".join(f"{number:,} {label}" for label, number in found if number)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Check a file."""
        file = data["file"]
        return check_import(
            access,
            kind=ImportKind(data["kind"]),
            source=data["source"],
            content=file.read(LARGEST + 1),
            reading=Reading(
                form=CSV if data["kind"] == ImportKind.CUSTOMERS or file.name.lower().endswith(".csv") else JSONL,
                encoding=data["encoding"] or "utf-8",
                same_name=data["same_name"] or ASK,
            ),
            filename=file.name,
            may_make_owners=data["may_make_owners"],
        )

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """On to what was found in it."""
        messages.success(request, _("Checked. Nothing has been made yet: look through the rows, then apply it."))
        return HttpResponseRedirect(reverse("admin:customers_importbatch_rows", args=[obj.pk]))

    # --- pages of one batch -----------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The pages of rows, columns and reconciliation, before the admin's own."""
        pages = (
            ("rows/", "rows", self.rows_view),
            ("result.csv", "result", self.result_view),
            ("columns/", "columns", self.columns_view),
            ("reconciliation/", "reconciliation", self.reconciliation_view),
            ("reconciliation.csv", "reconciliation_file", self.reconciliation_file_view),
        )
        own = [
            path(f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"customers_importbatch_{name}")
            for address, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def _batch(self, request: HttpRequest, pk: int) -> ImportBatch:
        """The batch with its rows, for staff."""
        found = self.get_queryset(request).filter(pk=pk).values_list("public_id", flat=True).first()
        if found is None or not self.has_view_permission(request):
            raise Http404
        return reads.get_import(access_of(request), found)

    def _page(self, request: HttpRequest, batch: ImportBatch, template: str, **context: Any) -> TemplateResponse:
        base = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": batch,
            "is_list": batch.kind == ImportKind.CUSTOMERS,
            "can_be_applied": batch.is_open and batch.has_upload,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, f"admin/imports/{template}.html", {**base, **context})

    def rows_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What becomes of each row; searched, and narrowed to outcomes."""
        batch = self._batch(request, pk)
        search, outcome = request.GET.get("q", "")[:100], request.GET.get("outcome", "")
        found = reads.rows_of(batch, outcome=outcome, search=search)
        page = Paginator(found, 100).get_page(request.GET.get("page"))
        outcomes = [
            ("", _("all"), batch.counts.get("rows", 0)),
            *((str(one), LABELS[one], batch.counts.get(str(one), 0)) for one in Outcome),
            ("noted", _("with something to do or to know"), sum(1 for row in batch.rows if row["notes"])),
        ]
        return self._page(
            request,
            batch,
            "rows",
            title=_("Rows of the import"),
            page=page,
            shown=[reads.result_of(row) for row in page],
            outcomes=outcomes,
            outcome=outcome,
            q=search,
        )

    def result_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The rows as a file."""
        batch = self._batch(request, pk)
        return _file(reads.result_file(batch), f"import-{batch.public_id}.csv")

    def reconciliation_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """There and here, side by side."""
        batch = self._batch(request, pk)
        return self._page(request, batch, "reconciliation", title=_("There and here"), compared=reads.reconcile(batch))

    def reconciliation_file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What does not agree, as a file."""
        batch = self._batch(request, pk)
        return _file(reads.reconciliation_file(reads.reconcile(batch)), f"reconciliation-{batch.public_id}.csv")

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Which column of a list of customers means what; saving checks the file again."""
        batch = self._batch(request, pk)
        if batch.kind != ImportKind.CUSTOMERS or not batch.is_open:
            raise Http404
        columns = [str(one) for one in batch.options.get("columns", [])]
        initial = {"same_name": batch.options.get("same_name", ASK)}
        form = ColumnsForm(columns, batch.mapping, request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid() and self._checked_again(request, batch, form):
            return HttpResponseRedirect(reverse("admin:customers_importbatch_rows", args=[batch.pk]))
        return self._page(request, batch, "columns", title=_("Columns of the file"), form=form)

    def _checked_again(self, request: HttpRequest, batch: ImportBatch, form: ColumnsForm) -> bool:
        options = batch.options
        reading = Reading(
            form=str(options["format"]),
            encoding=str(options["encoding"]),
            mapping=form.mapping,
            same_name=form.cleaned_data["same_name"],
        )
        actor = access_of(request).acting(form.cleaned_data["reason"])
        try:
            check_again(actor, batch=batch, reading=reading)
        except DomainError as problem:
            for _field, sentence in errors_of(problem):
                form.add_error(NON_FIELD_ERRORS, sentence)
            return False
        messages.success(request, _("Checked again."))
        return True


def _file(text: str, name: str) -> HttpResponse:
    # With a byte order mark: spreadsheets take it for UTF-8 then.
    response = HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _unlink(access: Access, row: ExternalId, data: Mapping[str, Any]) -> None:
    links.unlink(access, external_id=row)


@admin.register(ExternalId)
class ExternalIdAdmin(StaffAdmin):
    """What things here are called elsewhere. An import finds them by it."""

    list_display = ("source", "external_id", "organisation", "unit", "user")
    list_filter = ("source",)
    list_select_related = ("organisation", "unit", "user")
    ordering = ("source", "pk")
    search_fields = ("external_id", "organisation__name", "unit__name", "user__email", "organisation__public_id")
    autocomplete_fields = ("organisation", "unit", "user")
    add_fields = ("source", "external_id", "organisation", "unit", "user")
    shown_fields = ("source", "external_id", "organisation", "unit", "user", "created_at")
    acts = (Act("unlink", "Unlink", _unlink, gone=True),)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Link an id there to something here."""
        return links.link(access, **data)
