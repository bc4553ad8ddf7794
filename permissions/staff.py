"""The admin's way of writing: every save calls a verb, with a reason, and a refusal is an error of the form.

A ``StaffAdmin`` says which fields its verbs take. What is not a verb's is read-only. What is neither adding nor
changing (closing, withdrawing, putting away) is an ``Act``: a page of its own that shows what would happen, and asks
for the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import ModelAdmin, get_content_type_for_model
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.components import words
from common.errors import DomainError, FieldError, Invalid
from permissions.access import Access
from permissions.decisions import RefusedItems
from permissions.web import access_of

M = TypeVar("M", bound=models.Model)

#: Places of an amount of money.
POUNDS = 2
REASON_HELP = _("Why you do this for them. It is kept in the audit trail, and they can read it.")


def reason_field() -> forms.CharField:
    """The reason without which staff change nothing."""
    widget = forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
    return forms.CharField(label=_("Reason"), max_length=300, help_text=REASON_HELP, widget=widget)


def errors_of(problem: DomainError) -> list[tuple[str, str]]:
    """What a refused verb says, as (field, sentence); an empty field is the whole form."""
    if isinstance(problem, Invalid):
        return [(_field(one), one.detail) for one in problem.errors]
    if isinstance(problem, RefusedItems):
        return [
            ("", problem.detail),
            *(("", f"{item}: {why.code}: {why.why}") for item, why in problem.decisions.items()),
        ]
    rule = getattr(getattr(problem, "decision", None), "code", "")
    return [("", f"{rule}: {problem.detail}" if rule else problem.detail)]


def _field(error: FieldError) -> str:
    return error.pointer.removeprefix("/").partition("/")[0]


class VerbForm(forms.ModelForm[Any]):
    """A form that saves through a verb, while it is validated: what the verb refuses is an error like any other."""

    reason = reason_field()
    #: The version that the page was made from.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    #: Set by the admin: calls the verb with what was typed.
    run: Callable[[dict[str, Any], str], Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saved: Any = None
        if self.instance.pk is not None and "seen" in self.fields:
            self.fields["seen"].initial = getattr(self.instance, "version", None)

    def full_clean(self) -> None:
        """Validate, and when nothing is wrong, call the verb."""
        super().full_clean()
        if not self.is_bound or self.errors:
            return
        data = dict(self.cleaned_data)
        reason = data.pop("reason")
        try:
            self.saved = self.run(data, reason)
        except DomainError as problem:
            for field, sentence in errors_of(problem):
                self.add_error(field if field in self.fields else None, sentence)

    def save(self, commit: bool = True) -> Any:
        """The row that the verb wrote."""
        return self.saved

    def save_m2m(self) -> None:
        """The verb has written them."""

    _save_m2m = save_m2m


class ActForm(forms.Form):
    """What an act asks for: the reason, and what it needs besides."""

    reason = reason_field()


@dataclass(frozen=True)
class Act(Generic[M]):
    """Something that staff can do to a row, on a page of its own.

    Attributes:
        name: in the address.
        label: on the button.
        run: does it; what it returns, if anything, is said.
        preview: what would happen, as (label, value); shown before.
        form: what it asks for.
        fits: whether it is offered for the row.
        gone: whether the row is no more afterwards.
        template: of its page.
    """

    name: str
    label: str
    run: Callable[[Access, M, Mapping[str, Any]], Any]
    preview: Callable[[Access, M], Mapping[str, Any]] | None = None
    form: type[ActForm] = ActForm
    fits: Callable[[M], bool] = lambda row: True
    gone: bool = False
    template: str = "admin/act.html"


def archiving(
    archive: Callable[..., Any], restore: Callable[..., Any], name: str, preview: Callable[..., Any] | None = None
) -> tuple[Act[Any], Act[Any]]:
    """The two acts of what is put away rather than deleted.

    Args:
        name: what the verbs call the row.
    """

    def put_away(access: Access, row: Any, data: Mapping[str, Any]) -> None:
        archive(access, **{name: row})

    def take_out(access: Access, row: Any, data: Mapping[str, Any]) -> None:
        restore(access, **{name: row})

    def touched(access: Access, row: Any) -> Mapping[str, Any]:
        found: Mapping[str, Any] = preview(access, **{name: row}) if preview else {}
        return found

    shown = touched if preview else None
    return (
        Act("archive", "Put away", put_away, preview=shown, fits=lambda row: not row.is_archived),
        Act("restore", "Restore", take_out, fits=lambda row: row.is_archived),
    )


class AmountField(forms.DecimalField):
    """A number whose column keeps more places than people write: 3, and not 3.0000. Pounds keep their pence."""

    def prepare_value(self, value: Any) -> Any:
        """As it is written."""
        if not isinstance(value, Decimal) or (self.decimal_places or 0) <= POUNDS:
            return value
        return f"{value.normalize():f}"


class StaffAdmin(ModelAdmin[Any]):
    """The admin of one model, for Hectare staff."""

    form = VerbForm
    formfield_overrides = {
        models.URLField: {"widget": AdminURLFieldWidget, "assume_scheme": "https"},
        models.DecimalField: {"form_class": AmountField},
    }
    actions = None
    list_per_page = 50
    show_full_result_count = False
    change_form_template = "admin/staff_change_form.html"

    #: What can be said of a new row, and of one that is there. Empty: it cannot be added, or changed.
    add_fields: Sequence[str] = ()
    change_fields: Sequence[str] = ()
    #: What is shown and not changed.
    shown_fields: Sequence[str] = ()
    #: Of these, what never changes: sent all the same, it is given to the verb as it was sent, which refuses another.
    fixed_fields: Sequence[str] = ()
    acts: Sequence[Act[Any]] = ()

    # --- the verbs ----------------------------------------------------------------------------------------------

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Call the verb that makes a row."""
        raise NotImplementedError

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Call the verb that changes a row; ``data`` holds what was changed only."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what its name needs, in lists and where one of many is chosen."""
        rows = super().get_queryset(request)
        related = self.list_select_related
        return rows.select_related(*related) if isinstance(related, list | tuple) and related else rows

    def label(self, row: Any) -> str:
        """What the row is called over its pages, and where one of many is chosen."""
        return str(row)

    # --- who may: all staff see; what is written is decided by the verb ------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff find everything."""
        return access_of(request).is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff see everything."""
        return access_of(request).is_staff

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Where there is a verb for it."""
        return access_of(request).is_staff and bool(self.add_fields)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Where there is a verb for it."""
        return access_of(request).is_staff and bool(self.change_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by the admin's own deletion: what ends a row is an act."""
        return False

    # --- the form -----------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What can be typed, then what is shown, then the reason."""
        if obj is None:
            return [(None, {"fields": list(self.add_fields)}), (_("Why"), {"fields": ["reason", "seen"]})]
        shown = [name for name in self.get_readonly_fields(request, obj) if name not in self.change_fields]
        sets: list[Any] = [(None, {"fields": [*self.change_fields, *shown]})]
        if self.change_fields:
            sets.append((_("Why"), {"fields": ["reason", "seen"]}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All that no verb takes."""
        return [] if obj is None else [name for name in self.shown_fields if name not in self.change_fields]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, knowing its verb."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)

        def run(typed: VerbForm, data: dict[str, Any], reason: str) -> Any:
            access = access_of(request).acting(reason)
            version = data.pop("seen", None)
            if obj is None:
                return self.add(access, data)
            data = {name: value for name, value in data.items() if name in typed.changed_data}
            data |= {name: typed.data[name] for name in self.fixed_fields if name in typed.data}
            # Read anew: validation has written what was typed onto the form's own instance.
            fresh = self.get_queryset(request).get(pk=obj.pk)
            return self.change(access, fresh, data, version)

        form.run = run
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb has written it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb has written them."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The row's history in the audit trail, which knows every door and every field."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        address = reverse(f"{self.admin_site.name}:audit_trail")
        return HttpResponseRedirect(f"{address}?{urlencode({'object': getattr(row, 'public_id', '')})}")

    # --- the admin's log: ids only, for a name that stands in it stays when a person is erased --------------------

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """That a row was made."""
        return self._logged(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """That a row was changed."""
        return self._logged(request, obj, CHANGE, message)

    def _logged(self, request: HttpRequest, obj: Any, flag: int, message: Any) -> LogEntry:
        return LogEntry.objects.create(
            user_id=str(request.user.pk),
            content_type=get_content_type_for_model(obj),
            object_id=str(obj.pk),
            object_repr=getattr(obj, "public_id", "") or f"{self.opts.verbose_name} {obj.pk}",
            action_flag=flag,
            change_message=json.dumps(message) if isinstance(message, list) else message,
        )

    # --- acts ---------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The acts' pages, before the admin's own."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        page = self.admin_site.admin_view(self.act_view)
        return [path("<path:object_id>/act/<slug:act>/", page, name=name), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """Show what an act would do; do it when the reason is given."""
        row = self.get_object(request, object_id)
        found = next((one for one in self.acts if one.name == act), None)
        if row is None or found is None or not self.has_view_permission(request, row):
            raise Http404
        form = found.form(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._done(request, row, found, form):
            return HttpResponseRedirect(self.after_act(row, found))
        context = {
            **self.admin_site.each_context(request),
            "title": found.label,
            "subtitle": self.label(row),
            "opts": self.opts,
            "original": row,
            "act": found,
            "form": form,
            "preview": self._preview(request, row, found),
        }
        return TemplateResponse(request, found.template, context)

    def run_act(self, request: HttpRequest, act: Act[Any], access: Access, row: Any, data: Mapping[str, Any]) -> Any:
        """Do it. Overridden for what needs the request, too."""
        return act.run(access, row, data)

    def _done(self, request: HttpRequest, row: Any, act: Act[Any], form: ActForm) -> bool:
        data = dict(form.cleaned_data)
        try:
            said = self.run_act(request, act, access_of(request).acting(data.pop("reason")), row, data)
        except DomainError as problem:
            for field, sentence in errors_of(problem):
                form.add_error(field if field in form.fields else NON_FIELD_ERRORS, sentence)
            return False
        self.log_change(request, row, f"{act.label}.")
        messages.success(request, said if isinstance(said, str) else f"{act.label}: done.")
        return True

    def _preview(self, request: HttpRequest, row: Any, act: Act[Any]) -> Mapping[str, Any]:
        if act.preview is None:
            return {}
        try:
            return act.preview(access_of(request).acting("Looking at what would happen"), row)
        except DomainError as problem:
            return {"Refused": " ".join(sentence for _, sentence in errors_of(problem))}

    def after_act(self, row: Any, act: Act[Any]) -> str:
        """Where it leads."""
        base = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{base}_changelist") if act.gone else reverse(f"{base}_change", args=[row.pk])

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """With its name, and the acts that fit the row."""
        row = self.get_object(request, object_id) if object_id else None
        base = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_act"
        acts = [
            {"label": act.label, "url": reverse(base, args=[row.pk, act.name])}
            for act in self.acts
            if row is not None and act.fits(row)
        ]
        context = {"acts": acts, "subtitle": self.label(row) if row else None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)


class ReadOnlyAdmin(StaffAdmin):
    """A model that staff look at: no verb of theirs writes it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All of it."""
        return list(self.shown_fields)


def whether(without: Any, with_it: Any) -> type[admin.EmptyFieldListFilter]:
    """A filter by whether something is there, in the words for both: "active" and "put away", not "empty"."""

    class Whether(admin.EmptyFieldListFilter):
        def choices(self, changelist: Any) -> Any:
            """All of them, those without it, those with it."""
            for choice, said in zip(super().choices(changelist), (None, without, with_it), strict=True):
                yield choice if said is None else {**choice, "display": said}

    return Whether


@admin.display(description=_("state"))
def is_archived(row: Any) -> str:
    """Whether a row has been put away, for lists."""
    return "archived" if row.archived_at else "active"


def named(facts: Mapping[str, Any]) -> SafeString:
    """What JSON holds, for people: each name with its value. What is empty is left out."""
    told = {words(name): value for name, value in facts.items() if value not in (None, "", [], {})}
    if not told:
        return SafeString("–")
    parts = ((name, named(value) if isinstance(value, Mapping) else _in_a_line(value)) for name, value in told.items())
    return format_html('<dl class="preview">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", parts))


def _in_a_line(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
