"""The tables of who may."""

from permissions.models.credentials import ApiKey
from permissions.models.grants import Grant, GrantRequest
from permissions.models.roles import Membership, Role

__all__ = ["ApiKey", "Grant", "GrantRequest", "Membership", "Role"]
