"""What the producers sell: products by producer, and the sizes that each comes in."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ordercycles.enums import UnitType

G, KG, ML, L, ITEM = UnitType.GRAM, UnitType.KILOGRAM, UnitType.MILLILITRE, UnitType.LITRE, UnitType.ITEM


class Size(NamedTuple):
    """One size: its label, unit and amount, and what it costs as a multiple of the product's price."""

    name: str
    unit_type: UnitType
    unit_value: str
    factor: str
    unit_name: str = ""


class Line(NamedTuple):
    """A product, the price of its standard size in pounds, and its sizes."""

    name: str
    category: str
    price: str
    sizes: tuple[Size, ...]


BOTTLES = (
    Size("500 ml", ML, "500", "0.6"),
    Size("1 litre", L, "1", "1"),
    Size("2 litres", L, "2", "1.85"),
    Size("10 litres, bag in box", L, "10", "8.4"),
)
POTS = (Size("150 g pot", G, "150", "0.5"), Size("450 g pot", G, "450", "1.25"), Size("1 kg tub", KG, "1", "2.4"))
CREAM = (Size("250 ml", ML, "250", "1"), Size("500 ml", ML, "500", "1.8"), Size("2 litres", L, "2", "6.6"))
BUTTER = (Size("250 g", G, "250", "1"), Size("1 kg roll", KG, "1", "3.7"))
WEDGES = (
    Size("150 g wedge", G, "150", "1"),
    Size("300 g wedge", G, "300", "1.9"),
    Size("1 kg", KG, "1", "5.8"),
    Size("Whole, 2 kg", KG, "2", "11"),
)
VEG = (Size("500 g", G, "500", "1"), Size("1 kg", KG, "1", "1.85"), Size("5 kg net", KG, "5", "8.2"))
SACKS = (Size("1 kg", KG, "1", "1"), Size("5 kg", KG, "5", "4.4"), Size("25 kg sack", KG, "25", "19"))
LEAVES = (Size("100 g bag", G, "100", "1"), Size("250 g bag", G, "250", "2.2"), Size("1 kg box", KG, "1", "7.8"))
BUNCHES = (Size("Bunch", ITEM, "1", "1", "bunch"), Size("Box of ten", ITEM, "10", "8.8", "bunches"))
HEADS = (Size("Each", ITEM, "1", "1", "head"), Size("Tray of six", ITEM, "6", "5.4", "heads"))
EGGS = (
    Size("Half dozen", ITEM, "6", "1", "eggs"),
    Size("Dozen", ITEM, "12", "1.9", "eggs"),
    Size("Tray of thirty", ITEM, "30", "4.4", "eggs"),
)
CUTS = (Size("Pack, 400 g", G, "400", "1"), Size("Pack, 800 g", G, "800", "1.95"), Size("2 kg", KG, "2", "4.7"))
JOINTS = (Size("1 kg", KG, "1", "1"), Size("1.5 kg", KG, "1.5", "1.5"), Size("2.5 kg", KG, "2.5", "2.45"))
FLOUR = (Size("1.5 kg", KG, "1.5", "1"), Size("5 kg", KG, "5", "3"), Size("16 kg sack", KG, "16", "8.6"))
LOAVES = (Size("Small", ITEM, "1", "0.7", "loaf"), Size("Large", ITEM, "1", "1", "loaf"))
PASTRIES = (Size("Each", ITEM, "1", "1", "piece"), Size("Box of six", ITEM, "6", "5.5", "pieces"))
JUICE = (Size("250 ml", ML, "250", "0.5"), Size("750 ml", ML, "750", "1"), Size("5 litres", L, "5", "5"))
JARS = (Size("227 g jar", G, "227", "1"), Size("340 g jar", G, "340", "1.4"), Size("3 kg pail", KG, "3", "10.5"))
PUNNETS = (Size("150 g punnet", G, "150", "1"), Size("500 g box", G, "500", "3"), Size("2 kg box", KG, "2", "11"))


def _lines(category: str, sizes: tuple[Size, ...], *named: tuple[str, str]) -> tuple[Line, ...]:
    return tuple(Line(name, category, price, sizes) for name, price in named)


CATALOGUE: dict[str, tuple[Line, ...]] = {
    "ashclyst": (
        *_lines("Milk", BOTTLES, ("Whole milk", "1.40"), ("Semi-skimmed milk", "1.35"), ("Buttermilk", "1.60")),
        *_lines("Cream", CREAM, ("Double cream", "1.95"), ("Clotted cream", "2.80"), ("Soured cream", "1.70")),
        *_lines("Yoghurt", POTS, ("Natural yoghurt", "1.90"), ("Blackcurrant yoghurt", "2.30"), ("Kefir", "2.40")),
        *_lines("Butter", BUTTER, ("Salted butter", "2.60"), ("Unsalted butter", "2.60")),
    ),
    "quantock": (
        *_lines(
            "Cheese",
            WEDGES,
            ("Quantock Red", "3.60"),
            ("Cothelstone Cheddar, mature", "3.20"),
            ("Smoked Cothelstone", "3.60"),
            ("Spaxton Blue", "3.90"),
            ("Aisholt Goat", "4.10"),
            ("Kilve Ewe", "4.40"),
            ("Merridge Washed Rind", "4.20"),
        ),
        *_lines("Cheese", POTS, ("Curd cheese", "2.60"), ("Fresh goat's cheese", "3.40")),
    ),
    "culm": (
        *_lines(
            "Roots",
            VEG,
            ("Carrots", "1.10"),
            ("Parsnips", "1.40"),
            ("Beetroot", "1.20"),
            ("Celeriac", "1.60"),
            ("Swede", "0.95"),
            ("Jerusalem artichokes", "2.10"),
        ),
        *_lines(
            "Greens",
            LEAVES,
            ("Winter salad", "1.90"),
            ("Rocket", "1.80"),
            ("Baby kale", "1.70"),
            ("Spinach", "1.60"),
            ("Mustard leaves", "1.80"),
        ),
        *_lines("Greens", BUNCHES, ("Cavolo nero", "1.90"), ("Chard", "1.80"), ("Spring onions", "1.30")),
        *_lines("Brassicas", HEADS, ("January King cabbage", "1.70"), ("Cauliflower", "2.10"), ("Romanesco", "2.40")),
        *_lines(
            "Onions", VEG, ("Brown onions", "0.90"), ("Red onions", "1.10"), ("Leeks", "1.60"), ("Shallots", "2.20")
        ),
    ),
    "tamar": (
        *_lines(
            "Potatoes", SACKS, ("Charlotte potatoes", "1.60"), ("Desiree potatoes", "1.20"), ("Pink fir apple", "2.40")
        ),
        *_lines("Squash", HEADS, ("Crown Prince squash", "3.20"), ("Red kuri squash", "2.60")),
        *_lines("Herbs", BUNCHES, ("Flat parsley", "1.20"), ("Coriander", "1.20"), ("Rosemary", "1.10")),
    ),
    "bramley": (
        *_lines(
            "Apples",
            VEG,
            ("Bramley's Seedling", "1.20"),
            ("Ashmead's Kernel", "1.60"),
            ("Cox", "1.50"),
            ("Egremont Russet", "1.60"),
            ("Tom Putt", "1.40"),
        ),
        *_lines(
            "Juice",
            JUICE,
            ("Cox apple juice", "3.60"),
            ("Russet apple juice", "3.80"),
            ("Apple and pear juice", "3.70"),
        ),
        *_lines(
            "Vinegar",
            JUICE,
            ("Cider vinegar", "4.20"),
        ),
    ),
    "dunkery": (
        *_lines("Beef", CUTS, ("Beef mince", "5.20"), ("Braising steak", "6.80"), ("Beef burgers", "5.60")),
        *_lines("Beef", JOINTS, ("Beef topside", "17.50"), ("Beef brisket", "12.80")),
        *_lines("Lamb", CUTS, ("Lamb mince", "6.10"), ("Lamb chops", "8.40")),
        *_lines("Lamb", JOINTS, ("Leg of lamb", "18.20"), ("Shoulder of lamb", "14.60")),
    ),
    "otter": _lines(
        "Eggs",
        EGGS,
        ("Hen eggs, medium", "1.90"),
        ("Hen eggs, large", "2.20"),
        ("Hen eggs, mixed", "1.70"),
        ("Duck eggs", "2.90"),
        ("Blue eggs", "2.60"),
    ),
    "mill": _lines(
        "Flour",
        FLOUR,
        ("Strong white flour", "2.60"),
        ("Wholemeal flour", "2.40"),
        ("Rye flour", "2.80"),
        ("Spelt flour", "3.60"),
        ("Plain white flour", "2.20"),
        ("Semolina", "2.90"),
    ),
    "bakehouse": (
        *_lines(
            "Bread",
            LOAVES,
            ("White sourdough", "4.20"),
            ("Wholemeal sourdough", "4.20"),
            ("Rye loaf", "4.60"),
            ("Seeded loaf", "4.50"),
            ("Spelt tin loaf", "4.40"),
        ),
        *_lines("Pastry", PASTRIES, ("Croissant", "1.80"), ("Cinnamon bun", "2.20"), ("Cheese twist", "2.10")),
    ),
    "haldon": _lines(
        "Mushrooms",
        PUNNETS,
        ("Grey oyster mushrooms", "2.90"),
        ("Shiitake", "3.40"),
        ("Lion's mane", "4.20"),
        ("King oyster mushrooms", "3.60"),
    ),
    "parrett": _lines(
        "Honey",
        JARS,
        ("Wildflower honey", "4.80"),
        ("Heather honey", "6.20"),
        ("Set honey", "4.90"),
        ("Borage honey", "5.40"),
    ),
    "blackdown": (
        *_lines("Vegetables", VEG, ("Carrots", "1.00"), ("Leeks", "1.50"), ("Maincrop potatoes", "0.90")),
        *_lines(
            "Eggs",
            EGGS,
            ("Farm eggs", "1.80"),
        ),
        *_lines("Preserves", JARS, ("Damson jam", "3.20"), ("Pear chutney", "3.40")),
        *_lines("Meat", CUTS, ("Pork sausages", "4.60"), ("Bacon", "4.90")),
    ),
}

_STEP = Decimal("0.05")


def price_of(line: Line, size: Size) -> Decimal:
    """The price of a size, in steps of five pence."""
    return (Decimal(line.price) * Decimal(size.factor) / _STEP).quantize(Decimal(1)) * _STEP
