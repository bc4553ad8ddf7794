"""Products, variants, fees and methods: who changes them, what is refused, what stays as it was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from common.errors import Conflict, Invalid, NotFound, Stale
from ordercycles import reads
from ordercycles.domain import catalogue, fees, methods
from ordercycles.enums import Charge, CycleState, Direction, FeeKind, UnitType
from organisations.enums import GrantKind
from organisations.models import Business
from permissions.access import Access
from permissions.decisions import Refused
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    StaffFactory,
    VariantFactory,
    access,
    charge,
    grant,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ash() -> Business:
    return producer("Ashclyst Dairy")


def pointers(problem: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in problem.value.errors]


# --- products and variants --------------------------------------------------------------------------------------


def test_a_contributor_makes_and_changes_a_product(ash: Business) -> None:
    her = access(ash, role="contributor")
    product = catalogue.create_product(her, producer=ash, name="Milk", category="Dairy")
    assert reads.get_product(her, product.public_id) == product
    changed = catalogue.edit_product(her, product=product, version=1, name="Whole milk")
    assert (changed.name, changed.category, changed.version) == ("Whole milk", "Dairy", 2)


def test_a_viewer_changes_nothing(ash: Business) -> None:
    with pytest.raises(Refused) as refused:
        catalogue.create_product(access(ash, role="viewer"), producer=ash, name="Milk")
    assert refused.value.decision.code == "R1"


def test_strangers_find_nothing(ash: Business) -> None:
    product = ProductFactory.create(producer=ash)
    stranger = access(producer("Stranger"))
    with pytest.raises(NotFound):
        reads.get_product(stranger, product.public_id)
    with pytest.raises(NotFound):
        catalogue.edit_product(stranger, product=product, name="Mine")
    with pytest.raises(NotFound):
        catalogue.create_product(stranger, producer=ash, name="Mine")


def test_a_grantee_of_the_catalogue_manages_it(ash: Business) -> None:
    exe = hub("Exe Hub")
    product = ProductFactory.create(producer=ash)
    grant(ash, exe)
    with pytest.raises(Refused) as refused:
        catalogue.edit_product(access(exe), product=product, name="Milk")
    assert refused.value.decision.code == "G8"
    grant(ash, exe, GrantKind.MANAGE_PRODUCTS)
    catalogue.edit_product(access(exe), product=product, name="Milk")
    assert catalogue.create_product(access(exe), producer=ash, name="Cream").producer == ash


def test_staff_act_with_a_reason_only(ash: Business) -> None:
    product = ProductFactory.create(producer=ash)
    staff = Access.for_user(StaffFactory.create())
    with pytest.raises(Refused) as refused:
        catalogue.edit_product(staff, product=product, name="Milk")
    assert refused.value.decision.code == "S1"
    assert catalogue.edit_product(staff.acting("Asked by phone"), product=product, name="Milk").name == "Milk"


def test_two_editors(ash: Business) -> None:
    product = ProductFactory.create(producer=ash)
    her = access(ash)
    catalogue.edit_product(her, product=product, version=1, name="First")
    with pytest.raises(Stale) as stale:
        catalogue.edit_product(her, product=product, version=1, name="Second")
    assert stale.value.current == 2
    product.refresh_from_db()
    assert product.name == "First"


def test_saving_the_same_changes_nothing(ash: Business) -> None:
    product = ProductFactory.create(producer=ash, name="Milk")
    assert catalogue.edit_product(access(ash), product=product, name="Milk").version == 1


def test_everything_wrong_is_told_at_once(ash: Business) -> None:
    product = ProductFactory.create(producer=ash)
    with pytest.raises(Invalid) as problem:
        catalogue.create_variant(
            access(ash), product=product, price=Decimal("-1"), name="a\nb", unit_type=UnitType.LITRE
        )
    assert sorted(pointers(problem)) == [("/name", "one_line"), ("/price", "min_value")]
    assert not product.variants.exists()


def test_what_no_shape_names_is_a_mistake_of_the_programmer(ash: Business) -> None:
    product = ProductFactory.create(producer=ash)
    changes: dict[str, Any] = {"producer": ash}
    with pytest.raises(TypeError, match="ProductChanges has no producer"):
        catalogue.edit_product(access(ash), product=product, **changes)


def test_only_a_producer_has_products() -> None:
    exe = hub("Exe Hub")
    with pytest.raises(Conflict) as problem:
        catalogue.create_product(access(exe), producer=exe, name="Milk")
    assert problem.value.code == "no_producer"


def test_many_products_at_once(ash: Business) -> None:
    made = catalogue.create_products(
        access(ash),
        producer=ash,
        products=[
            catalogue.NewProduct(
                "Milk",
                "Dairy",
                variants=[
                    {"price": Decimal("1.40"), "unit_type": UnitType.LITRE},
                    {"price": Decimal("0.90"), "unit_type": UnitType.GRAM, "unit_value": Decimal(500)},
                ],
            ),
            catalogue.NewProduct("Cream"),
        ],
    )
    assert [one.name for one in made] == ["Milk", "Cream"]
    assert [one.weight_kg for one in made[0].variants.order_by("pk")] == [None, Decimal("0.5")]
    assert len({one.public_id for one in made}) == 2


def test_many_products_all_or_none(ash: Business) -> None:
    products = [
        catalogue.NewProduct("Milk", variants=[{"price": Decimal(1)}]),
        catalogue.NewProduct("", variants=[{"price": Decimal(1)}, {"price": Decimal(-1), "name": "a\nb"}]),
        catalogue.NewProduct(
            "Cream", variants=[{"price": Decimal(-1)}, {"price": Decimal(1), "unit_value": Decimal(0)}]
        ),
    ]
    with pytest.raises(Invalid) as problem:
        catalogue.create_products(access(ash), producer=ash, products=products)
    assert sorted(pointers(problem)) == [
        ("/products/1/name", "blank"),
        ("/products/1/variants/1/name", "one_line"),
        ("/products/2/variants/0/price", "min_value"),
        ("/products/2/variants/1/unit_value", "min_value"),
    ]
    assert not ash.products.exists()
    with pytest.raises(Refused):
        catalogue.create_products(access(ash, role="viewer"), producer=ash, products=products[:1])


@pytest.mark.parametrize(
    ("unit", "amount", "said", "kilograms"),
    [
        (UnitType.GRAM, "500", None, "0.5000"),
        (UnitType.KILOGRAM, "2.5", "9", "2.5000"),
        (UnitType.TONNE, "1", None, "1000.0000"),
        (UnitType.POUND, "1", None, "0.4536"),
        (UnitType.OUNCE, "12", None, "0.3402"),
        (UnitType.LITRE, "1", "1.03", "1.03"),
        (UnitType.ITEM, "6", None, None),
    ],
)
def test_weight_follows_from_the_unit(
    ash: Business, unit: UnitType, amount: str, said: str | None, kilograms: str | None
) -> None:
    product = ProductFactory.create(producer=ash)
    made = catalogue.create_variant(
        access(ash),
        product=product,
        price=Decimal("1.20"),
        unit_type=unit,
        unit_value=Decimal(amount),
        weight_kg=Decimal(said) if said else None,
    )
    assert made.weight_kg == (Decimal(kilograms) if kilograms else None)


def test_weight_follows_when_the_unit_changes(ash: Business) -> None:
    variant = VariantFactory.create(of=ash)
    her = access(ash)
    assert catalogue.edit_variant(her, variant=variant, unit_value=Decimal(250)).weight_kg == Decimal("0.25")
    assert catalogue.edit_variant(her, variant=variant, price=Decimal(9)).weight_kg == Decimal("0.25")


def test_putting_away_tells_what_it_touches(ash: Business) -> None:
    exe = hub("Exe Hub")
    variant = VariantFactory.create(of=ash)
    cycle = CycleFactory.create(coordinator=exe, name="Week 1", state=CycleState.OPEN)
    ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[variant])
    ExchangeFactory.create(cycle=cycle, enterprise=exe, direction=Direction.OUTGOING, variants=[variant])
    closed = CycleFactory.create(coordinator=exe, state=CycleState.CLOSED)
    ExchangeFactory.create(cycle=closed, enterprise=ash, variants=[variant])
    her = access(ash)
    touched = [{"id": cycle.public_id, "name": "Week 1", "state": "open", "exchanges": 2}]
    assert catalogue.archive_variant_preview(her, variant=variant) == {"variants": 1, "cycles": touched}
    assert catalogue.archive_product_preview(her, product=variant.product) == {"variants": 1, "cycles": touched}

    assert catalogue.archive_product(her, product=variant.product).is_archived
    assert not catalogue.restore_product(her, product=variant.product).is_archived
    away = catalogue.archive_variant(her, variant=variant, version=1)
    assert away.is_archived
    assert catalogue.archive_variant(her, variant=variant).version == 2
    assert not catalogue.restore_variant(her, variant=variant).is_archived


def test_a_price_change_leaves_a_closed_cycle_as_it_was(ash: Business) -> None:
    exe = hub("Exe Hub")
    grant(ash, exe)
    variant = VariantFactory.create(of=ash, price=Decimal("2.00"))
    cycle = CycleFactory.create(coordinator=exe, state=CycleState.CLOSED)
    ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[variant])
    ExchangeFactory.create(cycle=cycle, enterprise=exe, direction=Direction.OUTGOING, variants=[variant])
    catalogue.edit_variant(access(ash), variant=variant, price=Decimal("3.00"))
    (recorded,) = cycle.recorded_offers.all()
    assert [line["price"] for line in recorded.body["lines"]] == ["2.00"]


# --- fees -------------------------------------------------------------------------------------------------------


def make_fee(her: Access, owner: Business, **values: Any) -> Any:
    given: dict[str, Any] = {"name": "Box", "kind": FeeKind.PACKING, "charge": Charge.PER_ITEM}
    return fees.create_fee(her, owner=owner, **{**given, "amount": Decimal("0.20"), **values})


@pytest.mark.parametrize(
    ("charge_by", "needed"),
    [
        (Charge.PERCENT, []),
        (Charge.PER_ITEM, []),
        (Charge.PER_KG, []),
        (Charge.PER_ORDER, []),
        (Charge.FLEXIBLE, [("/further_amount", "required")]),
        (Charge.PRICE_SACK, [("/further_amount", "required"), ("/minimum", "required")]),
    ],
)
def test_the_six_ways_to_charge(ash: Business, charge_by: Charge, needed: list[tuple[str, str]]) -> None:
    her = access(ash)
    if needed:
        with pytest.raises(Invalid) as problem:
            make_fee(her, ash, charge=charge_by)
        assert pointers(problem) == needed
    made = make_fee(her, ash, charge=charge_by, further_amount=Decimal(1), minimum=Decimal(10), max_items=3)
    assert reads.get_fee(her, made.public_id).charge == charge_by


def test_no_item_at_all_is_not_the_most(ash: Business) -> None:
    with pytest.raises(Invalid) as problem:
        make_fee(access(ash), ash, charge=Charge.FLEXIBLE, further_amount=Decimal(1), max_items=0)
    assert pointers(problem) == [("/max_items", "min_value")]


def test_only_its_owner_changes_a_fee(ash: Business) -> None:
    exe = hub("Exe Hub")
    grant(ash, exe)
    fee = FeeFactory.create(owner=ash)
    with pytest.raises(Refused) as refused:
        fees.edit_fee(access(exe), fee=fee, amount=Decimal(1))
    assert refused.value.decision.code == "C11"
    with pytest.raises(Refused) as refused:
        make_fee(access(ash, role="contributor"), ash)
    assert refused.value.decision.code == "R1"
    assert fees.edit_fee(access(ash), fee=fee, version=1, amount=Decimal(1)).version == 2


def test_a_fee_on_a_producers_exchange_stays_per_item(ash: Business) -> None:
    fee = FeeFactory.create(owner=ash)
    exchange = ExchangeFactory.create(enterprise=ash)
    charge(exchange, fee)
    with pytest.raises(Conflict) as problem:
        fees.edit_fee(access(ash), fee=fee, charge=Charge.PER_ORDER)
    assert problem.value.code == "F1"
    assert fees.edit_fee(access(ash), fee=fee, charge=Charge.PERCENT).charge == Charge.PERCENT


def test_putting_a_fee_away(ash: Business) -> None:
    fee = FeeFactory.create(owner=ash)
    exchange = ExchangeFactory.create(enterprise=ash)
    charge(exchange, fee)
    her = access(ash)
    preview = fees.archive_fee_preview(her, fee=fee)
    assert [(cycle["id"], cycle["exchanges"]) for cycle in preview["cycles"]] == [(exchange.cycle.public_id, 1)]
    assert preview["whole_cycles"] == []
    assert fees.archive_fee(her, fee=fee).is_archived
    assert not fees.restore_fee(her, fee=fee).is_archived


def test_a_changed_fee_leaves_a_closed_cycle_as_it_was(ash: Business) -> None:
    exe = hub("Exe Hub")
    grant(ash, exe)
    variant = VariantFactory.create(of=ash, price=Decimal("2.00"))
    # Owned by an enterprise that takes no part in the cycle.
    fee = FeeFactory.create(amount=Decimal("0.50"))
    cycle = CycleFactory.create(coordinator=exe, state=CycleState.CLOSED)
    ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[variant])
    out = ExchangeFactory.create(cycle=cycle, enterprise=exe, direction=Direction.OUTGOING, variants=[variant])
    charge(out, fee)
    fees.edit_fee(access(fee.owner), fee=fee, amount=Decimal(9))
    (recorded,) = cycle.recorded_offers.all()
    assert [line["price_with_fees"] for line in recorded.body["lines"]] == ["2.50"]


# --- methods ----------------------------------------------------------------------------------------------------


def test_methods_of_a_hub() -> None:
    exe = hub("Exe Hub", is_ready=False)
    her = access(exe)
    shipping = methods.create_shipping_method(her, hub=exe, name="Collection", price=Decimal("1.50"))
    assert methods.edit_shipping_method(her, method=shipping, version=1, name="Yard").version == 2
    assert methods.archive_shipping_method(her, method=shipping).is_archived
    assert not methods.restore_shipping_method(her, method=shipping).is_archived
    paying = methods.create_payment_method(her, hub=exe, name="Cash")
    assert not methods.edit_payment_method(her, method=paying, is_active=False).is_active
    assert methods.archive_payment_method(her, method=paying).is_archived
    assert not methods.restore_payment_method(her, method=paying).is_archived
    assert reads.get_shipping_method(her, shipping.public_id) == shipping
    assert reads.get_payment_method(her, paying.public_id) == paying


def test_methods_are_the_hubs_own() -> None:
    exe = hub("Exe Hub")
    shipping, paying = ShippingMethodFactory.create(hub=exe), PaymentMethodFactory.create(hub=exe)
    small = access(exe, role="contributor")
    for refuse in (
        lambda her: methods.edit_shipping_method(her, method=shipping, name="Mine"),
        lambda her: methods.archive_payment_method(her, method=paying),
        lambda her: methods.create_payment_method(her, hub=exe, name="Mine"),
    ):
        with pytest.raises(Refused) as refused:
            refuse(small)
        assert refused.value.decision.code == "R1"
        with pytest.raises(NotFound):
            refuse(access(hub("Stranger")))
