"""The fixed choices of catalogue, fees, cycles and exchanges."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitType(models.TextChoices):
    """How a variant is measured; the units of Open Food Network's product list, and items."""

    GRAM = "g", _("g")
    KILOGRAM = "kg", _("kg")
    TONNE = "T", _("t")
    MILLILITRE = "mL", _("ml")
    LITRE = "L", _("l")
    KILOLITRE = "kL", _("kl")
    POUND = "lb", _("lb")
    OUNCE = "oz", _("oz")
    ITEM = "item", _("items")


class FeeKind(models.TextChoices):
    """What a fee is for."""

    PACKING = "packing", _("packing")
    TRANSPORT = "transport", _("transport")
    ADMIN = "admin", _("admin")
    SALES = "sales", _("sales")
    FUNDRAISING = "fundraising", _("fundraising")


class Charge(models.TextChoices):
    """The six ways to charge a fee. The first three are per item, the others per order."""

    PERCENT = "percent", _("percent of the item price")
    PER_ITEM = "per_item", _("flat per item")
    PER_KG = "per_kg", _("by weight (per kg)")
    PER_ORDER = "per_order", _("flat per order")
    FLEXIBLE = "flexible", _("flexible: first item, then each further item up to a maximum")
    PRICE_SACK = "price_sack", _("price sack: one amount below a minimum, another from it on")


#: Charges that are part of the price of an item.
PER_ITEM_CHARGES = (Charge.PERCENT, Charge.PER_ITEM, Charge.PER_KG)


class Direction(models.TextChoices):
    """Which way the goods go, seen from the coordinator."""

    INCOMING = "incoming", _("incoming")
    OUTGOING = "outgoing", _("outgoing")


class ExchangeStatus(models.TextChoices):
    """What the participant has said to being in the cycle. Silence stands."""

    UNANSWERED = "unanswered", _("not answered")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")


class CycleState(models.TextChoices):
    """Where a cycle is in time."""

    DRAFT = "draft", _("draft")
    UPCOMING = "upcoming", _("upcoming")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class DeliveryKind(models.TextChoices):
    """How a shipping method brings the goods to the customer."""

    COLLECTION = "collection", _("collection")
    DELIVERY = "delivery", _("delivery")


class NoticeKind(models.TextChoices):
    """What a notice to a participant tells."""

    ADDED = "added", _("added to an order cycle")
    CHANGED = "changed", _("part in an order cycle changed")
    REMOVED = "removed", _("removed from an order cycle")
    DECLINED = "declined", _("a participant declined")
    ACCEPTED = "accepted", _("a participant accepted")
    CLOSED = "closed", _("order cycle closed")
    GRANT_GIVEN = "grant_given", _("permission given")
    GRANT_WITHDRAWN = "grant_withdrawn", _("permission withdrawn")
    GRANT_GIVEN_UP = "grant_given_up", _("permission given up")
    GRANT_REQUESTED = "grant_requested", _("permission asked for")
    GRANT_REFUSED = "grant_refused", _("request refused")
