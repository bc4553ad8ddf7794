"""What is here already that a batch could run into, read in a few statements whatever the size of the batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models.functions import Lower

from common.arrays import OneOf
from common.emails import normal, spellings
from customers.domain.imports.forgetting import forgotten
from customers.enums import RemovalStatus
from customers.models import ExternalId, Removal, User
from organisations.models import BusinessUnit, Organisation
from permissions.models import Membership

#: What an external id can be of.
THINGS = ("organisation", "unit", "user")
_MORE = {"organisation": ("organisation__merged_into",), "unit": ("unit__business",)}


@dataclass(slots=True)
class Known:
    """What was found.

    Attributes:
        things: by kind and id there, what that is here.
        emails: by normal address, the account that has it.
        numbers: by company number, and by VAT number, the organisation that has it.
        unit_names: names of active units, by the key of the organisation.
        memberships: of the users that were found, by user and organisation.
        units: of memberships in named units, by the membership's key, the keys of the units.
        verified: keys of the users that were found whose address is confirmed.
        forgotten: kind and id there of what was erased or purged here.
        leaving: keys of the organisations that were found and are being removed.
    """

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    emails: dict[str, User] = field(default_factory=dict)
    numbers: dict[str, Organisation] = field(default_factory=dict)
    unit_names: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    memberships: dict[tuple[int, int], Membership] = field(default_factory=dict)
    units: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    verified: set[int] = field(default_factory=set)
    forgotten: set[tuple[str, str]] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)

    def of(self, kind: str, external_id: str) -> Any:
        """What an id there stands for here; ``None`` when nothing does."""
        return self.things[kind].get(external_id)


def read_known(source: str, ids: dict[str, Collection[str]], emails: Iterable[str], numbers: Iterable[str]) -> Known:
    """Read what is here.

    Args:
        ids: by kind, the ids there.
    """
    known = Known()
    for kind in THINGS:
        rows = ExternalId.objects.filter(
            source=source, external_id=OneOf(list(ids.get(kind, ()))), **{f"{kind}__isnull": False}
        )
        more = (kind, *_MORE.get(kind, ()))
        known.things[kind] = {row.external_id: _today(getattr(row, kind)) for row in rows.select_related(*more)}
    # After what is here: whatever is erased meanwhile is in one of the two.
    known.forgotten = forgotten(source, ids)
    known.emails = accounts(emails)
    known.numbers = companies(numbers)
    organisations = [one.pk for one in known.things["organisation"].values()]
    for pk, name in BusinessUnit.objects.filter(organisation=OneOf(organisations), archived_at=None).values_list(
        "organisation_id", "name"
    ):
        known.unit_names[pk].add(name)
    known.leaving = leaving(organisations)
    _people(known)
    return known


def _people(known: Known) -> None:
    """What the people that were found are, and where."""
    users = [one.pk for one in known.things["user"].values()]
    for one in Membership.objects.filter(user=OneOf(users)).select_related("role"):
        known.memberships[one.user_id, one.organisation_id] = one
    named = Membership.units.through._default_manager.filter(membership__user=OneOf(users))
    for membership, unit in named.values_list("membership_id", "businessunit_id"):
        known.units[membership].add(unit)
    hers = EmailAddress.objects.filter(user=OneOf(users), verified=True, primary=True)
    known.verified = set(hers.values_list("user_id", flat=True))


def leaving(organisations: Collection[int]) -> set[int]:
    """Which of some organisations are being removed: nothing more is put into them."""
    rows = Removal.objects.filter(organisation=OneOf(organisations), status=RemovalStatus.SCHEDULED)
    return set(rows.values_list("organisation_id", flat=True))


def _today(thing: Any) -> Any:
    """The thing, or what it was merged into."""
    return getattr(thing, "merged_into", None) or thing


def accounts(emails: Iterable[str]) -> dict[str, User]:
    """By normal address: whose it is, also when it is not the one that she signs in with."""
    wanted = sorted({spelling for email in emails if email for spelling in spellings(email)})
    users = User.objects.annotate(lower=Lower("email")).filter(lower=OneOf(wanted))
    found = {normal(user.email): user for user in users}
    further = EmailAddress.objects.annotate(lower=Lower("email")).filter(lower=OneOf(wanted)).select_related("user")
    return {normal(one.email): one.user for one in further} | found


def companies(numbers: Iterable[str]) -> dict[str, Organisation]:
    """By company number and by VAT number: whose it is."""
    wanted = sorted({number for number in numbers if number})
    found: dict[str, Organisation] = {}
    for name in ("company_number", "vat_number"):
        for row in Organisation.objects.filter(**{name: OneOf(wanted)}).select_related("merged_into"):
            found[getattr(row, name)] = row
    return found


def is_staff_address(email: str) -> bool:
    """Whether an address is of a domain that only Hectare's own people have."""
    domains = {normal(f"x@{domain}").rpartition("@")[2] for domain in settings.STAFF_EMAIL_DOMAINS}
    return normal(email).rpartition("@")[2] in domains
