"""The pages of customers and their people: one module for each part."""

from __future__ import annotations

from customers.views.account import Account, Rename, SetPassword, StopActing
from customers.views.signup import SignUpConfirm, SignUpPage, SignUpSent

__all__ = ["Account", "Rename", "SetPassword", "SignUpConfirm", "SignUpPage", "SignUpSent", "StopActing"]
