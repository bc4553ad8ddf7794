"""The pages of customers and their people: one module for each part."""

from __future__ import annotations

from customers.views.account import Account, SetPassword
from customers.views.signup import SignUpConfirm, SignUpPage, SignUpSent

__all__ = ["Account", "SetPassword", "SignUpConfirm", "SignUpPage", "SignUpSent"]
