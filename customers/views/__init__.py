"""The pages of customers and their people: one module for each part."""

from __future__ import annotations

from customers.views.account import Account, SetPassword

__all__ = ["Account", "SetPassword"]
