"""What could be put into the outgoing exchanges of a cycle, for every hub at once: sets, not one query per hub."""

from __future__ import annotations

from itertools import chain

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from ordercycles.models import OrderCycle, Variant
from ordercycles.rules import facts as f
from organisations.enums import Sells
from organisations.models import Business
from organisations.rules import active, sells
from permissions.access import Access
from permissions.actions import Permission
from permissions.grants import Granted, granters_by_grantee
from permissions.rules import Scope, Where

#: Of the needs of C7, those that speak of the hub alone, the producer alone, the variant alone.
_OF_HUB = (Granted("enterprise", "coordinator"), active("enterprise"), active("coordinator"))
_OF_PRODUCER = (Granted("producer", "coordinator"), active("producer"))
_OF_VARIANT = (f.VARIANT_ACTIVE,)


def addable_by_hub(access: Access, cycle: OrderCycle) -> dict[str, list[str]]:
    """For each hub that the coordinator's people can add goods to: the ids of the variants that C7 lets them add.

    Whether a producer supplies this cycle yet is left aside: adding it is theirs to do (C4). Three statements.
    Empty for anybody who does not coordinate the cycle.
    """
    if not access.manages(cycle.coordinator_id, Permission.COORDINATE):
        return {}
    coordinator = {"coordinator": cycle.coordinator_id}
    hubs = _holding(_OF_HUB, Scope({"enterprise": "pk"}, coordinator), access)
    hubs &= sells("enterprise", Sells.ANY).q(Scope({"enterprise": "pk"}), access)
    goods_scope = Scope({"variant": "pk", "producer": "producer_id"}, coordinator, sets=True)
    goods = dict(
        Variant.objects.filter(_holding((*_OF_PRODUCER, *_OF_VARIANT), goods_scope, access))
        .order_by()
        .values_list("producer_id")
        .annotate(ids=ArrayAgg("public_id", order_by="pk"))
    )
    named = dict(Business.objects.filter(hubs).values_list("pk", "unit__public_id"))
    lanes = granters_by_grantee(Business.objects.filter(hubs))
    result = {}
    for hub, public_id in named.items():
        producers = [producer for producer in {*lanes.get(hub, ()), hub} if producer in goods]
        result[public_id] = list(chain.from_iterable(map(goods.__getitem__, producers)))
    return result


def _holding(conditions: tuple[Granted | Where, ...], scope: Scope, access: Access) -> Q:
    result = Q()
    for condition in conditions:
        result &= condition.q(scope, access)
    return result
