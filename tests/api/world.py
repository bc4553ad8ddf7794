"""A small world: a hub that coordinates, a producer, another hub, somebody who knows none of them, and their people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from common import clock
from customers.enums import ImportKind
from customers.models import AccessRequest, Export, ImportBatch, Invitation, OwnershipTransfer, User
from ordercycles.enums import Direction, NoticeKind
from ordercycles.models import CycleFee, Exchange, Fee, Notice, OrderCycle, Product, Variant
from organisations.models import Business, Connection, Organisation
from permissions.access import Access
from permissions.actions import Permission
from permissions.domain.keys import make_key
from permissions.models import ApiKey, Grant, GrantRequest, Membership, Role
from tests.api.client import Api
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    MembershipFactory,
    OrganisationFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    StaffFactory,
    UnitFactory,
    UserFactory,
    VariantFactory,
    grant,
    hub,
    producer,
)
from tests.worlds import Browsers, browsers, signed_in


@dataclass
class World:
    """Everything by name; ``ids`` has the public ids, for addresses and bodies."""

    company: Organisation
    coordinator: Business
    dairy: Business
    store: Business
    stranger: Business
    cycle: OrderCycle
    incoming: Exchange
    outgoing: Exchange
    butter: Variant
    cheese: Variant
    product: Product
    packing: Fee
    people: dict[str, User]
    key: ApiKey
    secret: str
    ids: dict[str, str] = field(default_factory=dict)
    browsers: Browsers = field(default_factory=dict)

    def api(self, persona: str) -> Api:
        """The caller of a name: a person, ``key``, or ``anonymous``."""
        if persona == "key":
            return Api(key=self.secret)
        api = Api()
        api.client = signed_in(self.browsers, self.people, persona)
        return api


def key_of(
    user: User, organisation: Organisation, scopes: list[str] | None = None, **values: Any
) -> tuple[ApiKey, str]:
    """A key that the user made, of her role."""
    role = Role.objects.get(organisation=None, key="owner")
    wanted = scopes or [str(one) for one in Permission]
    made = make_key(Access.for_user(user), organisation=organisation, name="Till", role=role, scopes=wanted, **values)
    return made.key, made.secret


def _people(company: Organisation, dairy: Business, stranger: Business) -> dict[str, User]:
    people = {
        "owner": MembershipFactory.create(organisation=company, role="owner").user,
        "viewer": MembershipFactory.create(organisation=company, role="viewer").user,
        "producer": MembershipFactory.create(organisation=dairy.unit.organisation, role="owner").user,
        "stranger": MembershipFactory.create(organisation=stranger.unit.organisation, role="owner").user,
        "staff": StaffFactory.create(),
    }
    for name, user in people.items():
        user.name = name.title()
        user.save(update_fields=["name"])
    return people


def standing_world() -> World:
    """A world in which everybody is signed in, to be shared."""
    world = build()
    world.browsers = browsers(world.people)
    return world


def build() -> World:
    """A world of its own."""
    company = OrganisationFactory.create(name="Exe Foods")
    coordinator = hub("Exe Hub", organisation=company)
    dairy, store, stranger = producer("Culm Dairy"), hub("Topsham Store"), hub("Far Hub")
    for granter, grantee in ((dairy, coordinator), (store, coordinator), (dairy, store)):
        grant(granter, grantee)
    product = ProductFactory.create(producer=dairy, name="Butter")
    butter = VariantFactory.create(product=product, name="250 g")
    cheese = VariantFactory.create(product=ProductFactory.create(producer=dairy, name="Cheese"))
    packing = FeeFactory.create(owner=coordinator, name="Packing")
    cycle = CycleFactory.create(coordinator=coordinator, name="June")
    incoming = ExchangeFactory.create(cycle=cycle, enterprise=dairy, variants=[butter, cheese])
    outgoing = ExchangeFactory.create(
        cycle=cycle, direction=Direction.OUTGOING, enterprise=store, variants=[butter], fees=[packing]
    )
    CycleFee.objects.create(cycle=cycle, fee=packing)
    people = _people(company, dairy, stranger)
    key, secret = key_of(people["owner"], company)
    world = World(
        company=company,
        coordinator=coordinator,
        dairy=dairy,
        store=store,
        stranger=stranger,
        cycle=cycle,
        incoming=incoming,
        outgoing=outgoing,
        butter=butter,
        cheese=cheese,
        product=product,
        packing=packing,
        people=people,
        key=key,
        secret=secret,
    )
    world.ids = _ids(world)
    return world


def import_of(*kinds: str) -> ImportBatch:
    """A batch that was checked, with a row of each of these kinds."""
    rows = [
        {"line": line, "kind": kind, "external_id": f"L-{line}", "label": "", "active": True, "outcome": "new"}
        | {"public_id": "", "differs": [], "notes": []}
        for line, kind in enumerate(kinds, 1)
    ]
    return ImportBatch.objects.create(
        kind=ImportKind.LOGISTICS, source="logistics", rows=rows, options={"format": "jsonl", "encoding": "utf-8"}
    )


def _ids(world: World) -> dict[str, str]:
    asked = GrantRequest.objects.create(
        granter=world.coordinator, grantee=world.dairy, permission="edit_profile", message="May we?"
    )
    notice = Notice.objects.create(
        enterprise=world.coordinator, kind=NoticeKind.ADDED, text="Added.", cycle=world.cycle
    )
    plain = UnitFactory.create(organisation=world.company, name="Office")
    owner, viewer = (Membership.objects.get(user=world.people[name]) for name in ("owner", "viewer"))
    own_role = Role.objects.create(organisation=world.company, name="Packer", permissions=["view"])
    transfer = OwnershipTransfer.objects.create(
        organisation=world.company,
        giver=owner,
        recipient=viewer,
        giver_role=Role.objects.get(organisation=None, key="manager"),
        expires_at=clock.now() + timedelta(days=7),
    )
    received = Grant.objects.get(content_object=world.dairy, group=world.coordinator.group)
    export = Export.objects.create(kind="organisation", organisation=world.company, requested_by=world.people["owner"])
    return {
        "org": world.company.public_id,
        "export": export.public_id,
        "unit": world.coordinator.public_id,
        "office": plain.public_id,
        "hub": world.coordinator.public_id,
        "dairy": world.dairy.public_id,
        "store": world.store.public_id,
        "stranger": world.stranger.public_id,
        "ocy": world.cycle.public_id,
        "incoming": world.incoming.public_id,
        "outgoing": world.outgoing.public_id,
        "butter": world.butter.public_id,
        "cheese": world.cheese.public_id,
        "product": world.product.public_id,
        "fee": world.packing.public_id,
        "shm": ShippingMethodFactory.create(hub=world.coordinator).public_id,
        "pym": PaymentMethodFactory.create(hub=world.coordinator).public_id,
        "grant": received.public_id,
        "request": asked.public_id,
        "notice": notice.public_id,
        "key": world.key.public_id,
        "membership": viewer.public_id,
        "own_role": own_role.public_id,
        "transfer": transfer.public_id,
        "role": Role.objects.get(organisation=None, key="viewer").public_id,
        "owner": world.people["owner"].public_id,
        "staff": world.people["staff"].public_id,
        "imp": import_of("organisation").public_id,
        "acr": AccessRequest.objects.create(
            kind="access", company_name="Otter Ales", name="Otto", email="otto@otter.example"
        ).public_id,
        "inv": _invitation(world).public_id,
        "con": Connection.objects.create(
            organisation=world.company, other=OrganisationFactory.create(name="Silver Carriers"), note="Ring first."
        ).public_id,
    }


def _invitation(world: World) -> Invitation:
    return Invitation.objects.create(
        organisation=world.company,
        email="invited@people.example",
        role=Role.objects.get(organisation=None, key="viewer"),
        invited_by=world.people["owner"],
        invited_for=world.company,
        expires_at=clock.now() + timedelta(days=7),
    )


def another_person(organisation: Organisation, role: str) -> User:
    """Somebody else with a role."""
    user: User = MembershipFactory.create(organisation=organisation, role=role, user=UserFactory.create()).user
    return user
