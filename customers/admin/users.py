"""The staff's pages of people: customers' people, and Hectare's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError
from customers import act_as, everybody, transfers
from customers.domain import staff, support, users
from customers.models import StaffUser, User
from customers.rules import of_user
from permissions import impersonation
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require
from permissions.models import Membership
from permissions.roles import BUILT_IN_ROLES
from permissions.staff import Act, ActForm, StaffAdmin, VerbForm, errors_of
from permissions.web import access_of


def _end_sessions(access: Access, row: User, data: Mapping[str, Any]) -> str:
    ended = support.end_all_sessions(access, user=row)
    return _("%(n)d sessions ended. The person is told by mail.") % {"n": ended}


def _start_reset(access: Access, row: User, data: Mapping[str, Any]) -> str:
    support.start_reset(access, user=row)
    return _("The link goes to %(email)s, and to nobody else.") % {"email": row.email}


def _clear_factor(access: Access, row: User, data: Mapping[str, Any]) -> str:
    support.clear_second_factor(access, user=row)
    return _("Removed. The person is signed out everywhere, and told by mail.")


def _act_as(access: Access, row: User, data: Mapping[str, Any]) -> str:
    raise TypeError("It needs the session: see UserAdmin.run_act.")


def _before_acting(access: Access, row: User) -> Mapping[str, Any]:
    require(access, Action.USER_ACT_AS, of_user(row))
    return {
        "Person": f"{row.name} ({row.email})",
        "Until": _("%(n)d minutes from now at the latest, and no longer than your own session")
        % {"n": settings.ACT_AS_MINUTES},
        "Who is told": _(
            "The person, by mail, with your reason; the account owners of the organisations, in the audit trail"
        ),
        "In the audit trail": _("Both names, with everything that you change"),
        "Stays with the person": list(impersonation.labels()),
    }


ACT_AS = Act(
    "act-as",
    "Act as this user",
    _act_as,
    preview=_before_acting,
    fits=lambda row: row.is_active and not row.is_staff,
    template="admin/act_as.html",
)

#: As many are shut out at once: a form has no more fields.
MOST: Final = 900
#: What staff do for a person who cannot help herself. They never choose, see or get anything to sign in with.
SUPPORT = (
    Act("end-sessions", "End sessions", _end_sessions),
    Act("start-reset", "Start a password reset", _start_reset, fits=lambda row: row.is_active),
    Act("clear-second-factor", "Clear the second factor", _clear_factor),
)


class StateFilter(admin.SimpleListFilter):
    """Where an account stands."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states."""
        return [(state, state) for state in everybody.STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that stand there."""
        return everybody.in_state(queryset, self.value() or "") if self.value() in everybody.STATES else queryset


class RoleFilter(admin.SimpleListFilter):
    """What somebody is anywhere."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The built-in roles, and all others as one."""
        return [*((role.key, role.name) for role in BUILT_IN_ROLES), ("own", _("a customer’s own"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those who hold it."""
        wanted = self.value()
        if not wanted:
            return queryset
        held = Membership.objects.filter(user=OuterRef("pk"))  # door: staff see all; it narrows what they see
        own = held.filter(role__organisation__isnull=False)
        return queryset.filter(Exists(own if wanted == "own" else held.filter(role__key=wanted)))


class OrganisationFilter(admin.SimpleListFilter):
    """To what somebody belongs: typed, because there are too many to choose from."""

    title = gettext_lazy("organisation")
    parameter_name = "organisation"
    template = "admin/filter_typed.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Nothing to choose from; without one, the filter would not be shown."""
        return [("", "")]

    def choices(self, changelist: Any) -> Any:
        """What is sent along with it."""
        others = changelist.get_filters_params().items()
        return [{"name": name, "values": values} for name, values in others if name != self.parameter_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those who belong to one with this id, or with this in its name."""
        if not (wanted := (self.value() or "").strip()):
            return queryset
        there = Q(organisation__public_id=wanted) | Q(organisation__name__icontains=wanted)
        held = Membership.objects.filter(there, user=OuterRef("pk"))  # door: as for the role
        return queryset.filter(Exists(held))


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Customers' people. Nobody sees or sets a password here: its owner does, by the link for forgotten ones.

    Nobody is made here either: an account without an organisation is of no use. See ``MembershipAdmin``.
    """

    list_display = ("name", "email", "state", "confirmed", "second_factor", "last_login")
    list_filter = (StateFilter, RoleFilter, OrganisationFilter)
    ordering = ("email",)
    search_fields = ("name", "email", "public_id", "memberships__organisation__name")
    change_fields = ("name", "is_active")
    shown_fields = ("public_id", "email", "belongs_to", "last_login", "created_at", "updated_at")
    acts = (*SUPPORT, ACT_AS)
    actions = ("shut_out",)  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> Any:
        """The list is of customers' people. One of staff is found, and her page opens, wherever she is named."""
        rows = everybody.with_credentials(super().get_queryset(request))
        match = request.resolver_match
        return rows.filter(is_staff=False) if match and match.url_name == "customers_user_changelist" else rows

    @admin.display(description=gettext_lazy("state"))
    def state(self, user: User) -> str:
        """Active, deactivated or erased."""
        return everybody.state_of(user)

    @admin.display(description=gettext_lazy("e-mail confirmed"), boolean=True)
    def confirmed(self, user: Any) -> bool:
        """Whether her address has been shown to be hers."""
        return bool(user.email_verified)

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def second_factor(self, user: Any) -> bool:
        """Whether she has an authenticator app or a passkey."""
        return bool(user.has_second_factor)

    @admin.display(description="organisations")
    def belongs_to(self, user: User) -> str:
        """Organisation and role, one after the other."""
        rows = user.memberships.select_related("organisation", "role").order_by("pk")
        return ", ".join(f"{one.organisation} ({one.role}{'' if one.is_active else ', deactivated'})" for one in rows)

    def label(self, row: User) -> str:
        """Name and e-mail."""
        return f"{row.name} ({row.email})"

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a name, let in or shut out."""
        return users.edit_user(access, user=row, **data)

    def act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """Whoever is to act as somebody is led to show who she is first, when she has not just done so."""
        response = super().act_view(request, object_id, act)
        if act == ACT_AS.name and isinstance(response, TemplateResponse) and not transfers.is_fresh(request):
            back = urlencode({"next": request.path})
            response.context_data = {
                **(response.context_data or {}),
                "confirm_first": f"{reverse('account_reauthenticate')}?{back}",
            }
        return response

    def run_act(self, request: HttpRequest, act: Act[Any], access: Access, row: Any, data: Mapping[str, Any]) -> Any:
        """To act as somebody is done in the session."""
        if act is not ACT_AS:
            return super().run_act(request, act, access, row, data)
        made = act_as.begin(request, access, _account(row), fresh=transfers.is_fresh(request))
        until = date_format(localtime(made.ends_at), "H:i")
        return _("You act as %(name)s now, until %(until)s at the latest.") % {"name": made.user, "until": until}

    def after_act(self, row: Any, act: Act[Any]) -> str:
        """Her own first page, when one acts as her."""
        return reverse("home") if act is ACT_AS else super().after_act(row, act)

    @admin.action(description=gettext_lazy("Deactivate, all or none"))
    def shut_out(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask for the reason, then shut all of them out, or nobody."""
        chosen = list(queryset.order_by("pk"))
        missing = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(chosen)
        across = request.POST.get("select_across", "0") != "0"
        if len(chosen) > MOST or (missing and not across):
            words = _("Nothing was done. Choose customers’ people only, %(most)d at most at once.")
            messages.error(request, words % {"most": MOST})
            return None
        form = ActForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            try:
                done = support.shut_out_many(access_of(request).acting(form.cleaned_data["reason"]), users=chosen)
            except DomainError as problem:
                for _field, sentence in errors_of(problem):
                    form.add_error(NON_FIELD_ERRORS, sentence)
            else:
                words = _("%(done)d deactivated; the other %(left)d were so already.")
                messages.success(request, words % {"done": done, "left": len(chosen) - done})
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Deactivate people"),
            "opts": self.opts,
            "chosen": chosen,
            "form": form,
        }
        return TemplateResponse(request, "admin/users_shut_out.html", context)


class NewStaffForm(VerbForm):
    """Somebody who joins Hectare."""

    administrator = forms.BooleanField(
        label=gettext_lazy("Administrator"),
        required=False,
        help_text=gettext_lazy("Manages staff, the mode of sign-up, and what cannot be taken back."),
    )


class StaffForm(NewStaffForm):
    """A member of staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["administrator"].initial = self.instance.is_superuser


def _account(row: User) -> User:
    """The account behind a row of the staff's own list: verbs lock it, and know one kind of row."""
    return User.objects.get(pk=row.pk)  # door: the row was found by the admin; the verb decides


def _listed(user: User) -> StaffUser:
    """The row of the staff's own list that an account has."""
    return cast("StaffUser", StaffUser.objects.get(pk=user.pk))  # door: the verb has decided already


def _leaves(access: Access, row: User, data: Mapping[str, Any]) -> None:
    staff.deactivate_staff(access, user=_account(row))


def _returns(access: Access, row: User, data: Mapping[str, Any]) -> None:
    staff.reactivate_staff(access, user=_account(row))


def _of_staff(act: Act[Any]) -> Act[Any]:
    """The same act for a row of the staff's own list."""

    def run(access: Access, row: User, data: Mapping[str, Any]) -> Any:
        return act.run(access, _account(row), data)

    return Act(act.name, act.label, run, fits=act.fits)


@admin.register(StaffUser)
class StaffUserAdmin(StaffAdmin):
    """Hectare's own people. Administrators make and change them; all staff see them."""

    list_display = ("name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    ordering = ("email",)
    search_fields = ("name", "email", "public_id")
    add_fields = ("email", "name", "administrator")
    change_fields = ("name", "administrator")
    shown_fields = ("public_id", "email", "is_active", "last_login", "created_at", "updated_at")
    acts = (
        Act("deactivate", "Deactivate", _leaves, fits=lambda row: row.is_active),
        Act("reactivate", "Let in again", _returns, fits=lambda row: not row.is_active),
        *(_of_staff(act) for act in SUPPORT),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With the box that is no field of the row."""
        kwargs["form"] = NewStaffForm if obj is None else StaffForm
        return super().get_form(request, obj, change=change, **kwargs)

    def label(self, row: User) -> str:
        """Name and e-mail."""
        return f"{row.name} ({row.email})"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a member of staff."""
        return _listed(staff.create_staff(access, **data))

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change her name, or whether she is an administrator."""
        return _listed(staff.edit_staff(access, user=_account(row), **data))
