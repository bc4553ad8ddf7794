"""Everything that a plan holds, in a few statements. The caller's transaction makes it all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models import Model

from customers.domain.accounts import send_welcomes
from customers.domain.imports.outcomes import Plan
from customers.models import ExternalId, User
from organisations.models import Business, BusinessUnit, Organisation
from permissions.access import Access
from permissions.models import Membership

_AT_ONCE: Final = 2_000


def write(actor: Access, plan: Plan, *, welcome: bool) -> None:
    """Write the plan down, and tell each row what was made of it."""
    _all(Organisation, plan.organisations)
    _all(BusinessUnit, plan.units)
    _businesses(plan.businesses)
    _all(User, plan.users)
    _all(
        EmailAddress,
        [
            EmailAddress(user=user, email=user.email, primary=True, verified=user.email not in plan.unverified)
            for user in plan.users
        ],
    )
    _all(Membership, [membership for membership, _ in plan.memberships])
    through: Any = Membership.units.through
    _all(
        through,
        [
            through(membership_id=membership.pk, businessunit_id=unit.pk)
            for membership, units in plan.memberships
            for unit in units
        ],
    )
    _all(ExternalId, plan.external_ids)
    for row, thing in plan.made:
        row.public_id = thing.public_id
    if welcome:
        send_welcomes(actor, people=plan.welcome)


def _businesses(businesses: Sequence[Business]) -> None:
    groups = [Group(name=f"enterprise:{business.unit.public_id}") for business in businesses]
    _all(Group, groups)
    for business, group in zip(businesses, groups, strict=True):
        business.group = group
        # The key is the unit's, which has one only now.
        business.unit_id = business.unit.pk
    _all(Business, businesses)


def _all(model: type[Model], rows: Sequence[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=_AT_ONCE)
