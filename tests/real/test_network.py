"""The register in the database: written in bulk, and the same as the verbs would have made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import F

from ordercycles.models import Product, Variant
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from tests.factories import StaffFactory
from tests.real import network as networks
from tests.real.network import Network
from tests.real.register import Register
from tests.worlds import kept

pytestmark = pytest.mark.django_db

#: Of every kind: dairy and eggs, many activities, a hub only, both, withheld, mended, with a further unit.
SAMPLE = (
    "Nanny Sue's Best Eggs",
    "Quickes Traditional Ltd",
    "M C Kelly Limited",
    "Country Cheeses Ltd",
    "BIRMINGHAM WHOLESALE MEAT MARKET",
    "Wild Harbour Fish Co.Ltd",
    "Wyau’r Hirdre",
    "Falfish Limited",
    "Dorset Snails Ltd",
)


@pytest.fixture(scope="module")
def network(register: Register, django_db_setup: None, django_db_blocker: Any) -> Iterator[Network]:
    with kept(django_db_blocker, lambda: networks.load(register)) as made:
        yield made


def saved(business: Business) -> dict[str, Any]:
    """Everything that was saved of an establishment, apart from ids and times."""
    unit = BusinessUnit.objects.select_related("organisation").get(pk=business.pk)
    skipped = {"id", "public_id", "created_at", "updated_at", "unit", "group", "organisation", "product", "producer"}

    def plain(row: Any) -> dict[str, Any]:
        return {one.name: getattr(row, one.attname) for one in row._meta.concrete_fields if one.name not in skipped}

    variants = Variant.objects.filter(producer=business).annotate(named=F("product__name")).order_by("sku")
    return {
        "organisation": plain(unit.organisation),
        "unit": plain(unit),
        "business": plain(Business.objects.get(pk=business.pk)),
        "group": business.group.name == f"enterprise:{unit.public_id}",
        "products": [plain(row) for row in Product.objects.filter(producer=business).order_by("name")],
        "variants": [{**plain(row), "product": row.named} for row in variants],
    }


def test_bulk_writes_what_the_verbs_write(register: Register, network: Network) -> None:
    staff = Access.for_user(StaffFactory.create()).acting("Loading the register.")
    for name in SAMPLE:
        one = next(one for one in register.establishments if one.unit == name)
        assert saved(networks.by_verbs(staff, one)) == saved(network.businesses[one.number])


def test_the_whole_register_is_loaded(network: Network) -> None:
    assert Organisation.objects.count() == network.organisations == 1545
    assert BusinessUnit.objects.count() == Business.objects.count() == 1559
    assert Business.objects.filter(sells="any").count() == 354
    assert Business.objects.filter(is_producer=True).count() == 1441
    assert Product.objects.count() == network.products == 3139
    assert Variant.objects.count() == 6278
    assert Connection.objects.count() == network.connections
    assert BusinessUnit.objects.filter(organisation__name="Falfish Limited").count() == 2
