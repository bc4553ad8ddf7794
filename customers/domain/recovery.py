"""Giving an organisation an account owner when its own are gone: by staff, told to every owner that there is."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress

from common.editing import locked
from common.emails import normal
from common.errors import Conflict, Invalid
from common.verbs import verb
from customers.domain import invitations
from customers.domain.signup import find_user
from customers.models import Invitation
from mails import outbox
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.domain import members
from permissions.enforce import require
from permissions.models import Membership, Role


@dataclass(frozen=True)
class Recovered:
    """What came of it: a member who is owner now, or an invitation to become one."""

    membership: Membership | None = None
    invitation: Invitation | None = None


@verb
def recover_ownership(
    actor: Access,
    *,
    organisation: Organisation,
    membership: Membership | None = None,
    email: str = "",
    name: str = "",
) -> Recovered:
    """Make an active member account owner, or invite somebody to become one. For staff who act.

    Nobody loses anything by it; every account owner that there is gets a mail at once, and so does the new one.

    Raises:
        Invalid: not exactly one of member and e-mail was given, or the member cannot be owner: who is deactivated, or
            has not confirmed her e-mail, counts as none.
    """
    company = locked(organisation)
    require(actor, Action.CUSTOMER_RECOVER, of_organisation(company))
    if company.kind != OrganisationKind.FULL or company.is_archived:
        raise Conflict(f"{company} is no active customer, so that nobody owns it.", code="no_customer")
    if (membership is None) == (not email.strip()):
        raise Invalid.one("", "one_of", "Choose a member, or enter the e-mail of somebody to invite.")
    # Before anything changes: those who were owners are told, whether they count or not.
    told = [row.user for row in _owners(company)]
    if membership is not None:
        done = Recovered(membership=_raised(actor, company, membership))
        target, how = membership.user.public_id, "member"
        told += [membership.user] if membership.user not in told else []
    else:
        _no_member(company, email)
        invited = invitations.invite(actor, organisation=company, email=email, name=name, role=_role())
        done = Recovered(invitation=invited)
        target, how = invited.public_id, "invited"
    for person in told:
        outbox.post(
            "ownership_recovered",
            recipient=person.email,
            about=company.public_id,
            organisation=company,
            data={"target": target, "how": how, "owner": person.public_id},
        )
    require(actor, Action.CUSTOMER_RECOVER, of_organisation(company))
    return done


def _owners(company: Organisation) -> list[Membership]:
    rows = Membership.objects.filter(
        organisation=company, role__key=members.OWNER, role__organisation=None, all_units=True, is_active=True
    )
    return list(rows.filter(user__is_active=True).select_related("user").order_by("pk"))


def _raised(actor: Access, company: Organisation, membership: Membership) -> Membership:
    row = locked(membership, "user", "role")
    if row.organisation_id != company.pk:
        raise Invalid.one("/membership", "not_found", "Not found.")
    if not row.is_active or not row.user.is_active:
        raise Invalid.one(
            "/membership", "inactive", f"{row.user} has been deactivated. Let the account in again first."
        )
    if not EmailAddress.objects.filter(user=row.user, verified=True).exists():
        told = f"{row.user} has not confirmed the e-mail. Send the link to set a password first: following it does."
        raise Invalid.one("/membership", "unconfirmed", told)
    return members.change_member(actor, membership=row, role=_role(), units=None)


def _no_member(company: Organisation, email: str) -> None:
    user = find_user(normal(email))
    if user is not None and Membership.objects.filter(organisation=company, user=user).exists():
        raise Invalid.one("/email", "member_already", f"{user} is a member already. Choose that member.")


def _role() -> Role:
    return Role.objects.get(organisation=None, key=members.OWNER)
