"""The staff's pages of customers and people: one module for each part."""

from __future__ import annotations

from customers.admin import imports, mails, signup, users

__all__ = ["imports", "mails", "signup", "users"]
