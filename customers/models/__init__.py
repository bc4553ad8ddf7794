"""The tables of people."""

from customers.models.user import User

__all__ = ["User"]
