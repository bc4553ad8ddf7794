"""The least that each work could take: hand-written SQL, sent by psycopg itself, for the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """The rows, past Django, on the same connection."""
    raw = connection.connection
    with psycopg.Cursor(raw) as cursor:
        return cursor.execute(statement.encode(), parameters or None).fetchall()


P_OC = """(SELECT permission.id FROM auth_permission permission JOIN django_content_type type
  ON type.id = permission.content_type_id
  WHERE type.app_label = 'organisations' AND permission.codename = 'add_to_order_cycle')"""

CYCLE = """
SELECT cycle.id, cycle.public_id, cycle.name, cycle.opens_at, cycle.closes_at, cycle.version, cycle.updated_at,
  cycle.coordinator_id, unit.public_id, unit.name
FROM ordercycles_ordercycle cycle JOIN organisations_businessunit unit ON unit.id = cycle.coordinator_id
WHERE cycle.id = %(cycle)s"""

#: The exchanges that the coordinator sees: all of them.
ALL_SEEN = "SELECT * FROM ordercycles_exchange WHERE cycle_id = %(cycle)s"

#: Those that one who manages some of the enterprises sees.
SOME_SEEN = f"""
SELECT exchange.* FROM ordercycles_exchange exchange WHERE cycle_id = %(cycle)s AND id IN (
  SELECT id FROM ordercycles_exchange WHERE cycle_id = %(cycle)s AND enterprise_id = ANY(%(mine)s)
  UNION
  SELECT other.id FROM ordercycles_exchange her
  JOIN permissions_grant given ON given.granter_id = her.enterprise_id AND given.permission_id = {P_OC}
  JOIN organisations_business business ON business.group_id = given.group_id
  JOIN ordercycles_exchange other ON other.cycle_id = her.cycle_id AND other.direction <> her.direction
    AND other.enterprise_id = business.unit_id
  WHERE her.cycle_id = %(cycle)s AND her.enterprise_id = ANY(%(mine)s)
  UNION
  SELECT other.id FROM ordercycles_exchange her
  JOIN organisations_business business ON business.unit_id = her.enterprise_id
  JOIN permissions_grant given ON given.group_id = business.group_id AND given.permission_id = {P_OC}
  JOIN ordercycles_exchange other ON other.cycle_id = her.cycle_id AND other.direction <> her.direction
    AND other.enterprise_id = given.granter_id
  WHERE her.cycle_id = %(cycle)s AND her.enterprise_id = ANY(%(mine)s)
  UNION
  SELECT carried.exchange_id FROM ordercycles_exchange her
  JOIN ordercycles_variant variant ON variant.producer_id = her.enterprise_id
  JOIN ordercycles_exchangevariant carried ON carried.variant_id = variant.id
  WHERE her.cycle_id = %(cycle)s AND her.direction = 'incoming' AND her.enterprise_id = ANY(%(mine)s)
  UNION
  SELECT other.id FROM ordercycles_exchange her
  JOIN ordercycles_exchangevariant carried ON carried.exchange_id = her.id
  JOIN ordercycles_variant variant ON variant.id = carried.variant_id
  JOIN ordercycles_exchange other ON other.cycle_id = her.cycle_id AND other.direction = 'incoming'
    AND other.enterprise_id = variant.producer_id
  WHERE her.cycle_id = %(cycle)s AND her.direction = 'outgoing' AND her.enterprise_id = ANY(%(mine)s))"""

EXCHANGES = """
WITH seen AS MATERIALIZED ({seen})
SELECT seen.id, seen.public_id, seen.direction, seen.enterprise_id, seen.status, seen.decline_reason,
  seen.collection_time, seen.collection_instructions, seen.delivery_notes, seen.version, unit.public_id, unit.name
FROM seen JOIN organisations_businessunit unit ON unit.id = seen.enterprise_id"""

FEES = """
WITH seen AS MATERIALIZED ({seen})
SELECT attached.exchange_id, fee.public_id, fee.name, fee.kind, fee.charge, fee.amount, fee.archived_at,
  unit.public_id, unit.name
FROM ordercycles_exchangefee attached JOIN seen ON seen.id = attached.exchange_id
JOIN ordercycles_fee fee ON fee.id = attached.fee_id JOIN organisations_businessunit unit ON unit.id = fee.owner_id
WHERE %(whole)s OR seen.enterprise_id = ANY(%(mine)s) OR fee.owner_id = ANY(%(mine)s)"""

CYCLE_FEES = """
SELECT fee.public_id, fee.name, fee.kind, fee.charge, fee.amount, fee.archived_at, unit.public_id, unit.name
FROM ordercycles_cyclefee attached JOIN ordercycles_fee fee ON fee.id = attached.fee_id
JOIN organisations_businessunit unit ON unit.id = fee.owner_id WHERE attached.cycle_id = %(cycle)s"""

#: Goods by exchange and producer: how many, and how many of them stand.
LANES = f"""
WITH seen AS MATERIALIZED ({{seen}}),
supplied AS (
  SELECT goods.variant_id, incoming.enterprise_id AS producer_id FROM ordercycles_exchange incoming
  JOIN ordercycles_exchangevariant goods ON goods.exchange_id = incoming.id
  WHERE incoming.cycle_id = %(cycle)s AND incoming.direction = 'incoming' AND incoming.status <> 'declined'),
granted AS (
  SELECT given.granter_id, business.unit_id AS grantee_id FROM permissions_grant given
  JOIN organisations_business business ON business.group_id = given.group_id
  WHERE given.permission_id = {P_OC} AND given.granter_id IN (SELECT enterprise_id FROM seen)
    AND (business.unit_id = %(coordinator)s OR business.unit_id IN (SELECT enterprise_id FROM seen))),
alive AS MATERIALIZED (
  SELECT unit.id, unit.public_id, unit.name FROM organisations_businessunit unit
  JOIN organisations_organisation organisation ON organisation.id = unit.organisation_id
  WHERE unit.archived_at IS NULL AND organisation.archived_at IS NULL AND unit.id IN (SELECT enterprise_id FROM seen)),
carried AS (
  SELECT goods.exchange_id, variant.producer_id, count(*) AS all,
    count(*) FILTER (WHERE variant.archived_at IS NULL AND product.archived_at IS NULL
                     AND supplied.variant_id IS NOT NULL) AS standing
  FROM seen JOIN ordercycles_exchangevariant goods ON goods.exchange_id = seen.id AND seen.direction = 'outgoing'
  JOIN ordercycles_variant variant ON variant.id = goods.variant_id
  JOIN ordercycles_product product ON product.id = variant.product_id
  LEFT JOIN supplied ON supplied.variant_id = goods.variant_id
  WHERE %(whole)s OR seen.enterprise_id = ANY(%(mine)s) OR variant.producer_id = ANY(%(mine)s)
  GROUP BY 1, 2),
lane AS (
  SELECT hub.id AS exchange_id, producer.enterprise_id AS producer_id FROM seen hub
  JOIN granted ON granted.grantee_id = hub.enterprise_id
  JOIN seen producer ON producer.enterprise_id = granted.granter_id AND producer.direction = 'incoming'
  WHERE hub.direction = 'outgoing'
    AND (%(whole)s OR hub.enterprise_id = ANY(%(mine)s) OR producer.enterprise_id = ANY(%(mine)s))
  UNION SELECT exchange_id, producer_id FROM carried)
SELECT hub.public_id, hub_unit.public_id, hub_unit.name, producer_unit.public_id, producer_unit.name,
  coalesce(carried.all, 0), coalesce(carried.standing, 0), hub.status, producer.status,
  pc.granter_id IS NOT NULL, ph.granter_id IS NOT NULL, hc.granter_id IS NOT NULL, hp.granter_id IS NOT NULL
FROM lane
JOIN seen hub ON hub.id = lane.exchange_id
JOIN alive hub_unit ON hub_unit.id = hub.enterprise_id
JOIN alive producer_unit ON producer_unit.id = lane.producer_id
LEFT JOIN carried ON carried.exchange_id = lane.exchange_id AND carried.producer_id = lane.producer_id
LEFT JOIN seen producer ON producer.enterprise_id = lane.producer_id AND producer.direction = 'incoming'
LEFT JOIN granted pc ON pc.granter_id = lane.producer_id AND pc.grantee_id = %(coordinator)s
LEFT JOIN granted ph ON ph.granter_id = lane.producer_id AND ph.grantee_id = hub.enterprise_id
LEFT JOIN granted hc ON hc.granter_id = hub.enterprise_id AND hc.grantee_id = %(coordinator)s
LEFT JOIN granted hp ON hp.granter_id = hub.enterprise_id AND hp.grantee_id = lane.producer_id"""

CANDIDATES = f"""
SELECT business.unit_id, unit.public_id, unit.name, unit.town, exchange.id IS NOT NULL,
  unit.archived_at IS NULL AND organisation.archived_at IS NULL,
  EXISTS (SELECT 1 FROM ordercycles_shippingmethod method WHERE method.hub_id = business.unit_id
          AND method.archived_at IS NULL),
  EXISTS (SELECT 1 FROM ordercycles_paymentmethod method WHERE method.hub_id = business.unit_id
          AND method.archived_at IS NULL AND method.is_active),
  business.contact_email_confirmed_at IS NOT NULL, given.id IS NOT NULL
FROM organisations_business business
JOIN organisations_businessunit unit ON unit.id = business.unit_id
JOIN organisations_organisation organisation ON organisation.id = unit.organisation_id
LEFT JOIN permissions_grant given ON given.granter_id = business.unit_id
  AND given.group_id = (SELECT group_id FROM organisations_business WHERE unit_id = %(coordinator)s)
  AND given.permission_id = {P_OC}
LEFT JOIN ordercycles_exchange exchange ON exchange.cycle_id = %(cycle)s
  AND exchange.direction = %(direction)s AND exchange.enterprise_id = business.unit_id
WHERE (given.id IS NOT NULL OR business.unit_id = %(coordinator)s OR exchange.id IS NOT NULL)
  AND (business.is_producer OR %(direction)s = 'outgoing') AND (business.sells = 'any' OR %(direction)s = 'incoming')
ORDER BY unit.name"""


def cycle_page(cycle: int, coordinator: int, mine: Sequence[int]) -> list[list[tuple[Any, ...]]]:
    """Cycle, exchanges, fees, lanes, and the candidates where she coordinates."""
    whole = coordinator in mine
    seen = ALL_SEEN if whole else SOME_SEEN
    values = {"cycle": cycle, "coordinator": coordinator, "mine": list(mine), "whole": whole}
    found = [fetch(CYCLE, **values), fetch(CYCLE_FEES, **values)]
    found += [fetch(one.format(seen=seen), **values) for one in (EXCHANGES, FEES, LANES)]
    if whole:
        found += [fetch(CANDIDATES, **values, direction=direction) for direction in ("incoming", "outgoing")]
    return found


PRODUCTS = f"""
WITH carried AS (SELECT variant_id FROM ordercycles_exchangevariant WHERE exchange_id = %(exchange)s),
supplied AS (
  SELECT goods.variant_id FROM ordercycles_exchange incoming
  JOIN ordercycles_exchangevariant goods ON goods.exchange_id = incoming.id
  WHERE incoming.cycle_id = %(cycle)s AND incoming.direction = 'incoming' AND incoming.status <> 'declined'),
page AS MATERIALIZED (
  SELECT variant.*, product.name AS product FROM ordercycles_variant variant
  JOIN ordercycles_product product ON product.id = variant.product_id
  WHERE variant.id IN (SELECT variant_id FROM carried) OR (
    variant.id IN (SELECT variant_id FROM supplied) AND variant.archived_at IS NULL AND product.archived_at IS NULL)
  ORDER BY variant.id LIMIT 50)
SELECT page.id, page.public_id, page.product, page.name, page.unit_type, page.unit_value, page.unit_name, page.price,
  page.producer_id, unit.public_id, unit.name,
  EXISTS (SELECT 1 FROM ordercycles_exchangevariant mine
          WHERE mine.exchange_id = %(exchange)s AND mine.variant_id = page.id),
  EXISTS (SELECT 1 FROM ordercycles_exchange incoming JOIN ordercycles_exchangevariant goods
          ON goods.exchange_id = incoming.id WHERE incoming.cycle_id = %(cycle)s AND incoming.direction = 'incoming'
            AND incoming.enterprise_id = page.producer_id AND goods.variant_id = page.id),
  EXISTS (SELECT 1 FROM permissions_grant given WHERE given.granter_id = page.producer_id
          AND given.group_id = %(coordinator)s AND given.permission_id = {P_OC}),
  EXISTS (SELECT 1 FROM permissions_grant given WHERE given.granter_id = page.producer_id
          AND given.group_id = %(hub)s AND given.permission_id = {P_OC}),
  EXISTS (SELECT 1 FROM permissions_grant given WHERE given.granter_id = %(hub)s
          AND given.group_id = page.producer_id AND given.permission_id = {P_OC}),
  unit.archived_at IS NULL AND organisation.archived_at IS NULL
FROM page JOIN organisations_businessunit unit ON unit.id = page.producer_id
JOIN organisations_organisation organisation ON organisation.id = unit.organisation_id
ORDER BY page.id"""

CYCLES = """
SELECT cycle.id, cycle.public_id, cycle.name, cycle.opens_at, cycle.closes_at, cycle.version, cycle.updated_at,
  unit.public_id, unit.name
FROM ordercycles_ordercycle cycle JOIN organisations_businessunit unit ON unit.id = cycle.coordinator_id
WHERE cycle.coordinator_id = ANY(%(mine)s) OR EXISTS (SELECT 1 FROM ordercycles_exchange exchange
  WHERE exchange.cycle_id = cycle.id AND exchange.enterprise_id = ANY(%(mine)s))
ORDER BY cycle.id LIMIT 500"""

#: The parts in those cycles, from which a list tells who takes part in what.
CYCLE_PARTS = """
SELECT exchange.cycle_id, exchange.direction, exchange.enterprise_id, exchange.status
FROM ordercycles_exchange exchange WHERE exchange.cycle_id = ANY(%(cycles)s)"""


def cycle_list(mine: Sequence[int]) -> list[list[tuple[Any, ...]]]:
    """500 cycles and who takes part in them."""
    cycles = fetch(CYCLES, mine=list(mine))
    return [cycles, fetch(CYCLE_PARTS, cycles=[row[0] for row in cycles])]


OFFER = f"""
WITH granted AS (
  SELECT given.granter_id, given.group_id FROM permissions_grant given
  WHERE given.permission_id = {P_OC} AND given.group_id IN (%(hub)s, %(coordinator)s)),
goods AS MATERIALIZED (
  SELECT carried.variant_id, variant.*, product.name AS product FROM ordercycles_exchangevariant carried
  JOIN ordercycles_variant variant ON variant.id = carried.variant_id
  JOIN ordercycles_product product ON product.id = variant.product_id
  WHERE carried.exchange_id = %(exchange)s AND variant.archived_at IS NULL AND product.archived_at IS NULL)
SELECT goods.public_id, goods.product, goods.name, goods.unit_type, goods.unit_value, goods.unit_name, goods.weight_kg,
  goods.price, goods.producer_id, unit.public_id, unit.name
FROM goods JOIN organisations_businessunit unit ON unit.id = goods.producer_id
JOIN organisations_organisation organisation ON organisation.id = unit.organisation_id
WHERE unit.archived_at IS NULL AND organisation.archived_at IS NULL
  AND goods.producer_id IN (SELECT granter_id FROM granted WHERE group_id = %(coordinator)s)
  AND goods.producer_id IN (SELECT granter_id FROM granted WHERE group_id = %(hub)s)
  AND EXISTS (SELECT 1 FROM granted WHERE granter_id = %(hub)s AND group_id = %(coordinator)s)
  AND EXISTS (SELECT 1 FROM ordercycles_exchange incoming JOIN ordercycles_exchangevariant supplied
              ON supplied.exchange_id = incoming.id
              WHERE incoming.cycle_id = %(cycle)s AND incoming.direction = 'incoming'
                AND incoming.enterprise_id = goods.producer_id AND incoming.status <> 'declined'
                AND supplied.variant_id = goods.variant_id)
ORDER BY unit.name, goods.product, goods.variant_id"""

OFFER_FEES = """
SELECT exchange.id, exchange.direction, exchange.enterprise_id, fee.public_id, fee.name, fee.kind, unit.name,
  fee.charge, fee.amount, fee.further_amount, fee.max_items, fee.minimum
FROM ordercycles_exchangefee attached JOIN ordercycles_exchange exchange ON exchange.id = attached.exchange_id
JOIN ordercycles_fee fee ON fee.id = attached.fee_id JOIN organisations_businessunit unit ON unit.id = fee.owner_id
WHERE exchange.cycle_id = %(cycle)s AND fee.archived_at IS NULL
  AND (exchange.direction = 'incoming' OR exchange.id = %(exchange)s)"""


def offer(cycle: int, exchange: int, hub: int, coordinator: int) -> list[list[tuple[Any, ...]]]:
    """Effective variants, and the fees."""
    values = {"cycle": cycle, "exchange": exchange, "hub": hub, "coordinator": coordinator}
    return [fetch(OFFER, **values), fetch(OFFER_FEES, **values), fetch(CYCLE_FEES, **values)]


def insert(exchange: int, variants: Sequence[int]) -> None:
    """The same rows by one multi-row insert, nothing checked."""
    rows = ",".join(f"({exchange},{variant})" for variant in variants)
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(f"INSERT INTO ordercycles_exchangevariant (exchange_id, variant_id) VALUES {rows}".encode())


#: For each hub that granted the coordinator, the ids of the variants whose producers granted both.
LIKE_FOR_LIKE = f"""
WITH granted AS MATERIALIZED (
  SELECT given.granter_id, business.unit_id AS grantee_id FROM permissions_grant given
  JOIN organisations_business business ON business.group_id = given.group_id WHERE given.permission_id = {P_OC}
  UNION ALL SELECT unit_id, unit_id FROM organisations_business),
goods AS MATERIALIZED (
  SELECT variant.producer_id, variant.public_id FROM ordercycles_variant variant
  JOIN ordercycles_product product ON product.id = variant.product_id
  JOIN granted ON granted.granter_id = variant.producer_id AND granted.grantee_id = %(coordinator)s
  WHERE variant.archived_at IS NULL AND product.archived_at IS NULL)
SELECT unit.public_id, ARRAY(
  SELECT goods.public_id FROM granted JOIN goods ON goods.producer_id = granted.granter_id
  WHERE granted.grantee_id = unit.id)
FROM organisations_businessunit unit JOIN organisations_business hub ON hub.unit_id = unit.id
WHERE hub.sells = 'any' AND unit.id IN (SELECT granter_id FROM granted WHERE grantee_id = %(coordinator)s)"""
