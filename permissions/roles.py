"""The five built-in roles, as data. ``sync_built_in_roles`` writes them after every migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from permissions.actions import Permission

P = Permission


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role that every organisation has.

    Attributes:
        key: stable name in code.
        name: what people see.
        description: one sentence for the people page.
        permissions: what it lets a member do.
    """

    key: str
    name: str
    description: str
    permissions: frozenset[Permission]


_TRADE: Final = frozenset(
    {P.VIEW, P.COORDINATE, P.TAKE_PART, P.MANAGE_PRODUCTS, P.MANAGE_FEES, P.MANAGE_METHODS, P.MANAGE_GRANTS}
)

BUILT_IN_ROLES: Final[tuple[BuiltInRole, ...]] = (
    BuiltInRole("owner", "Account owner", "Everything, and answers for the account.", frozenset(P)),
    BuiltInRole(
        "manager",
        "Manager",
        "Everything in the units given, but not roles and keys.",
        frozenset(P) - {P.MANAGE_ROLES, P.MANAGE_API_KEYS},
    ),
    BuiltInRole("coordinator", "Coordinator", "Runs order cycles, catalogue, fees and grants.", _TRADE),
    BuiltInRole(
        "contributor",
        "Contributor",
        "Looks after products, and the enterprise’s part in order cycles.",
        frozenset({P.VIEW, P.TAKE_PART, P.MANAGE_PRODUCTS}),
    ),
    BuiltInRole("viewer", "Viewer", "Sees, and changes nothing.", frozenset({P.VIEW})),
)


def sync_built_in_roles(**_: Any) -> None:
    """Write the built-in roles as they stand here (a ``post_migrate`` receiver; changes nothing the second time)."""
    from permissions.models import Role  # the registry is not ready when this module is read

    for role in BUILT_IN_ROLES:
        values = {
            "name": role.name,
            "description": role.description,
            "permissions": sorted(role.permissions),
        }
        found = Role.objects.filter(organisation=None, key=role.key).first()
        if found is None:
            Role.objects.create(organisation=None, key=role.key, **values)
        elif any(getattr(found, field) != value for field, value in values.items()):
            Role.objects.filter(pk=found.pk).update(**values)
