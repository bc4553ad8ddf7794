"""What roles and invitations are called where people read of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers.models import Invitation
from permissions.actions import PERMISSION_LABELS, Permission
from permissions.models import Role


def in_words(role: Role) -> str:
    """What a role lets one do."""
    return ", ".join(PERMISSION_LABELS[one] for one in Permission if one in role.permissions)


def scope_in_words(row: Invitation) -> str:
    """Over which units an invitation gives its role."""
    if row.all_units:
        return _("all business units")
    return ", ".join(unit.name for unit in sorted(row.units.all(), key=lambda one: one.name))
