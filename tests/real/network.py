"""The register as rows of ours: organisation, unit, business, products and variants, and who knows whom.

One establishment is made by the verbs of the domain (``by_verbs``). All of them together are written in bulk: 1,559
establishments with 6,278 variants are 14,000 verbs, which take two minutes. In bulk every constraint and trigger of the
database holds as always, and what the verbs check besides, the validators of the fields, runs on every row before it
is written. A test makes some of the same establishments both ways and compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.contrib.auth.models import Group
from django.db import connection, models

from ordercycles.domain.catalogue import create_product, create_variant, weight_of
from ordercycles.enums import UnitType
from ordercycles.models import Product, Variant
from organisations.domain.businesses import create_business
from organisations.domain.organisations import create_organisation
from organisations.domain.units import create_unit
from organisations.enums import BusinessKind, ConnectionKind, Sells
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from tests.real.goods import Good
from tests.real.register import Establishment, Register

M = TypeVar("M", bound=models.Model)
AT_ONCE: Final = 2000
#: Postcode areas that are one region; any other area is a region of its own.
REGIONS: Final = dict.fromkeys(("EX", "PL", "TQ", "TR"), "Devon and Cornwall")


@dataclass(slots=True)
class Network:
    """What was loaded, by approval number and by SKU."""

    establishments: dict[str, Establishment] = field(default_factory=dict)
    businesses: dict[str, Business] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    organisations: int = 0
    products: int = 0
    connections: int = 0

    def named(self, unit: str) -> Establishment:
        """The one establishment whose unit has this name."""
        (found,) = [one for one in self.establishments.values() if one.unit == unit]
        return found


def region(establishment: Establishment) -> str:
    """Where it trades; blank when its postcode is not known."""
    return REGIONS.get(establishment.area, establishment.area)


# What each row says, the same for both ways.


def _organisation(one: Establishment) -> dict[str, Any]:
    return {"name": one.name, "town": one.town, "postcode": one.postcode}


def _unit(one: Establishment) -> dict[str, Any]:
    return {"name": one.unit, "address": one.address, "town": one.town, "postcode": one.postcode}


def _business(one: Establishment) -> dict[str, Any]:
    return {
        "kind": BusinessKind.FARM if one.is_producer and not one.is_hub else BusinessKind.STORE,
        "is_producer": one.is_producer,
        "sells": Sells.ANY if one.is_hub else Sells.NONE,
        "description": f"Approved for: {', '.join(one.activities)}.",
    }


def _product(good: Good) -> dict[str, Any]:
    return {"name": good.product, "category": good.category}


def _variant(good: Good) -> dict[str, Any]:
    size = good.size
    return {
        "name": size.name,
        "sku": good.sku,
        "unit_type": UnitType(size.unit),
        "unit_value": size.amount,
        "unit_name": size.item,
        "weight_kg": size.kilograms,
        "price": good.price,
        "on_demand": True,
    }


# One by one, through the verbs.


def by_verbs(staff: Access, one: Establishment) -> Business:
    """An establishment as the domain makes it, in an organisation of its own; ``staff`` act."""
    organisation = create_organisation(staff, **_organisation(one))
    unit = create_unit(staff, organisation=organisation, **_unit(one))
    business = create_business(staff, unit=unit, **_business(one))
    for name, goods in products_of(one):
        product = create_product(staff, producer=business, name=name, category=goods[0].category)
        for good in goods:
            create_variant(staff, product=product, **_variant(good))
    return business


def products_of(one: Establishment) -> list[tuple[str, list[Good]]]:
    """Its goods, product by product."""
    found: dict[str, list[Good]] = {}
    for good in one.goods:
        found.setdefault(good.product, []).append(good)
    return list(found.items())


# All together, in bulk.


def load(register: Register) -> Network:
    """Write the whole register."""
    rows = register.establishments
    units = _units(rows)
    businesses = _businesses(rows, units)
    network = Network(
        establishments={one.number: one for one in rows},
        businesses={one.number: business for one, business in zip(rows, businesses, strict=True)},
        organisations=len({unit.organisation_id for unit in units}),
    )
    _catalogue(network)
    network.connections = _connections(network)
    with connection.cursor() as cursor:
        # What autovacuum does a minute later: without it the planner takes the tables for empty.
        cursor.execute("ANALYZE")
    return network


def _units(rows: Sequence[Establishment]) -> list[BusinessUnit]:
    first = {one.organisation: one for one in reversed(rows)}
    organisations = {key: Organisation(**_organisation(one)) for key, one in first.items()}
    _write(Organisation, organisations.values())
    return _write(
        BusinessUnit, (BusinessUnit(organisation=organisations[one.organisation], **_unit(one)) for one in rows)
    )


def _businesses(rows: Sequence[Establishment], units: Sequence[BusinessUnit]) -> list[Business]:
    groups = _write(Group, (Group(name=f"enterprise:{unit.public_id}") for unit in units))
    return _write(
        Business,
        (
            Business(unit=unit, group=group, **_business(one))
            for one, unit, group in zip(rows, units, groups, strict=True)
        ),
    )


def _catalogue(network: Network) -> None:
    goods: list[tuple[Product, list[Good]]] = [
        (Product(producer=network.businesses[number], name=name, category=of[0].category), of)
        for number, one in network.establishments.items()
        for name, of in products_of(one)
    ]
    network.products = len(_write(Product, (product for product, _ in goods)))
    variants = [
        Variant(product=product, producer_id=product.producer_id, **_variant(good))
        for product, of in goods
        for good in of
    ]
    for variant in variants:
        variant.weight_kg = weight_of(variant)
    network.variants = {variant.sku: variant for variant in _write(Variant, variants)}


def _connections(network: Network) -> int:
    """The hubs of a region know the producers and the other hubs of it."""
    regions: dict[str, list[Establishment]] = {}
    for one in network.establishments.values():
        if region(one):
            regions.setdefault(region(one), []).append(one)
    known: dict[tuple[int, int], Connection] = {}
    for members in regions.values():
        for hub in (one for one in members if one.is_hub):
            for other in members:
                _connect(known, network.businesses[hub.number].unit, network.businesses[other.number].unit, other)
    return len(_write(Connection, known.values()))


def _connect(
    known: dict[tuple[int, int], Connection], hub: BusinessUnit, unit: BusinessUnit, other: Establishment
) -> None:
    ours, theirs = hub.organisation, unit.organisation
    if ours.pk != theirs.pk and (theirs.pk, ours.pk) not in known:
        kind = ConnectionKind.STORAGE if other.is_hub else ConnectionKind.SUPPLIER
        known.setdefault((ours.pk, theirs.pk), Connection(organisation=ours, other=theirs, kind=kind))


def _write(model: type[M], rows: Iterable[M]) -> list[M]:
    """Check the fields of every row, as ``common.validation.check`` does, and write them all."""
    checked = list(rows)
    for row in checked:
        row.clean_fields(exclude=_not_typed(model))
    return model._default_manager.bulk_create(checked, batch_size=AT_ONCE)


def _not_typed(model: type[models.Model]) -> set[str]:
    return {one.name for one in model._meta.concrete_fields if not one.editable or one.is_relation}
