"""Who trades: organisations, their units, and what the business of each unit is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from organisations.enums import BusinessKind, Sells

FARM, STORE = BusinessKind.FARM, BusinessKind.STORE
NONE, OWN, ANY = Sells.NONE, Sells.OWN, Sells.ANY


#: Opening hours of a day.
MORNING, LONG_DAY = [["09:00", "13:00"]], [["08:00", "18:00"]]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")

#: What a farm or a store has besides, by the key of its unit: holding number, hectares, enterprises, certifications;
#: code, opening hours, floor area in square metres, capacity in pallets.
PARTICULARS: dict[str, dict[str, Any]] = {
    "exe": {
        "store_code": "EXE-01",
        "opening_hours": {"thu": [["12:00", "19:00"]], "fri": [["10:00", "18:00"]], "sat": MORNING},
        "floor_area": 420,
        "capacity": 36,
    },
    "deane": {
        "store_code": "DH-TA1",
        "opening_hours": {"fri": [["14:00", "19:00"]], "sat": [["09:30", "12:30"]]},
        "floor_area": 180,
        "capacity": 14,
    },
    "totnes": {"store_code": "TL-1", "floor_area": 95, "capacity": 6},
    "tamar": {
        "holding_number": "10/338/0061",
        "hectares": Decimal("7.20"),
        "farm_enterprises": ["vegetables", "fruit", "flowers"],
        "certifications": ["organic"],
    },
    "ashclyst": {
        "holding_number": "10/052/0114",
        "hectares": Decimal("96.50"),
        "farm_enterprises": ["dairy", "arable"],
        "certifications": ["pasture", "red_tractor"],
    },
    "bramley": {
        "holding_number": "36/231/0027",
        "hectares": Decimal("14.80"),
        "farm_enterprises": ["fruit", "bees"],
        "certifications": ["organic"],
    },
    "culm": {
        "holding_number": "10/101/0209",
        "hectares": Decimal("2.05"),
        "farm_enterprises": ["vegetables"],
        "certifications": ["organic", "biodynamic"],
    },
    "dunkery": {
        "holding_number": "36/182/0008",
        "hectares": Decimal("310.00"),
        "farm_enterprises": ["beef", "sheep"],
        "certifications": ["pasture", "rspca"],
    },
    "otter": {
        "holding_number": "10/174/0330",
        "hectares": Decimal("11.40"),
        "farm_enterprises": ["eggs", "poultry"],
        "certifications": ["free_range"],
    },
    "quantock": {
        "holding_number": "36/268/0075",
        "hectares": Decimal("58.30"),
        "farm_enterprises": ["dairy", "goats", "sheep"],
        "certifications": ["red_tractor"],
    },
    "mill": {
        "holding_number": "10/230/0046",
        "hectares": Decimal("42.00"),
        "farm_enterprises": ["arable"],
        "certifications": ["organic_conversion"],
    },
    "bakehouse": {
        "store_code": "TMB-2",
        "opening_hours": dict.fromkeys(WEEKDAYS, LONG_DAY) | {"sat": [["08:00", "13:00"]]},
        "floor_area": 60,
        "capacity": 3,
    },
    "haldon": {"hectares": Decimal("0.40"), "farm_enterprises": ["other"], "certifications": ["organic"]},
    "parrett": {"holding_number": "36/213/0019", "hectares": Decimal("1.10"), "farm_enterprises": ["bees"]},
    "blackdown": {
        "holding_number": "10/160/0152",
        "hectares": Decimal("73.60"),
        "farm_enterprises": ["beef", "pigs", "vegetables"],
        "certifications": ["leaf"],
    },
}


class Unit(NamedTuple):
    """A unit; without a ``kind`` it is an ordinary one (an office)."""

    key: str
    name: str
    address: str
    town: str
    postcode: str
    kind: BusinessKind | None = None
    is_producer: bool = False
    sells: Sells = NONE
    description: str = ""


class Company(NamedTuple):
    """An organisation, its mail domain (under ``.example``), its account owner, and its units."""

    name: str
    domain: str
    owner: str
    units: tuple[Unit, ...]


COMPANIES: tuple[Company, ...] = (
    Company(
        "Exe Hub CIC",
        "exe-hub",
        "Margaret Tolley",
        (
            Unit(
                "exe",
                "Exe Hub",
                "Unit 4, Haven Banks",
                "Exeter",
                "EX2 8DP",
                STORE,
                False,
                ANY,
                "Exeter's food hub: thirty producers, one weekly order, collected at the quay or brought by bicycle.",
            ),
            Unit("exe-office", "Exe Hub office", "12 Fore Street", "Exeter", "EX4 3AT"),
        ),
    ),
    Company(
        "Deane Hub Limited",
        "deane-hub",
        "Colin Sparkes",
        (
            Unit(
                "deane",
                "Deane Hub",
                "The Old Brewery, Tangier",
                "Taunton",
                "TA1 4BA",
                STORE,
                False,
                ANY,
                "A members' hub for Taunton and the villages around it.",
            ),
        ),
    ),
    Company(
        "Totnes Larder Co-operative",
        "totnes-larder",
        "Imogen Frost",
        (
            Unit(
                "totnes",
                "Totnes Larder",
                "3 The Plains",
                "Totnes",
                "TQ9 5DW",
                STORE,
                False,
                ANY,
                "A new food hub, setting up.",
            ),
        ),
    ),
    Company(
        "Tamar Roots Growers",
        "tamar-roots",
        "Piran Hocking",
        (
            Unit(
                "tamar",
                "Tamar Roots",
                "Lower Gawton Farm",
                "Tavistock",
                "PL19 8JD",
                FARM,
                True,
                ANY,
                "Growers who also run the hub for the Tamar valley.",
            ),
        ),
    ),
    Company(
        "Ashclyst Dairy Ltd",
        "ashclyst-dairy",
        "Hannah Pike",
        (
            Unit(
                "ashclyst",
                "Ashclyst Dairy",
                "Ashclyst Farm",
                "Broadclyst",
                "EX5 3DU",
                FARM,
                True,
                NONE,
                "Milk, cream and yoghurt from sixty Guernsey cows.",
            ),
        ),
    ),
    Company(
        "Bramley Court Orchard",
        "bramley-court",
        "Tom Vellacott",
        (
            Unit(
                "bramley",
                "Bramley Court Orchard",
                "Bramley Court",
                "North Curry",
                "TA3 6HQ",
                FARM,
                True,
                NONE,
                "Forty kinds of apple, pressed on the farm.",
            ),
        ),
    ),
    Company(
        "Culm Valley Market Garden",
        "culm-valley",
        "Ruth Adeyemi",
        (
            Unit(
                "culm",
                "Culm Valley Market Garden",
                "Five Acres, Station Road",
                "Cullompton",
                "EX15 1BG",
                FARM,
                True,
                NONE,
                "Vegetables and salads all year, grown without peat.",
            ),
        ),
    ),
    Company(
        "Dunkery Hill Farm",
        "dunkery-hill",
        "George Snell",
        (
            Unit(
                "dunkery",
                "Dunkery Hill Farm",
                "Cloutsham",
                "Luccombe",
                "TA24 8TA",
                FARM,
                True,
                NONE,
                "Exmoor lamb and Red Ruby beef, hung for three weeks.",
            ),
        ),
    ),
    Company(
        "Otter Vale Eggs",
        "otter-vale",
        "Denise Board",
        (
            Unit(
                "otter",
                "Otter Vale Eggs",
                "Weston Lane",
                "Honiton",
                "EX14 3PA",
                FARM,
                True,
                NONE,
                "Hen and duck eggs from small outdoor flocks.",
            ),
        ),
    ),
    Company(
        "Quantock Cheese Company",
        "quantock-cheese",
        "Lucien Marsh",
        (
            Unit(
                "quantock",
                "Quantock Cheese",
                "The Cheese Barn, Spaxton",
                "Bridgwater",
                "TA5 1BS",
                FARM,
                True,
                NONE,
                "Cow's, goat's and ewe's milk cheeses.",
            ),
        ),
    ),
    Company(
        "Teign Mill and Bakery Ltd",
        "teign-mill",
        "Sarah Endacott",
        (
            Unit(
                "mill",
                "Teign Mill",
                "Mill Lane",
                "Newton Abbot",
                "TQ12 3NG",
                FARM,
                True,
                NONE,
                "Stoneground flour from Devon wheat, rye and spelt.",
            ),
            Unit(
                "bakehouse",
                "Teign Bakehouse",
                "18 Bank Street",
                "Newton Abbot",
                "TQ12 2JW",
                STORE,
                True,
                OWN,
                "Sourdough and pastries from the mill's own flour.",
            ),
        ),
    ),
    Company(
        "Haldon Mushrooms",
        "haldon-mushrooms",
        "Wei Chen",
        (
            Unit(
                "haldon",
                "Haldon Mushrooms",
                "Kennford Works",
                "Kennford",
                "EX6 7TW",
                FARM,
                True,
                NONE,
                "Oyster, shiitake and lion's mane, grown on coffee grounds.",
            ),
        ),
    ),
    Company(
        "Parrett Valley Honey",
        "parrett-honey",
        "Edith Coate",
        (
            Unit(
                "parrett",
                "Parrett Valley Honey",
                "Hive Cottage",
                "Langport",
                "TA10 0AB",
                FARM,
                True,
                NONE,
                "Honey from the Levels.",
            ),
        ),
    ),
    Company(
        "Blackdown Farm Shop",
        "blackdown-farm",
        "Will Radford",
        (
            Unit(
                "blackdown",
                "Blackdown Farm Shop",
                "Pound Farm, Hemyock",
                "Cullompton",
                "EX15 3RQ",
                FARM,
                True,
                OWN,
                "A farm shop that sells what the farm grows.",
            ),
        ),
    ),
)

#: Whose contact address is not confirmed, and who has no payment method: not ready to be a hub in a cycle.
NOT_READY = "totnes"
