"""The admin's own log holds ids only (``permissions.staff``). Entries from before that hold names: those go, too."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Q

from customers.domain import scrub
from customers.models import AccessRequest, Invitation, Merge, Removal, User
from organisations.models import Organisation
from permissions import trail
from permissions.models import Membership


def forget_person(user: User, email: str, name: str) -> None:
    """Take a person's name out of what was logged of her and of what is hers.

    Args:
        email: under which her rows stand by now.
    """
    memberships = apps.get_model("permissions", "MembershipEvent")._default_manager.filter(user_id=user.pk)
    scrub.forget_log(User, [user.pk], name)
    scrub.forget_log(Membership, memberships.values_list("pgh_obj_id", flat=True), name)
    for model in (Invitation, AccessRequest):
        scrub.forget_log(model, model._default_manager.filter(email=email).values_list("pk", flat=True), name)


def forget_customer(organisation: Organisation, tenant: trail.Tenant, name: str) -> None:
    """Take a customer's names out of what was logged of everything that is its own, or was."""
    for source in trail.sources():
        if source.own is not None:
            rows = source.events._default_manager.filter(source.own(tenant))
            scrub.forget_log(source.model, rows.values_list("pgh_obj_id", flat=True), name)
    losers = list(Organisation.objects.filter(merged_into=organisation).values_list("pk", flat=True))
    scrub.forget_log(Organisation, losers, name)
    removals = Removal.objects.filter(organisation=organisation)
    scrub.forget_log(Removal, removals.values_list("pk", flat=True), name)
    merges = Merge.objects.filter(Q(winner=organisation) | Q(loser=organisation) | Q(loser__in=losers))
    scrub.forget_log(Merge, merges.values_list("pk", flat=True), name)
    requests = apps.get_model("customers", "AccessRequestEvent")._default_manager
    asked = requests.filter(organisation_id=organisation.pk)
    scrub.forget_log(AccessRequest, asked.values_list("pgh_obj_id", flat=True), name)
