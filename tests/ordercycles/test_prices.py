"""What fees come to, to the penny: all six ways to charge, and rounding half-up, once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ordercycles.enums import PER_ITEM_CHARGES, Charge
from ordercycles.prices import Tariff, per_item, per_order, to_the_penny, with_fees

D = Decimal


def percent(amount: str) -> Tariff:
    return Tariff(Charge.PERCENT, D(amount))


def flat(amount: str) -> Tariff:
    return Tariff(Charge.PER_ITEM, D(amount))


def weight(amount: str) -> Tariff:
    return Tariff(Charge.PER_KG, D(amount))


ORDER = Tariff(Charge.PER_ORDER, D("1.50"))
FLEXIBLE = Tariff(Charge.FLEXIBLE, D("1.00"), D("0.25"), 4)
ENDLESS = Tariff(Charge.FLEXIBLE, D("1.00"), D("0.25"))
SACK = Tariff(Charge.PRICE_SACK, D("5.00"), D("0.50"), None, D("30.00"))


@pytest.mark.parametrize(
    ("exact", "penny"),
    [
        ("0.005", "0.01"),
        ("0.0049", "0.00"),
        ("1.005", "1.01"),
        ("1.015", "1.02"),
        ("1.025", "1.03"),
        ("2.674999", "2.67"),
        ("2.675", "2.68"),
        ("0", "0.00"),
        ("7", "7.00"),
        ("99999999.995", "100000000.00"),
    ],
)
def test_half_a_penny_goes_up(exact: str, penny: str) -> None:
    assert str(to_the_penny(D(exact))) == penny


@pytest.mark.parametrize(
    ("tariff", "price", "kilos", "adds"),
    [
        (percent("10"), "4.50", None, "0.45"),
        (percent("12.5"), "0.99", None, "0.12375"),
        (percent("0"), "4.50", None, "0"),
        (flat("0.25"), "4.50", "0.5", "0.25"),
        (flat("0.0125"), "4.50", None, "0.0125"),
        (weight("0.80"), "4.50", "0.5", "0.40"),
        (weight("0.3333"), "4.50", "0.75", "0.249975"),
        (weight("0.80"), "4.50", "0", "0"),
        (weight("0.80"), "4.50", None, "0"),
    ],
)
def test_what_a_fee_adds_to_an_item_is_exact(tariff: Tariff, price: str, kilos: str | None, adds: str) -> None:
    assert tariff.is_per_item
    assert per_item(tariff, D(price), D(kilos) if kilos else None) == D(adds)


@pytest.mark.parametrize(
    ("price", "kilos", "tariffs", "total"),
    [
        ("4.50", None, [], "4.50"),
        ("4.50", "0.5", [percent("10"), flat("0.25"), weight("0.80")], "5.60"),
        # 0.333 three times is 0.999: rounded once, not thrice.
        ("0.00", None, [flat("0.333")] * 3, "1.00"),
        # 0.3333 + 0.3333 + 0.3334 and half a penny.
        ("1.00", None, [flat("0.0025"), flat("0.0025")], "1.01"),
        ("1.00", None, [flat("0.0025"), flat("0.0024")], "1.00"),
        # Percent of the item's price, not of the price with other fees.
        ("10.00", None, [percent("10"), percent("10")], "12.00"),
        ("0.05", None, [percent("10")], "0.06"),
        ("0.04", None, [percent("10")], "0.04"),
    ],
)
def test_the_price_with_fees_is_rounded_once(price: str, kilos: str | None, tariffs: list[Tariff], total: str) -> None:
    assert str(with_fees(D(price), D(kilos) if kilos else None, tariffs)) == total


@pytest.mark.parametrize(
    ("tariff", "items", "total", "comes_to"),
    [
        (ORDER, 0, "0", "0.00"),
        (ORDER, 1, "4.50", "1.50"),
        (ORDER, 9, "400", "1.50"),
        (FLEXIBLE, 0, "0", "0.00"),
        (FLEXIBLE, 1, "4.50", "1.00"),
        (FLEXIBLE, 3, "4.50", "1.50"),
        (FLEXIBLE, 4, "4.50", "1.75"),
        (FLEXIBLE, 99, "4.50", "1.75"),
        (ENDLESS, 5, "4.50", "2.00"),
        (Tariff(Charge.FLEXIBLE, D("1.005")), 2, "4.50", "1.01"),
        (SACK, 1, "29.99", "5.00"),
        (SACK, 1, "30.00", "0.50"),
        (SACK, 1, "30.01", "0.50"),
        (Tariff(Charge.PRICE_SACK, D("5.00")), 1, "0", "0.00"),
    ],
)
def test_what_a_fee_comes_to_on_an_order(tariff: Tariff, items: int, total: str, comes_to: str) -> None:
    assert not tariff.is_per_item
    assert str(per_order(tariff, items, D(total))) == comes_to


def test_every_way_to_charge_is_per_item_or_per_order() -> None:
    for charge in Charge:
        tariff = Tariff(charge, Decimal(1), Decimal(1), None, Decimal(1))
        if charge in PER_ITEM_CHARGES:
            assert per_item(tariff, Decimal(1), Decimal(1)) >= 0
            with pytest.raises(ValueError, match="per item"):
                per_order(tariff, 1, Decimal(1))
        else:
            assert per_order(tariff, 1, Decimal(1)) >= 0
            with pytest.raises(ValueError, match="per order"):
                per_item(tariff, Decimal(1), None)
