"""The addresses of invitations and connections: how each is called, and what each persona gets."""

from __future__ import annotations

from datetime import timedelta

from common import clock
from customers.enums import InvitationKind
from customers.models import Invitation
from organisations.enums import OrganisationKind
from organisations.models import Connection, Organisation
from permissions.models import Membership, Role
from tests.factories import OrganisationFactory
from tests.web.conftest import World
from tests.web.routes import Route


def _owns(world: World) -> None:
    """The coordinator's manager answers for the whole organisation."""
    Membership.objects.filter(user=world.users["coordinator"]).update(all_units=True)


def _known_back(world: World) -> None:
    _owns(world)
    Connection.objects.create(organisation=world.ash.unit.organisation, other=world.exe.unit.organisation)


def _company(world: World) -> list[str]:
    return [world.exe.unit.organisation.public_id]


def _role() -> Role:
    return Role.objects.get(organisation=None, key="viewer")


def _sent(world: World, organisation: Organisation, kind: str) -> Invitation:
    return Invitation.objects.create(
        kind=kind,
        organisation=organisation,
        email="new@people.example",
        role=_role(),
        invited_by=world.users["coordinator"],
        invited_for=world.exe.unit.organisation,
        expires_at=clock.now() + timedelta(days=7),
    )


def _invitation(world: World) -> list[str]:
    return [*_company(world), _sent(world, world.exe.unit.organisation, InvitationKind.MEMBER).public_id]


def _connection(world: World) -> list[str]:
    return [*_company(world), Connection.objects.get(other=world.honey.unit.organisation).public_id]


def _record(world: World) -> Connection:
    held = world.exe.unit.organisation
    shell = OrganisationFactory.create(kind=OrganisationKind.SHELL, created_by_organisation=held)
    return Connection.objects.create(organisation=held, other=shell)


def _shell(world: World) -> list[str]:
    return [*_company(world), _record(world).public_id]


def _claim(world: World) -> list[str]:
    link = _record(world)
    return [*_company(world), link.public_id, _sent(world, link.other, InvitationKind.CLAIM).public_id]


# Whoever manages the whole organisation.
SHOWN = (302, 200, 404, 404, 403, 404, 403)
DONE = (302, 302, 404, 404, 403, 404, 403)
#: Of what the viewer may not know of.
HIDDEN = (302, 302, 404, 404, 404, 404, 403)

ROUTES = [
    Route("invitation", (410,) * 7, lambda world: ["x" * 43]),
    Route("invitation_open", (400,) * 7),
    Route("invitation_open", (400,) * 7, data=lambda world: {"answer": "accept"}),
    Route("invitation_sign_in", (302,) * 7, data=lambda world: {}),
    Route("invite", SHOWN, _company, before=_owns),
    Route(
        "invite",
        DONE,
        _company,
        lambda world: {"email": "a@b.example", "role": _role().public_id, "scope": "all"},
        _owns,
    ),
    Route("invite_many", SHOWN, _company, before=_owns),
    Route(
        "invite_many",
        SHOWN,
        _company,
        lambda world: {"people": "a@b.example", "role": _role().public_id, "scope": "all"},
        _owns,
    ),
    Route("invitations", (302, 200, 404, 404, 403, 404, 200), _company, before=_owns),
    Route("invitation_resend", HIDDEN, _invitation, lambda world: {}, _owns),
    Route("invitation_revoke", HIDDEN, _invitation, lambda world: {}, _owns),
    Route("connections", (302, 200, 404, 404, 200, 404, 200), _company),
    Route("company_record", SHOWN, _company, before=_owns),
    Route("company_record", DONE, _company, lambda world: {"name": "Tofu", "kind": "other"}, _owns),
    Route("connect_back", DONE, _company, lambda world: {"other": world.ash.unit.organisation.public_id}, _known_back),
    Route("connection_edit", SHOWN, _connection, before=_owns),
    Route("connection_edit", DONE, _connection, lambda world: {"kind": "buyer"}, _owns),
    Route("connection_remove", SHOWN, _connection, before=_owns),
    Route("connection_remove", DONE, _connection, lambda world: {}, _owns),
    Route("claim_invite", SHOWN, _shell, before=_owns),
    Route("claim_invite", DONE, _shell, lambda world: {"email": "a@b.example"}, _owns),
    Route("claim_act", HIDDEN, _claim, lambda world: {"act": "resend"}, _owns),
    Route("claim_act", HIDDEN, _claim, lambda world: {"act": "revoke"}, _owns),
]
