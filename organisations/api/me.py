"""Who am I, and what am I given?"""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from organisations import reads
from organisations.api.shapes import EnterpriseRef, Me, MembershipOfMine
from permissions.access import Held
from permissions.api.authentication import KeyHolder
from permissions.api.operations import Rule, operation
from permissions.api.views import ApiView


class MeView(ApiView):
    """me/"""

    tag = "Me"

    @operation("Who am I", Rule.SELF, answers=Me)
    def get(self, request: Request) -> HttpResponse:
        """You or your key, its memberships, and the permissions and units that each gives."""
        access = self.access
        units: dict[int, EnterpriseRef] = {
            unit.pk: {"id": unit.public_id, "name": unit.name} for unit in reads.units(access).order_by("name", "pk")
        }
        is_key = isinstance(request.user, KeyHolder)
        body: Me = {
            "kind": "key" if is_key else "user",
            "id": access.actor,
            "name": access.name,
            "email": getattr(request.user, "email", None),
            "is_staff": access.is_staff,
            "memberships": [_membership(one, units) for one in access.held],
        }
        return self.answer(body)


def _membership(held: Held, units: dict[int, EnterpriseRef]) -> MembershipOfMine:
    return {
        "id": held.public_id,
        "organisation": {"id": held.organisation_public_id, "name": held.organisation},
        "role": held.role,
        "permissions": sorted(held.permissions),
        "all_units": held.all_units,
        "units": [unit for key, unit in units.items() if key in held.unit_ids],
    }
