"""Who trades: organisations, their units, and what the business of each unit is."""

from __future__ import annotations

from typing import NamedTuple

from organisations.enums import BusinessKind, Sells

FARM, STORE = BusinessKind.FARM, BusinessKind.STORE
NONE, OWN, ANY = Sells.NONE, Sells.OWN, Sells.ANY


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
