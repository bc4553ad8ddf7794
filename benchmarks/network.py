"""The reference network, written by a few statements of SQL: the same rows every time.

Keys: producers 1 to n/2, hubs from there on; the first hub is the coordinator. An enterprise has the key of its unit,
its organisation and its group. A hub other than the coordinator is granted by every fifth producer of a block of 1,000,
so by 200 at most; the hubs of the cycle by producers of the first block, whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pgtrigger
from django.core.management.color import no_style
from django.db import connection, transaction

from benchmarks.sizes import Size

CYCLE: Final = 1
NOW: Final = "timestamptz '2025-06-02 08:00:00+00'"

#: Users by part: the keys of the enterprises that each manages are in ``managed``.
COORDINATOR, PRODUCER, HUB = "coordinator", "producer", "hub"
PARTS: Final = (COORDINATOR, PRODUCER, HUB)


def email_of(part: str) -> str:
    """How the user with this part signs in."""
    return f"{part}@bench.example"


def managed(size: Size) -> dict[str, tuple[int, ...]]:
    """Which enterprises each user manages: the coordinator, three producers, two hubs of the cycle."""
    first = size.coordinator
    return {COORDINATOR: (first,), PRODUCER: (1, 2, 3), HUB: (first + 1, first + 2)}


def build(size: Size) -> None:
    """Write the network into an empty, migrated database."""
    with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
        for statement in _statements(size):
            cursor.execute(statement)
        _users(size)
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)


def analyse() -> None:
    """Let PostgreSQL know its tables, as a running server does by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")


def _models() -> list[type]:
    from django.apps import apps

    ours = ("organisations", "permissions", "ordercycles", "customers", "auth")
    return [model for label in ours for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def _id(prefix: str, number: str) -> str:
    """A public id from a number, in SQL."""
    return f"'{prefix}_' || lpad(({number})::text, 26, '0')"


def _statements(size: Size) -> Iterator[str]:
    yield from _enterprises(size)
    yield from _grants(size)
    yield from _catalogue(size)
    yield from _cycles(size)
    yield from _fees(size)


def _enterprises(size: Size) -> Iterator[str]:
    n, producers = size.enterprises, size.producers
    every = f"FROM generate_series(1, {n}) AS k"
    name = f"CASE WHEN k <= {producers} THEN 'Farm ' ELSE 'Hub ' END || lpad(k::text, 5, '0')"
    yield f"""
        INSERT INTO organisations_organisation
          (id, created_at, updated_at, version, public_id, name, kind, company_number, vat_number, town, postcode)
        SELECT k, {NOW}, {NOW}, 1, {_id("org", "k")}, {name} || ' Ltd', 'full', '', '', 'Exeter', '' {every}"""
    yield f"""
        INSERT INTO organisations_businessunit
          (id, created_at, updated_at, version, public_id, name, address, town, postcode, phone, organisation_id)
        SELECT k, {NOW}, {NOW}, 1, {_id("bu", "k")}, {name}, '', 'Exeter', '', '', k {every}"""
    yield f"INSERT INTO auth_group (id, name) SELECT k, 'enterprise ' || k {every}"
    yield f"""
        INSERT INTO organisations_business
          (created_at, updated_at, version, unit_id, group_id, kind, is_producer, sells, description, website,
           contact_email, contact_email_confirmed_at, holding_number, farm_enterprises, certifications, store_code,
           opening_hours)
        SELECT {NOW}, {NOW}, 1, k, k, CASE WHEN k <= {producers} THEN 'farm' ELSE 'store' END, k <= {producers},
          CASE WHEN k <= {producers} THEN 'none' ELSE 'any' END, '', '', 'mail' || k || '@bench.example', {NOW},
          '', '{{}}', '{{}}', '', '{{}}'
        {every}"""
    hubs = f"FROM generate_series({size.coordinator}, {n}) AS k"
    yield f"""
        INSERT INTO ordercycles_shippingmethod
          (created_at, updated_at, version, public_id, name, kind, description, price, hub_id)
        SELECT {NOW}, {NOW}, 1, {_id("shm", "k")}, 'Collection', 'collection', '', 0, k {hubs}"""
    yield f"""
        INSERT INTO ordercycles_paymentmethod
          (created_at, updated_at, version, public_id, name, description, is_active, hub_id)
        SELECT {NOW}, {NOW}, 1, {_id("pym", "k")}, 'Bank transfer', '', mod(k, 20) <> 0, k {hubs}"""


def _grants(size: Size) -> Iterator[str]:
    into = (
        """
        INSERT INTO permissions_grant (public_id, given_at, granter_id, group_id, permission_id)
        SELECT 'grt_' || lpad((granter::bigint * 1000000 + grantee)::text, 26, '0'), """
        f"""{NOW}, granter, grantee, (
          SELECT permission.id FROM auth_permission permission JOIN django_content_type type
            ON type.id = permission.content_type_id
          WHERE type.app_label = 'organisations' AND permission.codename = 'add_to_order_cycle')"""
    )
    first = size.coordinator
    yield f"""{into} FROM (
        SELECT k AS granter, {first} AS grantee FROM generate_series(1, {size.enterprises}) AS k WHERE k <> {first}
      ) AS rows"""
    yield f"""{into} FROM (
        SELECT p::bigint AS granter, h AS grantee
        FROM generate_series({first + 1}, {size.enterprises}) AS h
        CROSS JOIN LATERAL (SELECT h - {first + 1} AS place) AS hub
        CROSS JOIN LATERAL generate_series(
          place / 1000 * 1000 + mod(place * 2, 5) + 1, least(place / 1000 * 1000 + 1000, {size.producers}), 5
        ) AS p
      ) AS rows"""


def _catalogue(size: Size) -> Iterator[str]:
    products = size.producers * ((size.variants + 1) // 2)
    per = (size.variants + 1) // 2
    yield f"""
        INSERT INTO ordercycles_product
          (id, created_at, updated_at, version, public_id, producer_id, name, category, description)
        SELECT k, {NOW}, {NOW}, 1, {_id("prd", "k")}, (k - 1) / {per} + 1, 'Product ' || lpad(k::text, 6, '0'),
          'vegetables', '' FROM generate_series(1, {products}) AS k"""
    yield f"""
        INSERT INTO ordercycles_variant
          (id, created_at, updated_at, version, public_id, product_id, producer_id, name, sku, unit_type, unit_value,
           unit_name, weight_kg, price, on_hand, on_demand)
        SELECT k, {NOW}, {NOW}, 1, {_id("var", "k")}, producer * {per} + place / 2 + 1, producer + 1,
          CASE mod(place, 2) WHEN 0 THEN 'Small' ELSE 'Large' END, 'SKU' || k, 'g', 250 + 250 * (mod(place, 2)), '',
          0.25 + 0.25 * (mod(place, 2)), 1 + mod(k, 900) / 100.0, 100, false
        FROM (SELECT k, (k - 1) / {size.variants} AS producer, mod(k - 1, {size.variants}) AS place
              FROM generate_series(1, {size.producers * size.variants}) AS k) AS rows"""


def _cycles(size: Size) -> Iterator[str]:
    first = size.coordinator
    yield f"""
        INSERT INTO ordercycles_ordercycle
          (id, created_at, updated_at, version, public_id, name, coordinator_id, opens_at, closes_at)
        SELECT k, {NOW}, {NOW}, 1, {_id("ocy", "k")}, 'Week ' || k, {first}, now() + interval '1 day' * (mod(k, 9) - 3),
          now() + interval '1 day' * (mod(k, 9) + 4) FROM generate_series(1, {size.cycles}) AS k"""
    yield f"UPDATE ordercycles_ordercycle SET opens_at = now() - interval '1 day' WHERE id = {CYCLE}"
    into = """
        INSERT INTO ordercycles_exchange (created_at, updated_at, version, public_id, cycle_id, direction,
          enterprise_id, status, decline_reason, collection_time, collection_instructions, delivery_notes)"""
    rest = "'accepted', '', '', '', ''"
    yield f"""{into}
        SELECT {NOW}, {NOW}, 1, {_id("exc", "k")}, {CYCLE}, 'incoming', k, {rest}
        FROM generate_series(1, {size.incoming}) AS k"""
    yield f"""{into}
        SELECT {NOW}, {NOW}, 1, {_id("exc", "k")}, {CYCLE}, 'outgoing', k, {rest}
        FROM generate_series({first + 1}, {first + size.outgoing}) AS k"""
    # The other cycles are small: two producers, two hubs.
    yield f"""{into}
        SELECT {NOW}, {NOW}, 1, {_id("exc", "c * 1000000 + k")}, c, 'incoming', k, {rest}
        FROM generate_series({CYCLE + 1}, {size.cycles}) AS c, generate_series(1, 2) AS k"""
    yield f"""{into}
        SELECT {NOW}, {NOW}, 1, {_id("exc", "c * 1000000 + k")}, c, 'outgoing', k, {rest}
        FROM generate_series({CYCLE + 1}, {size.cycles}) AS c, generate_series({first + 1}, {first + 2}) AS k"""
    yield f"""
        INSERT INTO ordercycles_exchangevariant (exchange_id, variant_id)
        SELECT exchange.id, variant.id FROM ordercycles_exchange exchange
        JOIN ordercycles_variant variant ON variant.producer_id = exchange.enterprise_id
        WHERE exchange.cycle_id = {CYCLE} AND exchange.direction = 'incoming'
        ORDER BY exchange.id, variant.id"""
    yield f"""
        INSERT INTO ordercycles_exchangevariant (exchange_id, variant_id)
        SELECT exchange.id, goods.id FROM ordercycles_exchange exchange
        CROSS JOIN LATERAL (
          SELECT variant.id FROM ordercycles_variant variant
          JOIN permissions_grant given
            ON given.granter_id = variant.producer_id AND given.group_id = exchange.enterprise_id
          WHERE variant.producer_id <= {size.incoming}
          ORDER BY mod(variant.id - 1, {size.variants}), variant.id LIMIT {size.most_carried}
        ) AS goods
        WHERE exchange.cycle_id = {CYCLE} AND exchange.direction = 'outgoing'"""


def _fees(size: Size) -> Iterator[str]:
    """Two per enterprise, on its exchange, the coordinator's on the whole cycle: six on each variant of an offer."""
    yield f"""
        INSERT INTO ordercycles_fee
          (id, created_at, updated_at, version, public_id, owner_id, name, kind, charge, amount)
        SELECT k, {NOW}, {NOW}, 1, {_id("fee", "k")}, (k + 1) / 2,
          CASE mod(k, 2) WHEN 0 THEN 'Packing' ELSE 'Transport' END,
          CASE mod(k, 2) WHEN 0 THEN 'packing' ELSE 'transport' END,
          CASE mod(k, 2) WHEN 0 THEN 'percent' ELSE 'per_item' END, CASE mod(k, 2) WHEN 0 THEN 2.5 ELSE 0.05 END
        FROM generate_series(1, {2 * size.enterprises}) AS k"""
    yield f"""
        INSERT INTO ordercycles_exchangefee (created_at, updated_at, exchange_id, fee_id)
        SELECT {NOW}, {NOW}, exchange.id, fee.id FROM ordercycles_exchange exchange
        JOIN ordercycles_fee fee ON fee.owner_id = exchange.enterprise_id WHERE exchange.cycle_id = {CYCLE}"""
    yield f"""
        INSERT INTO ordercycles_cyclefee (created_at, updated_at, cycle_id, fee_id)
        SELECT {NOW}, {NOW}, {CYCLE}, id FROM ordercycles_fee WHERE owner_id = {size.coordinator}"""


def _users(size: Size) -> None:
    from customers.models import User
    from permissions.models import Membership, Role

    manager = Role.objects.get(organisation=None, key="manager")
    for part, enterprises in managed(size).items():
        user = User.objects.create(email=email_of(part), name=part.title(), password="!")
        for key in enterprises:
            Membership.objects.create(user=user, organisation_id=key, role=manager)
