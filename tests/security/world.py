"""Two tenants that know nothing of each other, what stands around them, and somebody of every kind.

Tenants A and B each have an account owner, a manager of one unit, a contributor, a viewer, a member who was
deactivated, a role of their own, an API key, a pending invitation and a pending ownership transfer. A has recorded
the shell S and is connected with CONN. Furnished, each has an export that is being made, and a grant and a request for
one between its own enterprises, B a record of a company, and staff a batch and a request for access. One person is in
both; one's account was shut. Written in bulk.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from common import clock
from common.tokens import hash_of, new_token
from customers.domain.imports.outcomes import Row
from customers.enums import ExportKind, ImportKind, InvitationKind, RequestKind
from customers.models import AccessRequest, Export, ImportBatch, Invitation, OwnershipTransfer, User
from organisations.enums import BusinessKind, ConnectionKind, OrganisationKind, Sells
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from permissions.actions import Permission
from permissions.models import ApiKey, Grant, GrantRequest, Membership, Role
from tests.api.client import Api
from tests.factories import PASSWORD, grant
from tests.worlds import Browsers, browsers, signed_in

#: Of each tenant, by the built-in role each has; ``left`` is deactivated.
MEMBERS: Final = ("owner", "manager", "contributor", "viewer", "left")
#: Everybody, for tables of tests.
PERSONAS: Final = (
    "anonymous",
    *(f"{tenant}_{member}" for tenant in ("a", "b") for member in MEMBERS),
    "conn_owner",
    "both",
    "deactivated",
    "support",
    "administrator",
    "a_key",
    "b_key",
)


@dataclass
class Tenant:
    """One customer and what is in it.

    Attributes:
        letter: ``a``, ``b`` or ``conn``.
        farm: a unit with a business; the manager is given this one.
        shop: a unit with a business that the manager is not given.
        office: a unit without a business.
        members: by built-in role, ``left`` (deactivated), ``both`` and ``deactivated`` (whose account is shut).
        role: the organisation's own, for those who see and keep products.
        key, secret: made by the owner, with everything that she may.
        invitation, token: to join as a viewer; pending.
        transfer: from the owner to the contributor; pending.
        known: furnished: its connection, A's with CONN, and B's with a company that it has recorded.
        export: furnished: asked for by its owner, and being made.
        grant: furnished: from the farm to the shop; ``request`` asks the shop for another.
    """

    letter: str
    organisation: Organisation
    farm: BusinessUnit
    shop: BusinessUnit
    office: BusinessUnit
    members: dict[str, Membership] = field(default_factory=dict)
    role: Role = field(default_factory=Role)
    key: ApiKey = field(default_factory=ApiKey)
    secret: str = ""
    invitation: Invitation = field(default_factory=Invitation)
    token: str = ""
    transfer: OwnershipTransfer = field(default_factory=OwnershipTransfer)
    known: Connection = field(default_factory=Connection)
    export: Export = field(default_factory=Export)
    grant: Grant = field(default_factory=Grant)
    request: GrantRequest = field(default_factory=GrantRequest)

    @property
    def units(self) -> list[BusinessUnit]:
        """All of them."""
        return [self.farm, self.shop, self.office]


@dataclass
class World:
    """Everything by name; ``ids`` has the public ids, for addresses and bodies."""

    a: Tenant
    b: Tenant
    conn: Tenant
    shell: Organisation
    connection: Connection
    people: dict[str, User]
    roles: dict[str, Role]
    batch: ImportBatch = field(default_factory=ImportBatch)
    asked: AccessRequest = field(default_factory=AccessRequest)
    ids: dict[str, str] = field(default_factory=dict)
    browsers: Browsers = field(default_factory=dict)

    def api(self, persona: str) -> Api:
        """The API's caller of a name: one of ``PERSONAS``."""
        if persona in ("a_key", "b_key"):
            return Api(key=(self.a if persona == "a_key" else self.b).secret)
        api = Api()
        api.client = self.client(persona)
        return api

    def client(self, persona: str) -> Client:
        """A browser in which the persona is signed in."""
        return signed_in(self.browsers, self.people, persona)

    def access(self, persona: str) -> Access:
        """What the persona may, resolved now."""
        return Access.for_user(User.objects.get(pk=self.people[persona].pk))

    def acting(self, persona: str = "support") -> Access:
        """Staff who act, with a reason."""
        return self.access(persona).acting("Asked by telephone")


def standing_world() -> World:
    """A world in which everybody is signed in, to be shared."""
    world = build()
    world.browsers = browsers(world.people)
    return world


def furnished_world() -> World:
    """As that, furnished."""
    return furnish(standing_world())


def build() -> World:
    """A world of its own."""
    roles = {role.key: role for role in Role.objects.filter(organisation=None)}
    a, b, conn = _tenants()
    shell, connection = _shell(a, conn)
    people = _people()
    _memberships((a, b, conn), people, roles)
    for tenant in (a, b):
        _belongings(tenant, roles)
    world = World(a, b, conn, shell, connection, people, roles)
    world.ids = _ids(world)
    return world


def _tenants() -> tuple[Tenant, Tenant, Tenant]:
    names = {"a": "Ashclyst Farms", "b": "Bickleigh Foods", "conn": "Crediton Carriers"}
    organisations = Organisation.objects.bulk_create(
        Organisation(name=name, town="Exeter", postcode="EX4 3PQ") for name in names.values()
    )
    units = BusinessUnit.objects.bulk_create(
        BusinessUnit(organisation=organisation, name=f"{organisation.name} {name}", town="Exeter", postcode="EX4 3PQ")
        for organisation in organisations
        for name in ("farm", "shop", "office")
    )
    trading = [unit for place, unit in enumerate(units) if place % 3 < 2]
    groups = Group.objects.bulk_create(Group(name=f"enterprise:{unit.public_id}") for unit in trading)
    Business.objects.bulk_create(
        Business(
            unit=unit,
            group=group,
            kind=BusinessKind.STORE if place % 2 else BusinessKind.FARM,
            is_producer=not place % 2,
            sells=Sells.ANY if place % 2 else Sells.NONE,
            contact_email=f"{unit.public_id}@enterprise.example",
        )
        for place, (unit, group) in enumerate(zip(trading, groups, strict=True))
    )
    one, two, three = (
        Tenant(letter, organisation, units[3 * place], units[3 * place + 1], units[3 * place + 2])
        for place, (letter, organisation) in enumerate(zip(names, organisations, strict=True))
    )
    return one, two, three


def _shell(a: Tenant, conn: Tenant) -> tuple[Organisation, Connection]:
    shell = Organisation.objects.create(
        name="Silverton Storage",
        kind=OrganisationKind.SHELL,
        town="Silverton",
        created_by_organisation=a.organisation,
    )
    Connection.objects.create(organisation=a.organisation, other=shell, kind=ConnectionKind.STORAGE)
    known = Connection.objects.create(
        organisation=a.organisation, other=conn.organisation, kind=ConnectionKind.LOGISTICS
    )
    return shell, known


def furnish(world: World) -> World:
    """Put in what is of no account elsewhere, so that every address has something to name."""
    world.a.known, world.b.known = world.connection, _record_of(world.b)
    world.batch = ImportBatch.objects.create(
        kind=ImportKind.LOGISTICS,
        source="logistics",
        content=b'{"type": "organisation", "id": "L-1", "name": "Dunkeswell Dairy"}',
        options={"format": "jsonl", "encoding": "utf-8"},
        counts={"rows": 1, "new": 1},
        rows=[Row(1, "organisation", "L-1").as_dict()],
    )
    world.asked = AccessRequest.objects.create(
        kind=RequestKind.ACCESS, company_name="Dawlish Dairy", name="Dora Dean", email="dora@dawlish.example"
    )
    world.ids |= {"imp": world.batch.public_id, "acr": world.asked.public_id}
    for tenant in (world.a, world.b):
        tenant.export = Export.objects.create(
            kind=ExportKind.ORGANISATION,
            organisation=tenant.organisation,
            requested_by=world.people[f"{tenant.letter}_owner"],
        )
        farm, shop = tenant.farm.business, tenant.shop.business
        tenant.grant = grant(farm, shop)
        tenant.request = GrantRequest.objects.create(granter=shop, grantee=farm, permission="manage_products")
        things: dict[str, Any] = {
            "con": tenant.known,
            "exp": tenant.export,
            "gra": tenant.grant,
            "grq": tenant.request,
        }
        world.ids |= {f"{tenant.letter}_{name}": thing.public_id for name, thing in things.items()}
    return world


def _record_of(b: Tenant) -> Connection:
    record = Organisation.objects.create(
        name="Starcross Stores", kind=OrganisationKind.SHELL, created_by_organisation=b.organisation
    )
    return Connection.objects.create(organisation=b.organisation, other=record, kind=ConnectionKind.SUPPLIER)


def _people() -> dict[str, User]:
    password = make_password(PASSWORD)
    names = [name for name in PERSONAS if name not in ("anonymous", "a_key", "b_key")]
    made = User.objects.bulk_create(
        User(
            email=f"{name}@{'hectare.farm' if name in ('support', 'administrator') else 'people.example'}",
            name=name.replace("_", " ").title(),
            password=password,
            is_active=name != "deactivated",
            is_staff=name in ("support", "administrator"),
            is_superuser=name == "administrator",
        )
        for name in names
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in made
    )
    return dict(zip(names, made, strict=True))


def _memberships(tenants: tuple[Tenant, ...], people: dict[str, User], roles: dict[str, Role]) -> None:
    a, b, conn = tenants
    wanted: list[tuple[Tenant, str, str, User]] = [
        (tenant, name, "viewer" if name == "left" else name, people[f"{tenant.letter}_{name}"])
        for tenant in (a, b)
        for name in MEMBERS
    ]
    wanted += [
        (conn, "owner", "owner", people["conn_owner"]),
        (a, "both", "coordinator", people["both"]),
        (b, "both", "viewer", people["both"]),
        (a, "deactivated", "owner", people["deactivated"]),
    ]
    made = Membership.objects.bulk_create(
        Membership(
            user=user,
            organisation=tenant.organisation,
            role=roles[role],
            all_units=name != "manager",
            is_active=name != "left",
        )
        for tenant, name, role, user in wanted
    )
    for (tenant, name, _, _), membership in zip(wanted, made, strict=True):
        tenant.members[name] = membership
    of_one_unit: Any = Membership.units.through
    of_one_unit.objects.bulk_create(
        of_one_unit(membership=tenant.members["manager"], businessunit=tenant.farm) for tenant in (a, b)
    )


def _belongings(tenant: Tenant, roles: dict[str, Role]) -> None:
    owner = tenant.members["owner"].user
    tenant.role = Role.objects.create(
        organisation=tenant.organisation,
        name=f"Packer of {tenant.organisation}",
        permissions=[str(Permission.MANAGE_PRODUCTS), str(Permission.VIEW)],
    )
    secret = hashlib.sha1(tenant.letter.encode(), usedforsecurity=False).hexdigest()
    tenant.key = ApiKey.objects.create(
        organisation=tenant.organisation,
        name=f"Till of {tenant.organisation}",
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        role=roles["owner"],
        scopes=sorted(str(one) for one in Permission),
        created_by=owner,
    )
    tenant.secret = f"hct_{tenant.key.public_id.removeprefix('key_')}_{secret}"
    tenant.token = new_token()
    soon = clock.now() + timedelta(days=7)
    tenant.invitation = Invitation.objects.create(
        kind=InvitationKind.MEMBER,
        organisation=tenant.organisation,
        email=f"invited-by-{tenant.letter}@people.example",
        name=f"Invited By {tenant.letter.upper()}",
        role=roles["viewer"],
        invited_by=owner,
        invited_for=tenant.organisation,
        token_hash=hash_of(tenant.token),
        sent_at=clock.now(),
        times_sent=1,
        expires_at=soon,
    )
    tenant.transfer = OwnershipTransfer.objects.create(
        organisation=tenant.organisation,
        giver=tenant.members["owner"],
        recipient=tenant.members["contributor"],
        giver_role=roles["manager"],
        expires_at=soon,
    )


def _ids(world: World) -> dict[str, str]:
    ids: dict[str, str] = {f"rol_{key}": role.public_id for key, role in world.roles.items()}
    ids |= {f"usr_{name}": user.public_id for name, user in world.people.items()}
    for tenant in (world.a, world.b, world.conn):
        letter = tenant.letter
        ids |= {f"{letter}_org": tenant.organisation.public_id}
        ids |= {f"{letter}_{name}": getattr(tenant, name).public_id for name in ("farm", "shop", "office")}
        ids |= {f"{letter}_mem_{name}": membership.public_id for name, membership in tenant.members.items()}
    for tenant in (world.a, world.b):
        things: dict[str, Any] = {
            "rol": tenant.role,
            "key": tenant.key,
            "inv": tenant.invitation,
            "otr": tenant.transfer,
        }
        ids |= {f"{tenant.letter}_{name}": thing.public_id for name, thing in things.items()}
    return ids | {"shell": world.shell.public_id, "connection": world.connection.public_id}
