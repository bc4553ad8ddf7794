"""The addresses of people, roles and ownership: as ``tests.web.routes``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from common import clock
from customers.models import OwnershipTransfer
from organisations.models import Organisation
from permissions.models import Membership, Role
from tests.web.conftest import World
from tests.web.routes import Route
from tests.web.routes import _owns as owns
from tests.web.routes import _sends as sends


def _organisation(world: World) -> Organisation:
    return world.exe.unit.organisation


def _company(world: World) -> list[str]:
    return [_organisation(world).public_id]


def _of(world: World, name: str) -> Membership:
    return Membership.objects.get(user=world.users[name], organisation=_organisation(world))


def _role(key: str) -> Role:
    return Role.objects.get(organisation=None, key=key)


def _person(world: World) -> list[str]:
    return [*_company(world), _of(world, "viewer").public_id]


def _own_role(world: World) -> list[str]:
    role, _ = Role.objects.get_or_create(organisation=_organisation(world), name="Packer", permissions=["view"])
    return [*_company(world), role.public_id]


def _away(world: World) -> None:
    owns(world)
    Membership.objects.filter(pk=_of(world, "viewer").pk).update(is_active=False)


def _offered(world: World) -> None:
    """The coordinator, an owner, has offered it to the viewer."""
    owns(world)
    OwnershipTransfer.objects.create(
        organisation=_organisation(world),
        giver=_of(world, "coordinator"),
        recipient=_of(world, "viewer"),
        giver_role=_role("manager"),
        expires_at=clock.now() + timedelta(days=1),
    )


def _transfer(world: World) -> list[str]:
    return [*_company(world), OwnershipTransfer.objects.get().public_id]


def _as_contributor(world: World) -> dict[str, Any]:
    return {"role": _role("contributor").public_id, "scope": "all"}


def _confirmed(world: World) -> dict[str, Any]:
    return {**_as_contributor(world), "confirmed": "yes"}


def _to_viewer(world: World) -> dict[str, Any]:
    return {"recipient": _of(world, "viewer").public_id, "giver_role": _role("manager").public_id}


#: What those who manage see; everybody of the organisation and staff.
MANAGED = (302, 200, 404, 404, 403, 404, 200)
CHANGED = (302, 302, 404, 404, 403, 404, 403)
ASKED = (302, 200, 404, 404, 403, 404, 403)
INSIDE = (302, 200, 404, 404, 200, 404, 200)
NEW_ROLE = {"name": "Picker", "description": "", "permissions": ["view"]}

ROUTES = [
    Route("people", MANAGED, _company, before=owns),
    # Who manages one unit only manages no people.
    Route("people", (302, 403, 404, 404, 403, 404, 200), _company),
    # Her own page.
    Route("person", INSIDE, _person, before=owns),
    Route("person_change", ASKED, _person, before=owns),
    Route("person_change", (302, 409, 404, 404, 403, 404, 403), _person, _as_contributor, owns),
    Route("person_change", CHANGED, _person, _confirmed, owns),
    Route("person_deactivate", ASKED, _person, before=owns),
    Route("person_deactivate", CHANGED, _person, sends(), owns),
    Route("person_reactivate", (*CHANGED[:4], 404, *CHANGED[5:]), _person, sends(), _away),
    Route("person_remove", ASKED, _person, before=owns),
    Route("person_remove", CHANGED, _person, sends(), owns),
    # Nobody acts as anybody here: whoever stops is led to where she belongs.
    Route("stop_acting", (302, 302, 302, 302, 302, 302, 302), data=sends()),
    Route("membership_leave", (302, 404, 404, 404, 200, 404, 404), lambda world: _person(world)[1:]),
    Route("membership_leave", (302, 404, 404, 404, 302, 404, 404), lambda world: _person(world)[1:], sends()),
    Route("roles", INSIDE, _company),
    Route("role_create", ASKED, _company, before=owns),
    Route("role_create", CHANGED, _company, sends(**NEW_ROLE), owns),
    Route("role", ASKED, _own_role, before=owns),
    Route("role", CHANGED, _own_role, sends(**NEW_ROLE), owns),
    Route("role_delete", ASKED, _own_role, before=owns),
    Route("role_delete", CHANGED, _own_role, sends(), owns),
    Route("ownership", INSIDE, _company, before=owns),
    Route("ownership", (302, 302, 404, 404, 422, 404, 422), _company, _to_viewer, owns),
    Route("ownership_transfer", INSIDE, _transfer, before=_offered),
    # The recipient has signed in long ago, and is sent to confirm who she is.
    Route("ownership_accept", (302, 403, 404, 404, 302, 404, 403), _transfer, sends(), _offered),
    Route("ownership_decline", (302, 403, 404, 404, 302, 404, 403), _transfer, sends(), _offered),
    Route("ownership_cancel", (302, 302, 404, 404, 403, 404, 403), _transfer, sends(), _offered),
]
