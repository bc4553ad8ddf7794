"""Creating a user in an organisation, with her role and units.

The brief lets account owners create users. Here that is an invitation: whoever owns the address joins when she follows
the link and consents, so nobody is drawn into an organisation by somebody who merely knows her address, and the answer
tells nobody whether there is an account (decision 0013). Staff who act make a new account and its membership at once;
somebody who has an account is asked by them, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.editing import locked
from common.emails import spellings
from common.errors import Conflict
from common.verbs import verb
from customers.domain.accounts import send_welcome
from customers.domain.invitations import invite
from customers.domain.users import create_user
from customers.models import Invitation, User
from organisations.models import Organisation
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import add_member, works
from permissions.enforce import require
from permissions.models import Membership, Role


@verb
def take_on(
    actor: Access,
    *,
    organisation: Organisation,
    email: str,
    name: str,
    role: Role,
    units: Sequence[Any] | None = None,
    message: str = "",
) -> Membership | Invitation:
    """Create a user in an organisation: an invitation; or, by staff who act, an account and its membership.

    Args:
        units: ``None`` for all of them.
        message: for the invitation.
    """
    held = locked(organisation)
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(held))
    if held.kind != "full":
        raise Conflict(f"{held} has no people yet. Invite somebody to take over its record.", code="shell")
    works(held)
    known = actor.is_acting and User.objects.filter(email__in=spellings(email)).exists()
    if not actor.is_acting or known:
        return invite(actor, organisation=held, email=email, role=role, units=units, name=name, message=message)
    user = create_user(actor, email=email, name=name)
    membership = add_member(actor, organisation=held, user=user, role=role, units=units)
    send_welcome(actor, user=user, organisation=held)
    return membership
