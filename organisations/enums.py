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
