"""What an establishment of the register makes or packs: a few products for each approved activity.

The register names activities and no goods, so these are ours, named after the activity. Prices come from the approval
number: the same on every machine and in every year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: Activities of those that take in and pass on: hubs.
HUB_ACTIVITIES: Final = frozenset(
    {"Cold Store", "Dispatch Centre (LBM)", "Wholesale Market", "Wholesale Market (Fish)"}
)
#: At most so many products for one establishment.
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Size:
    """One variant on the shelf.

    Attributes:
        unit: a unit type of the product list (``g``, ``kg``, ``mL``, ``L``, ``item``).
        amount: how many of it.
        item: what is counted, when items are.
        kilograms: what one weighs; ``None`` where nobody weighs it.
        pence: the lowest and the highest price.
    """

    name: str
    unit: str
    amount: int
    pence: tuple[int, int]
    item: str = ""
    kilograms: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Good:
    """One variant of an establishment, with its price in pounds."""

    product: str
    category: str
    size: Size
    sku: str
    price: Decimal


def grams(amount: int, low: int, high: int) -> Size:
    """So many grams, at a price between two."""
    return Size(f"{amount} g", "g", amount, (low, high), kilograms=Decimal(amount) / 1000)


def kilos(amount: int, low: int, high: int) -> Size:
    """So many kilograms."""
    return Size(f"{amount} kg", "kg", amount, (low, high), kilograms=Decimal(amount))


def litres(amount: int, low: int, high: int, weighs: str | None = None) -> Size:
    """So many litres; their weight is known when somebody has put it on the label."""
    return Size(f"{amount} litre", "L", amount, (low, high), kilograms=Decimal(weighs) if weighs else None)


def items(amount: int, item: str, low: int, high: int, weighs: str | None = None) -> Size:
    """So many pieces."""
    return Size(
        f"{amount} {item}", "item", amount, (low, high), item=item, kilograms=Decimal(weighs) if weighs else None
    )


Table = dict[str, tuple[str, tuple[tuple[str, tuple[Size, Size]], tuple[str, tuple[Size, Size]]]]]

#: Activity → category and two products, each in two sizes.
TABLE: Final[Table] = {
    "Processing Plant (Dairy)": (
        "Dairy",
        (
            ("Dairy plant cheese", (grams(250, 240, 520), kilos(2, 1500, 2900))),
            ("Dairy plant whole milk", (litres(1, 95, 165, "1.03"), litres(2, 175, 290, "2.06"))),
        ),
    ),
    "Collection Centre (Dairy)": (
        "Dairy",
        (
            ("Collected raw milk", (litres(5, 350, 600), litres(10, 650, 1100))),
            ("Collected raw cream", (litres(1, 300, 520), litres(5, 1400, 2400))),
        ),
    ),
    "Packing Centre (Egg)": (
        "Eggs",
        (
            ("Packed hen eggs", (items(6, "eggs", 135, 235, "0.36"), items(30, "eggs", 520, 890, "1.8"))),
            ("Packed duck eggs", (items(6, "eggs", 210, 340), items(12, "eggs", 395, 640))),
        ),
    ),
    "Processing Plant (Egg)": (
        "Eggs",
        (
            ("Processed whole egg", (litres(1, 380, 560), litres(5, 1750, 2600))),
            ("Pickled eggs", (items(8, "eggs", 290, 450, "0.72"), items(40, "eggs", 1200, 1900, "3.6"))),
        ),
    ),
    "Liquid Egg Plant (Egg)": (
        "Eggs",
        (
            ("Liquid egg white", (litres(1, 340, 520), litres(5, 1600, 2400))),
            ("Liquid egg yolk", (litres(1, 520, 760), litres(5, 2500, 3700))),
        ),
    ),
    "Processing Plant (Meat)": (
        "Meat products",
        (
            ("Meat plant pies", (items(1, "pie", 190, 420, "0.22"), items(6, "pies", 1050, 2300, "1.32"))),
            ("Meat plant sausages", (grams(454, 310, 560), kilos(3, 1850, 3300))),
        ),
    ),
    "Meat Preparation Establishment": (
        "Meat",
        (
            ("Prepared burgers", (items(4, "burgers", 320, 610, "0.454"), items(24, "burgers", 1700, 3200, "2.724"))),
            ("Prepared kebabs", (items(6, "skewers", 480, 860), items(30, "skewers", 2200, 3900))),
        ),
    ),
    "Mince Meat Establishment": (
        "Meat",
        (
            ("Minced beef", (grams(500, 330, 590), kilos(5, 2900, 5200))),
            ("Minced lamb", (grams(500, 420, 690), kilos(5, 3700, 6200))),
        ),
    ),
    "Mechanically Separated Meat Establishment": (
        "Meat",
        (
            ("Separated poultry meat", (kilos(5, 450, 800), kilos(10, 850, 1500))),
            ("Separated pork", (kilos(5, 500, 850), kilos(10, 950, 1600))),
        ),
    ),
    "Cutting Plant (Red)": (
        "Meat",
        (
            ("Cut beef joints", (kilos(1, 1050, 1890), kilos(4, 3900, 7200))),
            ("Cut pork chops", (grams(500, 380, 690), kilos(2, 1400, 2600))),
        ),
    ),
    "Cutting Plant (Poultry)": (
        "Poultry",
        (
            ("Cut chicken breast", (grams(600, 450, 790), kilos(5, 3300, 5900))),
            ("Cut chicken thighs", (grams(800, 320, 580), kilos(5, 1700, 3200))),
        ),
    ),
    "Cutting Plant (Wild Game)": (
        "Game",
        (
            ("Cut wild venison", (grams(400, 650, 1150), kilos(2, 2900, 5200))),
            ("Cut wild rabbit", (grams(500, 420, 760), kilos(2, 1500, 2700))),
        ),
    ),
    "Cutting Plant (Farmed Game)": (
        "Game",
        (
            ("Cut farmed venison", (grams(400, 590, 1050), kilos(2, 2600, 4800))),
            ("Cut farmed venison dice", (grams(300, 380, 690), kilos(2, 2200, 4100))),
        ),
    ),
    "Game Handling Establishment (Wild Game)": (
        "Game",
        (
            ("Pheasant brace", (items(2, "birds", 750, 1300), items(10, "birds", 3400, 6000))),
            ("Wood pigeon", (items(2, "birds", 450, 790), items(12, "birds", 2300, 4100))),
        ),
    ),
    "Slaughterhouse (Red)": (
        "Meat",
        (
            ("Half lamb", (kilos(8, 7200, 9900), kilos(10, 8900, 12300))),
            ("Half pig", (kilos(30, 12500, 17900), kilos(40, 16200, 23100))),
        ),
    ),
    "Slaughterhouse (Poultry)": (
        "Poultry",
        (
            ("Whole chicken", (kilos(2, 690, 1350), kilos(3, 990, 1950))),
            ("Whole duck", (kilos(2, 1190, 1990), kilos(3, 1690, 2790))),
        ),
    ),
    "Slaughterhouse (Farmed Game)": (
        "Game",
        (
            ("Farmed venison haunch", (kilos(2, 2900, 4900), kilos(4, 5500, 9200))),
            ("Farmed venison saddle", (kilos(2, 3900, 6200), kilos(4, 7500, 11900))),
        ),
    ),
    "Processing Plant (Fish)": (
        "Fish",
        (
            ("Fish plant smoked salmon", (grams(100, 450, 790), grams(200, 850, 1450))),
            (
                "Fish plant fishcakes",
                (items(4, "fishcakes", 390, 650, "0.48"), items(24, "fishcakes", 2100, 3500, "2.88")),
            ),
        ),
    ),
    "Fresh Fishery Products Plant (Fish)": (
        "Fish",
        (
            ("Fresh hake fillets", (grams(400, 650, 1090), kilos(3, 4500, 7700))),
            ("Fresh mackerel", (items(2, "fish", 290, 520, "0.7"), kilos(5, 2400, 4200))),
        ),
    ),
    "Factory Vessel (Fish)": (
        "Fish",
        (
            ("Vessel-frozen cod", (kilos(1, 990, 1650), kilos(10, 8900, 14900))),
            ("Vessel-frozen haddock", (kilos(1, 950, 1550), kilos(10, 8500, 13900))),
        ),
    ),
    "Freezer Vessel (Fish)": (
        "Fish",
        (
            ("Frozen prawns", (kilos(1, 1290, 2100), kilos(5, 5900, 9800))),
            ("Frozen squid", (kilos(1, 890, 1490), kilos(5, 4100, 7000))),
        ),
    ),
    "Purification Centre (LBM)": (
        "Shellfish",
        (
            ("Purified oysters", (items(12, "oysters", 890, 1650), items(50, "oysters", 3400, 6300))),
            ("Purified mussels", (kilos(1, 390, 690), kilos(5, 1750, 3100))),
        ),
    ),
    "Processing Plant (Frog's Legs / Snails)": (
        "Snails",
        (
            ("Prepared snails", (items(12, "snails", 690, 1150), items(48, "snails", 2500, 4200))),
            ("Snail caviar", (grams(50, 3900, 5900), grams(100, 7500, 11500))),
        ),
    ),
    "Processing Plant (Stomachs)": (
        "Offal",
        (
            ("Sausage casings", (items(10, "metres", 350, 620), items(50, "metres", 1600, 2800))),
            ("Dressed tripe", (grams(500, 290, 480), kilos(5, 2500, 4300))),
        ),
    ),
    "Processing Plant (Rendered animal fats)": (
        "Fats",
        (
            ("Rendered dripping", (grams(250, 120, 230), kilos(5, 1500, 2700))),
            ("Rendered lard", (grams(250, 110, 210), kilos(5, 1300, 2500))),
        ),
    ),
    "Processing Plant (Gelatine)": (
        "Gelatine",
        (
            ("Gelatine leaves", (grams(70, 350, 590), kilos(1, 3500, 5900))),
            ("Gelatine powder", (grams(250, 620, 990), kilos(2, 4300, 6900))),
        ),
    ),
    "Producing plant (Sprouts)": (
        "Sprouts",
        (
            ("Alfalfa sprouts", (grams(100, 120, 210), kilos(1, 890, 1500))),
            ("Mung bean sprouts", (grams(250, 110, 190), kilos(2, 690, 1200))),
        ),
    ),
    "Re-Wrappingand repackaging establishment": (
        "Repacked",
        (
            ("Repacked cheese selection", (grams(300, 490, 850), kilos(2, 2900, 5100))),
            ("Repacked cooked meats", (grams(200, 290, 520), kilos(2, 2500, 4500))),
        ),
    ),
}


def goods_of(number: str, activities: Sequence[str]) -> tuple[Good, ...]:
    """The variants of an establishment, two for each product.

    With one producing activity it has both products of that; with several the first of each, ``MOST`` at most.
    """
    producing = [TABLE[activity] for activity in activities if activity in TABLE]
    if len(producing) == 1:
        category, both = producing[0]
        chosen = [(category, *product) for product in both]
    else:
        chosen = [(category, *products[0]) for category, products in producing[:MOST]]
    return tuple(_variants(number, chosen))


def _variants(number: str, chosen: Sequence[tuple[str, str, tuple[Size, Size]]]) -> Iterator[Good]:
    for category, product, sizes in chosen:
        for place, size in enumerate(sizes, 1):
            sku = f"{number} {product[:30]} {place}"
            yield Good(product, category, size, sku, _price(sku, size))


def _price(sku: str, size: Size) -> Decimal:
    low, high = size.pence
    chance = int.from_bytes(hashlib.sha256(sku.encode()).digest()[:8], "big")
    return Decimal(low + chance % (high - low + 1)) / 100
