"""The staff's pages of duplicates: two records side by side, what would move, and the merge."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from customers.domain import merge as verbs
from customers.models import Merge
from organisations.form_fields import RowField
from organisations.models import Organisation
from permissions.staff import ReadOnlyAdmin, errors_of, named, reason_field
from permissions.web import access_of

WHOSE = [("winner", _("the record that stays")), ("loser", _("the duplicate"))]


class PairForm(forms.Form):
    """Which two."""

    loser = RowField(
        Organisation.objects.all(),  # door: staff see every organisation
        label=_("The duplicate"),
        help_text=_("It is archived; its ids lead to the other one from then on."),
        widget=AutocompleteSelect(Merge._meta.get_field("loser"), admin.site),
    )
    winner = RowField(
        Organisation.objects.all(),  # door: staff see every organisation
        label=_("The record that stays"),
        widget=AutocompleteSelect(Merge._meta.get_field("winner"), admin.site),
    )


class ChoicesForm(forms.Form):
    """Whose word stands, and why they are one."""

    name = forms.ChoiceField(label=_("Name"), choices=WHOSE)
    town = forms.ChoiceField(label=_("Town"), choices=WHOSE)
    postcode = forms.ChoiceField(label=_("Postcode"), choices=WHOSE)
    people = forms.ChoiceField(
        label=_("People of the duplicate hold their roles"),
        choices=[("moved", _("over the units that moved with them")), ("whole", _("over the whole record that stays"))],
        help_text=_(
            "Who had named units keeps exactly those. When the record that stays is unclaimed: over all of it."
        ),
    )
    reason = reason_field()


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    """What was merged. To merge, add one."""

    list_display = ("loser", "winner", "merged_by", "reason", "created_at")
    list_select_related = ("loser", "winner", "merged_by")
    ordering = ("-created_at",)
    search_fields = ("loser__name", "winner__name", "loser__public_id", "winner__public_id", "public_id", "reason")
    # There is a verb for it, on a page of its own.
    add_fields = ("loser", "winner")
    shown_fields = ("public_id", "loser", "winner", "merged_by", "reason", "what_moved", "created_at")

    @admin.display(description=_("what moved"))
    def what_moved(self, row: Merge) -> str:
        """By kind, how many and which."""
        return named({name: _in_words(value) for name, value in row.moved.items()})

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose two; see what differs and what would move; say why, and merge."""
        chosen = PairForm(request.GET or None)
        context: dict[str, Any] = {"pair": chosen}
        if chosen.is_bound and chosen.is_valid():
            loser, winner = chosen.cleaned_data["loser"], chosen.cleaned_data["winner"]
            form = ChoicesForm(request.POST or None)
            looks = "look" in request.POST
            if request.method == "POST" and not looks and form.is_valid():
                done = self._merged(request, loser, winner, form)
                if done is not None:
                    return done
            told = self._told(request, loser, winner, _choices(request))
            if looks:
                form = ChoicesForm(initial={name: request.POST.get(name) for name in form.fields})
            context |= {"loser": loser, "winner": winner, "form": form, **told}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Merge a duplicate"),
            "opts": self.opts,
            "media": self.media + chosen.media,
            **context,
        }
        return TemplateResponse(request, "admin/merge.html", context, status=200)

    def _told(
        self, request: HttpRequest, loser: Organisation, winner: Organisation, choices: dict[str, str]
    ) -> dict[str, Any]:
        try:
            told = verbs.preview(
                access_of(request).acting("Looking at what would happen"), loser=loser, winner=winner, choices=choices
            )
        except DomainError as problem:
            return {"refused": [sentence for _field, sentence in errors_of(problem)]}
        return {
            "preview": told.pop("preview"),
            "differences": told.pop("differences"),
            "totals": {name.replace("_", " "): n for name, n in told.pop("totals").items()},
            "moves": [(name.replace("_", " "), _in_words(value)) for name, value in told.items()],
        }

    def _merged(
        self, request: HttpRequest, loser: Organisation, winner: Organisation, form: ChoicesForm
    ) -> HttpResponse | None:
        data = dict(form.cleaned_data)
        reason = data.pop("reason")
        try:
            row = verbs.merge(
                access_of(request).acting(reason),
                loser=loser,
                winner=winner,
                reason=reason,
                choices=data,
                seen=request.POST.get("preview", ""),
            )
        except DomainError as problem:
            for field, sentence in errors_of(problem):
                form.add_error(field if field in form.fields else None, sentence)
            return None
        self.log_addition(request, row, "Merged.")
        messages.success(request, f"{loser} is part of {winner} now.")
        return HttpResponseRedirect(reverse("admin:customers_merge_change", args=[row.pk]))


def _choices(request: HttpRequest) -> dict[str, str]:
    """What has been chosen so far, of what can be chosen."""
    chosen = {name: request.POST.get(name, "") for name in verbs.CHOICES}
    return {name: value for name, value in chosen.items() if value in verbs.CHOICES[name]}


def _in_words(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    told = [f"{one['id']} ({one['note']})" if isinstance(one, dict) and "note" in one else _named(one) for one in value]
    return f"{len(told)}: {', '.join(told)}" if told else "0"


def _named(one: Any) -> str:
    return str(one["name"]) if isinstance(one, dict) else str(one)
