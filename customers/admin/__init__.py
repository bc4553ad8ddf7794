"""The staff's pages of customers and people: one module for each part."""

from __future__ import annotations

from customers.admin import imports, invitations, lifecycle, mails, merges, people, signup, users

__all__ = ["imports", "invitations", "lifecycle", "mails", "merges", "people", "signup", "users"]
