"""A fee is changed, or put away, by its owner while somebody puts it on: no row that F1 forbids."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from common.errors import Conflict
from ordercycles.domain import cycles, exchanges, fees
from ordercycles.enums import Charge
from ordercycles.models import CycleFee, Exchange, ExchangeFee, Fee, OrderCycle
from permissions.access import Access
from permissions.decisions import RefusedItems
from tests.oracle.build import analyze, build
from tests.oracle.example import EXAMPLE
from tests.ordercycles.test_concurrency import at_once, pool

__all__ = ["pool"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: Once with each delay.
ROUNDS = 5
Verb = Callable[[Access, Any, Fee], Any]


def _per_order(access: Access, fee: Fee) -> None:
    fees.edit_fee(access, fee=fee, charge=Charge.PER_ORDER)


def _away(access: Access, fee: Fee) -> None:
    fees.archive_fee(access, fee=fee)


def _on_incoming(access: Access, exchange: Exchange, fee: Fee) -> None:
    exchanges.change_fees(access, exchange=exchange, add=[fee.public_id])


def _on_cycle(access: Access, cycle: OrderCycle, fee: Fee) -> None:
    cycles.attach_cycle_fees(access, cycle=cycle, add=[fee])


@pytest.mark.parametrize(
    ("holder", "attaching", "fee", "owner", "changing"),
    [
        ("in-ash", _on_incoming, "ash-pack", "ada", _per_order),
        ("in-ash", _on_incoming, "ash-pack", "ada", _away),
        ("c1", _on_cycle, "exe-admin", "cora", _away),
    ],
)
def test_a_fee_is_changed_while_it_is_put_on(
    holder: str,
    attaching: Verb,
    fee: str,
    owner: str,
    changing: Callable[[Access, Fee], None],
    pool: ThreadPoolExecutor,
) -> None:
    batch = build([EXAMPLE] * ROUNDS, range(ROUNDS))
    analyze()
    CycleFee.objects.all().delete()
    cora, hers = batch.access("cora"), batch.access(owner)
    for number in range(ROUNDS):
        row = Fee.objects.get(pk=batch.key("fee", number, fee))
        if attaching is _on_cycle:
            on: Any = OrderCycle.objects.get(pk=batch.key("cycle", number, holder))
        else:
            on = Exchange.objects.select_related("cycle").get(pk=batch.key("exchange", number, holder))
        put, changed = at_once(
            pool,
            [_said(attaching, cora, on, row), _said(changing, hers, row)],
            late=number % 5 - 2,
        )
        row.refresh_from_db()
        standing = row.exchange_fees.exists() or row.cycle_fees.exists()
        assert standing is (put == "")
        if changing is _per_order:
            # One of the two came first, and the other was told.
            assert sorted([put, changed]) == ["", "F1"]
        else:
            # What stands when its fee is put away stays, and is not charged.
            assert (put in ("", "F1"), changed) == (True, "")
    forbidden = ExchangeFee.objects.filter(exchange__direction="incoming", fee__charge=Charge.PER_ORDER)
    assert not forbidden.exists()


def _said(verb: Callable[..., None], *about: Any) -> Callable[[], str]:
    """A call that answers with the code of its refusal; empty when it was done."""

    def call() -> str:
        try:
            verb(*about)
        except RefusedItems as refused:
            (decision,) = refused.decisions.values()
            return decision.code
        except Conflict as conflict:
            return conflict.code
        return ""

    return call
