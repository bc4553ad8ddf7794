"""The fixed choices of organisations and their units."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    """A customer with users, or a company that a customer recorded."""

    FULL = "full", _("customer")
    SHELL = "shell", _("shell")


class BusinessKind(models.TextChoices):
    """What the business behind a unit is."""

    FARM = "farm", _("farm")
    STORE = "store", _("store")


class Sells(models.TextChoices):
    """Whose goods an enterprise sells: nobody's, its own, anybody's (a hub)."""

    NONE = "none", _("does not sell")
    OWN = "own", _("its own goods")
    ANY = "any", _("anybody's goods (a hub)")


class FarmEnterprise(models.TextChoices):
    """What a farm keeps and grows."""

    ARABLE = "arable", _("arable crops")
    BEEF = "beef", _("beef cattle")
    BEES = "bees", _("bees")
    DAIRY = "dairy", _("dairy cattle")
    EGGS = "eggs", _("laying hens")
    FISH = "fish", _("fish and shellfish")
    FLOWERS = "flowers", _("flowers and plants")
    FRUIT = "fruit", _("fruit")
    GOATS = "goats", _("goats")
    PIGS = "pigs", _("pigs")
    POULTRY = "poultry", _("table poultry")
    SHEEP = "sheep", _("sheep")
    VEGETABLES = "vegetables", _("vegetables")
    OTHER = "other", _("other")


class Certification(models.TextChoices):
    """What a farm is certified for."""

    BIODYNAMIC = "biodynamic", _("Demeter biodynamic")
    FREE_RANGE = "free_range", _("free range")
    LEAF = "leaf", _("LEAF Marque")
    ORGANIC = "organic", _("organic")
    ORGANIC_CONVERSION = "organic_conversion", _("in conversion to organic")
    PASTURE = "pasture", _("Pasture for Life")
    RED_TRACTOR = "red_tractor", _("Red Tractor")
    RSPCA = "rspca", _("RSPCA Assured")


class ConnectionKind(models.TextChoices):
    """The business reason why one organisation knows another."""

    SUPPLIER = "supplier", _("supplier")
    BUYER = "buyer", _("buyer")
    STORAGE = "storage", _("storage")
    LOGISTICS = "logistics", _("logistics")
    OTHER = "other", _("other")


class GrantKind(models.TextChoices):
    """What a grant lets the other enterprise do."""

    ADD_TO_ORDER_CYCLE = "add_to_order_cycle", _("add me and my products to order cycles")
    MANAGE_PRODUCTS = "manage_products", _("manage my products")
    EDIT_PROFILE = "edit_profile", _("edit my public profile")
