"""Customers as staff look for them, and what others may ask of them.

Only the public question (``exists``) is for tenants, and it says yes or no to a number, nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from common import clock, hooks
from common.arrays import OneOf
from common.errors import NotFound
from customers.domain import duplicates, questions
from customers.domain.duplicates import Asked
from customers.enums import ImportStatus, InvitationStatus, RemovalStatus, RequestState
from customers.models import AccessRequest, ExternalId, ImportBatch, Invitation, Removal, User
from customers.rules import ORGANISATION
from mails.models import Mail, MailStatus
from organisations.enums import OrganisationKind
from organisations.models import BusinessUnit, Connection, Organisation
from organisations.rules import of_nothing_yet, of_organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions import engine, trail
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.domain.owners import owners
from permissions.enforce import require
from permissions.lookup import one
from permissions.models import Grant, Membership

#: What can be asked for: where an organisation stands.
STATES: Final = ("active", "archived", "merged", "removed")
#: As many of each are shown on the staff's pages.
MOST_FOUND: Final = 25
MOST_SHOWN: Final = 50


def state_of(row: Organisation) -> str:
    """Where an organisation stands."""
    if row.removed_at is not None:
        return "removed"
    if row.merged_into_id is not None:
        return "merged"
    return "archived" if row.is_archived else "active"


def customers(access: Access) -> QuerySet[Any]:
    """Every organisation, with ``has_owner``: whether somebody can act for all of it. For staff; others see none."""
    rows = Organisation.objects.filter(engine.may(access, Action.CUSTOMER_VIEW, ORGANISATION))
    return rows.select_related("merged_into", "created_by_organisation").annotate(
        has_owner=Exists(owners(OuterRef("pk")))
    )


def staff_only(access: Access) -> None:
    """What is for staff alone is not there for others.

    Raises:
        NotFound: she is no member of staff.
    """
    require(access, Action.CUSTOMER_VIEW, of_nothing_yet(access))


def get_customer(access: Access, public_id: str) -> Any:
    """One organisation as staff see it, or ``NotFound``."""
    return one(customers(access), public_id)


def without_owner(access: Access) -> QuerySet[Any]:
    """Customers for which nobody can act."""
    rows = customers(access).filter(kind="full", archived_at=None)
    found: QuerySet[Any] = rows.filter(has_owner=False)
    return found


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of a list that stand there."""
    stays = rows.filter(removed_at=None)
    match state:
        case "removed":
            return rows.filter(removed_at__isnull=False)
        case "merged":
            return stays.filter(merged_into__isnull=False)
        case "archived":
            return stays.filter(merged_into=None, archived_at__isnull=False)
        case _:
            return stays.filter(archived_at=None)


def matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those that a word is about: names of the company and its units, numbers, postcodes, people, e-mails, ids."""
    text = text.strip()
    units = BusinessUnit.objects.filter(organisation=OuterRef("pk"))
    people = Membership.objects.filter(organisation=OuterRef("pk"))
    if "@" in text:
        return rows.filter(
            Exists(people.filter(user__email__icontains=text))
            | Exists(Invitation.objects.filter(organisation=OuterRef("pk"), email__icontains=text))
        )
    if "_" in text:
        return rows.filter(
            Q(public_id=text)
            | Exists(units.filter(public_id=text))
            | Exists(people.filter(Q(public_id=text) | Q(user__public_id=text)))
            | Exists(Invitation.objects.filter(organisation=OuterRef("pk"), public_id=text))
            | _external(text)
        )
    return rows.filter(
        Q(name__icontains=text)
        | Q(company_number=normal_company_number(text))
        | Q(vat_number=normal_vat_number(text))
        | Q(postcode=normal_postcode(text))
        | Exists(units.filter(Q(name__icontains=text) | Q(postcode=normal_postcode(text))))
        | Exists(people.filter(user__name__icontains=text))
        | _external(text)
    )


def _external(text: str) -> Exists:
    return Exists(ExternalId.objects.filter(organisation=OuterRef("pk"), external_id=text))


class Answer(TypedDict):
    """Whether a company is a customer."""

    exists: bool | None
    matches: list[dict[str, Any]]


def exists(access: Access, asked: Asked) -> Answer:
    """Whether a company is a customer. Staff get what is like it, of every kind.

    Others get yes or no for a company number or a VAT number, and ``None`` for everything else, always: by name or by
    e-mail one would find out who deals with whom (Q1).

    Raises:
        Refused: she manages no organisation as a whole.
        TooMany: her organisations have asked too often today.
    """
    if access.is_staff:
        staff_only(access)
        matches = [one.as_dict() for one in duplicates.find(asked)]
        return {"exists": bool(matches), "matches": matches}
    for company in _askers(access):
        questions.spend(company)
    number, vat = asked.numbers
    if not (number or vat):
        return {"exists": None, "matches": []}
    rows = Organisation.objects.filter(kind="full", archived_at=None, removed_at=None)
    same = Q(company_number=number) if number else Q(vat_number=vat)
    # A record that was merged keeps its number when the one that stayed has another: it is that customer's, too.
    merged = Organisation.objects.filter(same).exclude(merged_into=None).values("merged_into")
    found = rows.filter(same | Q(pk__in=merged)).exists()
    return {"exists": found, "matches": []}


def _askers(access: Access) -> list[Organisation]:
    """The organisations for which somebody may ask.

    Raises:
        Refused: there is none of hers for which she may.
        NotFound: she belongs to none.
    """
    hers = Organisation.objects.filter(pk__in=access.organisation_ids()).order_by("pk")
    may = list(hers.filter(pk__in=access.organisation_ids(Permission.MANAGE_ORGANISATION)))
    for company in may or hers[:1]:
        require(access, Action.CUSTOMER_CHECK, of_organisation(company))
    if not may:
        raise NotFound
    return may


def access_requests(access: Access) -> QuerySet[AccessRequest]:
    """What companies ask Hectare for. For staff."""
    return engine.visible(access, AccessRequest.objects.select_related("organisation", "answered_by"))


def get_access_request(access: Access, public_id: str) -> AccessRequest:
    """One request, or ``NotFound``."""
    return one(access_requests(access), public_id)


# --- the staff's desk -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waits:
    """One thing on the staff's dashboard.

    Attributes:
        key: of what.
        label: in words.
        count: how many.
    """

    key: str
    label: Any
    count: int


def waiting(access: Access) -> list[Waits]:
    """What waits for staff, counted. One statement for each."""
    staff_only(access)
    now = clock.now()
    due = Removal.objects.filter(status=RemovalStatus.SCHEDULED)
    pending = Invitation.objects.filter(status=InvitationStatus.PENDING)
    failed = Q(status=InvitationStatus.FAILED) | Q(status=InvitationStatus.PENDING, expires_at__lte=now)
    rows: list[tuple[str, Any, int]] = [
        ("requests", _("requests for access"), AccessRequest.objects.filter(status=RequestState.WAITING).count()),
        ("invitations", _("invitations failed or expired"), Invitation.objects.filter(failed).count()),
        ("pending", _("invitations waiting"), pending.filter(expires_at__gt=now).count()),
        ("ownerless", _("customers without an active account owner"), without_owner(access).count()),
        ("duplicates", _("names that several companies have"), duplicates.groups().count()),
        ("mails", _("mails that failed"), Mail.objects.filter(status=MailStatus.FAILED).count()),
        ("jobs", _("jobs that failed"), ProcrastinateJob.objects.filter(status="failed").count()),
        ("imports", _("imports checked, not applied"), ImportBatch.objects.filter(status=ImportStatus.CHECKED).count()),
        ("removals", _("removals under way"), due.count()),
    ]
    return [Waits(*row) for row in rows]


def found(access: Access, text: str) -> dict[str, list[Any]]:
    """Customers and people that a word is about, some of each. For staff."""
    staff_only(access)
    rows = matching(customers(access), text).order_by("name", "pk")[:MOST_FOUND]
    users = User.objects.filter(
        Q(name__icontains=text) | Q(email__icontains=text) | Q(public_id=text) | Q(external_ids__external_id=text)
    )
    people = users.distinct().prefetch_related("memberships__organisation").order_by("name", "pk")[:MOST_FOUND]
    return {"customers": list(rows), "people": list(people)}


def likely_duplicates(access: Access) -> QuerySet[Any, Any]:
    """Plain names that several companies have. For staff."""
    staff_only(access)
    return duplicates.groups()


def companies_of(access: Access, names: Iterable[str]) -> list[tuple[str, list[Organisation]]]:
    """Companies with the same plain name, by that name; first the one that the others would be merged into: a customer
    before a record, the oldest before the others. For staff. One statement.
    """
    staff_only(access)
    groups: dict[str, list[Organisation]] = {name: [] for name in names}
    for row in duplicates.of_group(groups):
        groups[row.plain_name].append(row)  # type: ignore[attr-defined]
    for rows in groups.values():
        rows.sort(key=lambda row: (row.kind != OrganisationKind.FULL, row.pk))
    return list(groups.items())


def overview(access: Access, row: Organisation) -> dict[str, Any]:
    """Everything that staff look at about one customer, on one page: some of what is long, and how much there is."""
    staff_only(access)
    units = BusinessUnit.objects.filter(organisation=row)
    trading = list(units.filter(business__isnull=False).values_list("pk", flat=True))
    given, received = (
        Grant.objects.filter(content_object=OneOf(trading)),
        Grant.objects.filter(group__enterprise=OneOf(trading)),
    )
    counts: dict[str, int] = {"grants given": given.count(), "grants received": received.count()}
    for hook in hooks.customer_counts:
        counts.update(hook(trading))
    people = Membership.objects.filter(organisation=row).select_related("user", "role")
    invitations = Invitation.objects.filter(organisation=row).select_related("role")
    connections = Connection.objects.filter(Q(organisation=row) | Q(other=row)).select_related("organisation", "other")
    return {
        "units": units.select_related("business").order_by("name", "pk")[:MOST_SHOWN],
        "units_count": units.count(),
        "people": people.order_by("-is_active", "user__name", "pk")[:MOST_SHOWN],
        "people_count": people.count(),
        "invitations": invitations.order_by("-pk")[:MOST_SHOWN],
        "connections": connections.order_by("pk")[:MOST_SHOWN],
        "counts": counts,
        "removal": Removal.objects.filter(organisation=row).order_by("-pk").first(),
        "mails": Mail.objects.filter(organisation=row).order_by("-pk")[:10],
        "requests": AccessRequest.objects.filter(organisation=row).order_by("-pk")[:10],
        "external_ids": ExternalId.objects.filter(organisation=row).order_by("pk")[:10],
        "trail": trail.of_tenant(access, row, trail.Filters(), size=10).entries,
    }
