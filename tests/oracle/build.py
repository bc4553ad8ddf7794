"""Random worlds as rows of the database, many at once, and every question of them as rows too.

Worlds of one ``Batch`` share nothing but the people: the actor ``a1`` of every world is one user, ``a2`` another, and
so on. What such a user may in one world must not depend on what she is in the others, so that one query asks for all
worlds; that it does not is itself worth testing. Staff are staff everywhere, and so are two users of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import connection
from django.db.models import Model, QuerySet

from customers.models import User
from ordercycles.enums import FeeKind
from ordercycles.models import (
    CycleFee,
    Exchange,
    ExchangeFee,
    ExchangeVariant,
    Fee,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from permissions.models import Grant, GrantRequest, Membership, Role
from tests import flush
from tests.oracle import world as plain
from tests.oracle.oracle import Oracle
from tests.oracle.snapshot import tables

PRESENT: Final = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
"""What the clock shows while a world is asked: its ``now``."""

_STATUS: Final = {"pending": "pending", "given": "approved", "refused": "refused"}

Place = tuple[int, str]
"""A thing of some world: the number of the world, and the thing's id there."""


def moment(world: plain.World, tick: int | None) -> datetime | None:
    """The time of a world's clock, a minute each tick."""
    return None if tick is None else PRESENT + timedelta(minutes=tick - world.now)


@dataclass
class Batch:
    """Worlds in the database. ``keys`` and ``places`` translate, by kind (``exchange``, ``variant``, …)."""

    worlds: list[plain.World]
    seeds: Sequence[int]
    keys: dict[str, dict[Place, int]] = field(default_factory=dict)
    places: dict[str, dict[int, Place]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    accesses: dict[str, Access] = field(default_factory=dict)
    oracles: dict[int, Oracle] = field(default_factory=dict)

    def add(self, kind: str, made: Iterable[tuple[Place, Model]]) -> None:
        """Remember rows by where they stand in their worlds."""
        self.keys.setdefault(kind, {}).update((place, row.pk) for place, row in made)
        self.places[kind] = {key: place for place, key in self.keys[kind].items()}

    def key(self, kind: str, number: int, thing: str) -> int:
        """The key of a thing of a world."""
        return self.keys[kind][number, thing]

    def who(self, number: int, actor: str) -> str:
        """As whom this actor of a world asks: her own name, ``staff`` or ``acting``."""
        one = self.worlds[number].actors[actor]
        return ("acting" if one.acting else "staff") if one.staff else actor

    def access(self, who: str) -> Access:
        """The access of one who asks, as it stands in the database: read once, as no action changes it."""
        if who not in self.accesses:
            user = self.users["staff" if who == "acting" else who]
            access = Access.for_user(user)
            self.accesses[who] = access.acting("A test of the rules.") if who == "acting" else access
        return self.accesses[who]

    def oracle(self, number: int) -> Oracle:
        """The oracle of a world as it is now."""
        found = self.oracles.get(number)
        if found is None or found.world is not self.worlds[number]:
            found = self.oracles[number] = Oracle(self.worlds[number])
        return found

    def everybody(self) -> list[str]:
        """All who ask in some world."""
        return sorted({self.who(n, actor) for n, world in enumerate(self.worlds) for actor in world.actors})

    def keys_of(self, who: str, kind: str) -> list[int]:
        """The keys of all things of a kind in the worlds in which somebody is."""
        here = {
            number for number, world in self.numbered() if any(self.who(number, one) == who for one in world.actors)
        }
        return [key for (number, _), key in self.keys[kind].items() if number in here]

    def direction(self, number: int, where: Mapping[str, str]) -> str:
        """The direction of the exchange that a question is about; empty when it is about none."""
        exchange = where.get("exchange")
        return self.worlds[number].exchanges[exchange].direction if exchange else ""

    def numbered(self) -> Iterator[tuple[int, plain.World]]:
        """The worlds with their numbers."""
        return iter(enumerate(self.worlds))


def build(worlds: Sequence[plain.World], seeds: Sequence[int]) -> Batch:
    """Write worlds to the database: a fixed number of statements however many there are."""
    sweep()
    batch = Batch(list(worlds), seeds)
    with _without_a_trail():
        _enterprises(batch)
        _people(batch)
        _grants(batch)
        _catalogue(batch)
        _cycles(batch)
    return batch


@contextmanager
def _without_a_trail() -> Iterator[None]:
    """No history of what is built, which nobody asks for; where the server is not ours, that costs a little."""
    if not flush.possible():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def _write(batch: Batch, kind: str, model: type[Model], rows: Mapping[Place, Any]) -> None:
    made = model._default_manager.bulk_create(rows.values())
    batch.add(kind, zip(rows, made, strict=True))


def _all(batch: Batch, field_name: str, make: Callable[[int, Any], Any]) -> dict[Place, Any]:
    return {
        (number, one.id): make(number, one)
        for number, world in batch.numbered()
        for one in getattr(world, field_name).values()
    }


def _dead_organisations(world: plain.World) -> set[str]:
    """Organisations that are archived as a whole: none of theirs is active, and nobody who asks belongs to them."""
    alive = {one.org for one in world.enterprises.values() if one.active}
    peopled = {org for actor in world.actors.values() for org in actor.orgs}
    return {one.org for one in world.enterprises.values()} - alive - peopled


def _enterprises(batch: Batch) -> None:
    dead = {number: _dead_organisations(world) for number, world in batch.numbered()}
    organisations = {
        (number, org): Organisation(name=f"{org} {number}", archived_at=PRESENT if org in dead[number] else None)
        for number, world in batch.numbered()
        for org in sorted({one.org for one in world.enterprises.values()})
    }
    _write(batch, "organisation", Organisation, organisations)

    def unit(number: int, one: plain.Enterprise) -> BusinessUnit:
        archived = not one.active and one.org not in dead[number]
        organisation = batch.key("organisation", number, one.org)
        name = f"{one.id} of {number}"
        return BusinessUnit(organisation_id=organisation, name=name, archived_at=PRESENT if archived else None)

    _write(batch, "enterprise", BusinessUnit, _all(batch, "enterprises", unit))
    _write(batch, "group", Group, _all(batch, "enterprises", lambda n, one: Group(name=f"enterprise {one.id} of {n}")))
    Business.objects.bulk_create(_all(batch, "enterprises", lambda n, one: _business(batch, n, one)).values())
    _methods(batch)
    Connection.objects.bulk_create(
        Connection(
            organisation_id=batch.key("organisation", number, one), other_id=batch.key("organisation", number, other)
        )
        for number, world in batch.numbered()
        for one, other in sorted(world.connections)
    )


def _business(batch: Batch, number: int, one: plain.Enterprise) -> Business:
    return Business(
        unit_id=batch.key("enterprise", number, one.id),
        group_id=batch.key("group", number, one.id),
        kind="farm" if one.is_producer else "store",
        is_producer=one.is_producer,
        sells=one.sells,
        contact_email="enterprise@enterprises.example",
        contact_email_confirmed_at=PRESENT if one.contact_confirmed else None,
    )


def _methods(batch: Batch) -> None:
    """As many as the world says, and where it says none, some that do not count."""
    shipping, payment = [], []
    for number, world in batch.numbered():
        for one in world.enterprises.values():
            hub = batch.key("enterprise", number, one.id)
            shipping += [ShippingMethod(hub_id=hub, name=f"Way {n}") for n in range(one.shipping)]
            payment += [PaymentMethod(hub_id=hub, name=f"Card {n}") for n in range(one.active_payment)]
            if not one.shipping:
                shipping.append(ShippingMethod(hub_id=hub, name="Old", archived_at=PRESENT))
            if not one.active_payment:
                payment.append(PaymentMethod(hub_id=hub, name="Off", is_active=False))
                payment.append(PaymentMethod(hub_id=hub, name="Old", archived_at=PRESENT))
    ShippingMethod.objects.bulk_create(shipping)
    PaymentMethod.objects.bulk_create(payment)


def _people(batch: Batch) -> None:
    names = {"staff", *(actor for world in batch.worlds for actor in world.actors)}
    users = [
        User(email=f"{name}@people.example", name=name.capitalize(), is_staff=name == "staff") for name in sorted(names)
    ]
    batch.users = dict(zip(sorted(names), User.objects.bulk_create(users), strict=True))
    house = Organisation.objects.create(name="The house whose roles these are")
    roles = {
        name: Role(organisation=house, name=name, permissions=sorted(permissions))
        for name, permissions in batch.worlds[0].roles.items()
    }
    Role.objects.bulk_create(roles.values())
    links: list[Membership] = []
    named: list[tuple[Membership, list[int]]] = []
    for number, world in batch.numbered():
        for actor in world.actors.values():
            for one in actor.memberships:
                everything = {e.id for e in world.enterprises.values() if e.org == one.org}
                link = Membership(
                    user=batch.users[actor.id],
                    organisation_id=batch.key("organisation", number, one.org),
                    role=roles[one.role],
                    all_units=one.enterprises == everything and number % 2 == 0,
                )
                links.append(link)
                if not link.all_units:
                    named.append((link, [batch.key("enterprise", number, e) for e in sorted(one.enterprises)]))
    Membership.objects.bulk_create(links)
    through: Any = Membership.units.through
    through.objects.bulk_create(
        through(membership_id=link.pk, businessunit_id=unit) for link, units in named for unit in units
    )


def _grants(batch: Batch) -> None:
    permissions = {
        one.codename: one.pk for one in DjangoPermission.objects.filter(content_type__app_label="organisations")
    }
    rows = {
        (number, f"{granter}>{grantee}:{kind}"): Grant(
            content_object_id=batch.key("enterprise", number, granter),
            group_id=batch.key("group", number, grantee),
            permission_id=permissions[kind],
        )
        for number, world in batch.numbered()
        for granter, grantee, kind in sorted(world.grants)
    }
    _write(batch, "grant", Grant, rows)

    def request(number: int, one: plain.Request) -> GrantRequest:
        return GrantRequest(
            granter_id=batch.key("enterprise", number, one.granter),
            grantee_id=batch.key("enterprise", number, one.grantee),
            permission=one.permission,
            status=_STATUS[one.status],
        )

    _write(batch, "request", GrantRequest, _all(batch, "requests", request))


def _catalogue(batch: Batch) -> None:
    def product(number: int, one: plain.Variant) -> Product:
        away = not one.active and len(one.id) + number % 2 == 2
        producer = batch.key("enterprise", number, one.producer)
        return Product(producer_id=producer, name=f"Product {one.id}", archived_at=PRESENT if away else None)

    products = _all(batch, "variants", product)
    _write(batch, "product", Product, products)

    def variant(number: int, one: plain.Variant) -> Variant:
        away = not one.active and products[number, one.id].archived_at is None
        return Variant(
            product_id=batch.key("product", number, one.id),
            producer_id=batch.key("enterprise", number, one.producer),
            price=Decimal("4.50"),
            archived_at=PRESENT if away else None,
        )

    _write(batch, "variant", Variant, _all(batch, "variants", variant))

    def fee(number: int, one: plain.Fee) -> Fee:
        whole = one.charge in {"flexible", "price_sack"}
        return Fee(
            owner_id=batch.key("enterprise", number, one.owner),
            name=one.id,
            kind=FeeKind.ADMIN,
            charge=one.charge,
            amount=Decimal("0.25"),
            further_amount=Decimal("0.10") if whole else None,
            minimum=Decimal(20) if one.charge == "price_sack" else None,
            archived_at=None if one.active else PRESENT,
        )

    _write(batch, "fee", Fee, _all(batch, "fees", fee))


def _cycles(batch: Batch) -> None:
    def cycle(number: int, one: plain.Cycle) -> OrderCycle:
        return OrderCycle(
            name=f"Cycle {one.id} of {number}",
            coordinator_id=batch.key("enterprise", number, one.coordinator),
            opens_at=moment(batch.worlds[number], one.opens_at),
            closes_at=moment(batch.worlds[number], one.closes_at),
        )

    _write(batch, "cycle", OrderCycle, _all(batch, "cycles", cycle))

    def exchange(number: int, one: plain.Exchange) -> Exchange:
        return Exchange(
            cycle_id=batch.key("cycle", number, one.cycle),
            direction=one.direction,
            enterprise_id=batch.key("enterprise", number, one.enterprise),
            status="declined" if one.declined else "unanswered",
            decline_reason="Not this time." if one.declined else "",
        )

    _write(batch, "exchange", Exchange, _all(batch, "exchanges", exchange))
    for model, kind, holders, held in (
        (CycleFee, "fee", "cycles", "fees"),
        (ExchangeFee, "fee", "exchanges", "fees"),
        (ExchangeVariant, "variant", "exchanges", "variants"),
    ):
        holder = holders.removesuffix("s")
        rows = [
            {f"{holder}_id": batch.key(holder, number, one.id), f"{kind}_id": batch.key(kind, number, thing)}
            for number, world in batch.numbered()
            for one in getattr(world, holders).values()
            for thing in sorted(getattr(one, held))
        ]
        manager: Any = model._default_manager
        manager.bulk_create([model(**row) for row in rows])


# --- pairs, as rows ---------------------------------------------------------------------------------------------

ASKED: Final = "asked by a test"


def _events(app: str, name: str) -> type[Model]:
    return apps.get_model(app, name)


def write_pairs(batch: Batch) -> None:
    """Every pair that can be asked about, as a row of a table of history, which no rule looks at.

    (exchange, variant), (exchange, fee), (cycle, fee), (cycle, enterprise), (granter, grantee): questions about pairs
    have no table of their own, and one query is to ask them all.
    """
    shapes = (
        ("ordercycles", "ExchangeVariantEvent", "exchange", "exchanges", "variant", "variants"),
        ("ordercycles", "ExchangeFeeEvent", "exchange", "exchanges", "fee", "fees"),
        ("ordercycles", "CycleFeeEvent", "cycle", "cycles", "fee", "fees"),
        ("ordercycles", "ExchangeEvent", "cycle", "cycles", "enterprise", "enterprises"),
    )
    for app, name, one, ones, other, others in shapes:
        both = [
            (batch.key(one, number, first), batch.key(other, number, second))
            for number, world in batch.numbered()
            for first in getattr(world, ones)
            for second in getattr(world, others)
        ]
        _insert(_events(app, name), (f"{one}_id", f"{other}_id"), both)
    both = [
        (batch.key("enterprise", number, granter), batch.key("enterprise", number, grantee))
        for number, world in batch.numbered()
        for granter in world.enterprises
        for grantee in world.enterprises
    ]
    _insert(_events("permissions", "GrantRequestEvent"), ("granter_id", "grantee_id"), both, permission=plain.P_OC)
    analyze()


def _insert(model: type[Model], columns: tuple[str, str], both: list[tuple[int, int]], **rest: Any) -> None:
    """Rows that differ in two columns only, as two arrays: made one by one they cost more than all that is asked."""
    one = model(id=0, pgh_obj_id=0, pgh_label=ASKED, **dict.fromkeys(columns, 0), **rest)
    pairs = dict(zip(columns, ("one", "other"), strict=True))
    same = {
        field.column: field.get_db_prep_save(field.pre_save(one, add=True), connection)
        for field in model._meta.concrete_fields
        if not field.primary_key and field.column not in pairs
    }
    names = ", ".join(f'"{name}"' for name in (*pairs, *same))
    values = ", ".join((*pairs.values(), *("%s" for _ in same)))
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) '
            f"SELECT {values} FROM unnest(%s::bigint[], %s::bigint[]) AS pair (one, other)",
            [*same.values(), [first for first, _ in both], [second for _, second in both]],
        )


def sweep() -> None:
    """Clear away the rows that batches before this one have rolled back: thousands that every scan would step over."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"VACUUM {_tables()}")
    finally:
        other.close()


def analyze() -> None:
    """Let the planner know what has been loaded, as autovacuum would soon."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_tables()}")


def _tables() -> str:
    """Ours by name: the catalogue that all databases share would be locked for the tests beside this one."""
    return ", ".join(f'"{table}"' for table in tables())


def pairs(app: str, name: str) -> QuerySet[Any]:
    """The rows of ``write_pairs`` of one shape."""
    return _events(app, name)._default_manager.filter(pgh_label=ASKED)


# --- worlds that change -----------------------------------------------------------------------------------------


def with_grant(world: plain.World, granter: str, grantee: str, *, given: bool) -> plain.World:
    """The world with a P-OC grant, or without it."""
    one = {(granter, grantee, plain.P_OC)}
    return replace(world, grants=world.grants | one if given else world.grants - one)


def with_exchange(world: plain.World, exchange: str, **changes: Any) -> plain.World:
    """The world with one exchange changed."""
    changed = replace(world.exchanges[exchange], **changes)
    return replace(world, exchanges={**world.exchanges, exchange: changed})
